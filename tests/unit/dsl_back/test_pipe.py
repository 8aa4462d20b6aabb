"""K0705: a pipe whose head may fail unnoticed, where the shell is not known to have pipefail."""

import pytest

from konductor.dsl.compile import check_source


def warned(script: str, shell: str = "") -> list[str]:
    """Return what K0705 points at."""
    body = "\n".join(f"    {line}" for line in script.splitlines())
    text = (
        f'pipeline p {{\n  stage s {{\n    image = "a:1"\n    {shell}\n'
        f"    run = <<SH\n{body}\n    SH\n  }}\n}}\n"
    )
    found = [one for one in check_source(text).diagnostics if one.code == "K0705"]
    return [text[one.span.start - 2 : one.span.end + 2].strip() for one in found]


@pytest.mark.parametrize(
    "script",
    [
        "a | b",
        "true || x\na | b",
        'echo "$x" | wc',
        "echo 'a' | wc",
        "x=$(a | b)",
        "(a | b)",
        "a |\n  b",
        "#!/bin/sh\na | b",
        "case x in a) b | c ;; esac",
    ],
)
def test_pipe_is_found(script: str) -> None:
    assert len(warned(script)) == 1


@pytest.mark.parametrize(
    "script",
    [
        "a || b",
        "echo 'a | b'",
        'echo "a | b"',
        r"echo a \| b",
        "# a | b",
        "a # b | c",
        "a >| b",
        "case x in a|b) c ;; a | b | c) d ;; esac",
        "cat <<X\na | b\nX",
        "set -o pipefail\na | b",
        "#!/bin/bash\na | b",
        "#!/usr/bin/env bash\na | b",
        "#!/usr/bin/env python3\nprint(1 | 2)",
        "#!/usr/bin/env\na | b",
    ],
)
def test_what_is_no_pipe_or_no_such_shell_is_let_be(script: str) -> None:
    assert warned(script) == []


@pytest.mark.parametrize("shell", ["/bin/bash", "ksh", "/bin/busybox", "/usr/bin/zsh"])
def test_shell_with_pipefail_is_let_be(shell: str) -> None:
    assert warned("a | b", f'shell = ["{shell}", "-ec"]') == []


@pytest.mark.parametrize("shell", ["/bin/sh", "dash"])
def test_shell_without_it_is_warned_of(shell: str) -> None:
    assert warned("a | b", f'shell = ["{shell}", "-ec"]') == ["a | b"]


START = 'pipeline p {\n param n: int = 1\n let script = "a | b"\n stage s { image = "a:1", run = '


@pytest.mark.parametrize(
    ("script", "shown"),
    [
        ("'a | b'", "|"),
        ('"a ${n} | b"', '"a ${n} | b"'),
        ('"a\\n|b"', '"a\\n|b"'),
        ("script", "script"),
    ],
)
def test_place_is_the_pipe_or_else_the_script(script: str, shown: str) -> None:
    found = check_source(f"{START}{script} }}\n}}\n").diagnostics
    assert [one.span.text for one in found if one.code == "K0705"] == [shown]

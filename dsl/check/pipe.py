"""A failing head of a pipe must not arrive (K0705).

Before a script stands a line that sets ``pipefail`` where the shell has it; dash, which is
``/bin/sh`` on Debian, has it not.
"""

import re
from collections.abc import Iterator

from konductor.dsl import expression as tree
from konductor.dsl.diagnostics import Diagnostic, warning
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.settings import Setting
from konductor.dsl.source import Span

_UNSURE = frozenset({"sh", "dash", "posh", "yash"})
"""Shells that have no ``pipefail``, or only on some systems."""
_SHEBANG = re.compile(r"#!\s*(\S+)(?:\s+(\S+))?")
_SKIPPED = re.compile(
    r"""
      '[^']*'                                   # text as it stands
    | "(?:[^"\\]|\\.)*"
    | \\.
    | (?:(?<=\s)|^)\#[^\n]*                     # a comment
    | <<-?\s*['"]?(?P<tag>\w+)['"]?[^\n]*\n(?s:.*?)^\s*(?P=tag)$   # a heredoc within the script
    | \|\| | >\|
    | (?P<pipe>\|)
    """,
    re.VERBOSE | re.MULTILINE,
)
_PATTERN_OF_CASE = re.compile(r"[^\n|;&()$]*(?:\|[^\n|;&()$]*)*\)")


def check_pipe(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield a warning for each script whose pipes may fail unnoticed."""
    seen = set()
    for one in pipeline.pods:
        run = one.find("run")
        if run is None or not isinstance(run.value, str) or run.span in seen:
            continue
        seen.add(run.span)
        shell = _shell(run.value, one.value("shell"))
        at = _first_pipe(run.value) if shell in _UNSURE else None
        if at is not None and "pipefail" not in run.value:
            yield _unnoticed(run, at, shell)


def _shell(script: str, words: object) -> str:
    """Return the name of the program that reads a script."""
    if found := _SHEBANG.match(script):
        program = found[1].rpartition("/")[2]
        return found[2] or "" if program == "env" else program
    if words is None:
        return "sh"
    first = words[0] if isinstance(words, tuple) and words else ""
    return str(first).rpartition("/")[2]


def _first_pipe(script: str) -> int | None:
    if "|" not in script:
        return None
    for match in _SKIPPED.finditer(script):
        if match["pipe"] is None:
            continue
        depth = script.count("(", 0, match.start()) - script.count(")", 0, match.start())
        if depth <= 0 and _PATTERN_OF_CASE.match(script, match.end()):
            continue
        return match.start()
    return None


def _unnoticed(run: Setting, at: int, shell: str) -> Diagnostic:
    return warning(
        "K0705",
        _place(run, at),
        f"a failure before this pipe goes unnoticed where `{shell}` has no pipefail",
        "only its last command counts",
        notes=("`/bin/sh` is dash on Debian and Ubuntu, which has none",),
        helps=('write `shell = ["/bin/bash", "-ec"]`, if the image has it',),
    )


def _place(run: Setting, at: int) -> Span:
    """Return the place of a character of a script, if all before it stands there as written."""
    for part in run.node.parts if isinstance(run.node, tree.Text) else ():
        length = len(part.text) if isinstance(part, tree.Fragment) else 0
        if length != part.span.end - part.span.start:
            break
        if at < length:
            start = part.span.start + at
            return part.span.source.span(start, start + 1)
        at -= length
    return run.span

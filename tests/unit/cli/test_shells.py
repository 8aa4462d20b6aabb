"""What the tab key does: in a real bash, and in zsh and fish where they are installed."""

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WITHIN = 120.0
"""Seconds in which a shell must have answered, on a busy machine too."""
PROMPT = "ready>"
BEGIN = {
    "bash": (
        ["bash", "--norc", "-i"],
        f'eval "$(koncli completion bash)"; PS1={PROMPT[:3]}"{PROMPT[3:]}"',
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        f"""autoload -Uz compinit; compinit -D -u; eval "$(koncli completion zsh)"
        PS1={PROMPT[:3]}"{PROMPT[3:]}\"""",
    ),
    "fish": (
        ["fish", "--no-config", "-i"],
        f"""koncli completion fish | source
        function fish_prompt; echo -n {PROMPT[:3]}"{PROMPT[3:]}"; end""",
    ),
}
"""How each shell begins; its prompt is written in two parts, so that the line itself is none."""
ON_OWN_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execvp(sys.argv[1], sys.argv[1:])"
)
"""Makes its input the terminal that controls it, which fish asks for, and becomes the shell."""
SHELLS = ["bash", *filter(shutil.which, ("zsh", "fish"))]
PROGRAM = """
pipeline p {
  ## Whether to.
  param healthy: bool = true
  param mode: "fast" | "thorough: slow" = "fast"
}
"""
Complete = Callable[[str, str], list[str]]


class Terminal:
    """A shell on a terminal of its own."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.master, terminal = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", ON_OWN_TERMINAL, *command],
            env=environment,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        os.close(terminal)

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def until(self, is_there: Callable[[str], bool]) -> None:
        shown, limit = "", time.monotonic() + WITHIN
        while not is_there(shown):
            ready, _, _ = select.select([self.master], [], [], 0.05)
            if ready:
                shown += os.read(self.master, 65536).decode(errors="replace")
            assert time.monotonic() < limit, shown

    def close(self) -> None:
        os.close(self.master)
        self.process.kill()
        self.process.wait()


@pytest.fixture
def complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Complete]:
    """Type a line with tabs into a shell, and return the words with which koncli is then called."""
    monkeypatch.chdir(tmp_path)
    Path("etl.kon").write_text(PROGRAM)
    Path("a folder").mkdir()
    Path("a folder/inner.kon").write_text(PROGRAM)
    tools, called = tmp_path / ".tools", tmp_path / ".called"
    tools.mkdir()
    koncli = tools / "koncli"
    koncli.write_text(
        f"#!{sys.executable}\n"
        "import json, os, pathlib, sys\n"
        'if "_KONCLI_COMPLETE" in os.environ or sys.argv[1] == "completion":\n'
        "    from konductor.cli.main import main\n"
        "    sys.exit(main())\n"
        f"pathlib.Path({str(called)!r}).write_text(json.dumps(sys.argv[1:]) + '\\n')\n"
    )
    koncli.chmod(0o755)
    environment = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path / "home"),
        "TERM": "dumb",
        "LANG": "C.UTF-8",
        "KONDUCTOR_HOME": str(tmp_path / "nothing"),
    }
    for name in ("LD_LIBRARY_PATH", "FPATH", "MODULE_PATH"):
        if name in os.environ:
            environment[name] = os.environ[name]
    terminals: list[Terminal] = []

    def typed(shell: str, line: str) -> list[str]:
        command, begin = BEGIN[shell]
        terminal = Terminal(command, environment)
        terminals.append(terminal)
        terminal.type(f"{begin}\n")
        terminal.until(lambda shown: PROMPT in shown)
        terminal.type(f"{line}\n")
        terminal.until(lambda _: called.exists() and called.read_text().endswith("\n"))
        return json.loads(called.read_text())  # type: ignore[no-any-return]  # written by us

    yield typed
    for one in terminals:
        one.close()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("koncli che\te\t", ["check", "etl.kon"]),
        ("koncli run etl.kon --vi\tpl\t", ["run", "etl.kon", "--view", "plain"]),
        ("koncli run etl.kon -p heal\tf\t", ["run", "etl.kon", "-p", "healthy=false"]),
        ("koncli run etl.kon -p mode=th\t", ["run", "etl.kon", "-p", "mode=thorough: slow"]),
        ("koncli run a\tin\t", ["run", "a folder/inner.kon"]),
        ('koncli run "etl.kon" -p "mode=th\t', ["run", "etl.kon", "-p", "mode=thorough: slow"]),
        ("koncli plan etl.kon --diff et\t", ["plan", "etl.kon", "--diff", "etl.kon"]),
    ],
)
def test_tab_completes_the_word(
    complete: Complete, shell: str, line: str, words: list[str]
) -> None:
    assert complete(shell, line) == words

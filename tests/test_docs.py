"""The documents keep their word: what they show compiles, parses, runs and is current."""

import argparse
import itertools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

from konductor.api.names import Env
from konductor.cli.leading import command_first
from konductor.cli.main import COMMANDS
from konductor.dsl.attributes import BARRIER, PIPELINE, RESOURCES, RETRY, STAGE
from konductor.dsl.compile import compile_source
from konductor.dsl.functions import FILE, FUNCTIONS
from tests.pages.barrier import barrier_pages
from tests.pages.benchmarks import benchmark_pages
from tests.pages.errors import error_pages

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted((*DOCS.rglob("*.md"), ROOT / "README.md"))
GENERATED = dict((*error_pages(), *barrier_pages(), *benchmark_pages()))
WRITTEN = [page for page in PAGES if page.parent.name != "errors"]
OWN = [page for page in PAGES if page.name != "barrier-api.md"]
"""Without the API's given page, which is kept as it was given and names pages of its own house."""
TUTORIAL = DOCS / "tutorial.md"
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WITHIN = 120.0
_SHELL_WORDS = ("do", "then", "time")


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    extra: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: Path, language: str = "") -> Iterator[Block]:
    text = page.read_text("utf-8")
    for found in _FENCE.finditer(text):
        if not language or found[1] == language:
            line = text.count("\n", 0, found.start()) + 1
            name = str(page.relative_to(ROOT))
            yield Block(name, line, found[1], found[2].strip(), found[3])


SNIPPETS = [block for page in WRITTEN for block in blocks(page, "kon")]
SCRIPTS = [block for page in PAGES for block in blocks(page, "bash")]


@pytest.mark.parametrize("path", GENERATED)
def test_page_that_is_made_from_the_code_is_current(path: str) -> None:
    assert (DOCS / path).read_text("utf-8") == GENERATED[path], "make docs"


def test_no_page_is_left_of_a_code_that_is_gone() -> None:
    there = {f"errors/{page.name}" for page in (DOCS / "errors").iterdir()}
    assert there == {path for path in GENERATED if path.startswith("errors/")}


@pytest.mark.parametrize("block", SNIPPETS, ids=lambda block: block.place)
def test_snippet_compiles(block: Block) -> None:
    found = compile_source(_program(block.text), loader=lambda path: path)
    codes = [one.code for one in found.diagnostics]
    assert codes == re.findall(r"K\d{4}", block.extra), [one.message for one in found.diagnostics]


def _program(text: str) -> str:
    """Return a snippet as a program: one without a pipeline stands within one."""
    if re.search(r"^pipeline ", text, re.MULTILINE):
        return text
    return f"pipeline snippet {{\n{text}}}\n"


def test_language_page_names_what_runs_in_its_tables_and_the_rest_as_not_yet() -> None:
    tables, _, later = (DOCS / "language.md").read_text("utf-8").partition("\n## Not yet\n")
    for attribute in (*PIPELINE, *STAGE, *BARRIER, *RETRY, *RESOURCES):
        where = tables if attribute.runs else later
        assert f"`{attribute.name}`" in where, attribute.name
    for name in (*FUNCTIONS, FILE):
        assert f"`{name}(" in tables, name


def test_language_page_names_every_variable_of_a_program() -> None:
    page = (DOCS / "language.md").read_text("utf-8")
    hooks = {Env.NAMESPACE, Env.BACKOFF, Env.CLI, Env.BARRIER_PREFIX}
    for name in set(Env) - hooks:
        assert f"`{name}`" in page, name


@pytest.mark.parametrize("block", SCRIPTS, ids=lambda block: block.place)
def test_command_line_that_is_shown_is_one(block: Block) -> None:
    for words in _koncli_lines(block.text):
        _parse(words)


def _koncli_lines(script: str) -> Iterator[list[str]]:
    """Yield the arguments of each koncli that a script calls, also of those within ``$(…)``."""
    script = script.replace("\\\n", " ")
    for inner in re.findall(r"\$\(([^()]*)\)", script):
        yield from _koncli_lines(inner)
    for line in re.sub(r"\$\([^()]*\)", "VALUE", script).splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
        lexer.whitespace_split = True
        words = [";", *lexer, ";"]
        ends = [place for place, word in enumerate(words) if set(word) <= set("();<>|&")]
        for start, end in itertools.pairwise(ends):
            command = [word for word in words[start + 1 : end] if word not in _SHELL_WORDS]
            if command[:1] == ["koncli"]:
                yield command[1:]


def _parse(words: list[str]) -> None:
    name, *rest = command_first(words)
    if name.startswith("-") or name == "version":
        assert name in ("version", "--version", "--help")
        return
    rest = ["1" if word.startswith("$") else word for word in rest]
    parser = import_module(COMMANDS[name].module)._parser()
    if parser._subparsers:
        rest = command_first(rest)
    if rest != ["--help"]:
        parser.parse_args(rest)


def _options(parser: argparse.ArgumentParser) -> Iterator[tuple[str, list[str]]]:
    """Yield each command's name, as typed, with every option that it has."""
    inner = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    if inner:
        for one in inner[0].choices.values():
            yield from _options(one)
    else:
        options = {option for one in parser._actions for option in one.option_strings}
        yield parser.prog, sorted(options - {"-h", "--help"})  # the same in each test process


CLI = [
    one
    for command in COMMANDS.values()
    if command.module != "konductor.cli.version"
    for one in _options(import_module(command.module)._parser())
]


@pytest.mark.parametrize(("command", "options"), CLI, ids=lambda value: str(value)[:30])
def test_reference_names_every_option_of_a_command(command: str, options: list[str]) -> None:
    text = (DOCS / "reference/cli.md").read_text("utf-8")
    section = re.search(
        rf"^##+ {re.escape(command)}$(.*?)(?=^##+ |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert section, f"no section `{command}`"
    shown = section[1]
    if "[cluster](#which-cluster)" in shown:
        shown += "`-n` `--namespace` `--context` `--kubeconfig`"
    if "[output](#output)" in shown:
        shown += "`-o` `--output` `--log-level`"
    named = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", shown))
    assert set(options) <= named, set(options) - named


@pytest.mark.parametrize("page", OWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Give an environment with a home of its own, and end the local cluster in it."""
    taken = ("KUBECONFIG", "NO_COLOR")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in taken and not name.startswith("KON_")
    }
    environment |= {
        "KONDUCTOR_HOME": str(tmp_path / "home"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    try:
        yield environment
    finally:
        subprocess.run(["koncli", "cluster", "down"], env=environment, check=True)


def test_tutorial_works_as_it_stands(tmp_path: Path, surroundings: dict[str, str]) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    output = ""
    for block in blocks(TUTORIAL):
        if block.language == "kon":
            name = block.text.partition("\n")[0].removeprefix("# file: ")
            (folder / name).write_text(block.text, "utf-8")
        elif block.language == "bash":
            output = _run(block, folder, surroundings)
        else:
            shown = [_plain(line) for line in block.text.splitlines()]
            there = [_plain(line) for line in output.splitlines()]
            missing = [line for line in shown if line not in there]
            assert not missing, f"{block.place}: not in\n{output}"


def _run(block: Block, folder: Path, environment: dict[str, str]) -> str:
    """Run a block; what it exports the next ones see."""
    script = f"set -e\n{block.text}\nexport -p > {folder}/.exported\n"
    exported = folder / ".exported"
    if exported.exists():
        script = f". {exported}\n{script}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_WITHIN,
    )
    wanted = int(block.extra.removeprefix("exit=") or 0)
    assert done.returncode == wanted, f"{block.place}: {done.stdout}"
    return done.stdout


def _plain(line: str) -> str:
    """Return a line without what differs from run to run: names, times, haste, and white space."""
    line = re.sub(r"-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "-NAME", line)
    line = re.sub(r"\d+(\.\d+)?s\b", "TIME", line)
    line = line.replace(", which is open", "")  # if the operator was quicker than the answer
    return " ".join(line.split())

"""``koncli fmt FILE…``: lays out programs the one way there is, in place."""

import argparse
import difflib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from konductor.cli.arguments import Parser
from konductor.cli.diagnose import show
from konductor.cli.output import is_coloured, tell
from konductor.cli.program import STDIN, read_program
from konductor.cli.rewrite import rewrite
from konductor.dsl.format import format_parsed
from konductor.dsl.parser import parse
from konductor.dsl.render import Form
from konductor.dsl.source import Source
from konductor.errors import ExitCode, NotFound

_COLOURS = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}
_RESET = "\x1b[0m"


class _Outcome(Enum):
    """What became of a file."""

    SAME = auto()
    DIFFERENT = auto()
    BROKEN = auto()
    """It has syntax errors, and was left as it is."""


@dataclass(frozen=True, slots=True)
class _Formatted:
    """A program before and after."""

    path: str
    before: bytes
    after: bytes


def main(argv: list[str]) -> int:
    """Lay out each program; return 2 if one has syntax errors, 1 if ``--check`` finds work.

    Raises:
        NotFound: a file does not exist, or a folder has no programs; those before it were done.
        UsageError: a file cannot be read.
        KonductorError: a file cannot be written; it is as it was.
    """
    options = _parser().parse_args(argv)
    outcomes = [_format(path, options) for path in _files(options.files)]
    if options.files != [STDIN]:
        _sum_up(outcomes, writes=not (options.check or options.diff))
    if _Outcome.BROKEN in outcomes:
        return ExitCode.USAGE
    return ExitCode.FAILED if options.check and _Outcome.DIFFERENT in outcomes else ExitCode.DONE


def _files(paths: Sequence[str]) -> Iterator[str]:
    """Yield each program once; of a folder those at any depth, but none in hidden folders."""
    seen = set[str]()
    for path in paths:
        for one in _programs(Path(path)) if path != STDIN and Path(path).is_dir() else [path]:
            if one not in seen:
                seen.add(one)
                yield one


def _programs(folder: Path) -> list[str]:
    found = [
        str(path)
        for path in sorted(folder.rglob("*.kon"))
        if path.is_file() and not _is_hidden(path.relative_to(folder))
    ]
    if not found:
        raise NotFound(f"there is no .kon file in {folder}")
    return found


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _format(path: str, options: argparse.Namespace) -> _Outcome:
    before = read_program(path)
    parsed = parse(Source.decode(path, before))
    after = format_parsed(parsed)
    if after is None:
        show(parsed.diagnostics, Form.FULL)
        return _Outcome.BROKEN
    formatted = _Formatted(path, before, after.encode())
    _hand_out(formatted, options)
    return _Outcome.SAME if formatted.after == before else _Outcome.DIFFERENT


def _hand_out(formatted: _Formatted, options: argparse.Namespace) -> None:
    """Do what was asked for with a program: show it, name it or write it."""
    is_same = formatted.after == formatted.before
    if options.diff:
        sys.stdout.write(_difference(formatted, coloured=is_coloured(sys.stdout)))
    if options.check and not options.diff and not is_same:
        print(formatted.path)
    if options.check or options.diff:
        return
    if formatted.path == STDIN:
        sys.stdout.buffer.write(formatted.after)
    elif not is_same:
        rewrite(Path(formatted.path), formatted.after)
        tell(f"formatted {formatted.path}")


def _difference(formatted: _Formatted, *, coloured: bool) -> str:
    """Return what changes, as a unified diff."""
    lines = difflib.unified_diff(
        formatted.before.decode().splitlines(keepends=True),
        formatted.after.decode().splitlines(keepends=True),
        formatted.path,
        f"{formatted.path} (formatted)",
    )
    return "".join(_diff_line(line, coloured=coloured) for line in lines)


def _diff_line(line: str, *, coloured: bool) -> str:
    text = line.rstrip("\r\n")
    colour = _COLOURS.get(line[0]) if coloured else None
    shown = f"{colour}{text}{_RESET}" if colour else text
    return f"{shown}\n" if line.endswith("\n") else f"{shown}\n\\ No newline at end of file\n"


def _sum_up(outcomes: Sequence[_Outcome], *, writes: bool) -> None:
    verb = "formatted" if writes else "to format"
    counts = {
        verb: outcomes.count(_Outcome.DIFFERENT),
        "as it should be": outcomes.count(_Outcome.SAME),
        "with syntax errors": outcomes.count(_Outcome.BROKEN),
    }
    said = [f"{count} {what}" for what, count in counts.items() if count]
    tell(f"{len(outcomes)} file{'s' * (len(outcomes) != 1)}: {', '.join(said)}")


def _parser() -> Parser:
    parser = Parser(
        prog="koncli fmt",
        description="Lay out programs: indentation, spacing, alignment. Files change in place.",
    )
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a program, or a folder of them; - is standard input, written to standard output",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing, name the files that are not formatted; exit code 1: there are some",
    )
    parser.add_argument(
        "--diff", action="store_true", help="write nothing, and show what would change"
    )
    return parser

"""``koncli explain CODE…``: what a finding means, and what to write instead."""

import json
import sys
from collections.abc import Iterable

from konductor.cli.arguments import Parser
from konductor.dsl.catalogue import ENTRIES, Entry, find
from konductor.dsl.catalogue.page import fenced, indented, page
from konductor.dsl.spelling import nearest
from konductor.errors import ExitCode, UsageError

_FAMILIES = {
    "K01": "Syntax",
    "K02": "Values and types",
    "K03": "Names and attributes",
    "K04": "The graph and its numbers",
    "K05": "Objects",
    "K06": "Parameters",
    "K07": "Scripts",
    "K08": "Files",
    "K09": "Comments, and what is not built yet",
}


def main(argv: list[str]) -> int:
    """Print the entries of codes, or a table of all.

    Raises:
        UsageError: there is no such code.
    """
    options = _parser().parse_args(argv)
    entries = [_found(code) for code in options.codes]
    if options.output == "json":
        print(json.dumps([_document(one) for one in entries or ENTRIES.values()], indent=2))
    elif not entries:
        print("\n".join(_table()))
    elif sys.stdout.isatty():
        _print_rich(entries)
    else:
        print("\n\n".join(page(one, indented) for one in entries))
    return ExitCode.DONE


def _found(code: str) -> Entry:
    entry = find(code)
    if entry is None:
        similar = nearest(code.upper(), ENTRIES)
        hint = f"write `koncli explain {similar}`" if similar else "`koncli explain` lists them"
        raise UsageError(f"there is no code `{code}`", hint=hint)
    return entry


def _table() -> Iterable[str]:
    family = ""
    for entry in ENTRIES.values():
        if entry.code[:3] != family:
            if family:
                yield ""
            family = entry.code[:3]
            yield _FAMILIES[family]
        yield f"  {entry.code}  {entry.severity:16}  {entry.title}"


def _print_rich(entries: Iterable[Entry]) -> None:
    from rich.console import Console  # noqa: PLC0415  # 70 ms that only a person pays
    from rich.markdown import Markdown  # noqa: PLC0415  # likewise

    console = Console()
    for entry in entries:
        console.print(Markdown(page(entry, fenced)))


def _document(entry: Entry) -> dict[str, object]:
    return {
        "code": entry.code,
        "severity": entry.severity,
        "title": entry.title,
        "what": entry.what,
        "why": entry.why,
        "example": entry.example,
        "instead": entry.instead,
        "given": dict(entry.given),
        "given_instead": dict(entry.given_instead),
        "files": dict(entry.files),
    }


def _parser() -> Parser:
    parser = Parser(
        prog="koncli explain",
        description="Tell what a finding's code means, and what to write instead.",
    )
    parser.add_argument("codes", nargs="*", metavar="CODE", help="K0411 or 411; none: list all")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text", help="(text)")
    return parser

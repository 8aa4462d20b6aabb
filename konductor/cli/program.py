"""The files and parameters of a program, as the commands that take a ``.kon`` file read them."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from konductor.cli.project import module_root
from konductor.dsl.spelling import nearest
from konductor.errors import NotFound, UsageError

STDIN = "-"


def add_parameter_options(parser: argparse.ArgumentParser) -> None:
    """Add ``-p`` and ``--params`` to a command line."""
    parser.add_argument(
        "-p",
        dest="parameters",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter's value; NAME=@FILE reads it from a file (may be repeated)",
    )
    parser.add_argument(
        "--params", default="", metavar="FILE", help="a JSON, YAML or .kon file of parameters"
    )


def read_program(path: str) -> bytes:
    """Return what a program's file holds; ``-`` is the standard input.

    Raises:
        NotFound: there is no such file.
        UsageError: it cannot be read.
    """
    if path == STDIN:
        return sys.stdin.buffer.read()
    return _read(path)


def read_parameters(words: Sequence[str]) -> Mapping[str, str]:
    """Return the values of ``-p`` by name.

    A file behind ``@`` is named from the working folder, one in a program from that of the program.

    Raises:
        UsageError: one has no ``=``, or is given twice.
    """
    parameters: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"`-p {word}` gives no parameter a value", hint="write -p NAME=VALUE")
        if name in parameters:
            raise UsageError(f"parameter `{name}` is given twice")
        parameters[name] = f"@{Path(value[1:]).absolute()}" if value.startswith("@") else value
    return parameters


def read_parameter_file(path: str) -> Mapping[str, object] | None:
    """Return the members of a parameter file, or None if there is no path.

    Raises:
        NotFound: there is no such file.
        UsageError: it is neither JSON nor YAML, or holds no object.
    """
    if not path:
        return None
    content = _read(path)
    if path.endswith(".kon"):
        return _values(path, content)
    try:
        document = json.loads(content) if path.endswith(".json") else _yaml(content)
    except ValueError as error:
        raise UsageError(f"{path} cannot be understood: {error}") from error
    if not isinstance(document, dict) or not all(isinstance(name, str) for name in document):
        raise UsageError(f"{path} does not hold parameters by name")
    return document


def _values(path: str, content: bytes) -> Mapping[str, object]:
    from konductor.cli.diagnose import show  # noqa: PLC0415  # only for this form of a file
    from konductor.dsl.diagnostics import has_errors  # noqa: PLC0415  # likewise
    from konductor.dsl.render import Form  # noqa: PLC0415  # likewise
    from konductor.dsl.valuefile import read_values  # noqa: PLC0415  # likewise

    values, found = read_values(path, content)
    if has_errors(found):
        show(found, Form.FULL)
        raise UsageError(f"{path} cannot be understood", hint="write `let NAME = VALUE` lines")
    return values


def loader(program: str) -> Callable[[str], str]:
    """Return what reads a file that a program names, from the folder of the program.

    ``@name/path`` is read from a module root of the nearest ``konductor.toml``.
    """
    folder = Path() if program == STDIN else Path(program).parent

    def load(path: str) -> str:
        place = folder / path
        if path.startswith("@"):
            root, _, rest = path[1:].partition("/")
            place = module_root(folder.absolute(), root) / rest
        try:
            return place.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            _note_neighbour(error, place)
            raise

    return load


def _note_neighbour(error: FileNotFoundError, place: Path) -> None:
    """Note which file beside it may be meant."""
    if not place.parent.is_dir():
        error.add_note(f"there is no folder `{place.parent.name}` either")
        return
    names = (one.name for one in place.parent.iterdir() if one.suffix == place.suffix)
    if similar := nearest(place.name, sorted(names)):
        error.add_note(f"there is `{similar}` in its folder")


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}", hint=_nearby(path)) from error
    except IsADirectoryError as error:
        raise UsageError(f"{path} is a folder", hint=_nearby(f"{path}/.kon")) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} cannot be read: {reason}") from error


def _nearby(path: str) -> str:
    """Return a hint at the programs that there are in the file's folder."""
    folder = Path(path).parent
    names = sorted(one.name for one in folder.glob("*.kon")) if folder.is_dir() else []
    similar = nearest(Path(path).name, names)
    shown = [similar] if similar else names[:3]
    return f"there is {', '.join(str(folder / name) for name in shown)}" if shown else ""


def _yaml(content: bytes) -> object:
    import yaml  # noqa: PLC0415  # only for this form of a file

    try:
        return yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise ValueError(error) from error

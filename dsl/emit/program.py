"""What a stage's main container runs: the command line, and the ConfigMaps that it reads from."""

import shlex

from konductor.api.meta import Json
from konductor.api.names import Env
from konductor.dsl.emit.environment import SCRIPT_FILE
from konductor.dsl.emit.name import RunNames
from konductor.dsl.emit.text import literal, pod_text, reference
from konductor.dsl.plan import Cell, Command, Item, Script, Stage, Text

PIPEFAIL = "if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi\n"
"""A failing head of a pipe must not arrive."""
_SHELLS = frozenset({"sh", "ash", "bash", "busybox", "dash", "ksh", "mksh", "zsh"})
_LONGEST_INLINE = 64 * 1024
"""Bytes; Linux takes no single argument above 128 KiB."""
_LOAD_ITEM = f'. "${Env.ITEMS}/${Env.INDEX}"; exec "$@"'


def script_is_file(cell: Cell) -> bool:
    """Tell whether the cell's script reaches its pods as a file rather than inline."""
    program = cell.program
    return isinstance(program, Script) and (
        program.is_file or len(program.text.encode()) > _LONGEST_INLINE
    )


def command_line(cell: Cell) -> Json:
    """Return ``command`` and ``args`` of a cell's main container."""
    program = cell.program
    if isinstance(program, Script):
        words = _script_words(program, is_file=script_is_file(cell))
        return {"command": [*_item_words(cell), *words]}
    if isinstance(program, Command):
        return _command(cell, program)
    return {}


def script_map(stage: Stage, cell: Cell, names: RunNames) -> Json:
    """Return the ConfigMap that holds a cell's script."""
    assert isinstance(cell.program, Script)  # noqa: S101  # only called where script_is_file
    script = cell.program
    text = script.text if script.is_file else _pipefail(script) + script.text
    return _config_map(names.script(stage, cell), {SCRIPT_FILE: text}, names)


def items_map(stage: Stage, cell: Cell, names: RunNames) -> Json:
    """Return the ConfigMap with one shell file an element of a map."""
    data = {str(index): _item_file(item) for index, item in enumerate(cell.items)}
    return _config_map(names.items(stage, cell), data, names)


def _script_words(script: Script, *, is_file: bool) -> list[str]:
    shell = [literal(word) for word in script.shell]
    if script.is_file:
        return [reference(Env.SCRIPT)]
    if is_file:
        return [*shell, f'. "${Env.SCRIPT}"']
    return [*shell, literal(_pipefail(script) + script.text)]


def _pipefail(script: Script) -> str:
    """Return the line that makes a pipe fail with its head, where a shell reads it."""
    return PIPEFAIL if script.shell[0].rpartition("/")[2] in _SHELLS else ""


def _item_words(cell: Cell) -> list[str]:
    """Return what loads this pod's element before the program starts."""
    return ["/bin/sh", "-c", _LOAD_ITEM, "sh"] if cell.items else []


def _command(cell: Cell, program: Command) -> Json:
    if cell.items:
        differs = any(item.command or item.args for item in cell.items)
        words = [] if differs else _words((*program.command, *program.args))
        return {"command": [*_item_words(cell), *words]}
    line: Json = {}
    if program.command:
        line["command"] = _words(program.command)
    if program.args:
        line["args"] = _words(program.args)
    return line


def _words(texts: tuple[Text, ...]) -> list[str]:
    return [pod_text(text) for text in texts]


def _item_file(item: Item) -> str:
    """Return what a pod's shell reads: its variables and, if it differs, its command line."""
    variables = ((str(Env.ITEM), item.text), *item.env)
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables]
    words = (*item.command, *item.args)
    if words:
        lines.append(f"set -- {shlex.join(words)}")
    return "\n".join(lines) + "\n"


def _config_map(name: str, data: dict[str, str], names: RunNames) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": names.metadata(name).manifest(),
        "immutable": True,
        "data": data,
    }

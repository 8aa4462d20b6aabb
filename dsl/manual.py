"""What a program's parameters are, told to whoever is to give them values. Pure."""

import json
import shlex
from dataclasses import dataclass

from konductor.api.meta import Json
from konductor.dsl.parameters import ENVIRONMENT_PREFIX
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.syntax import Param
from konductor.dsl.typename import type_from
from konductor.dsl.types import Kind, Type
from konductor.dsl.values import Unknown, Value, json_of, text_of

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_DURATION = r"^(\d+(\.\d+)?(ms|s|m|h|d))+$"
_QUANTITY = r"^\d+(\.\d+)?([KMGTPE]i|[kMGTPE])$"
_PERCENT = r"^\d+(\.\d+)?%$"
_SCHEMAS: dict[Kind, Json] = {
    Kind.INT: {"type": "integer"},
    Kind.FLOAT: {"type": "number"},
    Kind.BOOL: {"type": "boolean"},
    Kind.STRING: {"type": "string"},
    Kind.DURATION: {"type": "string", "pattern": _DURATION},
    Kind.QUANTITY: {"type": "string", "pattern": _QUANTITY},
    Kind.PERCENT: {"type": "string", "pattern": _PERCENT},
}
_EXAMPLES = {
    Kind.INT: "5",
    Kind.FLOAT: "0.5",
    Kind.BOOL: "true",
    Kind.STRING: "text",
    Kind.DURATION: "1h30m",
    Kind.QUANTITY: "4Gi",
    Kind.PERCENT: "90%",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter."""

    name: str
    type: Type
    doc: str
    default: str
    """As the program writes it; empty: it has none."""
    value: object
    """The default as JSON, where it is known."""
    is_known: bool
    where: str
    """The condition on it, as the program writes it."""
    example: str

    @property
    def is_required(self) -> bool:
        """Tell whether a run must be given a value."""
        return not self.default and not self.type.optional

    @property
    def variable(self) -> str:
        """Return the environment variable that gives it a value."""
        return ENVIRONMENT_PREFIX + self.name.upper()


def manual(pipeline: CheckedPipeline) -> tuple[Entry, ...]:
    """Return the parameters of a program that was examined without any value given."""
    return tuple(_entry(one, pipeline) for one in pipeline.params)


def _entry(param: Param, pipeline: CheckedPipeline) -> Entry:
    binding = pipeline.scope.find(param.name.text)
    kind = type_from(param.type)
    value: Value = binding.value if binding is not None else Unknown(kind)
    is_known = param.default is not None and not isinstance(value, Unknown)
    return Entry(
        name=param.name.text,
        type=kind,
        doc=param.doc,
        default=param.default.span.text if param.default is not None else "",
        value=json_of(value) if is_known else None,
        is_known=is_known,
        where=param.where.span.text if param.where is not None else "",
        example=_written(value) if is_known and value is not None else example_of(kind),
    )


def _written(value: Value) -> str:
    """Return a value as ``-p`` takes it: a string bare, all else as in a program."""
    return value if isinstance(value, str) else _literal(json_of(value), value)


def _literal(plain: object, value: Value = None) -> str:
    text = text_of(value)
    if text is not None:
        return text
    if isinstance(plain, list):
        return f"[{', '.join(_literal(one) for one in plain)}]"
    if isinstance(plain, dict):
        return (
            f"{{ {', '.join(f'{_literal(key)} = {_literal(one)}' for key, one in plain.items())} }}"
        )
    return json.dumps(plain, ensure_ascii=False)


def example_of(kind: Type) -> str:
    """Return some value of a type, as ``-p`` takes it."""
    if kind.members:
        return kind.members[0]
    if kind.kind is Kind.LIST:
        return f"[{_inner(kind.element)}]"
    if kind.kind is Kind.MAP:
        return f"{{ a = {_inner(kind.element)} }}"
    return _EXAMPLES.get(kind.kind, "1")


def _inner(kind: Type) -> str:
    text = example_of(kind)
    return f'"{text}"' if kind.members or kind.kind is Kind.STRING else text


def schema(pipeline: str, doc: str, entries: tuple[Entry, ...]) -> Json:
    """Return the JSON Schema of a file of parameters, for ``--params``."""
    return {
        "$schema": DRAFT,
        "title": f"parameters of {pipeline}",
        **({"description": doc} if doc else {}),
        "type": "object",
        "additionalProperties": False,
        "properties": {one.name: _property(one) for one in entries},
        "required": [one.name for one in entries if one.is_required],
    }


def _property(one: Entry) -> Json:
    told = "\n".join(line for line in (one.doc, f"where {one.where}" if one.where else "") if line)
    return {
        **_schema(one.type),
        **({"description": told} if told else {}),
        **({"default": one.value} if one.is_known else {}),
    }


def _schema(kind: Type) -> Json:
    if kind.members:
        found: Json = {"enum": [*kind.members, *([None] if kind.optional else [])]}
        return found
    found = dict(_SCHEMAS.get(kind.kind, {}))
    if kind.kind is Kind.LIST:
        found = {"type": "array", "items": _schema(kind.element)}
    if kind.kind is Kind.MAP:
        found = {"type": "object", "additionalProperties": _schema(kind.element)}
    if kind.optional and "type" in found:
        found["type"] = [found["type"], "null"]
    return found


def text_page(file: str, entries: tuple[Entry, ...]) -> str:
    """Return the parameters for a terminal."""
    lines: list[str] = []
    for one in entries:
        default = f" = {one.default}" if one.default else ""
        lines.append(
            f"{one.name}: {one.type}{default}{'' if not one.is_required else '  (required)'}"
        )
        lines += [f"    {line}" for line in one.doc.splitlines()]
        if one.where:
            lines.append(f"    where {one.where}")
        lines += [f"    -p {quoted(f'{one.name}={one.example}')}  or  {one.variable}", ""]
    lines.append(usage(file, entries) if entries else f"{file} has no parameters")
    return "\n".join([*lines, ""])


def markdown_page(pipeline: str, doc: str, file: str, entries: tuple[Entry, ...]) -> str:
    """Return the parameters as a page."""
    lines = [f"# Parameters of {pipeline}", "", *([doc, ""] if doc else [])]
    if entries:
        lines += [
            "| parameter | type | default | where | variable | |",
            "|---|---|---|---|---|---|",
        ]
    for one in entries:
        default = _code(one.default) if one.default else "required" if one.is_required else "none"
        where = _code(one.where) if one.where else ""
        told = _cell(one.doc.replace("\n", " "))
        cells = (f"`{one.name}`", _code(str(one.type)), default, where, f"`{one.variable}`", told)
        lines.append(f"| {' | '.join(cells)} |")
    shown = usage(file, entries)
    return "\n".join([*lines, "", "```bash", shown, "```", ""])


def usage(file: str, entries: tuple[Entry, ...]) -> str:
    """Return a command line that gives every required parameter some value."""
    given = [f"-p {quoted(f'{one.name}={one.example}')}" for one in entries if one.is_required]
    return " ".join(["koncli", "run", quoted(file), *given])


def quoted(text: str) -> str:
    """Return text as a shell takes it."""
    return shlex.quote(text)


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{_cell(' '.join(text.split()))}{fence}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")

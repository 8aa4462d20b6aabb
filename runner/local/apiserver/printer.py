"""What ``kubectl get`` shows of custom objects: the CRD's printer columns, by their JSON paths."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from konductor.runner.local.apiserver.builtin.table import since
from konductor.runner.local.apiserver.served import TableForm

Json = Any
Path = Callable[[Json], Iterator[Json]]
_STEP = re.compile(
    r"\.(?P<name>(?:[^.\[\]*\\]|\\.)+)"
    r"|\[(?P<at>-?\d+|\*)\]"
    r"|\['(?P<quoted>[^']+)'\]"
    r"|\[\?\(@(?P<field>(?:\.[\w-]+)+)\s*(?P<operator>==|!=)\s*(?P<value>\"[^\"]*\"|'[^']*'|[^)]+)\)\]"
    r"|\.\*(?P<star>)"
)
_NAME = {
    "name": "Name",
    "type": "string",
    "format": "name",
    "description": "Name must be unique within a namespace. Is required when creating resources, "
    "although some resources may allow a client to request the generation of an appropriate name "
    "automatically. Name is primarily intended for creation idempotence and configuration "
    "definition. Cannot be updated. More info: "
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
    "priority": 0,
}
_AGE = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}


class BadPath(ValueError):
    """A JSON path cannot be read."""


def form(columns: list[Mapping[str, Any]]) -> TableForm:
    """Return the table of a kind with these ``additionalPrinterColumns`` (or Age, without any).

    Raises:
        BadPath: a column's path cannot be read.
    """
    shown = columns or [_AGE]
    paths = [(path(str(one["jsonPath"])), str(one["type"])) for one in shown]
    definitions = [_NAME, *map(_definition, shown)]

    def cells(document: Json, now: datetime) -> list[Json]:
        name = document["metadata"]["name"]
        return [name, *(_cell(find(document), kind, now) for find, kind in paths)]

    return TableForm(lambda: definitions, cells)


def _definition(column: Mapping[str, Any]) -> dict[str, Any]:
    described = column.get("description")
    if not described:
        described = f"Custom resource definition column (in JSONPath format): {column['jsonPath']}"
    return {
        "name": column["name"],
        "type": column["type"],
        "format": column.get("format", ""),
        "description": described,
        "priority": column.get("priority", 0),
    }


def _cell(found: Iterator[Json], kind: str, now: datetime) -> Json:
    value = next(found, None)
    if value is None:
        return None
    match kind:
        case "date":
            return since(value, now) if isinstance(value, str) else None
        case "integer":
            return int(value) if isinstance(value, int | float) else None
        case "number":
            return value if isinstance(value, int | float) else None
        case "boolean":
            return value if isinstance(value, bool) else None
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def path(text: str) -> Path:
    """Return the function that finds what a JSON path names, in order.

    >>> list(path('.a[?(@.k=="x")].v')({"a": [{"k": "x", "v": 1}, {"k": "y", "v": 2}]}))
    [1]

    Raises:
        BadPath: it is not of the kind that printer columns use.
    """
    steps, position = [], 0
    while position < len(text):
        match = _STEP.match(text, position)
        if not match:
            raise BadPath(f"unrecognized character in path {text!r} at {position}")
        steps.append(match)
        position = match.end()

    def find(document: Json) -> Iterator[Json]:
        found = [document]
        for step in steps:
            found = [one for value in found for one in _take(value, step)]
        return iter(found)

    return find


def _take(value: Json, step: re.Match[str]) -> list[Json]:
    name = step["name"] or step["quoted"]
    if name:
        name = re.sub(r"\\(.)", r"\1", name)
        return [value[name]] if isinstance(value, dict) and name in value else []
    items = (
        value
        if isinstance(value, list)
        else list(value.values() if isinstance(value, dict) else ())
    )
    if step["field"]:
        return [one for one in items if _fits(one, step)]
    if step["at"] in (None, "*"):
        return items
    return items[int(step["at"]) :][:1]


def _fits(item: Json, step: re.Match[str]) -> bool:
    for name in step["field"].split(".")[1:]:
        item = item.get(name) if isinstance(item, dict) else None
    text = step["value"].strip()
    wanted = text[1:-1] if text[0] in "\"'" else json.loads(text)
    return bool(item == wanted) is (step["operator"] == "==")

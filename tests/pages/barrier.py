"""The page of konductor's kinds, from the descriptions and rules of their definitions."""

from collections.abc import Iterator
from importlib.resources import files

import yaml

from konductor.api.meta import Json

_KINDS = ("barriers", "arrivals", "runs")
_INTRODUCTION = """\
# Barrier, Arrival and Run

The kinds of the group `konductor.io/v1`: what they hold and what the API server refuses.
This page is made from the definitions in [crds](../../crds).
`kubectl explain barrier.spec` shows the same.
How to use them: [Barrier API](barrier-api.md), [koncli barrier](cli-barrier.md).
"""


def barrier_pages() -> Iterator[tuple[str, str]]:
    """Yield the page's path below ``docs`` and its text."""
    yield "reference/barrier.md", "\n".join((_INTRODUCTION, *map(_kind, _KINDS)))


def _kind(plural: str) -> str:
    path = files("konductor.crds") / f"{plural}.konductor.io.yaml"
    spec: Json = yaml.safe_load(path.read_text(encoding="utf-8"))["spec"]
    names, version = spec["names"], spec["versions"][0]
    schema: Json = version["schema"]["openAPIV3Schema"]
    short = "".join(f", `{name}`" for name in names.get("shortNames", ()))
    aliases = f"`{names['plural']}`, `{names['singular']}`{short}"
    parts = [
        f"## {names['kind']}\n\n{schema['description']}\n",
        f"kubectl knows it as {aliases}; all kinds together as `{names['categories'][0]}`.\n",
        *(_fields(name, part) for name, part in schema["properties"].items()),
        _rules(schema),
        _columns(version["additionalPrinterColumns"]),
    ]
    return "\n".join(parts)


def _fields(part: str, schema: Json) -> str:
    rows = "".join(_rows("", schema))
    return (
        f"### {part}\n\n{schema['description']}\n\n"
        f"| Field | Type | Meaning |\n|---|---|---|\n{rows}"
    )


def _rows(prefix: str, schema: Json) -> Iterator[str]:
    required = schema.get("required", ())
    for name, field in schema["properties"].items():
        rules = [*_messages(field), *_messages(field.get("items", {}))]
        meaning = [field.get("description", ""), _default(field)]
        meaning += [f"Rule: {message}." for message in rules]
        if name in required:
            meaning.insert(0, "Required.")
        text = " ".join(filter(None, meaning)).replace("|", "\\|")
        yield f"| `{prefix}{name}` | {_type(field)} | {text} |\n"
        inner = field.get("items", field)
        mark = "[]" if "items" in field else ""
        if "properties" in inner:
            yield from _rows(f"{prefix}{name}{mark}.", inner)


def _type(field: Json) -> str:
    if "items" in field:
        return f"list of {_type(field['items'])}"
    if "enum" in field:
        return " \\| ".join(f"`{choice}`" for choice in field["enum"])
    name = "time" if field.get("format") == "date-time" else str(field["type"])
    bounds = [_bound(field, "minimum", "≥"), _bound(field, "maximum", "≤")]
    if "maxLength" in field:
        bounds.append(f"≤ {field['maxLength']} characters")
    return ", ".join([name, *filter(None, bounds)])


def _bound(field: Json, key: str, sign: str) -> str:
    return f"{sign} {field[key]}" if key in field else ""


def _default(field: Json) -> str:
    if "default" not in field:
        return ""
    default = field["default"]
    return f"Default: `{str(default).lower() if isinstance(default, bool) else default}`."


def _messages(schema: Json) -> list[str]:
    return [str(rule["message"]) for rule in schema.get("x-kubernetes-validations", ())]


def _rules(schema: Json) -> str:
    found = [*_messages(schema), *_messages(schema["properties"]["spec"])]
    lines = "".join(f"- {message}\n" for message in found)
    return f"### Rules\n\nThe API server itself holds these, whoever writes.\n\n{lines}"


def _columns(columns: list[Json]) -> str:
    rows = "".join(
        f"| {one['name']}{' (with `-o wide`)' if one.get('priority') else ''} "
        f"| `{one['jsonPath']}` | {one.get('description', '')} |\n"
        for one in columns
    )
    return f"### Columns of `kubectl get`\n\n| Column | From | |\n|---|---|---|\n{rows}"

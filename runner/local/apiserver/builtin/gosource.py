r"""Reads from Kubernetes' Go sources how its structs are written as JSON.

The published schemas do not say which fields are pointers, which are left out while empty and
what Go calls a type; the decoder's answers and messages depend on all three. Only `regenerate`
uses this; the running server reads the result, ``structs.json.gz``.

>>> text = 'type A struct {\n\tN *int32 `json:"n,omitempty"`\n\tB `json:",inline"`\n}\n'
>>> structs(text, "v1")
{'A': [('n', '*int32', 'omitempty'), ('', 'v1.B', 'inline')]}
"""

import re

Field = tuple[str, str, str]
"""JSON name (empty: inlined), Go type, the options of its tag."""

_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^\t(?:(\w+)[ \t]+)?([\w.*\[\]]+)[ \t]+`json:\"([^\"]*)\"", re.MULTILINE)
_NAME = re.compile(r"(?<![\w.])([A-Za-z]\w*)(\.\w+)?")
_BASIC = {"string", "bool", "int32", "int64", "int", "float64", "map", "uint8"}


def structs(text: str, package: str) -> dict[str, list[Field]]:
    """Return each struct's fields in their order, types named as Go's messages name them."""
    return {
        name: [_field(found, package) for found in _FIELD.finditer(body)]
        for name, body in _STRUCT.findall(text)
    }


def _field(found: re.Match[str], package: str) -> Field:
    name, _, options = found[3].partition(",")
    return name, _qualified(found[2].replace("[]byte", "[]uint8"), package), options


def _qualified(go_type: str, package: str) -> str:
    """Return a type with its package's own name, not the file's alias of it."""
    return _NAME.sub(lambda found: _named(found[1], found[2] or "", package), go_type)


def _named(first: str, rest: str, package: str) -> str:
    if rest:
        return f"{'v1' if first.endswith('v1') else first}{rest}"
    return first if first in _BASIC else f"{package}.{first}"

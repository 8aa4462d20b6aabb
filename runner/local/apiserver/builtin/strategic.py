"""Strategic merge patch: a merge patch that knows which lists are maps by another name.

The schemas say so (``x-kubernetes-patch-strategy``, ``x-kubernetes-patch-merge-key``). Directives
in a patch: ``$patch: replace|delete`` in a map, ``$deleteFromPrimitiveList/<list>``,
``$setElementOrder/<list>`` and ``$retainKeys`` beside what they are about. The rules and messages
are those of k8s.io/apimachinery/pkg/util/strategicpatch.
"""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from konductor.runner.local.apiserver.builtin.schema import Schema, go_name, reference, resolve

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_DELETE_FROM = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"
_MISSING = object()

Json = Any
Map = dict[str, Json]


BAD_REQUEST, SERVER_ERROR = 400, 500


class PatchError(ValueError):
    """The patch cannot be applied; the message is the API server's."""

    def __init__(self, message: str, *, code: int = SERVER_ERROR) -> None:
        """Keep the HTTP code that the API server answers with: mostly 500, oddly."""
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Field:
    """What the schema says of one field of a map."""

    schema: Schema
    """Of the field, or of a list's items."""
    struct: str
    merges: bool
    replaces: bool
    key: str


def merge(original: Map, patch: Map, schema: Schema, name: str) -> Map:
    """Return an object with a strategic merge patch applied; neither argument is changed.

    Args:
        original: the object as it is stored.
        patch: the patch.
        schema: the object's schema.
        name: the kind, for messages.

    Raises:
        PatchError: a directive is malformed, or an item lacks its merge key.
    """
    return _merge_map(copy.deepcopy(original), copy.deepcopy(patch), schema, name)


def _merge_map(original: Map, patch: Map, schema: Schema, name: str) -> Map:
    if _DIRECTIVE in patch:
        return _whole_map(patch)
    if _RETAIN in patch:
        _retain(original, patch)
    _apply_orders(original, patch, schema, name)
    for key, value in patch.items():
        if key.startswith(_DELETE_FROM):
            _delete_primitives(original, key, value)
        elif value is None:
            original.pop(key, None)
        else:
            _merge_field(original, key, value, schema, name)
    return original


def _whole_map(patch: Map) -> Map:
    directive = patch[_DIRECTIVE]
    match directive:
        case "replace":
            return {key: value for key, value in patch.items() if key != _DIRECTIVE}
        case "delete":
            return {}
    raise PatchError(f"unknown patch type: {directive} in map: {_go(patch)}")


def _merge_field(original: Map, key: str, value: Json, schema: Schema, name: str) -> None:
    """Merge one field that the patch sets to something."""
    current = original.get(key, _MISSING)
    if isinstance(current, dict) and isinstance(value, dict):
        found = _field(schema, key, name)
        original[key] = (
            value if found.replaces else _merge_map(current, value, found.schema, found.struct)
        )
    elif isinstance(current, list) and isinstance(value, list):
        found = _field(schema, key, name)
        original[key] = _merge_list(current, value, found) if found.merges else value
    else:
        if current is _MISSING:
            _drop_nulls(value)
        kept = _without_directives(value)
        if kept is _MISSING:
            original.pop(key, None)
        else:
            original[key] = kept


def _field(schema: Schema, key: str, name: str) -> _Field:
    """Return what the schema says of a field.

    Raises:
        PatchError: there is no such field.
    """
    if "additionalProperties" in schema:
        inner = schema["additionalProperties"]
        return _Field(
            resolve(inner), go_name(reference(inner)), merges=False, replaces=False, key=""
        )
    properties = schema.get("properties", {})
    if key not in properties:
        raise PatchError(f'unable to find api field in struct {name} for the json field "{key}"')
    found = properties[key]
    strategies = str(found.get("x-kubernetes-patch-strategy", "")).split(",")
    inner = resolve(found)
    inner = inner.get("items", found)
    return _Field(
        resolve(inner),
        go_name(reference(inner)),
        merges="merge" in strategies,
        replaces="replace" in strategies,
        key=str(found.get("x-kubernetes-patch-merge-key", "")),
    )


# --- lists -----------------------------------------------------------------------------------


def _merge_list(original: list[Json], patch: list[Json], found: _Field) -> list[Json]:
    if not original and not patch:
        return original
    if not any(isinstance(item, dict) for item in (*original, *patch)):
        merged = _unique((*original, *patch))
        return _ordered(merged, patch, original, "")
    if not found.key:
        raise PatchError("cannot merge lists without merge key for ")
    kept, patch = _special_items(original, patch, found.key)
    return _ordered(_merge_items(kept, patch, found), patch, original, found.key)


def _special_items(
    original: list[Json], patch: list[Json], key: str
) -> tuple[list[Json], list[Json]]:
    """Carry out the directives among a patch's items; return what to merge with what."""
    plain: list[Json] = []
    replaces = False
    for item in patch:
        match item.get(_DIRECTIVE):
            case None:
                plain.append(item)
            case "delete":
                doomed = _key_value(item, key)
                original = [other for other in original if other.get(key, _MISSING) != doomed]
            case "replace":
                replaces = True
            case "merge":
                raise PatchError("merging lists cannot yet be specified in the patch")
            case directive:
                raise PatchError(f"unknown patch type: {directive} in map: {_go(item)}")
    return (plain, []) if replaces else (original, plain)


def _merge_items(original: list[Json], patch: list[Json], found: _Field) -> list[Json]:
    merged = list(original)
    for item in patch:
        value = _key_value(item, found.key)
        at = next((i for i, other in enumerate(merged) if other.get(found.key) == value), None)
        if at is None:
            merged.append(item)
        else:
            merged[at] = _merge_map(merged[at], item, found.schema, found.struct)
    return merged


def _key_value(item: Map, key: str) -> Json:
    if key not in item:
        raise PatchError(f"map: {_go(item)} does not contain declared merge key: {key}")
    return item[key]


def _unique(items: Iterable[Json]) -> list[Json]:
    unique: list[Json] = []
    for item in items:
        if item not in unique:
            unique.append(item)
    return unique


def _delete_primitives(original: Map, directive: str, doomed: Json) -> None:
    key = directive.removeprefix(_DELETE_FROM)
    if key in original and isinstance(doomed, list):
        original[key] = [item for item in original[key] if item not in doomed]


# --- order -----------------------------------------------------------------------------------


def _apply_orders(original: Map, patch: Map, schema: Schema, name: str) -> None:
    """Merge the lists whose order the patch gives, and put them into that order."""
    for directive in [key for key in patch if key.startswith(_ORDER)]:
        order, key = patch.pop(directive), directive.removeprefix(_ORDER)
        if not isinstance(order, list):
            raise PatchError(f"expected a []interface {{}}, but received a {_go_kind(order)}")
        found = _field(schema, key, name)
        current, wanted = original.get(key), patch.pop(key, None)
        _check_order(wanted or [], order, found.key)
        if current is not None or wanted is not None:
            merged = _both(current, wanted, found)
            original[key] = _ordered(merged, order, current or [], found.key)


def _both(current: list[Json] | None, wanted: list[Json] | None, found: _Field) -> list[Json]:
    if wanted is None:
        return current or []
    if current is None:
        kept = _without_directives(wanted)
        assert isinstance(kept, list), "a list stays a list; please report this"  # noqa: S101  # a bug of ours
        return kept
    return _merge_list(current, wanted, found) if found.merges else wanted


def _check_order(wanted: list[Json], order: list[Json], key: str) -> None:
    """Check that the order names each item of the patch, in the same order.

    Raises:
        PatchError: it does not.
    """
    if not order:
        return
    rest = iter([_identity(item, key) for item in order])
    named = [item for item in wanted if not (isinstance(item, dict) and _DIRECTIVE in item)]
    if not all(_identity(item, key) in rest for item in named):
        listed = f"{_go(wanted)}\n doesn't match {_ORDER.rstrip('/')} list:\n{_go(order)}\n"
        raise PatchError(f"The order in patch list:\n{listed}")


def _ordered(merged: list[Json], order: list[Json], server: list[Json], key: str) -> list[Json]:
    """Return the items that the order names in that order, the others where they were."""
    ranks = [_identity(item, key) for item in order]
    places = [_identity(item, key) for item in server]
    named = [item for item in merged if _identity(item, key) in ranks]
    named.sort(key=lambda item: ranks.index(_identity(item, key)))
    others = [item for item in merged if _identity(item, key) not in ranks]
    others.sort(key=lambda item: _rank(places, _identity(item, key)))
    return _interleaved(others, named, places, key)


def _interleaved(others: list[Json], named: list[Json], places: list[Json], key: str) -> list[Json]:
    result: list[Json] = []
    for item in named:
        at = _rank(places, _identity(item, key))
        while others and 0 <= _rank(places, _identity(others[0], key)) < at:
            result.append(others.pop(0))
        result.append(item)
    return result + others


def _identity(item: Json, key: str) -> Json:
    return item.get(key) if key and isinstance(item, dict) else item


def _rank(places: list[Json], identity: Json) -> int:
    return places.index(identity) if identity in places else -1


# --- directives ------------------------------------------------------------------------------


def _retain(original: Map, patch: Map) -> None:
    """Drop the fields that ``$retainKeys`` does not name.

    Raises:
        PatchError: the patch sets a field that is not retained.
    """
    kept = patch.pop(_RETAIN)
    if not isinstance(kept, list):
        raise PatchError("invalid patch format of retainKeys", code=BAD_REQUEST)
    for key, value in patch.items():
        if value is not None and key not in kept and not key.startswith((_DELETE_FROM, _ORDER)):
            raise PatchError("invalid patch format of retainKeys", code=BAD_REQUEST)
    for key in [key for key in original if key not in kept]:
        del original[key]


def _without_directives(value: Json) -> Json:
    """Return a value that is new to the object without directives; _MISSING if it is to go."""
    if isinstance(value, list):
        kept = [_without_directives(item) for item in value]
        return [item for item in kept if item is not _MISSING]
    if not isinstance(value, dict):
        return value
    if value.get(_DIRECTIVE) == "delete":
        return _MISSING
    special = (_DELETE_FROM, _ORDER, _RETAIN, _DIRECTIVE)
    inner = {key: _without_directives(item) for key, item in value.items()}
    return {
        key: item
        for key, item in inner.items()
        if item is not _MISSING and not key.startswith(special)
    }


def _drop_nulls(value: Json) -> None:
    if isinstance(value, dict):
        for key in [key for key, item in value.items() if item is None]:
            del value[key]
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        _drop_nulls(item)


def _go(value: Json) -> str:
    """Return a value as Go prints it with ``%v``."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{_go(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(_go(item) for item in value)}]"
    match value:
        case None:
            return "<nil>"
        case bool():
            return str(value).lower()
    return str(value)


def _go_kind(value: Json) -> str:
    match value:
        case dict():
            return "map[string]interface {}"
        case str():
            return "string"
        case bool():
            return "bool"
        case float():
            return "float64"
    return "int64"

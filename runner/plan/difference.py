"""What has changed between two plans, as they are stored or printed. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from konductor.api.meta import Json, json_list, json_map
from konductor.dsl.plan import Edge, EdgeKind
from konductor.runner.state import spelled

_UNTOLD = {"source", "path", "digest", "modules", "parameters", "stages", "barriers", "skipped"}
"""Members of a plan that are no attribute of its pipeline."""
Objects: TypeAlias = frozenset[tuple[str, str]]
"""Kinds and names, without the run's name."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is other than before; None: it is not there."""

    what: str
    """``parameter``, ``pipeline``, ``stage``, ``barrier`` or ``object``."""
    name: str
    attribute: str = ""
    before: object = None
    after: object = None

    @property
    def sign(self) -> str:
        """Return ``+`` for what is new, ``-`` for what is gone, ``~`` for what is other."""
        if self.before is None:
            return "+"
        return "-" if self.after is None else "~"


def changes(before: Json, after: Json) -> tuple[Change, ...]:
    """Return the changes from one plan to another, both as `plan_json` writes them."""
    found = [
        *_members("parameter", _parameters(before), _parameters(after)),
        *_attributes("pipeline", str(after.get("pipeline")), _pipeline(before), _pipeline(after)),
    ]
    for what, member in (("stage", "stages"), ("barrier", "barriers"), ("skipped", "skipped")):
        found += _blocks(what, _by_name(before, member), _by_name(after, member))
    return tuple(found)


def object_changes(before: Objects, after: Objects) -> tuple[Change, ...]:
    """Return which objects only one of two runs has."""
    gone = [Change("object", f"{kind} {name}", "", name) for kind, name in sorted(before - after)]
    new = [
        Change("object", f"{kind} {name}", "", None, name) for kind, name in sorted(after - before)
    ]
    return (*gone, *new)


def objects_of(run: str, objects: list[Json]) -> Objects:
    """Return objects without the run's name, so that those of two runs compare."""
    return frozenset(
        (str(one["kind"]), str(one["name"]).removeprefix(f"{run}-"))
        for one in objects
        if one["name"] != run
    )


def sentence(change: Change) -> str:
    """Return a change in one line, or several for a text of several."""
    head = f"{change.sign} {change.what} {change.name}"
    if change.what == "object" or (not change.attribute and change.what != "parameter"):
        return head
    if change.attribute:
        head += f"  {change.attribute}"
    if change.before is None or change.after is None:
        return f"{head}: {_shown(change.after if change.before is None else change.before)}"
    return f"{head}: {_shown(change.before)} -> {_shown(change.after)}"


def change_json(change: Change) -> Json:
    """Return a change for programs."""
    return {
        "change": change.sign,
        "what": change.what,
        "name": change.name,
        "attribute": change.attribute,
        "before": change.before,
        "after": change.after,
    }


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    if "\n" in text:
        return "".join(f"\n      {line}" for line in text.rstrip("\n").splitlines())
    return text


def _parameters(plan: Json) -> dict[str, object]:
    return {str(one["name"]): one.get("value") for one in json_list(plan.get("parameters"))}


def _pipeline(plan: Json) -> Json:
    return {name: value for name, value in plan.items() if name not in _UNTOLD}


def _by_name(plan: Json, member: str) -> dict[str, Json]:
    return {str(one["name"]): _spelled(json_map(one)) for one in json_list(plan.get(member))}


def _spelled(block: Json) -> Json:
    """Return a block with its edges as a program spells them, in one attribute."""
    edges = [
        Edge(
            EdgeKind(one["kind"]),
            tuple(map(str, json_list(one["upstream"]))),
            str(one["downstream"]),
            one.get("at_least"),
        )
        for one in map(json_map, json_list(block.get("edges")))
    ]
    told = {"after": spelled(tuple(edges))} if edges else {}
    return {name: value for name, value in block.items() if name != "edges"} | told


def _members(what: str, before: Mapping[str, object], after: Mapping[str, object]) -> list[Change]:
    return [
        Change(what, name, "", before.get(name), after.get(name))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]


def _blocks(what: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        if name not in before:
            yield Change(what, name, "", None, name)
        elif name not in after:
            yield Change(what, name, "", name)
        else:
            yield from _attributes(what, name, before[name], after[name])


def _attributes(what: str, name: str, before: Json, after: Json) -> list[Change]:
    old, new = dict(_flat("", before)), dict(_flat("", after))
    return [
        Change(what, name, path, old.get(path), new.get(path))
        for path in dict.fromkeys((*old, *new))
        if old.get(path) != new.get(path)
    ]


def _flat(path: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield each leaf with its path: ``cells.0.env.DAY``."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _flat(f"{path}.{name}" if path else str(name), member)
    elif isinstance(value, list):
        for key, member in _keyed(value):
            yield from _flat(f"{path}.{key}", member)
    else:
        yield path, value


def _keyed(members: list[object]) -> Iterator[tuple[str, object]]:
    """Yield members by their own key, as of pairs, or by their number."""
    for number, member in enumerate(members):
        if isinstance(member, list) and len(member) == 2 and isinstance(member[0], str):  # noqa: PLR2004  # a pair
            yield member[0], member[1]
        else:
            yield str(number), member

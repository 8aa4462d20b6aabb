"""Functions that call themselves, through however many others: none may (K0312)."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass

from konductor.dsl.diagnostics import error
from konductor.dsl.evaluation import Evaluation
from konductor.dsl.expression import Call, Var
from konductor.dsl.syntax import Fn


def recursive_functions(fns: Sequence[Fn], evaluation: Evaluation) -> None:
    """Find a file's functions that reach themselves, and report each circle once.

    A circle is never longer than a file: imports make none.
    """
    calls = {fn.name.text: _called(fn, {one.name.text for one in fns}) for fn in fns}
    recursive: set[str] = set()
    for fn in fns:
        path = _path_back(fn.name.text, calls)
        if not path:
            continue
        if fn.name.text not in recursive:
            way = " -> ".join(f"`{name}`" for name in path)
            message = f"function `{fn.name.text}` calls itself"
            notes = (f"by way of {way}", "every program ends computing, so no function recurs")
            evaluation.report(error("K0312", fn.name.span, message, notes=notes))
        recursive.update(path)
    evaluation.recursive |= {fn.name.span for fn in fns if fn.name.text in recursive}


def _path_back(start: str, calls: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the shortest chain of calls from a function to itself, or nothing."""
    paths: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while paths:
        path = paths.pop(0)
        for name in calls[path[-1]]:
            if name == start:
                return (*path, start)
            if name not in seen:
                seen.add(name)
                paths.append((*path, name))
    return ()


def _called(fn: Fn, names: set[str]) -> tuple[str, ...]:
    found = {
        node.function.name: None
        for node in walk(fn.body)
        if isinstance(node, Call) and isinstance(node.function, Var)
    }
    return tuple(name for name in found if name in names)


_BELOW: dict[type, tuple[str, ...]] = {}
"""The members of each class of nodes that may hold nodes, once they have been asked for."""


def walk(node: object) -> Iterator[object]:
    """Yield a node and every node below it, in no promised order."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += children(one)


def children(node: object) -> list[object]:
    """Return what stands directly below a node; not all of it need be nodes."""
    kind = type(node)
    names = _BELOW.get(kind)
    found: list[object] = []
    for name in _below(kind) if names is None else names:
        below = getattr(node, name)
        found += below if isinstance(below, tuple) else (below,)
    return found


def _below(kind: type) -> tuple[str, ...]:
    names = [one.name for one in fields(kind)] if is_dataclass(kind) else []
    _BELOW[kind] = tuple(name for name in names if name != "span")
    return _BELOW[kind]

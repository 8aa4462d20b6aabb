"""Which edges are left once guards and skipped stages have been dealt with (language.md, 2.3).

A stage that ``when`` leaves out emits no object, so no edge may name it any more: a plain edge
spreads the skip, ``a?`` is replaced by the edges of ``a`` so that order is kept, and the others
let go of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from konductor.dsl.plan import EdgeKind
from konductor.dsl.source import Span


@dataclass(frozen=True, slots=True)
class Link:
    """One edge as declared, its guard true: where it comes from and how it is spelled."""

    kind: EdgeKind
    upstream: tuple[str, ...]
    span: Span
    at_least: int | None = None
    spans: tuple[Span, ...] = ()
    """Of each upstream name."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A stage or barrier with its edges, and what ``when`` says of it."""

    name: str
    links: tuple[Link, ...] = ()
    left_out: str = ""
    """Why ``when`` leaves it out; empty: it does not."""
    is_freed: bool = False
    """Whether guards have removed all its edges."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a stage's edges."""

    links: tuple[Link, ...] = ()
    skipped: str = ""
    """Why it is left out; empty: it is not."""
    because: tuple[str, ...] = ()
    """The chain of stages through which the skip came, nearest first."""


@dataclass(slots=True)
class _Settling:
    declared: Mapping[str, Declared]
    done: dict[str, Settled] = field(default_factory=dict)
    """Also holds, with no edges yet, what is being settled: so that a cycle ends."""


def settle(declared: Mapping[str, Declared]) -> dict[str, Settled]:
    """Return what is left of each stage or barrier, by its name."""
    settling = _Settling(declared)
    for name in _upstream_first(declared):
        settling.done[name] = _settle_one(declared[name], settling)
    return {name: settling.done[name] for name in declared}


def _upstream_first(declared: Mapping[str, Declared]) -> list[str]:
    """Return all names so that each comes after those it waits for, as far as there are no cycles.

    Depth first with a stack of its own: a chain may be longer than Python's recursion goes.
    """
    order: dict[str, None] = {}
    entered: set[str] = set()
    for root in declared:
        stack = [(root, False)]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                order[name] = None
            elif name not in entered:
                entered.add(name)
                stack.append((name, True))
                upstream = [up for link in declared[name].links for up in link.upstream]
                stack += [(up, False) for up in reversed(upstream) if up in declared]
    return list(order)


def _settle_one(one: Declared, settling: _Settling) -> Settled:
    if one.left_out:
        return Settled(skipped=one.left_out)
    links: dict[tuple[EdgeKind, tuple[str, ...], int | None], Link] = {}
    for link in one.links:
        kept = _settle_link(link, settling)
        if isinstance(kept, Settled):
            return kept
        for inherited in kept:
            links.setdefault((inherited.kind, inherited.upstream, inherited.at_least), inherited)
    return Settled(tuple(links.values()))


def _settle_link(link: Link, settling: _Settling) -> tuple[Link, ...] | Settled:
    """Return what replaces an edge, or the skip that it spreads."""
    gone = [name for name in link.upstream if _is_skipped(name, settling)]
    if not gone:
        return (link,)
    if link.kind is EdgeKind.OPTIONAL:
        return _inherited(gone[0], link, settling)
    left = tuple(name for name in link.upstream if name not in gone)
    if link.kind is EdgeKind.DONE:
        return (_narrowed(link, left),) if left else ()
    if link.kind in (EdgeKind.ANY, EdgeKind.AT_LEAST) and left:
        return (_narrowed(link, left),)
    chain = (gone[0], *settling.done[gone[0]].because)
    return Settled(skipped=f"`{gone[0]}` is skipped", because=chain)


def _narrowed(link: Link, left: tuple[str, ...]) -> Link:
    spans = dict(zip(link.upstream, link.spans, strict=True))
    return replace(link, upstream=left, spans=tuple(spans[name] for name in left))


def _is_skipped(name: str, settling: _Settling) -> bool:
    return name in settling.done and bool(settling.done[name].skipped)


_INHERITED = {EdgeKind.FAILED: EdgeKind.DONE, EdgeKind.EACH: EdgeKind.OPENED}
"""As what a skipped stage's edges go on, for one that wants only its place in the order."""


def _inherited(name: str, through: Link, settling: _Settling) -> tuple[Link, ...]:
    """Return the edges of a skipped stage, for the one that wants only its place in the order.

    What it would have waited for in failure, it now waits for whatever its end.
    """
    found: list[Link] = []
    seen = {name}
    waiting = list(settling.declared[name].links)
    while waiting:
        link = waiting.pop(0)
        for upstream in link.upstream:
            if _is_skipped(upstream, settling) and upstream not in seen:
                seen.add(upstream)
                waiting += settling.declared[upstream].links
        left = tuple(one for one in link.upstream if not _is_skipped(one, settling))
        if left:
            kind = _INHERITED.get(link.kind, link.kind)
            spans = (through.span,) * len(left)
            found.append(replace(link, kind=kind, upstream=left, span=through.span, spans=spans))
    return tuple(found)

"""A run in which everything goes well, to see which barriers would wait for ever all the same."""

from collections import deque
from collections.abc import Iterator, Sequence

from konductor.dsl.check.supply import Supply
from konductor.dsl.edges import Link
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.scope import What


def stuck(
    pipeline: CheckedPipeline, supplies: Sequence[Supply]
) -> Iterator[tuple[Supply, tuple[Checked, ...]]]:
    """Yield the barriers that can start but not open, with the stages that come too late.

    Each stage finishes once its edges hold, each barrier opens once enough have arrived. What has
    no supply here opens by itself. A cycle of edges, which K0401 reports, is not looked into.
    """
    started = _started(pipeline, supplies)
    if len(started) == sum(one.what is not What.FINALLY for one in pipeline.running):
        return
    for supply in supplies:
        users = {one.name: one for one in (*supply.finishing, *supply.meeting)}
        late = tuple(one for name, one in users.items() if name not in started)
        if supply.barrier.name in started and late and not _opens(supply, started):
            yield supply, late


def _started(pipeline: CheckedPipeline, supplies: Sequence[Supply]) -> set[str]:
    """Return what can start."""
    objects = {one.name: one for one in pipeline.running if one.what is not What.FINALLY}
    by_barrier = {one.barrier.name: one for one in supplies}
    wakes: dict[str, list[str]] = {}
    for one in objects.values():
        for up in (up for link in one.links for up in link.upstream):
            wakes.setdefault(up, []).append(one.name)
    for supply in supplies:
        for user in (*supply.finishing, *supply.meeting):
            wakes.setdefault(user.name, []).append(supply.barrier.name)
    started: set[str] = set()
    ended: set[str] = set()
    waiting = deque(objects)
    while waiting:
        name = waiting.popleft()
        is_news = _advance(objects[name], by_barrier.get(name), started, ended)
        if is_news:
            waiting += [one for one in wakes.get(name, ()) if one in objects and one not in ended]
    return started


def _advance(one: Checked, supply: Supply | None, started: set[str], ended: set[str]) -> bool:
    """Let an object start and end if it can; tell whether anything is new."""
    before = (one.name in started, one.name in ended)
    if one.name not in started and all(_holds(link, ended) for link in one.links):
        started.add(one.name)
    if one.name in started and (supply is None or _opens(supply, started)):
        ended.add(one.name)
    return before != (one.name in started, one.name in ended)


def _holds(link: Link, ended: set[str]) -> bool:
    needed = len(link.upstream) if link.at_least is None else link.at_least
    return sum(up in ended for up in link.upstream) >= needed


def _opens(supply: Supply, started: set[str]) -> bool:
    """Tell whether those that have started are enough; of unknown numbers, that they are."""
    users = {one.name: one for one in (*supply.finishing, *supply.meeting) if one.name in started}
    counts = [one.expected for one in users.values()]
    known = [one for one in counts if one is not None]
    if supply.barrier.quorum is None or len(known) < len(counts):
        return True
    return sum(known) + supply.probes >= supply.barrier.quorum

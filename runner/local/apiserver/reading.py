"""Watches: what happens to the objects of a kind from some version on."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from konductor.runner.local.apiserver.answer import Refusal, expired, invalid, too_large_version
from konductor.runner.local.apiserver.builtin.field import forbidden, unsupported
from konductor.runner.local.apiserver.listing import (
    NOT_OLDER,
    BadVersion,
    is_true,
    number,
    selection,
    version_of,
)
from konductor.runner.local.apiserver.selector import Select, selected_name
from konductor.runner.local.apiserver.served import Json, Object, Served
from konductor.runner.local.apiserver.stock import Change, Key, Stock, Watcher

_BOOKMARKS_EVERY = 45.0
"""Seconds; a client may take a watch for dead that says nothing for a minute."""
_LONGEST_WATCH = 3000.0
INITIAL_END = {"k8s.io/initial-events-end": "true"}


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a watch."""

    kind: str
    document: Object


@dataclass(frozen=True, slots=True)
class Watch:
    """A watch that was asked for."""

    served: Served
    namespace: str
    name: str
    """The one name that is selected; empty: any."""
    select: Select
    since: int | None
    """None: begin with all that there is."""
    ends_initial: bool
    """A bookmark tells where the initial events end."""
    bookmarks: bool
    seconds: float


def watch_of(stock: Stock, served: Served, namespace: str, query: Mapping[str, str]) -> Watch:
    """Return the watch that a query asks for.

    Raises:
        Refusal: it cannot be given.
    """
    text = query.get("resourceVersion", "")
    initial, bookmarks = (
        is_true(query.get(name, "")) for name in ("sendInitialEvents", "allowWatchBookmarks")
    )
    _check_match(query.get("resourceVersionMatch", ""), initial=initial)
    try:
        since = version_of(text or "0")
    except BadVersion as error:
        raise Refusal(500, "", str(error)) from error  # so a real server says it
    if since > stock.version:
        raise too_large_version(since, stock.version)
    return Watch(
        served=served,
        namespace=namespace,
        name=selected_name(query.get("fieldSelector", "")),
        select=selection(served, query),
        since=None if initial or not since else since,
        ends_initial=initial and bookmarks,
        bookmarks=bookmarks,
        seconds=float(number(query.get("timeoutSeconds", "")) or _LONGEST_WATCH),
    )


def _check_match(match: str, *, initial: bool) -> None:
    path, told = "resourceVersionMatch", ""
    if match and not initial:
        told = f"{path} is forbidden for watch unless sendInitialEvents is provided"
    elif initial and not match:
        told = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
    if told:
        raise invalid("ListOptions", "meta.k8s.io", "", [forbidden(path, told)])
    if match not in ("", NOT_OLDER):
        error = unsupported(path, match, (NOT_OLDER,))
        raise invalid("ListOptions", "meta.k8s.io", "", [error])


async def happenings(stock: Stock, watch: Watch) -> AsyncIterator[Happening | None]:
    """Yield what a watch tells, until its time is over; None: all that is known has been told."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + watch.seconds
    start = stock.version if watch.since is None else watch.since
    watcher = stock.watch(watch.served.key, start, watch.name)
    if watcher is None:
        yield Happening("ERROR", _too_old(start))
        return
    try:
        for happening in _initial(stock, watch, start):
            yield happening
        while (left := ends - loop.time()) > 0:
            for happening in _news(watch, watcher):
                yield happening
            if watcher.lost:
                yield Happening("ERROR", _too_old(start))
                return
            yield None
            woken = await _woken(watcher, min(left, _BOOKMARKS_EVERY))
            if not woken and watch.bookmarks and left > _BOOKMARKS_EVERY:
                yield bookmark(watch.served, stock.version, {})
    finally:
        stock.unwatch(watcher)


def _initial(stock: Stock, watch: Watch, version: int) -> Iterator[Happening]:
    """Yield what there is already, if the watch begins with that."""
    if watch.since is not None:
        return
    key = Key(watch.served.key, watch.namespace, watch.name)
    if key.name and key.namespace:
        one = stock.get(key)
        there = [one] if one else []
    else:
        there = stock.list(key.resource, key.namespace)
    for document in filter(watch.select, there):
        yield Happening("ADDED", document)
    if watch.ends_initial:
        yield bookmark(watch.served, version, INITIAL_END)


def _news(watch: Watch, watcher: Watcher) -> Iterator[Happening]:
    while watcher.waiting:
        if told := _told(watch, watcher.waiting.popleft()):
            yield told


async def _woken(watcher: Watcher, seconds: float) -> bool:
    if watcher.waiting or watcher.lost:
        return True
    watcher.wake.clear()
    try:
        async with asyncio.timeout(seconds):
            await watcher.wake.wait()
    except TimeoutError:
        return False
    return True


def _told(watch: Watch, change: Change) -> Happening | None:
    """Return what a change means to this watch: leaving its selection is a deletion."""
    if watch.namespace and change.key.namespace != watch.namespace:
        return None
    was = change.before is not None and watch.select(change.before)
    if change.after is not None and watch.select(change.after):
        return Happening("MODIFIED" if was else "ADDED", change.after)
    if not was:
        return None
    before: Any = change.before
    metadata = {**before["metadata"], "resourceVersion": str(change.version)}
    return Happening("DELETED", {**before, "metadata": metadata})


def bookmark(served: Served, version: int, annotations: Mapping[str, str]) -> Happening:
    """Return a bookmark: everything up to a version has been told."""
    metadata: Json = {"resourceVersion": str(version)}
    if not served.is_custom:
        metadata["creationTimestamp"] = None
    if annotations:
        metadata["annotations"] = dict(annotations)
    document = {"kind": served.kind, "apiVersion": served.api_version, "metadata": metadata}
    return Happening("BOOKMARK", document)


def _too_old(version: int) -> Json:
    return expired(f"too old resource version: {version}").body()

"""Lists and watches: what is there, page by page, and what happens from then on."""

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from konductor.runner.local.apiserver.answer import (
    bad_request,
    expired,
    invalid,
    too_large_version,
)
from konductor.runner.local.apiserver.builtin.field import FieldError
from konductor.runner.local.apiserver.selector import (
    field_selector,
    label_selector,
    selected_fields,
    unsupported,
)
from konductor.runner.local.apiserver.served import Json, Object, Served
from konductor.runner.local.apiserver.stock import Change, Stock, Watcher

_BOOKMARKS_EVERY = 45.0
"""Seconds; a client may take a watch for dead that says nothing for a minute."""
_LONGEST_WATCH = 3000.0
INITIAL_END = {"k8s.io/initial-events-end": "true"}
Select = Callable[[Object], bool]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the objects there are, and the metadata of their list."""

    items: list[Json]
    metadata: Json


def selection(served: Served, query: Mapping[str, str]) -> Select:
    """Return the predicate of a request's selectors.

    Raises:
        Refusal: they cannot be read, or ask for what nothing can be selected by.
    """
    labels = label_selector(query.get("labelSelector", ""))
    text = query.get("fieldSelector", "")
    fields = field_selector(text, served.fields)
    for name in selected_fields(text) if served.is_custom else ():
        if name not in ("metadata.name", "metadata.namespace"):
            raise unsupported(name)
    return lambda document: labels(document) and fields(document)


def page(stock: Stock, served: Served, namespace: str, query: Mapping[str, str]) -> Page:
    """Return what a LIST answers.

    Raises:
        Refusal: the query asks for what cannot be given.
    """
    _check_version(stock, query)
    select = selection(served, query)
    found = [one for one in stock.list(served.key, namespace) if select(one)]
    metadata: Json = {"resourceVersion": str(stock.version)}
    token, limit = query.get("continue", ""), _number(query.get("limit", ""))
    if token:
        start = _start(token)
        found = [one for one in found if _place(one) > start]
    if 0 < limit < len(found):
        metadata["continue"] = _token(stock.version, found[limit - 1])
        if not query.get("labelSelector") and not query.get("fieldSelector"):
            metadata["remainingItemCount"] = len(found) - limit
        found = found[:limit]
    return Page(found, metadata)


def _check_version(stock: Stock, query: Mapping[str, str]) -> None:
    text, match = query.get("resourceVersion", ""), query.get("resourceVersionMatch", "")
    if not text:
        return
    version = version_of(text, "invalid resource version: ")
    if version > stock.version:
        raise too_large_version(version, stock.version)
    if match == "Exact" and version != stock.version:
        raise expired("The resourceVersion for the provided list is too old.")


def version_of(text: str, told: str = "") -> int:
    """Read a resource version.

    Raises:
        Refusal: it is none.
    """
    if not (text.isascii() and text.isdigit()):
        raise bad_request(
            f'{told}resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": '
            "invalid syntax"
        )
    return int(text)


def _number(text: str) -> int:
    try:
        return int(text or 0)
    except ValueError as error:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from error


def _place(document: Object) -> tuple[str, str]:
    metadata = document["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def _token(version: int, last: Object) -> str:
    text = json.dumps({"rv": version, "start": list(_place(last))})
    return base64.urlsafe_b64encode(text.encode()).decode()


def _start(token: str) -> tuple[str, str]:
    try:
        namespace, name = json.loads(base64.urlsafe_b64decode(token))["start"]
        return str(namespace), str(name)
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise bad_request(f"invalid continue token: continue key is not valid: {error}") from error


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
    initial = query.get("sendInitialEvents", "").lower() in ("true", "1")
    if initial and query.get("resourceVersionMatch") != "NotOlderThan":
        detail = (
            "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        )
        error = FieldError("resourceVersionMatch", "FieldValueForbidden", detail)
        raise invalid("ListOptions", "meta.k8s.io", "", [error])
    since = version_of(text) if text else 0
    if since > stock.version:
        raise too_large_version(since, stock.version)
    return Watch(
        served=served,
        namespace=namespace,
        select=selection(served, query),
        since=None if initial or not since else since,
        ends_initial=initial,
        bookmarks=query.get("allowWatchBookmarks", "").lower() in ("true", "1"),
        seconds=float(_number(query.get("timeoutSeconds", "")) or _LONGEST_WATCH),
    )


async def happenings(stock: Stock, watch: Watch) -> AsyncIterator[Happening | None]:
    """Yield what a watch tells, until its time is over; None: all that is known has been told."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + watch.seconds
    start = stock.version if watch.since is None else watch.since
    watcher = stock.watch(watch.served.key, start)
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
            if not await _woken(watcher, min(left, _BOOKMARKS_EVERY)) and watch.bookmarks:
                yield bookmark(watch.served, stock.version, {})
    finally:
        stock.unwatch(watcher)


def _initial(stock: Stock, watch: Watch, version: int) -> Iterator[Happening]:
    """Yield what there is already, if the watch begins with that."""
    if watch.since is not None:
        return
    for document in stock.list(watch.served.key, watch.namespace):
        if watch.select(document):
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
    if change.after is None:
        return Happening("DELETED", change.before or {}) if was else None
    if watch.select(change.after):
        return Happening("MODIFIED" if was else "ADDED", change.after)
    if not was:
        return None
    version = change.after["metadata"]["resourceVersion"]
    before: Any = change.before
    last = {**before, "metadata": {**before["metadata"], "resourceVersion": version}}
    return Happening("DELETED", last)


def bookmark(served: Served, version: int, annotations: Mapping[str, str]) -> Happening:
    """Return a bookmark: everything up to a version has been told."""
    metadata: Json = {"resourceVersion": str(version), "creationTimestamp": None}
    if annotations:
        metadata["annotations"] = dict(annotations)
    document = {"kind": served.kind, "apiVersion": served.api_version, "metadata": metadata}
    return Happening("BOOKMARK", document)


def _too_old(version: int) -> Json:
    return expired(f"too old resource version: {version}").body()

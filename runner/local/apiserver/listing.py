"""Lists: the objects that there are, or were at some version, page by page."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass

from konductor.runner.local.apiserver.answer import (
    bad_request,
    expired,
    invalid,
    too_large_version,
)
from konductor.runner.local.apiserver.builtin.field import FieldError, forbidden, unsupported
from konductor.runner.local.apiserver.selector import Select, field_selector, label_selector
from konductor.runner.local.apiserver.served import Json, Object, Served
from konductor.runner.local.apiserver.stock import Stock

EXACT, NOT_OLDER = "Exact", "NotOlderThan"
_MATCHES = ("", EXACT, NOT_OLDER)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the objects there are, and the metadata of their list."""

    items: list[Json]
    metadata: Json


class BadVersion(ValueError):
    """A text is no resource version; the message says so in Go's words."""


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a page begins: after an object, at the version of the first page."""

    version: int
    after: tuple[str, str]


def page(stock: Stock, served: Served, namespace: str, query: Mapping[str, str]) -> Page:
    """Return what a LIST answers.

    Raises:
        Refusal: the query asks for what cannot be given.
    """
    select, limit = selection(served, query), number(query.get("limit", ""))
    start = _start(stock, query, limit)
    there = stock.list_at(served.key, namespace, start.version)
    if there is None:
        raise expired(_OLD_PAGE if query.get("continue") else _OLD_VERSION)
    found = [one for one in there if _place(one) > start.after and select(one)]
    metadata: Json = {"resourceVersion": str(start.version)}
    if 0 < limit < len(found):
        metadata["continue"] = _token(start.version, found[limit - 1])
        if not query.get("labelSelector") and not query.get("fieldSelector"):
            metadata["remainingItemCount"] = len(found) - limit
        found = found[:limit]
    return Page(found, metadata)


_OLD_PAGE = (
    "The provided continue parameter is too old to display a consistent list result. You must "
    "start a new list without the continue parameter."
)
_OLD_VERSION = "The resourceVersion for the provided list is too old."


def selection(served: Served, query: Mapping[str, str]) -> Select:
    """Return the predicate of a request's selectors.

    Raises:
        Refusal: they cannot be read, or ask for what nothing can be selected by.
    """
    labels = label_selector(query.get("labelSelector", ""))
    text = query.get("fieldSelector", "")
    if not text:
        return labels
    fields = field_selector(text, served.fields, custom=served.is_custom)
    return lambda document: labels(document) and fields(document)


def version_of(text: str) -> int:
    """Read a resource version.

    Raises:
        BadVersion: it is none.
    """
    if not (text.isascii() and text.isdigit()):
        told = f'strconv.ParseUint: parsing "{text}": invalid syntax'
        raise BadVersion(f'resourceVersion: Invalid value: "{text}": {told}')
    return int(text)


def number(text: str) -> int:
    """Read a whole number of a query; an empty one is zero.

    Raises:
        Refusal: it is none.
    """
    try:
        return int(text or 0)
    except ValueError as error:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from error


def is_true(text: str) -> bool:
    """Read a flag of a query, as Go does."""
    return text.lower() in ("true", "1", "t")


def _start(stock: Stock, query: Mapping[str, str], limit: int) -> _Start:
    """Return where a list begins, and at which version."""
    text, match = query.get("resourceVersion", ""), query.get("resourceVersionMatch", "")
    token = query.get("continue", "")
    _check_match(text, match, token)
    if token:
        if text not in ("", "0"):
            raise bad_request("specifying resource version is not allowed when using continue")
        return _read_token(token)
    try:
        version = version_of(text or "0")
    except BadVersion as error:
        raise bad_request(f"invalid resource version: {error}") from error
    if version > stock.version:
        raise too_large_version(version, stock.version)
    exact = version and (match == EXACT or (limit and not match))
    return _Start(version if exact else stock.version, ("", ""))


def _check_match(text: str, match: str, token: str) -> None:
    path, errors = "resourceVersionMatch", list[FieldError]()
    if match and not text:
        errors.append(forbidden(path, f"{path} is forbidden unless resourceVersion is provided"))
    if match and token:
        errors.append(forbidden(path, f"{path} is forbidden with continue"))
    if match not in _MATCHES:
        errors.append(unsupported(path, match, (EXACT, NOT_OLDER, "")))
    if match == EXACT and text == "0":
        detail = f'{path} "exact" is forbidden for resourceVersion "0"'
        errors.append(forbidden(path, detail))
    if errors:
        raise invalid("ListOptions", "meta.k8s.io", "", errors)


def _place(document: Object) -> tuple[str, str]:
    metadata = document["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def _token(version: int, last: Object) -> str:
    text = json.dumps({"rv": version, "start": list(_place(last))})
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read_token(token: str) -> _Start:
    try:
        found = json.loads(base64.urlsafe_b64decode(token))
        namespace, name = found["start"]
        return _Start(int(found["rv"]), (str(namespace), str(name)))
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError) as error:
        told = "continue key is not valid: it is none of this server's"
        raise bad_request(f"invalid continue token: {told}") from error

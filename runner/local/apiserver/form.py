"""In which form an answer goes out: the object itself, a Table, or its metadata alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from konductor.runner.local.apiserver.answer import bad_request, not_acceptable
from konductor.runner.local.apiserver.body import ACCEPTED, JSON, YAML
from konductor.runner.local.apiserver.served import Json, Object, Served

_META = "meta.k8s.io"
TABLE, PARTIAL, PARTIAL_LIST = "Table", "PartialObjectMetadata", "PartialObjectMetadataList"
_ANY = ("*/*", "application/*", JSON)
_INCLUDED = ("", "Metadata", "Object", "None")


@dataclass(frozen=True, slots=True)
class Form:
    """What the client wants to be answered in."""

    media: str = JSON
    shape: str = ""
    """``Table``, ``PartialObjectMetadata``, …; empty: the object itself."""
    version: str = "v1"
    """Of ``meta.k8s.io``."""


def negotiate(accept: str) -> Form:
    """Return the first form in an Accept header that there is.

    Raises:
        Refusal: there is none.
    """
    for offer in accept.split(",") if accept.strip() else ["*/*"]:
        media, *parameters = (part.strip() for part in offer.split(";"))
        found = dict(part.partition("=")[::2] for part in parameters)
        shape, version = found.get("as", ""), found.get("v", "v1")
        if shape and (found.get("g") != _META or shape not in (TABLE, PARTIAL, PARTIAL_LIST)):
            continue
        if media in _ANY:
            return Form(JSON, shape, version)
        if media in (YAML, "text/yaml"):
            return Form(YAML, shape, version)
    raise not_acceptable(ACCEPTED)


def included(query: Mapping[str, str]) -> str:
    """Return what a Table's rows are to carry: Metadata, Object or None.

    Raises:
        Refusal: something else is asked for.
    """
    asked = query.get("includeObject", "")
    if asked not in _INCLUDED:
        raise bad_request(f"unrecognized includeObject value: {asked!r}")
    return asked or "Metadata"


def one(served: Served, document: Object, form: Form, include: str, now: datetime) -> Object:
    """Return one object in a form."""
    if form.shape == TABLE:
        metadata = {"resourceVersion": document["metadata"]["resourceVersion"]}
        return table(served, [document], metadata, form=form, include=include, now=now)
    if form.shape == PARTIAL:
        return partial(document, form)
    return served.outward(document)


def many(
    served: Served,
    documents: list[Json],
    metadata: Json,
    *,
    form: Form,
    include: str,
    now: datetime,
) -> Object:
    """Return a list of objects in a form."""
    if form.shape == TABLE:
        return table(served, documents, metadata, form=form, include=include, now=now)
    if form.shape in (PARTIAL, PARTIAL_LIST):
        return {
            "kind": PARTIAL_LIST,
            "apiVersion": f"{_META}/{form.version}",
            "metadata": metadata,
            "items": [partial(document, form) for document in documents],
        }
    head = {"kind": served.list_kind, "apiVersion": served.api_version}
    if served.is_custom:
        return head | {"metadata": {"continue": "", **metadata}, "items": documents}
    items = [_without_type(served.outward(document)) for document in documents]
    return head | {"metadata": metadata, "items": items}


def _without_type(document: Object) -> Json:
    """Return an object as it stands in a list of a built-in kind."""
    return {name: value for name, value in document.items() if name not in ("kind", "apiVersion")}


def partial(document: Object, form: Form) -> Json:
    """Return an object's metadata as an object."""
    return {
        "kind": PARTIAL,
        "apiVersion": f"{_META}/{form.version}",
        "metadata": document["metadata"],
    }


def _carried(served: Served, document: Object, form: Form, include: str) -> Object | None:
    if include == "None":
        return None
    return served.outward(document) if include == "Object" else partial(document, form)


def table(
    served: Served,
    documents: Iterable[Object],
    metadata: Object,
    *,
    form: Form,
    include: str,
    now: datetime,
) -> Json:
    """Return objects as a Table, which is what ``kubectl get`` prints."""
    rows = []
    for document in documents:
        row: dict[str, Any] = {"cells": served.table.cells(document, now)}
        if conditions := served.table.conditions(document):
            row["conditions"] = conditions
        row["object"] = _carried(served, document, form, include)
        rows.append(row)
    return {
        "kind": TABLE,
        "apiVersion": f"{_META}/{form.version}",
        "metadata": metadata,
        "columnDefinitions": served.table.columns(),
        "rows": rows,
    }

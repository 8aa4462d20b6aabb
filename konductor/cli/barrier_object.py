"""``koncli barrier create|list|status|reset|delete``: the Barrier as an object."""

import argparse
import json
from contextlib import suppress

from konductor.api.barrier import Barrier, BarrierSpec, Term
from konductor.api.meta import Json, Metadata, json_list, json_map
from konductor.api.names import API_VERSION
from konductor.cli.barrier_show import TABLE, show, show_all, show_table
from konductor.errors import (
    AlreadyExists,
    Conflict,
    KonductorError,
    NotFound,
    ObjectNotFound,
    UsageError,
)
from konductor.hooks.client import Client
from konductor.hooks.follow import BARRIERS, find, follow

_MOST = 1_000_000


def check_create(options: argparse.Namespace) -> None:
    """Refuse, before anything is sent, what no API server would accept.

    Raises:
        UsageError: a number is out of bounds, or it comes after itself.
    """
    name: str = options.name
    if options.expected > _MOST:
        raise UsageError(f"--expected {options.expected} is more than {_MOST:,}")
    if options.quorum and options.quorum > options.expected:
        raise UsageError(f"--quorum {options.quorum} exceeds --expected {options.expected}")
    if name in options.after:
        raise UsageError(f"barrier `{name}` cannot come after itself")


def create(client: Client, options: argparse.Namespace) -> None:
    """Create a barrier."""
    spec = BarrierSpec(
        expected=options.expected,
        quorum=options.quorum,
        timeout=options.timeout,
        after=tuple(Term((name,)) for name in dict.fromkeys(options.after)),
    )
    barrier = Barrier(Metadata(options.name, client.namespace), spec)
    try:
        document = _create(client, barrier.manifest())
    except AlreadyExists as error:
        raise KonductorError(
            f"there is a barrier `{options.name}` already",
            hint=f"`koncli barrier reset {options.name}` starts that one anew",
        ) from error
    _answer(document, options.output, "created")


def list_all(client: Client, options: argparse.Namespace) -> None:
    """List the barriers of the namespace."""
    path = client.path(*BARRIERS)
    if options.output in ("text", "wide"):
        table = client.read(path, accept=TABLE)
        if not json_list(table.get("rows")):
            options.tell(f"there are no barriers in namespace `{client.namespace}`")
            return
        show_table(table, wide=options.output == "wide")
        return
    kind = {"apiVersion": "konductor.io/v1", "kind": "Barrier"}
    items = [kind | item for item in json_list(client.read(path).get("items"))]
    show(items, options.output, single=False)


def status(client: Client, options: argparse.Namespace) -> None:
    """Tell how a barrier stands."""
    show_all([existing(client, options.name)], options.output, single=True)


def reset(client: Client, options: argparse.Namespace) -> None:
    """Delete a barrier and create it anew: a barrier never reopens."""
    old = existing(client, options.name)
    uid = str(old["metadata"]["uid"])
    try:
        client.delete(client.path(*BARRIERS, options.name), uid=uid)
    except (Conflict, ObjectNotFound) as error:
        raise KonductorError(
            f"barrier `{options.name}` was deleted or created anew by somebody else meanwhile"
        ) from error
    _until_gone(client, options, uid)
    try:
        document = _create(client, _anew(old))
    except AlreadyExists as error:
        raise KonductorError(
            f"barrier `{options.name}` was created anew by somebody else meanwhile"
        ) from error
    except KonductorError:
        options.warn("the barrier is deleted and not created anew; this is it:")
        options.warn(json.dumps(_anew(old)))
        raise
    _answer(document, options.output, "reset")


def delete(client: Client, options: argparse.Namespace) -> None:
    """Delete barriers, all that there are of those named."""
    names = list(dict.fromkeys(options.names))
    reads = options.output not in ("text", "name")
    gone: dict[str, Json] = {}
    for name in names:
        document = find(client, BARRIERS, name) if reads else {"metadata": {"name": name}}
        with suppress(ObjectNotFound):
            client.delete(client.path(*BARRIERS, name))
            gone[name] = document or {"metadata": {"name": name}}
            if options.output == "text":
                print(f"barrier `{name}` deleted")
    if gone and options.output != "text":
        show_all(list(gone.values()), options.output, single=len(names) == 1)
    if absent := [name for name in names if name not in gone]:
        raise _no_barrier(client, *absent)


def existing(client: Client, name: str) -> Json:
    """Return a barrier.

    Raises:
        NotFound: there is none.
    """
    if document := find(client, BARRIERS, name):
        return document
    raise _no_barrier(client, name)


def _create(client: Client, document: Json) -> Json:
    return client.create(client.path(*BARRIERS), document, repeatable=False)


def _anew(document: Json) -> Json:
    """Return what to create the same barrier with: all that a person may have said of it."""
    metadata = json_map(document.get("metadata"))
    kept = ("name", "namespace", "labels", "annotations", "ownerReferences")
    return {
        "apiVersion": API_VERSION,
        "kind": "Barrier",
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": document["spec"],
    }


def _until_gone(client: Client, options: argparse.Namespace, uid: str) -> None:
    """Wait until a deleted barrier is gone; one with finalizers, or with heirs, stays a while."""
    name: str = options.name
    document = find(client, BARRIERS, name)
    if document is None or document["metadata"]["uid"] != uid:
        return
    options.tell(f"waiting for barrier `{name}` to be gone")
    for barriers in follow(client, BARRIERS, name):
        if name not in barriers or barriers[name]["metadata"]["uid"] != uid:
            return


def _no_barrier(client: Client, *names: str) -> NotFound:
    wanted = ", ".join(f"`{name}`" for name in names)
    return NotFound(
        f"there is no barrier {wanted} in namespace `{client.namespace}`",
        hint="`koncli barrier list` shows those there are",
    )


def _answer(document: Json, form: str, verb: str) -> None:
    """Print what became of a barrier."""
    if form == "text":
        print(f"barrier `{document['metadata']['name']}` {verb}")
    else:
        show_all([document], form, single=True)

"""Subresources that are no part of the object: a binding, an eviction, a token, finalizers."""

from konductor.runner.local.apiserver import review
from konductor.runner.local.apiserver.answer import Refusal, conflict
from konductor.runner.local.apiserver.builtin import pod as pods
from konductor.runner.local.apiserver.identity import Identities
from konductor.runner.local.apiserver.request import Target, deletion
from konductor.runner.local.apiserver.room import Room
from konductor.runner.local.apiserver.served import Json
from konductor.runner.local.apiserver.verbs import Change

_CREATED = {
    "kind": "Status",
    "apiVersion": "v1",
    "metadata": {},
    "status": "Success",
    "code": 201,
}


def post(room: Room, identities: Identities, at: Target, document: Json) -> Json:
    """Return the answer to a POST of a binding, an eviction or a token request.

    Raises:
        Refusal: it must not be.
    """
    match at.subresource:
        case "token":
            account = room.get(at.served, at.namespace, at.name)
            return review.token(identities, account, document, room.pod)
        case "eviction":
            options = document.get("deleteOptions")
            asked = deletion({}, options if isinstance(options, dict) else {})
            room.delete(at.served, (at.namespace, at.name), asked)
            return _CREATED
    return _bind(room, at, document)


def _bind(room: Room, at: Target, document: Json) -> Json:
    """Bind a pod to a node.

    Raises:
        Refusal: the binding names none, or the pod cannot be bound.
    """
    old = room.get(at.served, at.namespace, at.name)
    target = document.get("target")
    known = document if isinstance(target, dict) else {**document, "target": {}}
    for error in pods.binding_errors(known):
        raise Refusal(500, "", str(error))  # so a real server says it
    try:
        bound = pods.bind(old, known, room.now())
    except pods.AlreadyBound as error:
        raise conflict("pods/binding", "", at.name, str(error)) from error
    room.put(at.served, bound)
    return _CREATED


def finalize(room: Room, at: Target, change: Change) -> Json:
    """Set the finalizers of a namespace's spec, and let it go if none is left.

    Raises:
        Refusal: there is no such namespace.
    """
    old = room.get(at.served, "", at.name)
    wanted = change(old).document.get("spec")
    finalizers = wanted.get("finalizers") if isinstance(wanted, dict) else None
    kept = [one for one in finalizers if isinstance(one, str)] if finalizers else []
    spec = {name: value for name, value in old["spec"].items() if name != "finalizers"}
    return room.put(at.served, {**old, "spec": spec | ({"finalizers": kept} if kept else {})})

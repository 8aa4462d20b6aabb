"""What is asked of the server itself and never stored: who am I, may I, and a token please."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from konductor.runner.local.apiserver.answer import conflict, invalid, not_found
from konductor.runner.local.apiserver.builtin.field import FieldError
from konductor.runner.local.apiserver.builtin.field import invalid as invalid_field
from konductor.runner.local.apiserver.identity import ISSUER, Identities, User

Json = dict[str, Any]
AUTHENTICATION, AUTHORIZATION = "authentication.k8s.io", "authorization.k8s.io"
_SHORTEST, _LONGEST = 600, 1 << 32
"""Seconds that a token may live, as a real server has it."""
_EITHER = "exactly one of nonResourceAttributes or resourceAttributes must be specified"


def review(plural: str, kind: str, document: Json, user: User) -> Json:
    """Return the answer to one of `discovery.REVIEWS`.

    Everybody who is known may do everything: see `identity`.

    Raises:
        Refusal: it asks about nothing.
    """
    group = AUTHENTICATION if plural == "selfsubjectreviews" else AUTHORIZATION
    spec = _map(document.get("spec"))
    answer: Json = {"kind": kind, "apiVersion": f"{group}/v1", "metadata": {}}
    if plural == "selfsubjectreviews":
        return answer | {"status": {"userInfo": user_info(user)}}
    if plural == "selfsubjectrulesreviews":
        return answer | {"spec": {}, "status": _rules()}
    asked = [name for name in ("resourceAttributes", "nonResourceAttributes") if spec.get(name)]
    if len(asked) != 1:
        raise invalid("", AUTHORIZATION, "", [invalid_field("spec", None, _EITHER)])
    return answer | {"spec": spec, "status": {"allowed": True}}


def _rules() -> Json:
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    paths = {"verbs": ["*"], "nonResourceURLs": ["*"]}
    return {"resourceRules": [everything], "nonResourceRules": [paths], "incomplete": False}


def user_info(user: User) -> Json:
    """Return a user as reviews have it."""
    extra = {name: [value] for name, value in user.extra if value}
    info = {"username": user.name, "groups": list(user.groups)}
    return info | ({"extra": extra} if extra else {})


def token(
    identities: Identities, account: Json, document: Json, find_pod: Callable[[str, str], Json]
) -> Json:
    """Return the answer to a TokenRequest for a service account.

    ``find_pod`` gives a pod by namespace and name.

    Raises:
        Refusal: the token may not live so long, or its pod is not there.
    """
    metadata = account["metadata"]
    spec = _spec(_map(document.get("spec")))
    if bound := spec.get("boundObjectRef"):
        _check_bound(bound, metadata["namespace"], find_pod)
    text, ends = identities.issue(metadata["namespace"], metadata["name"], spec)
    stamp = datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "kind": "TokenRequest",
        "apiVersion": f"{AUTHENTICATION}/v1",
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"]},
        "spec": spec,
        "status": {"token": text, "expirationTimestamp": stamp},
    }


def _spec(asked: Json) -> Json:
    """Return what a TokenRequest asks for, with defaults."""
    seconds = asked.get("expirationSeconds") or 3600
    audiences = asked.get("audiences") or [ISSUER]
    errors: list[FieldError] = []
    path = "spec.expirationSeconds"
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        errors.append(invalid_field(path, seconds, "must be a whole number of seconds"))
    elif seconds < _SHORTEST:
        detail = "may not specify a duration less than 10 minutes"
        errors.append(invalid_field(path, seconds, detail))
    elif seconds > _LONGEST:
        detail = "may not specify a duration larger than 2^32 seconds"
        errors.append(invalid_field(path, seconds, detail))
    if errors:
        raise invalid("TokenRequest", AUTHENTICATION, "", errors)
    bound = _map(asked.get("boundObjectRef"))
    spec = {"audiences": audiences, "expirationSeconds": seconds}
    return spec | ({"boundObjectRef": bound} if bound else {})


def _check_bound(bound: Json, namespace: str, find_pod: Callable[[str, str], Json]) -> None:
    name = str(bound.get("name", ""))
    if bound.get("kind") != "Pod":
        raise not_found(f"{str(bound.get('kind', '')).lower()}s", "", name)
    found, wanted = find_pod(namespace, name)["metadata"]["uid"], bound.get("uid")
    if wanted and wanted != found:
        why = f"the UID in the bound object reference ({wanted}) does not match the UID in record"
        raise conflict(
            "Pod", "", name, f"{why}. The object might have been deleted and then recreated"
        )


def _map(value: Any) -> Json:  # noqa: ANN401  # any JSON
    return value if isinstance(value, dict) else {}

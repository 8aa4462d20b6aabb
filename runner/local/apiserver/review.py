"""What is asked of the server itself and never stored: who am I, may I, and a token please."""

from datetime import UTC, datetime
from typing import Any

from konductor.runner.local.apiserver.identity import Identities, User

Json = dict[str, Any]


def review(plural: str, document: Json, user: User) -> Json:
    """Return the answer to one of `discovery.REVIEWS`.

    Everybody who is known may do everything: see `identity`.
    """
    if plural == "selfsubjectreviews":
        return document | {"status": {"userInfo": user_info(user)}}
    if plural == "selfsubjectaccessreviews":
        return document | {
            "status": {"allowed": True, "reason": "the local cluster is its owner's"}
        }
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    paths = {"verbs": ["*"], "nonResourceURLs": ["*"]}
    status = {"resourceRules": [everything], "nonResourceRules": [paths], "incomplete": False}
    return document | {"status": status}


def user_info(user: User) -> Json:
    """Return a user as reviews have it."""
    extra = {name: [value] for name, value in user.extra if value}
    info = {"username": user.name, "groups": list(user.groups)}
    return info | ({"extra": extra} if extra else {})


def token(identities: Identities, account: Json, document: Json) -> Json:
    """Return the answer to a TokenRequest for a service account."""
    metadata, spec = account["metadata"], document.get("spec") or {}
    text, ends = identities.issue(metadata["namespace"], metadata["name"], spec)
    stamp = datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"]},
        "spec": {
            "audiences": ["https://kubernetes.default.svc"],
            "expirationSeconds": 3600,
            **spec,
        },
        "status": {"token": text, "expirationTimestamp": stamp},
    }

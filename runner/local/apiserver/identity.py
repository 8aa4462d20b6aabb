"""Who asks: the owner of the cluster, or a pod by its service account's token.

A service account's token is a JWT signed with the cluster's own secret (HS256), so that nothing
about it needs to be stored. What a service account may do is not restricted here: programs run as
the user who owns the cluster anyway.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from konductor.runner.local.apiserver.answer import unauthorized
from konductor.runner.local.apiserver.certificate import write_private
from konductor.runner.local.apiserver.stock import Key

Json = dict[str, Any]
_SECRET = "secret"  # noqa: S105  # a file's name
_ADMIN = "konductor-admin"
ISSUER = "https://kubernetes.default.svc"


@dataclass(frozen=True, slots=True)
class User:
    """Who asks."""

    name: str
    groups: tuple[str, ...]
    extra: tuple[tuple[str, str], ...] = ()


class Identities:
    """The tokens of a cluster."""

    def __init__(
        self, folder: Path, now: Callable[[], float], uid_of: Callable[[Key], str]
    ) -> None:
        """Read the cluster's secret, or make one.

        ``uid_of`` gives the uid of an object, or an empty string if there is none.
        """
        self._uid_of = uid_of
        path = folder / _SECRET
        if not path.exists():
            write_private(path, secrets.token_hex(32).encode())
        self._secret = path.read_bytes()
        self._now = now
        self.admin_token = self._sign("konductor admin")

    def user(self, authorization: str) -> User:
        """Return who an Authorization header speaks for.

        Raises:
            Refusal: nobody.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.isascii():
            raise unauthorized()
        if hmac.compare_digest(token.strip().encode(), self.admin_token.encode()):
            return User(_ADMIN, ("system:masters", "system:authenticated"))
        return self._account(token.strip())

    def issue(self, namespace: str, account: str, spec: Json) -> tuple[str, int]:
        """Return a token for a service account, and when it ends (seconds since the epoch).

        Bound to a pod, it ends with that.
        """
        ends = int(self._now()) + int(spec["expirationSeconds"])
        bound = (spec.get("boundObjectRef") or {}).get("name", "")
        claims = {
            "iss": ISSUER,
            "aud": spec["audiences"],
            "sub": f"system:serviceaccount:{namespace}:{account}",
            "iat": int(self._now()),
            "exp": ends,
            "kubernetes.io": {
                "namespace": namespace,
                "account": account,
                "uid": self._uid_of(Key("serviceaccounts", namespace, account)),
                "pod": bound,
                "pod uid": self._uid_of(Key("pods", namespace, bound)) if bound else "",
            },
        }
        head = _encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        text = f"{head}.{_encode(json.dumps(claims).encode())}"
        return f"{text}.{self._sign(text)}", ends

    def _account(self, token: str) -> User:
        text, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(text).encode()):
            raise unauthorized()
        try:
            claims = json.loads(_decode(text.partition(".")[2]))
        except (ValueError, binascii.Error) as error:
            raise unauthorized() from error
        own = claims["kubernetes.io"]
        if claims["exp"] < self._now() or not self._lives(own):
            raise unauthorized()
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{own['namespace']}")
        extra = (("authentication.kubernetes.io/pod-name", own["pod"]),)
        return User(claims["sub"], (*groups, "system:authenticated"), extra)

    def _lives(self, own: Json) -> bool:
        """Tell whether the account, and the pod that a token is bound to, are still there."""
        namespace = own["namespace"]
        held = [(Key("serviceaccounts", namespace, own["account"]), own["uid"])]
        held += [(Key("pods", namespace, own["pod"]), own["pod uid"])] if own["pod"] else []
        return all(uid and self._uid_of(key) == uid for key, uid in held)

    def _sign(self, text: str) -> str:
        return _encode(hmac.new(self._secret, text.encode(), hashlib.sha256).digest())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

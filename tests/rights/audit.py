"""What the API server noted of who asked for what, and what the roles grant."""

import json
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import yaml

_FORBIDDEN = 403


class Right(NamedTuple):
    """A verb on a kind of object, or on a part of it."""

    group: str
    resource: str
    """``barriers``, or ``barriers/status``."""
    verb: str


def granted(role: str) -> set[Right]:
    """Return each right that a role of the installation grants."""
    found = next(one for one in access() if one["metadata"]["name"] == role)
    return {
        Right(group, resource, verb)
        for rule in found["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def access() -> list[dict[str, Any]]:
    """Return the roles of the installation."""
    text = files("konductor.install").joinpath("access.yaml").read_text("utf-8")
    return list(yaml.safe_load_all(text))


class Audit:
    """The API server's own record."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def used(self, role: str) -> set[Right]:
        """Return each right of a role that somebody made use of."""
        words = f'of ClusterRole "{role}" to'
        return {_right(one) for one in self._lines() if words in _reason(one)}

    def refused(self, user: str) -> Counter[Right]:
        """Return what a user asked for without having the right, and how often."""
        mine = (one for one in self._lines() if one["user"]["username"] == user)
        return Counter(_right(one) for one in mine if _code(one) == _FORBIDDEN)

    def _lines(self) -> Iterable[dict[str, Any]]:
        whole, _, _ = self.path.read_text("utf-8").rpartition("\n")
        return (one for one in map(json.loads, whole.splitlines()) if "resource" in _what(one))


def _right(line: dict[str, Any]) -> Right:
    what = _what(line)
    part = f"/{what['subresource']}" if "subresource" in what else ""
    return Right(what.get("apiGroup", ""), what["resource"] + part, line["verb"])


def _what(line: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = line.get("objectRef", {})
    return found


def _reason(line: dict[str, Any]) -> str:
    return str(line.get("annotations", {}).get("authorization.k8s.io/reason", ""))


def _code(line: dict[str, Any]) -> int:
    return int(line.get("responseStatus", {}).get("code", 0))

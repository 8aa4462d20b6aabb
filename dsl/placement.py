"""What the pods of a stage are given beside their program: files, variables, nodes, rights.

Only called once no error was found, so every value has its type.
"""

import json
from typing import TypedDict, cast

from konductor.dsl.plan import Mount, Pairs
from konductor.dsl.podpatch import patch_of
from konductor.dsl.provision import Toleration, Variables
from konductor.dsl.settings import Settings
from konductor.dsl.values import MapValue, Value, text_of


class Placement(TypedDict):
    """The members of a cell that this module finds, by their names."""

    env_from: tuple[Variables, ...]
    mounts: tuple[tuple[str, Mount], ...]
    service_account: str
    image_pull_secrets: tuple[str, ...]
    node_selector: Pairs
    tolerations: tuple[Toleration, ...]
    priority: str
    pod: str


def placement(settings: Settings) -> Placement:
    """Return where and with what the pods of these attributes run."""
    return Placement(
        env_from=cast("tuple[Variables, ...]", _values(settings, "env_from")),
        mounts=tuple(
            (path, cast("Mount", one.value))
            for path, one in (settings["mounts"].members.items() if "mounts" in settings else ())
        ),
        service_account=_text(settings, "service_account"),
        image_pull_secrets=cast("tuple[str, ...]", _values(settings, "image_pull_secrets")),
        node_selector=tuple(
            (key, text_of(one.value) or "")
            for key, one in (
                settings["node_selector"].members.items() if "node_selector" in settings else ()
            )
        ),
        tolerations=tuple(_toleration(one) for one in _values(settings, "tolerations")),
        priority=_text(settings, "priority"),
        pod=_patch(settings),
    )


def _values(settings: Settings, name: str) -> tuple[Value, ...]:
    return tuple(cast("tuple[Value, ...]", settings[name].value)) if name in settings else ()


def _text(settings: Settings, name: str) -> str:
    return str(settings[name].value) if name in settings else ""


def _toleration(value: Value) -> Toleration:
    members = dict(value.pairs) if isinstance(value, MapValue) else {}
    seconds = members.get("tolerationSeconds")
    key, operator, text, effect = (
        text_of(members.get(name)) or "" for name in ("key", "operator", "value", "effect")
    )
    return Toleration(key, operator, text, effect, seconds if isinstance(seconds, int) else None)


def _patch(settings: Settings) -> str:
    if "pod" not in settings:
        return ""
    return json.dumps(patch_of(settings["pod"].value), sort_keys=True, default=str)

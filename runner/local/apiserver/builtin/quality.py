"""The quality-of-service class of a pod, from what its containers ask for and may use."""

from collections.abc import Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin.poddefault import containers
from konductor.runner.local.apiserver.builtin.quantity import amount

_COUNTED = ("cpu", "memory")


def quality(spec: dict[str, Any]) -> str:
    """Return ``Guaranteed``, ``Burstable`` or ``BestEffort``.

    >>> quality({"containers": [{"resources": {"requests": {"cpu": "1"}}}]})
    'Burstable'
    """
    everything = [container.get("resources", {}) for container in containers(spec, ephemeral=False)]
    if not any(_counted(found, kind) for found in everything for kind in ("requests", "limits")):
        return "BestEffort"
    guaranteed = all(
        set(_counted(found, "limits")) == set(_COUNTED)
        and _counted(found, "limits") == (_counted(found, "requests") or _counted(found, "limits"))
        for found in everything
    )
    return "Guaranteed" if guaranteed else "Burstable"


def _counted(resources: Mapping[str, Any], kind: str) -> dict[str, object]:
    asked = {name: amount(value) for name, value in resources.get(kind, {}).items()}
    return {name: value for name, value in asked.items() if name in _COUNTED and value > 0}

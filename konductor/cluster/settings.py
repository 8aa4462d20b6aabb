"""What an installation tells those who start runs (`konductor.api.names.SETTINGS`)."""

from dataclasses import dataclass

from konductor.api.meta import json_map
from konductor.api.names import SETTINGS, SETTINGS_NAMESPACE, Setting
from konductor.cluster.port import Cluster
from konductor.cluster.resource import CONFIGMAPS
from konductor.errors import Forbidden, ObjectNotFound


@dataclass(frozen=True, slots=True)
class Settings:
    """What is told; empty: nothing, as where no operator is installed."""

    hook_image: str = ""
    """Of the hook containers of runs."""
    namespace: str = ""
    """The operator's own."""


async def settings_for(cluster: Cluster, namespace: str) -> Settings:
    """Return what is told to those who start runs in a namespace.

    An installation for this namespace alone goes before that of the whole cluster.
    """
    for place in (namespace, SETTINGS_NAMESPACE):
        try:
            found = await cluster.get(CONFIGMAPS, SETTINGS, namespace=place)
        except (ObjectNotFound, Forbidden):
            continue
        data = json_map(found.get("data"))
        return Settings(
            hook_image=str(data.get(Setting.HOOK_IMAGE, "")),
            namespace=str(data.get(Setting.NAMESPACE, "")),
        )
    return Settings()

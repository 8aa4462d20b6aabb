"""What an installation tells those who start runs (`konductor.api.names.SETTINGS`)."""

from konductor.api.meta import json_map
from konductor.api.names import SETTINGS, SETTINGS_NAMESPACE, Setting
from konductor.cluster.port import Cluster
from konductor.cluster.resource import CONFIGMAPS
from konductor.errors import Forbidden, ObjectNotFound


async def hook_image(cluster: Cluster, namespace: str) -> str:
    """Return the image of hook containers that the installation names; empty: it names none.

    An installation for this namespace alone goes before that of the whole cluster.
    """
    for place in (namespace, SETTINGS_NAMESPACE):
        try:
            settings = await cluster.get(CONFIGMAPS, SETTINGS, namespace=place)
        except (ObjectNotFound, Forbidden):
            continue
        if image := json_map(settings.get("data")).get(str(Setting.HOOK_IMAGE)):
            return str(image)
    return ""

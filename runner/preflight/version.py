"""Is the server new enough for the Jobs that a run is made of?"""

import re
from typing import Final

from konductor.cluster.port import Cluster
from konductor.errors import Refused

OLDEST: Final = (1, 33)
"""The first in which `successPolicy` and `backoffLimitPerIndex` of Jobs hold for good."""
_FORM: Final = re.compile(r"v?(\d+)\.(\d+)")


async def check_version(cluster: Cluster) -> None:
    """Ask the server which Kubernetes it is.

    Raises:
        Refused: it is too old.
    """
    said = str((await cluster.version()).get("gitVersion", ""))
    found = _FORM.match(said)
    if found and (int(found[1]), int(found[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise Refused(
            f"the cluster is Kubernetes {said}, and koncli needs {oldest} or later",
            hint="its Jobs know neither `successPolicy` nor `backoffLimitPerIndex`; "
            "`koncli run` without a context brings a local cluster",
        )

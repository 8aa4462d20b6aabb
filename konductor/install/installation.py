"""What an installation is asked to be: a value that the command line, or a generator, fills in."""

from dataclasses import dataclass
from typing import Final

from konductor import __version__
from konductor.api.names import OPERATOR_NAMESPACE

NAMESPACE: Final = OPERATOR_NAMESPACE
IMAGE: Final = f"logiciq/koncli:{__version__}"
"""Operator and hooks in one image, at the version that installs it."""
REPLICAS: Final = 2
MANAGER: Final = "koncli"
"""Who put the objects there: the value of ``app.kubernetes.io/managed-by``."""


@dataclass(frozen=True, slots=True)
class Installation:
    """The choices of whoever installs."""

    namespace: str = NAMESPACE
    """The operator's own; of no meaning with ``namespaced``."""
    image: str = IMAGE
    hook_image: str = IMAGE
    """What the hook containers of runs are started from."""
    replicas: int = REPLICAS
    pull_secret: str = ""
    """Name of the Secret with which the operator's image is pulled; empty: none."""
    namespaced: tuple[str, ...] = ()
    """Serve these namespaces alone, each by an operator of its own; empty: the whole cluster."""
    participants: tuple[str, ...] = ()
    """Namespaces whose service accounts may wait and arrive."""
    hook_egress: bool = False
    """Let hooks out of participants' namespaces that deny all traffic out."""
    manager: str = MANAGER

    @property
    def homes(self) -> tuple[str, ...]:
        """Return the namespaces that get an operator."""
        return self.namespaced or (self.namespace,)

"""Why a container or a pod cannot run, in the words a real kubelet uses for the reason."""

from konductor.errors import KonductorError


class NotYetRunnable(KonductorError):
    """A container cannot be made now; the kubelet tries again, as a real one does."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class NeverRunnable(KonductorError):
    """This kubelet cannot run the pod at all; it fails with this reason and message."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def config_error(message: str) -> NotYetRunnable:
    """Return the failure of a container whose configuration is not there (yet)."""
    return NotYetRunnable("CreateContainerConfigError", message)

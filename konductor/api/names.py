"""Every label, annotation, reason, environment variable and name rule of konductor.

Stdlib only, since hooks use it.
"""

from enum import StrEnum

GROUP = "konductor.io"
VERSION = "v1"
API_VERSION = f"{GROUP}/{VERSION}"
CATEGORY = "konductor"


class Label(StrEnum):
    """Labels on objects; their values are at most 63 characters."""

    RUN = f"{GROUP}/run"
    STAGE = f"{GROUP}/stage"
    BARRIER = f"{GROUP}/barrier"
    PIPELINE = f"{GROUP}/pipeline"
    ROLE = f"{GROUP}/role"
    """What a Barrier of a run stands for: see `Role`."""


class Role(StrEnum):
    """What a Barrier of a run stands for, the value of `Label.ROLE`."""

    STAGE = "stage"
    BARRIER = "barrier"
    FINALLY = "finally"


class Annotation(StrEnum):
    """Annotations on objects."""

    RELEASED = f"{GROUP}/released"
    """On a Job: the operator has lifted ``suspend`` once and never lifts it again."""
    STRAGGLERS = f"{GROUP}/stragglers"
    """On a Barrier: ``cancel`` ends what still runs at Open; ``keep`` (default) does not."""
    ON_FAIL = f"{GROUP}/on-fail"
    """On a Barrier of a run: ``continue`` keeps the run green, ``fail`` is the default."""
    ON = f"{GROUP}/on"
    """On a finally Barrier: comma-separated of success, failure, timeout, cancel; absent: all."""
    MEETS = f"{GROUP}/meets"
    """On a pod: ``true`` if its program waits mid-script, so ``-j`` must not hold it back."""
    UNISOLATED = f"{GROUP}/unisolated"
    """On a pod of the local cluster: it runs as a plain process of this user."""
    SERVES = f"{GROUP}/serves"
    """On an operator's Lease: the only namespace that it serves; empty: all."""
    CHECKSUM = f"{GROUP}/checksum"
    """On a Run's ConfigMaps: the digest of what they hold."""


class Container(StrEnum):
    """Names of the hook containers in a pod."""

    WAIT = "konductor-wait"
    ARRIVE = "konductor-arrive"
    MAIN = "main"


class Env(StrEnum):
    """Environment of main, and of hooks."""

    RUN = "KON_RUN"
    PIPELINE = "KON_PIPELINE"
    STAGE = "KON_STAGE"
    INDEX = "KON_INDEX"
    REPLICAS = "KON_REPLICAS"
    ITEM = "KON_ITEM"
    PARTICIPANT = "KON_PARTICIPANT"
    POD = "KON_POD"
    ATTEMPT = "KON_ATTEMPT"
    WORKSPACE = "KON_WORKSPACE"
    SHARED = "KON_SHARED"
    ARRIVALS_FILE = "KON_ARRIVALS_FILE"
    SCRIPT = "KON_SCRIPT"
    """Where a script that is executed as a file lies."""
    ITEMS = "KON_ITEMS"
    """The folder with one file an element of ``map … over LIST``."""
    RUN_STATUS = "KON_RUN_STATUS"
    FAILED_STAGE = "KON_FAILED_STAGE"
    FAILED_REASON = "KON_FAILED_REASON"
    NAMESPACE = "KON_NAMESPACE"
    BACKOFF = "KON_BACKOFF"
    """For the wait hook: the first pause before a retry, its factor and the longest one."""
    CLI = "KON_CLI"
    BARRIER_PREFIX = "KON_BARRIER_"


MOUNT_ROOT = "/konductor"
"""All mounts that the compiler adds lie below it; the local kubelet makes them real by replacing a
leading mountPath in environment values by the folder that stands for it."""
OPERATOR_LEASE = "konductor-operator"
OPERATOR_NAMESPACE = "konductor-system"
"""Where the operator of a whole cluster lives unless somebody says otherwise."""
FIELD_MANAGER = "konductor"
SETTINGS = "konductor-settings"
"""The ConfigMap in which an installation tells those who start runs what they need to know."""
SETTINGS_NAMESPACE = "kube-public"
"""Where it is if the whole cluster is served: the namespace that everybody may read."""


class ClusterRole(StrEnum):
    """The roles of an installation (``konductor/install/access.yaml``)."""

    OPERATOR = "konductor-operator"
    LEADER = "konductor-leader"
    """What an operator takes in its own namespace, for its Lease."""
    EMBEDDED = "konductor-embedded"
    """A koncli that carries the operator of its run."""
    PARTICIPANT = "konductor-participant"
    """The hooks of pods."""
    SERVED = "konductor-served"
    """Whoever looks for an operator."""


class Setting(StrEnum):
    """The keys of that ConfigMap."""

    HOOK_IMAGE = "hookImage"
    NAMESPACE = "namespace"
    """The operator's own."""
    VERSION = "version"
    """Of the koncli that installed."""


def arrival_name(barrier: str, uid: str, participant: str) -> str:
    """Return the name of the one Arrival of a participant at a barrier (semantics.md, 1).

    >>> arrival_name("a", "u", "p")
    'a-85ee3fa36ee0389e9869'
    """
    from hashlib import sha256  # noqa: PLC0415  # 3 ms that who only waits does not pay

    digest = sha256(f"{uid}/{participant}".encode()).hexdigest()
    return f"{barrier}-{digest[:20]}"


def arrivals_name(barrier: str) -> str:
    """Return the name of the ConfigMap of the participants counted when a barrier opened."""
    return f"{barrier}-arrivals"


def result_name(run: str) -> str:
    """Return the name of the ConfigMap that tells ``finally`` how a run ended.

    Its keys are ``status`` (Succeeded, Failed, Timeout, Cancelled), ``failedStage`` and
    ``failedReason``.
    """
    return f"{run}-result"


def job_name(run: str, stage: str) -> str:
    """Return the name of a stage's Barrier, and of its Job; a cell's Job adds its ordinal."""
    return f"{run}-{stage}"

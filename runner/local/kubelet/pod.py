"""A Pod as the kubelet reads it: its JSON parsed once, to values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from konductor.api.meta import Json, Metadata, json_list, json_map
from konductor.api.names import Annotation, Container, Label
from konductor.runner.local.kubelet.token import with_token

DEFAULT_GRACE = timedelta(seconds=30)
_IGNORED = ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle")


@dataclass(frozen=True, slots=True)
class Mount:
    """A volumeMount."""

    volume: str
    path: str
    sub_path: str = ""
    sub_path_expression: str = ""
    """Like ``sub_path``, with ``$(VAR)`` to be expanded."""


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """One container, with what is resolved later kept as JSON."""

    name: str
    image: str
    command: tuple[str, ...]
    args: tuple[str, ...]
    working_folder: str
    env: tuple[Json, ...]
    env_from: tuple[Json, ...]
    mounts: tuple[Mount, ...]
    limits: Mapping[str, str]
    requests: Mapping[str, str]
    logs_tell_error: bool = False
    """``terminationMessagePolicy: FallbackToLogsOnError``."""
    sidecar: bool = False
    """An init container that is to run on beside the others."""
    ignored: tuple[str, ...] = ()
    """Fields that are set and that this kubelet does not act on."""

    @property
    def is_hook(self) -> bool:
        """Return whether konductor's own hook runs here, inside the kubelet."""
        return self.name in {Container.WAIT, Container.ARRIVE} and self.command[:2] == (
            "koncli",
            "hook",
        )


@dataclass(frozen=True, slots=True)
class Pod:
    """What the kubelet runs."""

    meta: Metadata
    node: str
    init_containers: tuple[ContainerSpec, ...]
    containers: tuple[ContainerSpec, ...]
    volumes: tuple[Json, ...]
    restart_policy: str
    service_account: str
    hostname: str
    tells_account: bool
    """Unless it says so, its programs are given the token of its service account."""
    grace: timedelta
    active_deadline: timedelta | None
    status: Json
    document: Json

    @property
    def key(self) -> str:
        """Return namespace and name, as people write them."""
        return f"{self.meta.namespace}/{self.meta.name}"

    @property
    def every_container(self) -> tuple[ContainerSpec, ...]:
        """Return init containers and containers, in the order in which they start."""
        return self.init_containers + self.containers

    @property
    def is_over(self) -> bool:
        """Return whether it has ended for good."""
        return self.status.get("phase") in {"Succeeded", "Failed"}

    @property
    def takes_slot(self) -> bool:
        """Return whether ``-j`` counts it: a stage's pod whose program cannot wait mid-script."""
        return (
            Label.STAGE in self.meta.labels
            and self.meta.annotations.get(Annotation.MEETS) != "true"
        )

    @property
    def waits_first(self) -> bool:
        """Return whether it begins by waiting for its own barrier to start."""
        return bool(self.init_containers) and self.init_containers[0].name == Container.WAIT


def parse_pod(document: Json) -> Pod:
    """Read a Pod; of a deleted one the grace is what the deletion left it."""
    meta = json_map(document.get("metadata"))
    spec = with_token(json_map(document.get("spec")))
    grace = meta.get("deletionGracePeriodSeconds", spec.get("terminationGracePeriodSeconds"))
    deadline = spec.get("activeDeadlineSeconds")
    return Pod(
        meta=Metadata.parse(meta),
        node=str(spec.get("nodeName") or ""),
        init_containers=tuple(map(_container, json_list(spec.get("initContainers")))),
        containers=tuple(map(_container, json_list(spec.get("containers")))),
        volumes=tuple(map(json_map, json_list(spec.get("volumes")))),
        restart_policy=str(spec.get("restartPolicy") or "Always"),
        service_account=str(spec.get("serviceAccountName") or "default"),
        hostname=str(spec.get("hostname") or meta.get("name") or ""),
        tells_account=spec.get("automountServiceAccountToken") is not False,
        grace=DEFAULT_GRACE if grace is None else timedelta(seconds=int(grace)),
        active_deadline=None if deadline is None else timedelta(seconds=int(deadline)),
        status=json_map(document.get("status")),
        document=document,
    )


def _container(document: Json) -> ContainerSpec:
    resources = json_map(document.get("resources"))
    return ContainerSpec(
        name=str(document.get("name") or ""),
        image=str(document.get("image") or ""),
        command=tuple(map(str, json_list(document.get("command")))),
        args=tuple(map(str, json_list(document.get("args")))),
        working_folder=str(document.get("workingDir") or ""),
        env=tuple(map(json_map, json_list(document.get("env")))),
        env_from=tuple(map(json_map, json_list(document.get("envFrom")))),
        mounts=tuple(map(_mount, json_list(document.get("volumeMounts")))),
        limits=_texts(resources.get("limits")),
        requests=_texts(resources.get("requests")),
        logs_tell_error=document.get("terminationMessagePolicy") == "FallbackToLogsOnError",
        sidecar=document.get("restartPolicy") == "Always",
        ignored=tuple(field for field in _IGNORED if field in document),
    )


def _mount(document: Json) -> Mount:
    return Mount(
        volume=str(document.get("name") or ""),
        path=str(document.get("mountPath") or "").rstrip("/") or "/",
        sub_path=str(document.get("subPath") or ""),
        sub_path_expression=str(document.get("subPathExpr") or ""),
    )


def _texts(value: object) -> dict[str, str]:
    return {str(key): str(one) for key, one in json_map(value).items()}

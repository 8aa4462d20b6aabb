"""The defaults of pods and pod templates, as the real server fills them in."""

from collections.abc import Iterator
from typing import Any

Map = dict[str, Any]

_GRACE = 30
_VOLUMES: dict[str, Map] = {
    "secret": {"defaultMode": 420},
    "configMap": {"defaultMode": 420},
    "downwardAPI": {"defaultMode": 420},
    "projected": {"defaultMode": 420},
    "hostPath": {"type": ""},
}
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_HTTP = {"path": "/", "scheme": "HTTP"}
_HOUR = 3600
_UNTAINTED = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_TOLERATED = 300


def default_spec(spec: Map) -> None:
    """Fill in what any pod spec has, in a pod or in a template."""
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    _fill(spec, {"dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "securityContext": {}})
    _fill(spec, {"terminationGracePeriodSeconds": _GRACE, "schedulerName": "default-scheduler"})
    for volume in spec.get("volumes", ()):
        _default_volume(volume)
    for container in containers(spec):
        _default_container(container)
    if spec.get("hostNetwork"):
        for port in _ports(spec):
            port.setdefault("hostPort", port.get("containerPort"))


def default_pod(pod: Map) -> None:
    """Fill in what a pod has beyond its spec's own defaults."""
    spec = pod["spec"]
    default_spec(spec)
    if spec["terminationGracePeriodSeconds"] < 0:
        spec["terminationGracePeriodSeconds"] = 1
    spec.setdefault("enableServiceLinks", True)
    for container in containers(spec, ephemeral=False):
        resources = container["resources"]
        if limits := resources.get("limits"):
            resources["requests"] = {**limits, **resources.get("requests", {})}
    _default_addresses(pod.get("status", {}))


def admit(pod: Map) -> None:
    """Fill in what admission adds to a new pod; the token volume is left to the kubelet."""
    spec = pod["spec"]
    _fill(spec, {"serviceAccountName": "default", "priority": 0})
    _fill(spec, {"serviceAccount": spec["serviceAccountName"]})
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    tolerations = spec.setdefault("tolerations", [])
    for key in _UNTAINTED:
        if not any(_tolerates(toleration, key) for toleration in tolerations):
            tolerations.append(
                {
                    "key": key,
                    "operator": "Exists",
                    "effect": "NoExecute",
                    "tolerationSeconds": _TOLERATED,
                }
            )


def containers(spec: Map, *, ephemeral: bool = True) -> Iterator[Map]:
    """Yield every container of a spec."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        if ephemeral or kind != "ephemeralContainers":
            yield from spec.get(kind) or ()


def _ports(spec: Map) -> Iterator[Map]:
    for container in containers(spec, ephemeral=False):
        yield from container.get("ports", ())


def _default_container(container: Map) -> None:
    image = container.get("image", "")
    latest = image.rpartition("/")[2].partition("@")[0].partition(":")[2] in ("", "latest")
    pull = "Always" if latest and "@" not in image else "IfNotPresent"
    _fill(
        container,
        {
            "imagePullPolicy": pull,
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        },
    )
    for port in container.get("ports", ()):
        _fill(port, {"protocol": "TCP"})
    for name in _PROBES:
        if probe := container.get(name):
            _fill(probe, _PROBE)
            _default_handler(probe)
    for handler in container.get("lifecycle", {}).values():
        if isinstance(handler, dict):
            _default_handler(handler)
    for variable in container.get("env", ()):
        if reference := variable.get("valueFrom", {}).get("fieldRef"):
            _fill(reference, {"apiVersion": "v1"})


def _default_handler(handler: Map) -> None:
    if (http := handler.get("httpGet")) is not None:
        _fill(http, _HTTP)
    if (grpc := handler.get("grpc")) is not None:
        grpc.setdefault("service", "")


def _default_volume(volume: Map) -> None:
    if set(volume) <= {"name"}:
        volume["emptyDir"] = {}
    for kind, defaults in _VOLUMES.items():
        if (source := volume.get(kind)) is not None:
            for name, value in defaults.items():
                source.setdefault(name, value)
    for source in _projections(volume):
        if (token := source.get("serviceAccountToken")) is not None:
            _fill(token, {"expirationSeconds": _HOUR})
        _default_items(source.get("downwardAPI", {}))
    _default_items(volume.get("downwardAPI", {}))


def _projections(volume: Map) -> list[Map]:
    found: list[Map] = volume.get("projected", {}).get("sources") or []
    return found


def _default_items(source: Map) -> None:
    for item in source.get("items", ()):
        if reference := item.get("fieldRef"):
            _fill(reference, {"apiVersion": "v1"})


def _default_addresses(status: Map) -> None:
    """Keep the one address and the list of addresses the same."""
    one, several = status.get("podIP"), status.get("podIPs")
    if one and (not several or several[0].get("ip") != one):
        status["podIPs"] = [{"ip": one}]
    elif several and not one:
        status["podIP"] = several[0].get("ip", "")


def _tolerates(toleration: Map, key: str) -> bool:
    keyed = toleration.get("key", "") in ("", key)
    return keyed and toleration.get("effect", "") in ("", "NoExecute")


def _fill(target: Map, defaults: Map) -> None:
    """Set what is unset or empty."""
    for name, value in defaults.items():
        if not target.get(name) and target.get(name) != 0:
            target[name] = dict(value) if isinstance(value, dict) else value

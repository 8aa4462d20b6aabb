"""What a pod spec must be, in a pod or in a template: its containers one by one and together.

These are the rules that a pipeline's author meets. Fields that only a container runtime reads
(security contexts, device claims, SELinux) are stored as they come.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import (
    FieldError,
    at_least_zero,
    duplicate,
    forbidden,
    invalid,
    not_found,
    required,
    unsupported,
)
from konductor.runner.local.apiserver.builtin.quantity import amount
from konductor.runner.local.apiserver.builtin.variablerule import variables
from konductor.runner.local.apiserver.builtin.volumerule import volumes

Object = Mapping[str, Any]
Errors = Iterator[FieldError]

_RESTART = ("Always", "OnFailure", "Never")
_CONTAINER_RESTART = ("Always", "Never", "OnFailure")
_PULL = ("Always", "IfNotPresent", "Never")
_DNS = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_MESSAGES = ("File", "FallbackToLogsOnError")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE_NUMBERS = (
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
)
_PORT_MAX, _INT_MAX = 65_535, 2**31 - 1
_STANDARD = ("cpu", "memory", "ephemeral-storage")


def spec_errors(spec: Object, path: str = "spec") -> Errors:
    """Yield what is wrong with a pod spec."""
    yield from volumes(spec.get("volumes", ()), f"{path}.volumes")
    yield from _all_containers(spec, path)
    yield from _choice(spec, "restartPolicy", _RESTART, path)
    yield from _choice(spec, "dnsPolicy", _DNS, path)
    if spec.get("dnsPolicy") == "None" and not spec.get("dnsConfig"):
        detail = "must provide `dnsConfig` when `dnsPolicy` is None"
        yield required(f"{path}.dnsConfig", detail)
    yield from at_least_zero(
        f"{path}.terminationGracePeriodSeconds", spec.get("terminationGracePeriodSeconds")
    )
    yield from _deadline(spec, path)
    yield from _names(spec, path)
    yield from _tolerations(spec.get("tolerations", ()), f"{path}.tolerations")


def _all_containers(spec: Object, path: str) -> Errors:
    mounted = {volume.get("name") for volume in spec.get("volumes", ())}
    main = spec.get("containers")
    if not main:
        yield required(f"{path}.containers")
    taken: set[str] = set()
    for kind, container, where in _each(spec, path):
        yield from _container(container, where, mounted)
        name = container.get("name", "")
        if name in taken and name:
            yield duplicate(f"{where}.name", name)
        taken.add(name)
        if kind == "initContainers":
            yield from _initial(container, where)


def _each(spec: Object, path: str) -> Iterator[tuple[str, Object, str]]:
    for kind in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(kind) or ()):
            yield kind, container, f"{path}.{kind}[{index}]"


def _container(container: Object, path: str, mounted: set[Any]) -> Errors:
    name, image = container.get("name", ""), container.get("image", "")
    if not name:
        yield required(f"{path}.name")
    else:
        yield from _named(f"{path}.name", name, naming.dns_label(name))
    if not image:
        yield required(f"{path}.image")
    elif image != image.strip():
        yield invalid(f"{path}.image", image, "must not have leading or trailing whitespace")
    yield from _choice(container, "terminationMessagePolicy", _MESSAGES, path)
    yield from _probes(container, path)
    yield from _ports(container.get("ports", ()), f"{path}.ports")
    yield from variables(container, path)
    yield from _mounts(container.get("volumeMounts", ()), f"{path}.volumeMounts", mounted)
    yield from _choice(container, "imagePullPolicy", _PULL, path)
    yield from _resources(container.get("resources", {}), f"{path}.resources")
    yield from _choice(container, "restartPolicy", _CONTAINER_RESTART, path)


def _initial(container: Object, path: str) -> Errors:
    """Yield what an init container must not have unless it is a sidecar."""
    if container.get("restartPolicy") == "Always":
        return
    for name in ("lifecycle", *_PROBES):
        if container.get(name):
            detail = "may not be set for init containers without restartPolicy=Always"
            yield forbidden(f"{path}.{name}", detail)


def _probes(container: Object, path: str) -> Errors:
    for hook, handler in container.get("lifecycle", {}).items():
        if isinstance(handler, Mapping):
            yield from _handler(handler, f"{path}.lifecycle.{hook}")
    for name in _PROBES:
        if (probe := container.get(name)) is None:
            continue
        where = f"{path}.{name}"
        yield from _handler(probe, where)
        for number in _PROBE_NUMBERS:
            yield from at_least_zero(f"{where}.{number}", probe.get(number))
        success = probe.get("successThreshold")
        if name != "readinessProbe" and success not in (None, 1):
            yield invalid(f"{where}.successThreshold", success, "must be 1")


def _handler(handler: Object, path: str) -> Errors:
    kinds = [kind for kind in _HANDLERS if kind in handler]
    if not kinds:
        yield required(path, "must specify a handler type")
    for kind in kinds[1:]:
        yield forbidden(f"{path}.{kind}", "may not specify more than 1 handler type")
    if "exec" in handler and not handler["exec"].get("command"):
        yield required(f"{path}.exec.command")
    for kind in ("httpGet", "tcpSocket"):
        if kind in handler:
            yield from _port(handler[kind].get("port"), f"{path}.{kind}.port")


def _port(port: int | str | None, path: str) -> Errors:
    if isinstance(port, str):
        yield from _named(path, port, naming.port_name(port))
    elif not 0 < (port or 0) <= _PORT_MAX:
        yield invalid(path, port or 0, f"must be between 1 and {_PORT_MAX}, inclusive")


def _ports(ports: Any, path: str) -> Errors:  # noqa: ANN401  # JSON
    taken: set[str] = set()
    for index, port in enumerate(ports):
        where, name = f"{path}[{index}]", port.get("name", "")
        if name:
            yield from _named(f"{where}.name", name, naming.port_name(name))
            if name in taken:
                yield duplicate(f"{where}.name", name)
            taken.add(name)
        if not port.get("containerPort"):
            yield required(f"{where}.containerPort")
        else:
            yield from _port(port["containerPort"], f"{where}.containerPort")
        if port.get("hostPort"):
            yield from _port(port["hostPort"], f"{where}.hostPort")
        yield from _choice(port, "protocol", _PROTOCOLS, where)


def _mounts(mounts: Any, path: str, mounted: set[Any]) -> Errors:  # noqa: ANN401  # JSON
    taken: set[str] = set()
    for index, mount in enumerate(mounts):
        where, name = f"{path}[{index}]", mount.get("name", "")
        target = mount.get("mountPath", "")
        if not name:
            yield required(f"{where}.name")
        if name not in mounted:
            yield not_found(f"{where}.name", name)
        if not target:
            yield required(f"{where}.mountPath")
        if target in taken:
            yield invalid(f"{where}.mountPath", target, "must be unique")
        taken.add(target)
        if ".." in mount.get("subPath", "").split("/"):
            yield invalid(f"{where}.subPath", mount["subPath"], "must not contain '..'")


def _resources(resources: Object, path: str) -> Errors:
    limits, requests = resources.get("limits", {}), resources.get("requests", {})
    for kind, found in (("limits", limits), ("requests", requests)):
        for name, value in sorted(found.items()):
            where = f"{path}.{kind}[{name}]"
            yield from _resource_name(name, where)
            if amount(value) < 0:
                yield invalid(where, value, "must be greater than or equal to 0")
    for name, value in sorted(requests.items()):
        limit = limits.get(name)
        if limit is not None and amount(value) > amount(limit):
            detail = f"must be less than or equal to {name} limit of {limit}"
            yield invalid(f"{path}.requests", value, detail)


def _resource_name(name: str, path: str) -> Errors:
    if name in _STANDARD or name.startswith("hugepages-"):
        return
    if "/" not in name:
        yield invalid(path, name, "must be a standard resource type or fully qualified")
        yield invalid(path, name, "must be a standard resource for containers")
    else:
        yield from _named(path, name, naming.qualified_name(name))


def _deadline(spec: Object, path: str) -> Errors:
    seconds = spec.get("activeDeadlineSeconds")
    if seconds is not None and not 0 < seconds <= _INT_MAX:
        detail = f"must be between 1 and {_INT_MAX}, inclusive"
        yield invalid(f"{path}.activeDeadlineSeconds", seconds, detail)


def _names(spec: Object, path: str) -> Errors:
    """Yield what is wrong with the names of a pod spec's own fields."""
    checks = (
        ("serviceAccountName", naming.dns_subdomain),
        ("nodeName", naming.dns_subdomain),
        ("hostname", naming.dns_label),
        ("subdomain", naming.dns_label),
    )
    for name, check in checks:
        if value := spec.get(name):
            yield from _named(f"{path}.{name}", value, check(value))
    for key, value in sorted(spec.get("nodeSelector", {}).items()):
        yield from _named(f"{path}.nodeSelector", key, naming.qualified_name(key))
        yield from _named(f"{path}.nodeSelector", value, naming.label_value(value))
    for index, gate in enumerate(spec.get("schedulingGates", ())):
        name = gate.get("name", "")
        yield from _named(f"{path}.schedulingGates[{index}]", name, naming.qualified_name(name))
    for index, gate in enumerate(spec.get("readinessGates", ())):
        name, where = gate.get("conditionType", ""), f"{path}.readinessGates[{index}]"
        yield from _named(f"{where}.conditionType", name, naming.qualified_name(name))


def _tolerations(tolerations: Any, path: str) -> Errors:  # noqa: ANN401  # JSON
    for index, toleration in enumerate(tolerations):
        operator, where = toleration.get("operator", ""), f"{path}[{index}].operator"
        if not toleration.get("key") and operator != "Exists":
            detail = (
                "operator must be Exists when `key` is empty, which means "
                '"match all values and all keys"'
            )
            yield invalid(where, operator, detail)
        if operator not in ("", "Equal", "Exists"):
            yield unsupported(where, operator, ("Equal", "Exists"))


def _choice(found: Object, name: str, choices: tuple[str, ...], path: str) -> Errors:
    """Yield an error if a field is set to none of the values that there are."""
    if (value := found.get(name)) and value not in choices:
        yield unsupported(f"{path}.{name}", value, choices)


def _named(path: str, value: str, sentences: list[str]) -> Errors:
    for sentence in sentences:
        yield invalid(path, value, sentence)

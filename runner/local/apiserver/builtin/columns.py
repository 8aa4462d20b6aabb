"""The views of the built-in kinds, kind by kind; pods have a module of their own."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from konductor.runner.local.apiserver.builtin.podview import POD
from konductor.runner.local.apiserver.builtin.table import (
    AGE,
    CREATED,
    NAME,
    NONE,
    Column,
    Object,
    View,
    age,
    created,
    human,
    moment,
    since,
    wide,
)

_CORE, _BATCH, _RBAC = "api.core.v1", "api.batch.v1", "api.rbac.v1"


def _job(job: Object, now: datetime) -> list[Any]:
    spec, status = job["spec"], job.get("status", {})
    containers = spec["template"]["spec"]["containers"]
    return [
        job["metadata"]["name"],
        _job_status(job),
        _completions(spec, status),
        _duration(status, now),
        age(job, now),
        ",".join(container["name"] for container in containers),
        ",".join(container.get("image", "") for container in containers),
        selector(spec.get("selector")),
    ]


_JOB_STATES = ("Complete", "Failed", "", "Suspended", "FailureTarget", "SuccessCriteriaMet")
"""The first condition that is true is what a job is; empty: or whether it is being deleted."""


def _job_status(job: Object) -> str:
    conditions = job.get("status", {}).get("conditions", ())
    true = {condition["type"] for condition in conditions if condition["status"] == "True"}
    for state in _JOB_STATES:
        if state in true:
            return state
        if not state and "deletionTimestamp" in job["metadata"]:
            return "Terminating"
    return "Running"


def _completions(spec: Object, status: Object) -> str:
    succeeded = status.get("succeeded", 0)
    if (completions := spec.get("completions")) is not None:
        return f"{succeeded}/{completions}"
    parallelism = spec.get("parallelism", 0)
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _duration(status: Object, now: datetime) -> str:
    if not (start := status.get("startTime")):
        return ""
    end = status.get("completionTime")
    return human((moment(end) if end else now) - moment(start))


_OPERATORS = {"In": "in", "NotIn": "notin"}


def selector(found: Object | None) -> str:
    """Return a label selector as kubectl writes it.

    >>> found = {"matchExpressions": [{"key": "c", "operator": "Exists"}]}
    >>> selector({"matchLabels": {"a": "b"}, **found})
    'a=b,c'
    """
    if found is None:
        return NONE
    parts = [(key, f"{key}={value}") for key, value in found.get("matchLabels", {}).items()]
    parts += [_requirement(expression) for expression in found.get("matchExpressions", ())]
    return ",".join(text for _, text in sorted(parts)) or NONE


def _requirement(expression: Object) -> tuple[str, str]:
    key, operator = expression["key"], expression["operator"]
    match operator:
        case "Exists":
            return key, key
        case "DoesNotExist":
            return key, f"!{key}"
    values = ",".join(sorted(expression.get("values", ())))
    return key, f"{key} {_OPERATORS.get(operator, operator)} ({values})"


def _event(event: Object, now: datetime) -> list[Any]:
    core = _core_event(event)
    first = since(core["first"] or core["event"], now)
    last = since(core["last"], now) if core["last"] else first
    series = event.get("series")
    if series:
        last = since(series.get("lastObservedTime"), now)
    about = core["about"]
    kind = about.get("kind", "").lower()
    return [
        last,
        event.get("type", ""),
        event.get("reason", ""),
        f"{kind}/{about['name']}" if about.get("name") else kind,
        about.get("fieldPath", ""),
        core["source"],
        core["message"].strip(),
        first,
        series["count"] if series else core["count"] or 1,
        event["metadata"]["name"],
    ]


def _core_event(event: Object) -> dict[str, Any]:
    """Return what core and events.k8s.io name differently."""
    prefix = "deprecated" if "regarding" in event or "note" in event else ""
    source = event.get("deprecatedSource" if prefix else "source") or {}
    parts = (
        source.get("component") or _controller(event),
        source.get("host") or event.get("reportingInstance"),
    )

    def named(name: str) -> Any:  # noqa: ANN401  # JSON
        return event.get(f"deprecated{name[0].upper()}{name[1:]}" if prefix else name)

    return {
        "first": named("firstTimestamp"),
        "last": named("lastTimestamp"),
        "event": event.get("eventTime"),
        "count": named("count"),
        "about": event.get("regarding") or event.get("involvedObject") or {},
        "message": event.get("note") or event.get("message") or "",
        "source": ", ".join(part for part in parts if part) if parts[1] else parts[0] or "",
    }


def _controller(event: Object) -> str:
    return str(event.get("reportingController") or event.get("reportingComponent") or "")


def _node(node: Object, now: datetime) -> list[Any]:
    status = node.get("status", {})
    info = status.get("nodeInfo", {})
    kernel = info.get("kernelVersion") or "<unknown>"
    if info.get("architecture"):
        kernel += f" ({info['architecture']})"
    return [
        node["metadata"]["name"],
        _node_status(node),
        _roles(node["metadata"].get("labels", {})) or NONE,
        age(node, now),
        info.get("kubeletVersion", ""),
        _address(status, "InternalIP"),
        _address(status, "ExternalIP"),
        info.get("osImage") or "<unknown>",
        kernel,
        info.get("containerRuntimeVersion") or "<unknown>",
    ]


def _node_status(node: Object) -> str:
    conditions = node.get("status", {}).get("conditions", ())
    ready = [condition for condition in conditions if condition["type"] == "Ready"]
    words = ["Ready" if ready[-1]["status"] == "True" else "NotReady"] if ready else ["Unknown"]
    if node.get("spec", {}).get("unschedulable"):
        words.append("SchedulingDisabled")
    return ",".join(words)


_ROLE = "node-role.kubernetes.io/"


def _roles(labels: Object) -> str:
    roles = {key.removeprefix(_ROLE) for key in labels if key.startswith(_ROLE)}
    roles.add(labels.get("kubernetes.io/role", ""))
    return ",".join(sorted(roles - {""}))


def _address(status: Object, kind: str) -> str:
    addresses = (found for found in status.get("addresses", ()) if found["type"] == kind)
    return next((str(found["address"]) for found in addresses), NONE)


def _claim(claim: Object, now: datetime) -> list[Any]:
    spec, status = claim.get("spec", {}), claim.get("status", {})
    bound = bool(spec.get("volumeName"))
    return [
        claim["metadata"]["name"],
        "Terminating" if "deletionTimestamp" in claim["metadata"] else status.get("phase", ""),
        spec.get("volumeName", ""),
        status.get("capacity", {}).get("storage", "0") if bound else "",
        _modes(status.get("accessModes", ())) if bound else "",
        spec.get("storageClassName", ""),
        spec.get("volumeAttributesClassName") or "<unset>",
        age(claim, now),
        spec.get("volumeMode") or "<unset>",
    ]


_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}


def _modes(modes: Iterable[str]) -> str:
    return ",".join(short for mode, short in _MODES.items() if mode in modes)


def _binding(binding: Object, now: datetime) -> list[Any]:
    role, subjects = binding["roleRef"], binding.get("subjects", ())
    return [
        binding["metadata"]["name"],
        f"{role['kind']}/{role['name']}",
        age(binding, now),
        *(_subjects(subjects, kind) for kind in ("User", "Group", "ServiceAccount")),
    ]


def _subjects(subjects: Iterable[Object], kind: str) -> str:
    def name(subject: Object) -> str:
        namespace = subject.get("namespace") if kind == "ServiceAccount" else ""
        return f"{namespace}/{subject['name']}" if namespace else str(subject["name"])

    return ", ".join(name(subject) for subject in subjects if subject["kind"] == kind)


def _definition(crd: Object, _: datetime) -> list[Any]:
    spec, conditions = crd["spec"], crd.get("status", {}).get("conditions", ())
    return [
        crd["metadata"]["name"],
        spec["scope"],
        ",".join(
            f"{version['name']}(storage)" if version.get("storage") else version["name"]
            for version in spec["versions"]
            if version.get("served")
        ),
        created(crd),
        spec["group"],
        spec["names"]["kind"],
        ",".join(spec["names"].get("shortNames", ())),
        any(found["type"] == "Established" and found["status"] == "True" for found in conditions),
    ]


def _bindings(prefix: str, component: str) -> View:
    return View(
        (
            NAME,
            Column("Role", f"{_RBAC}.{component}#roleRef"),
            AGE,
            wide("Users", f"Users in the {prefix}"),
            wide("Groups", f"Groups in the {prefix}"),
            wide("ServiceAccounts", f"ServiceAccounts in the {prefix}"),
        ),
        _binding,
    )


JOB = View(
    (
        NAME,
        Column("Status", "Status of the job."),
        Column("Completions", f"{_BATCH}.JobStatus#succeeded"),
        Column("Duration", "Time required to complete the job."),
        AGE,
        wide("Containers", "Names of each container in the template."),
        wide("Images", "Images referenced by each container in the template."),
        wide("Selector", f"{_BATCH}.JobSpec#selector"),
    ),
    _job,
)
EVENT = View(
    (
        Column("Last Seen", f"{_CORE}.Event#lastTimestamp"),
        Column("Type", f"{_CORE}.Event#type"),
        Column("Reason", f"{_CORE}.Event#reason"),
        Column("Object", f"{_CORE}.Event#involvedObject"),
        wide("Subobject", f"{_CORE}.ObjectReference#fieldPath"),
        wide("Source", f"{_CORE}.Event#source"),
        Column("Message", f"{_CORE}.Event#message"),
        wide("First Seen", f"{_CORE}.Event#firstTimestamp"),
        wide("Count", f"{_CORE}.Event#count"),
        wide("Name", NAME.described, column_format="name"),
    ),
    _event,
)
NODE = View(
    (
        NAME,
        Column("Status", "The status of the node"),
        Column("Roles", "The roles of the node"),
        AGE,
        Column("Version", f"{_CORE}.NodeSystemInfo#kubeletVersion"),
        wide("Internal-IP", f"{_CORE}.NodeStatus#addresses"),
        wide("External-IP", f"{_CORE}.NodeStatus#addresses"),
        wide("OS-Image", f"{_CORE}.NodeSystemInfo#osImage"),
        wide("Kernel-Version", f"{_CORE}.NodeSystemInfo#kernelVersion"),
        wide("Container-Runtime", f"{_CORE}.NodeSystemInfo#containerRuntimeVersion"),
    ),
    _node,
)
CONFIG_MAP = View(
    (NAME, Column("Data", f"{_CORE}.ConfigMap#data"), AGE),
    lambda found, now: [
        found["metadata"]["name"],
        len(found.get("data", ())) + len(found.get("binaryData", ())),
        age(found, now),
    ],
)
SECRET = View(
    (NAME, Column("Type", f"{_CORE}.Secret#type"), Column("Data", f"{_CORE}.Secret#data"), AGE),
    lambda found, now: [
        found["metadata"]["name"],
        found.get("type", ""),
        len(found.get("data", ())),
        age(found, now),
    ],
)
NAMESPACE = View(
    (NAME, Column("Status", "The status of the namespace"), AGE),
    lambda found, now: [
        found["metadata"]["name"],
        found.get("status", {}).get("phase", ""),
        age(found, now),
    ],
)
SERVICE_ACCOUNT = View((NAME, AGE), lambda found, now: [found["metadata"]["name"], age(found, now)])
LEASE = View(
    (NAME, Column("Holder", "api.coordination.v1.LeaseSpec#holderIdentity"), AGE),
    lambda found, now: [
        found["metadata"]["name"],
        found.get("spec", {}).get("holderIdentity") or "",
        age(found, now),
    ],
)
CLAIM = View(
    (
        NAME,
        Column("Status", f"{_CORE}.PersistentVolumeClaimStatus#phase"),
        Column("Volume", f"{_CORE}.PersistentVolumeClaimSpec#volumeName"),
        Column("Capacity", f"{_CORE}.PersistentVolumeClaimStatus#capacity"),
        Column("Access Modes", f"{_CORE}.PersistentVolumeClaimStatus#accessModes"),
        Column("StorageClass", "StorageClass of the pvc"),
        Column("VolumeAttributesClass", "VolumeAttributesClass of the pvc"),
        AGE,
        wide("VolumeMode", f"{_CORE}.PersistentVolumeClaimSpec#volumeMode"),
    ),
    _claim,
)
ROLE = View((NAME, CREATED), lambda found, _: [found["metadata"]["name"], created(found)])
ROLE_BINDING = _bindings("roleBinding", "RoleBinding")
CLUSTER_ROLE_BINDING = _bindings("clusterRoleBinding", "ClusterRoleBinding")
DEFINITION = View(
    (
        NAME,
        Column("Scope", "Cluster/Namespaced"),
        Column("Versions", "Served versions"),
        CREATED,
        wide("Group", "API group"),
        wide("Kind", "CustomResource kind"),
        wide("ShortNames", "Short names"),
        Column("Established", "Established status", type="boolean", priority=1),
    ),
    _definition,
)

VIEWS = {
    "Pod": POD,
    "Job": JOB,
    "Event": EVENT,
    "Node": NODE,
    "ConfigMap": CONFIG_MAP,
    "Secret": SECRET,
    "Namespace": NAMESPACE,
    "ServiceAccount": SERVICE_ACCOUNT,
    "Lease": LEASE,
    "PersistentVolumeClaim": CLAIM,
    "Role": ROLE,
    "ClusterRole": ROLE,
    "RoleBinding": ROLE_BINDING,
    "ClusterRoleBinding": CLUSTER_ROLE_BINDING,
    "CustomResourceDefinition": DEFINITION,
}

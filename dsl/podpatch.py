"""The last resort ``pod = …``: a merge patch of a pod's spec, from a map or from YAML.

Whatever koncli sets itself, or has an attribute for, is not the patch's to touch: two writers of
one field would leave nobody to say which counts.
"""

from konductor.api.meta import Json
from konductor.dsl.spelling import nearest
from konductor.dsl.values import MapValue, Value, json_of

_OWN = {
    "activeDeadlineSeconds": "write `attempt_timeout`",
    "automountServiceAccountToken": "the program's container holds no token",
    "containers": "the program and koncli's hooks are the containers",
    "ephemeralContainers": "a pod is not made with such containers",
    "imagePullSecrets": "write `image_pull_secrets`",
    "initContainers": "koncli's hook is the init container",
    "nodeSelector": "write `node_selector`",
    "priority": "write `priority`",
    "priorityClassName": "write `priority`",
    "restartPolicy": "write `retries`",
    "schedulingGates": "write `acquire`",
    "serviceAccount": "write `service_account`",
    "serviceAccountName": "write `service_account`",
    "tolerations": "write `tolerations`",
    "volumes": "write `mounts`",
}
"""Fields that koncli sets, and what to do instead."""
_FREE = (
    *("affinity", "dnsConfig", "dnsPolicy", "enableServiceLinks", "hostAliases", "hostIPC"),
    *("hostNetwork", "hostPID", "hostUsers", "hostname", "hostnameOverride", "nodeName", "os"),
    *("overhead", "preemptionPolicy", "readinessGates", "resourceClaims", "resources"),
    *("runtimeClassName", "schedulerName", "securityContext", "setHostnameAsFQDN"),
    *("shareProcessNamespace", "subdomain", "terminationGracePeriodSeconds"),
    *("topologySpreadConstraints",),
)
"""The other fields of a pod's spec."""
_WHOLE = frozenset({"apiVersion", "kind", "metadata", "spec", "status"})


class WrongPatch(ValueError):
    """The patch is none that a pod can take; the message says why, `remedy` what to do."""

    def __init__(self, message: str, remedy: str = "", *, is_own: bool = False) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.is_own = is_own
        """Whether it touches what koncli sets itself."""


def patch_of(value: Value) -> Json:
    """Return the patch as JSON.

    Raises:
        WrongPatch: it is no map, or touches a field that is not its own.
    """
    patch = json_of(value) if isinstance(value, MapValue) else _read_yaml(str(value))
    if not isinstance(patch, dict):
        raise WrongPatch("the patch is no map of fields")
    for field in patch:
        _hold(str(field))
    return patch


def _hold(field: str) -> None:
    if field in _OWN:
        raise WrongPatch(
            f"`pod` sets `{field}`, which koncli sets itself", _OWN[field], is_own=True
        )
    if field in _FREE:
        return
    remedy = ""
    if field in _WHOLE:
        remedy = "write the fields of the pod's `spec` alone; `labels` and `annotations` set these"
    elif similar := nearest(field, (*_FREE, *_OWN)):
        remedy = f"write `{similar}`"
    raise WrongPatch(f"the spec of a pod has no field `{field}`", remedy)


def _read_yaml(text: str) -> object:
    import yaml  # noqa: PLC0415  # 15 ms that only such a program pays

    try:
        if any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(text, yaml.SafeLoader)):
            raise WrongPatch("the patch has a YAML alias", "write it out")
        return yaml.safe_load(text)
    except yaml.YAMLError as reason:
        mark = getattr(reason, "problem_mark", None)
        problem = getattr(reason, "problem", None) or "not understood"
        where = f" in its line {mark.line + 1}" if mark else ""
        raise WrongPatch(f"the patch is no YAML{where}: {problem}") from reason

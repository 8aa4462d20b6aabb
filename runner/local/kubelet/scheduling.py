"""Whether a pod may run on the one node there is. Pure.

Kubernetes' scheduler decides on more, such as resources; what a pod asks of its node's labels, and
gates that hold it back, are honoured here, so that a program waits where it would on a cluster.
"""

from collections.abc import Mapping

from konductor.api.meta import Json, json_list, json_map
from konductor.runner.local.kubelet.pod import Pod

UNFIT = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
"""What Kubernetes' scheduler says of it."""


def is_gated(pod: Pod) -> bool:
    """Tell whether somebody has yet to lift a gate before the pod may be looked at."""
    return bool(json_list(_spec(pod).get("schedulingGates")))


def asks_of_node(pod: Pod) -> bool:
    """Tell whether the node's labels matter to the pod."""
    spec = _spec(pod)
    return bool(spec.get("nodeSelector") or _terms(spec))


def fits(pod: Pod, node: Json) -> bool:
    """Tell whether a node has what the pod asks of it."""
    metadata = json_map(node.get("metadata"))
    labels = {str(key): str(value) for key, value in json_map(metadata.get("labels")).items()}
    spec = _spec(pod)
    wanted = json_map(spec.get("nodeSelector"))
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    terms = _terms(spec)
    fields = {"metadata.name": str(metadata.get("name"))}
    return not terms or any(_term_fits(json_map(term), labels, fields) for term in terms)


def condition(now: str | None) -> Json:
    """Return the condition of a pod that no node fits."""
    return {
        "type": "PodScheduled",
        "status": "False",
        "lastProbeTime": None,
        "lastTransitionTime": now,
        "reason": "Unschedulable",
        "message": UNFIT,
    }


def _spec(pod: Pod) -> Json:
    return json_map(pod.document.get("spec"))


def _terms(spec: Json) -> list[Json]:
    affinity = json_map(json_map(spec.get("affinity")).get("nodeAffinity"))
    required = json_map(affinity.get("requiredDuringSchedulingIgnoredDuringExecution"))
    return list(json_list(required.get("nodeSelectorTerms")))


def _term_fits(term: Json, labels: Mapping[str, str], fields: Mapping[str, str]) -> bool:
    """Tell whether all of a term holds; an empty one never does."""
    asked = [(one, labels) for one in json_list(term.get("matchExpressions"))]
    asked += [(one, fields) for one in json_list(term.get("matchFields"))]
    return bool(asked) and all(_holds(json_map(one), there) for one, there in asked)


def _holds(requirement: Json, there: Mapping[str, str]) -> bool:
    value = there.get(str(requirement.get("key")))
    values = [str(one) for one in json_list(requirement.get("values"))]
    match requirement.get("operator"):
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case operator:
            return _compares(str(operator), value, values)


def _compares(operator: str, value: str | None, values: list[str]) -> bool:
    try:
        number, bound = int(value or ""), int(values[0])
    except (ValueError, IndexError):
        return False
    return number > bound if operator == "Gt" else number < bound

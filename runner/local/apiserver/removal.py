"""When an object that is deleted goes, and what becomes of what it owns."""

from konductor.runner.local.apiserver.served import Json, Object, Served

NAMESPACES = "namespaces"


def propagate(metadata: Json, policy: str, *, orphans: bool) -> None:
    """Set the finalizer that tells the garbage collector what to do about dependants."""
    wanted = {"Orphan": "orphan", "Foreground": "foregroundDeletion"}.get(policy, "")
    if not policy and orphans:
        wanted = "orphan"
    others = [
        one for one in metadata.get("finalizers", ()) if one not in ("orphan", "foregroundDeletion")
    ]
    kept = metadata.get("finalizers", []) if not policy and not wanted else others
    finalizers = [*kept, wanted] if wanted else kept
    if finalizers:
        metadata["finalizers"] = finalizers
    else:
        metadata.pop("finalizers", None)


def grace_of(served: Served, document: Object, asked: int | None) -> int:
    """Return the seconds that a pod on a node is given to end; other objects need none."""
    if served.key != "pods" or not document["spec"].get("nodeName"):
        return 0
    if document.get("status", {}).get("phase") in ("Succeeded", "Failed"):
        return 0
    if asked is not None:
        return max(asked, 0)
    return int(document["spec"].get("terminationGracePeriodSeconds", 30))


def is_over(served: Served, document: Object) -> bool:
    """Tell whether an object that was to be deleted can go now."""
    metadata = document["metadata"]
    if "deletionTimestamp" not in metadata or metadata.get("finalizers"):
        return False
    if served.key == NAMESPACES:
        return not document.get("spec", {}).get("finalizers")
    return not metadata.get("deletionGracePeriodSeconds")

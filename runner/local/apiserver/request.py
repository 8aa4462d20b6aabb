"""A request's path and query, read once."""

from collections.abc import Mapping
from dataclasses import dataclass

from konductor.runner.local.apiserver.answer import invalid
from konductor.runner.local.apiserver.builtin.field import FieldError, unsupported
from konductor.runner.local.apiserver.builtin.field import invalid as invalid_field
from konductor.runner.local.apiserver.kinds import Kinds
from konductor.runner.local.apiserver.room import Deletion, Options
from konductor.runner.local.apiserver.served import Json, Served

_VALIDATIONS = ("", "Ignore", "Strict", "Warn")
_POLICIES = ("Foreground", "Background", "Orphan", "nil")


@dataclass(frozen=True, slots=True)
class Target:
    """What a path names."""

    served: Served
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def target(kinds: Kinds, path: str) -> Target | None:
    """Return what a path below ``/api`` or ``/apis`` names; None: no resource."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["api"]:
        group, rest = "", parts[1:]
    else:
        group, rest = (parts[1] if len(parts) > 1 else ""), parts[2:]
    version, *place = rest or [""]
    namespace = ""
    if len(place) > 2 and place[0] == "namespaces" and place[2] not in ("status", "finalize"):  # noqa: PLR2004  # namespaces/NAME/…
        namespace, place = place[1], place[2:]
    if not place:
        return None
    served = kinds.find(group, version, place[0])
    if served is None or (namespace and not served.namespaced) or len(place) > 3:  # noqa: PLR2004  # plural/name/subresource
        return None
    name, subresource = (*place[1:], "", "")[:2]
    return Target(served, namespace, name, subresource)


def write_options(query: Mapping[str, str], kind: str) -> Options:
    """Return what a write's query asks for; ``kind`` names the options in messages.

    Raises:
        Refusal: it asks for something that is not known.
    """
    validation, dry_run = query.get("fieldValidation", ""), query.get("dryRun", "")
    errors: list[FieldError] = []
    if dry_run not in ("", "All"):
        errors.append(unsupported("dryRun", [dry_run], ("All",)))
    if validation not in _VALIDATIONS:
        errors.append(unsupported("fieldValidation", validation, _VALIDATIONS))
    if errors:
        raise invalid(kind, "meta.k8s.io", "", errors)
    return Options(dry_run=dry_run == "All", validation=validation or "Warn")


def deletion(query: Mapping[str, str], body: Json) -> Deletion:
    """Return what a DELETE asks for, by its query and its body.

    Raises:
        Refusal: it asks for something that is not known.
    """
    policy = query.get("propagationPolicy") or body.get("propagationPolicy") or ""
    dry_run = body.get("dryRun") or ([query["dryRun"]] if query.get("dryRun") else [])
    grace = query.get("gracePeriodSeconds", body.get("gracePeriodSeconds"))
    errors: list[FieldError] = []
    if policy and policy not in _POLICIES:
        errors.append(unsupported("propagationPolicy", policy, _POLICIES))
    if dry_run and dry_run != ["All"]:
        errors.append(unsupported("dryRun", dry_run, ("All",)))
    preconditions = body.get("preconditions")
    known = preconditions if isinstance(preconditions, dict) else {}
    try:
        seconds = None if grace is None else int(grace)
    except (TypeError, ValueError):
        errors.append(unsupported("gracePeriodSeconds", grace, ("a whole number",)))
        seconds = None
    orphans = body.get("orphanDependents")
    if policy and orphans is not None:
        detail = "orphanDependents and deletionPropagation cannot be both set"
        errors.append(invalid_field("propagationPolicy", policy, detail))
    if errors:
        raise invalid("DeleteOptions", "meta.k8s.io", "", errors)
    if orphans is not None:
        policy = "Orphan" if orphans else "Background"
    return Deletion(
        dry_run=bool(dry_run),
        uid=str(known.get("uid") or ""),
        resource_version=str(known.get("resourceVersion") or ""),
        propagation=policy,
        grace=seconds,
    )

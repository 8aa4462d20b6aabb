"""Every built-in kind that the local cluster stores, as values to be mounted.

Reviews, token requests and bindings are created and never stored; they are not here.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from konductor.runner.local.apiserver.builtin import (
    access,
    cluster,
    columns,
    config,
    event,
    job,
    jobrule,
    jobstatus,
    naming,
    pod,
    poddefault,
)
from konductor.runner.local.apiserver.builtin.field import FieldError
from konductor.runner.local.apiserver.builtin.kind import ALL_VERBS, Kind, keep_status

Object = Mapping[str, Any]


@cache
def kinds() -> tuple[Kind, ...]:
    """Return every built-in kind; a group's own order is kept in discovery."""
    return (*_core(), *_others(), *_access())


def kind_of(group: str, plural: str) -> Kind | None:
    """Return the built-in kind with this plural name in a group, if there is one."""
    return next((kind for kind in kinds() if (kind.group, kind.plural) == (group, plural)), None)


def _core() -> tuple[Kind, ...]:
    return (
        Kind(
            *("", "ConfigMap", "configmaps", columns.CONFIG_MAP, "configmap"),
            short_names=("cm",),
            create_errors=config.config_map_errors,
            update_errors=config.config_map_update,
        ),
        Kind(
            *("", "Event", "events", columns.EVENT, "event"),
            short_names=("ev",),
            create_errors=event.errors,
            fields=_event_fields,
        ),
        Kind(
            *("", "Namespace", "namespaces", columns.NAMESPACE, "namespace"),
            namespaced=False,
            short_names=("ns",),
            verbs=tuple(verb for verb in ALL_VERBS if verb != "deletecollection"),
            subresources=("finalize", "status"),
            name_rule=naming.dns_label,
            prepare=cluster.prepare_namespace,
            keep=cluster.keep_namespace,
            create_errors=cluster.namespace_errors,
            fields=lambda found: {"status.phase": found.get("status", {}).get("phase", "")},
        ),
        Kind(
            *("", "Node", "nodes", columns.NODE, "node"),
            namespaced=False,
            short_names=("no",),
            subresources=("status",),
            prepare=cluster.prepare_node,
            keep=keep_status,
            fields=_node_fields,
        ),
        Kind(
            *("", "PersistentVolumeClaim", "persistentvolumeclaims", columns.CLAIM),
            "persistentvolumeclaim",
            short_names=("pvc",),
            subresources=("status",),
            default=cluster.default_claim,
            prepare=cluster.prepare_claim,
            keep=keep_status,
            create_errors=cluster.claim_errors,
            update_errors=cluster.claim_update,
        ),
        _pods(),
        Kind(
            *("", "Secret", "secrets", columns.SECRET, "secret"),
            default=config.default_secret,
            create_errors=config.secret_errors,
            update_errors=config.secret_update,
            fields=lambda found: {"type": found.get("type", "")},
        ),
        Kind(
            *("", "ServiceAccount", "serviceaccounts", columns.SERVICE_ACCOUNT, "serviceaccount"),
            short_names=("sa",),
            subresources=("token",),
        ),
    )


def _pods() -> Kind:
    return Kind(
        *("", "Pod", "pods", columns.VIEWS["Pod"], "pod"),
        short_names=("po",),
        categories=("all",),
        subresources=("binding", "eviction", "exec", "log", "status"),
        counts_generation=True,
        default=poddefault.default_pod,
        admit=poddefault.admit,
        prepare=pod.prepare,
        keep=pod.keep,
        create_errors=pod.create_errors,
        update_errors=pod.update_errors,
        status_errors=pod.status_errors,
        fields=_pod_fields,
    )


def _others() -> tuple[Kind, ...]:
    return (
        Kind(
            *("batch", "Job", "jobs", columns.JOB, "job"),
            categories=("all",),
            subresources=("status",),
            counts_generation=True,
            orphans=True,
            default=job.default,
            prepare=job.prepare,
            keep=keep_status,
            create_errors=jobrule.create_errors,
            update_errors=jobrule.update_errors,
            status_errors=jobstatus.status_errors,
            warnings=job.warnings,
            fields=_job_fields,
        ),
        Kind(
            *("coordination.k8s.io", "Lease", "leases", columns.LEASE, "lease"),
            unconditional_update=False,
            create_errors=cluster.lease_errors,
            update_errors=lambda new, _: cluster.lease_errors(new),
        ),
        Kind(
            *("events.k8s.io", "Event", "events", columns.EVENT, "event"),
            short_names=("ev",),
            create_errors=lambda found: event.newer_errors(event.to_core(found)),
            fields=_event_fields,
        ),
    )


def _access() -> tuple[Kind, ...]:
    return (
        _role("ClusterRoleBinding", "clusterrolebindings", access.cluster_role_binding_errors),
        _role("ClusterRole", "clusterroles", access.cluster_role_errors),
        _role("RoleBinding", "rolebindings", access.role_binding_errors),
        _role("Role", "roles", access.role_errors),
    )


def _role(name: str, plural: str, errors: Any) -> Kind:  # noqa: ANN401  # one of the functions above
    binds = name.endswith("Binding")

    def update_errors(new: Object, old: Object) -> Iterable[FieldError]:
        yield from errors(new)
        if binds:
            yield from access.binding_update(new, old)

    return Kind(
        access.GROUP,
        name,
        plural,
        columns.VIEWS[name],
        name.lower(),
        namespaced=not name.startswith("Cluster"),
        name_rule=naming.path_segment,
        default=access.default_binding if binds else lambda _: None,
        create_errors=errors,
        update_errors=update_errors,
    )


def _pod_fields(found: Object) -> Mapping[str, str]:
    spec, status = found["spec"], found.get("status", {})
    return {
        "spec.nodeName": spec.get("nodeName", ""),
        "spec.restartPolicy": spec.get("restartPolicy", ""),
        "spec.schedulerName": spec.get("schedulerName", ""),
        "spec.serviceAccountName": spec.get("serviceAccountName", ""),
        "spec.hostNetwork": str(bool(spec.get("hostNetwork"))).lower(),
        "status.phase": status.get("phase", ""),
        "status.podIP": status.get("podIP", ""),
        "status.nominatedNodeName": status.get("nominatedNodeName", ""),
    }


def _job_fields(found: Object) -> Mapping[str, str]:
    return {"status.successful": str(found.get("status", {}).get("succeeded", 0))}


def _node_fields(found: Object) -> Mapping[str, str]:
    return {"spec.unschedulable": str(bool(found.get("spec", {}).get("unschedulable"))).lower()}


_ABOUT = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")


def _event_fields(found: Object) -> Mapping[str, str]:
    """Return what selects an event, of either group, by the names that both groups accept."""
    about = found.get("involvedObject") or found.get("regarding") or {}
    source = found.get("source") or found.get("deprecatedSource") or {}
    component = found.get("reportingComponent") or found.get("reportingController") or ""
    return {
        **{f"involvedObject.{name}": about.get(name, "") for name in _ABOUT},
        "reason": found.get("reason", ""),
        "reportingComponent": component,
        "source": source.get("component") or component,
        "type": found.get("type", ""),
    }

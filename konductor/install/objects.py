"""The objects of an installation: the one source of `koncli install` and of the folder deploy."""

from collections.abc import Iterator

from konductor import __version__
from konductor.api.meta import Json
from konductor.api.names import SETTINGS, SETTINGS_NAMESPACE, Setting
from konductor.cluster.written import KINDS, written
from konductor.install.access import (
    admission,
    cluster_roles,
    operator_bindings,
    participant_bindings,
    readers,
    roles,
)
from konductor.install.fairness import flow_schemas
from konductor.install.installation import Installation
from konductor.install.label import labelled
from konductor.install.network import hook_policy, operator_policy
from konductor.install.workload import (
    critical_quota,
    deployment,
    disruption_budget,
    service,
    service_account,
)

_SYSTEM = ("default", "kube-system", "kube-public", "kube-node-lease")
"""Namespaces of the cluster's own, which are not ours to label."""


def objects(installation: Installation) -> tuple[Json, ...]:
    """Return every object, in the order in which each finds there what it needs."""
    return tuple(one for part in parts(installation).values() for one in part)


def parts(installation: Installation) -> dict[str, tuple[Json, ...]]:
    """Return the objects by what they are for; a part without any is left out."""
    made = {
        "namespace": _namespaces(installation),
        "crds": kinds(),
        "access": _access(installation),
        "admission": () if installation.namespaced else admission(),
        "participants": _participants(installation),
        "settings": tuple(_settings(installation)),
        "operator": tuple(_operators(installation)),
    }
    return {
        name: tuple(labelled(one, installation.manager) for one in part)
        for name, part in made.items()
        if part
    }


def kinds() -> tuple[Json, ...]:
    """Return the CustomResourceDefinitions, as they are written."""
    return written(KINDS)


def _namespaces(installation: Installation) -> tuple[Json, ...]:
    if installation.namespaced or installation.namespace in _SYSTEM:
        return ()
    modes = ("enforce", "audit", "warn")
    labels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in modes}
    return (
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": installation.namespace, "labels": labels},
        },
    )


def _access(installation: Installation) -> tuple[Json, ...]:
    accounts = tuple(map(service_account, installation.homes))
    own = tuple(one for home in installation.namespaced for one in roles(home))
    return (*(own or cluster_roles()), *accounts, *operator_bindings(installation))


def _participants(installation: Installation) -> tuple[Json, ...]:
    egress = installation.participants if installation.hook_egress else ()
    return (*participant_bindings(installation), *map(hook_policy, egress))


def _settings(installation: Installation) -> Iterator[Json]:
    """Tell whoever starts runs what hooks are started from."""
    for home in installation.homes:
        place = home if installation.namespaced else SETTINGS_NAMESPACE
        yield {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": SETTINGS, "namespace": place},
            "data": {
                str(Setting.HOOK_IMAGE): installation.hook_image,
                str(Setting.NAMESPACE): home,
                str(Setting.VERSION): __version__,
            },
        }
    if not installation.namespaced:
        yield from readers("konductor-settings", SETTINGS, SETTINGS_NAMESPACE)


def _operators(installation: Installation) -> Iterator[Json]:
    if not installation.namespaced:
        yield from flow_schemas(installation.namespace)
        yield critical_quota(installation.namespace)
    for home in installation.homes:
        yield operator_policy(home)
        yield service(home)
        yield disruption_budget(home)
        yield deployment(installation, home)

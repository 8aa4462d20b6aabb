"""The environment of a container, and ``$(VAR)`` in what it is given. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from konductor.api.meta import Json, json_map
from konductor.runner.local.kubelet.failure import config_error
from konductor.runner.local.kubelet.fields import Facts, container_resource, pod_field
from konductor.runner.local.kubelet.pod import ContainerSpec, Pod

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")


@dataclass(frozen=True, slots=True)
class Sources:
    """The ConfigMaps and Secrets that a pod names, by name; what is absent does not exist."""

    config_maps: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    secrets: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace each ``$(NAME)`` that is known; ``$$`` stands for a dollar sign.

    >>> expand("$(A)-$(B)-$$(A)-$A", {"A": "1"})
    '1-$(B)-$(A)-$A'
    """

    def replacement(match: re.Match[str]) -> str:
        return "$" if match[1] is None else variables.get(match[1], match[0])

    return _REFERENCE.sub(replacement, text)


def resolve_environment(
    container: ContainerSpec,
    pod: Pod,
    sources: Sources,
    *,
    facts: Facts,
    folders: Mapping[str, str],
    below: Mapping[str, str],
) -> dict[str, str]:
    """Return what a container's environment holds.

    ``folders`` maps mountPaths to the real folders that stand for them; ``below`` is what lies
    under everything the pod sets (the host's variables, the API server's address).

    Raises:
        NotYetRunnable: a ConfigMap, a Secret or a key that is not optional is absent.
    """
    result = dict(below)
    for source in container.env_from:
        result.update(_whole_source(source, pod, sources))
    for variable in container.env:
        name = str(variable.get("name"))
        if reference := json_map(variable.get("valueFrom")):
            value = _referred(reference, container, pod, sources, facts)
            if value is None:
                continue
        else:
            value = expand(str(variable.get("value") or ""), result)
        result[name] = real_path(value, folders)
    return result


def real_path(value: str, folders: Mapping[str, str]) -> str:
    """Replace a leading mountPath by the folder that stands for it; the longest one wins.

    >>> real_path("/konductor/work/a", {"/konductor/work": "/tmp/x"})
    '/tmp/x/a'
    """
    for path in sorted(folders, key=len, reverse=True):
        if value == path or value.startswith(path + "/"):
            return folders[path] + value[len(path) :]
    return value


def _whole_source(source: Json, pod: Pod, sources: Sources) -> dict[str, str]:
    prefix = str(source.get("prefix") or "")
    for member, kind, values in _kinds(sources):
        if reference := json_map(source.get(f"{member}Ref")):
            name = str(reference.get("name"))
            if name in values:
                return {
                    prefix + key: _text(one) for key, one in values[name].items() if "=" not in key
                }
            if not reference.get("optional"):
                raise config_error(f'{kind.lower()} "{name}" not found')
            return {}
    raise config_error(f"pod {pod.key}: envFrom names neither a ConfigMap nor a Secret")


def _referred(
    reference: Json, container: ContainerSpec, pod: Pod, sources: Sources, facts: Facts
) -> str | None:
    if selector := json_map(reference.get("fieldRef")):
        return pod_field(str(selector.get("fieldPath")), pod, facts)
    if selector := json_map(reference.get("resourceFieldRef")):
        return container_resource(selector, container, facts)
    for member, kind, values in _kinds(sources):
        if selector := json_map(reference.get(f"{member}KeyRef")):
            return _key(selector, kind, values, pod)
    raise config_error(f"env of container {container.name}: {sorted(reference)} is not supported")


def _key(
    selector: Json, kind: str, values: Mapping[str, Mapping[str, bytes]], pod: Pod
) -> str | None:
    name, key = str(selector.get("name")), str(selector.get("key"))
    if key in values.get(name, {}):
        return _text(values[name][key])
    if selector.get("optional"):
        return None
    if name not in values:
        raise config_error(f'{kind.lower()} "{name}" not found')
    raise config_error(f"couldn't find key {key} in {kind} {pod.meta.namespace}/{name}")


def _kinds(sources: Sources) -> tuple[tuple[str, str, Mapping[str, Mapping[str, bytes]]], ...]:
    return (
        ("configMap", "ConfigMap", sources.config_maps),
        ("secret", "Secret", sources.secrets),
    )


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")

"""Roles and bindings: what they must be, and what must not be changed of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import (
    FieldError,
    invalid,
    required,
    unsupported,
)

Object = Mapping[str, Any]
Map = dict[str, Any]
Errors = Iterator[FieldError]

GROUP = "rbac.authorization.k8s.io"
_SUBJECTS = ("ServiceAccount", "User", "Group")


def default_binding(binding: Map) -> None:
    """Fill in the groups that a binding leaves open."""
    role = binding.setdefault("roleRef", {})
    role["apiGroup"] = role.get("apiGroup") or GROUP
    for subject in binding.get("subjects") or ():
        if subject.get("kind") in ("User", "Group"):
            subject["apiGroup"] = subject.get("apiGroup") or GROUP


def role_errors(role: Object) -> Errors:
    """Yield what is wrong with a Role."""
    rules = role.get("rules") or ()
    for index, rule in enumerate(rules):
        yield from _rule(rule, f"rules[{index}]", namespaced=True)
    yield from _verbs(rules)


def cluster_role_errors(role: Object) -> Errors:
    """Yield what is wrong with a ClusterRole."""
    rules = role.get("rules") or ()
    for index, rule in enumerate(rules):
        yield from _rule(rule, f"rules[{index}]", namespaced=False)
    yield from _verbs(rules)


def role_binding_errors(binding: Object) -> Errors:
    """Yield what is wrong with a RoleBinding."""
    yield from _binding(binding, ("Role", "ClusterRole"), namespaced=True)


def cluster_role_binding_errors(binding: Object) -> Errors:
    """Yield what is wrong with a ClusterRoleBinding."""
    yield from _binding(binding, ("ClusterRole",), namespaced=False)


def binding_update(binding: Object, old: Object) -> Errors:
    """Yield what must not be changed of a binding."""
    role = binding["roleRef"]
    if role != old["roleRef"]:
        shown = {"APIGroup": role["apiGroup"], "Kind": role.get("kind"), "Name": role.get("name")}
        yield invalid("roleRef", shown, "field is immutable")


def _rule(rule: Object, path: str, *, namespaced: bool) -> Errors:
    if urls := rule.get("nonResourceURLs"):
        if namespaced:
            detail = "namespaced rules cannot apply to non-resource URLs"
            yield invalid(f"{path}.nonResourceURLs", urls, detail)
        elif rule.get("resources") or rule.get("apiGroups"):
            detail = "rules cannot apply to both regular resources and non-resource URLs"
            yield invalid(f"{path}.nonResourceURLs", urls, detail)
        return
    if not rule.get("apiGroups"):
        detail = "resource rules must supply at least one api group"
        yield required(f"{path}.apiGroups", detail)
    if not rule.get("resources"):
        yield required(f"{path}.resources", "resource rules must supply at least one resource")


def _verbs(rules: Any) -> Errors:  # noqa: ANN401  # JSON
    for index, rule in enumerate(rules):
        if not rule.get("verbs"):
            yield required(f"rules[{index}].verbs")


def _binding(binding: Object, kinds: tuple[str, ...], *, namespaced: bool) -> Errors:
    role, subjects = binding["roleRef"], binding.get("subjects") or ()
    if role["apiGroup"] != GROUP:
        yield unsupported("roleRef.apiGroup", role["apiGroup"], (GROUP,))
    if role.get("kind") not in kinds:
        yield unsupported("roleRef.kind", role.get("kind", ""), kinds)
    for index, subject in enumerate(subjects):
        yield from _subject(subject, f"subjects[{index}]", namespaced=namespaced)
    for index, subject in enumerate(subjects):
        if not subject.get("name"):
            yield required(f"subjects[{index}].name")
    if not role.get("name"):
        yield required("roleRef.name")


def _subject(subject: Object, path: str, *, namespaced: bool) -> Errors:
    kind, name, group = (subject.get(key, "") for key in ("kind", "name", "apiGroup"))
    if kind not in _SUBJECTS:
        yield unsupported(f"{path}.kind", kind, _SUBJECTS)
    elif kind != "ServiceAccount":
        if group != GROUP:
            yield unsupported(f"{path}.apiGroup", group, (GROUP,))
    else:
        for sentence in naming.dns_subdomain(name) if name else ():
            yield invalid(f"{path}.name", name, sentence)
        if group:
            yield unsupported(f"{path}.apiGroup", group, ("",))
        if not namespaced and not subject.get("namespace"):
            yield required(f"{path}.namespace")

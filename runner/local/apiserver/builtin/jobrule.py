"""What a job must be, when it is created and whenever it is changed."""

from collections.abc import Iterator, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import (
    FieldError,
    at_least_zero,
    immutable,
    in_order,
    invalid,
    required,
    too_long,
    unsupported,
)
from konductor.runner.local.apiserver.builtin.job import NAME_LABELS, UID_LABELS
from konductor.runner.local.apiserver.builtin.jobpolicy import failure_policy, success_policy
from konductor.runner.local.apiserver.builtin.podrule import spec_errors
from konductor.runner.local.apiserver.builtin.selection import matches, selector_errors
from konductor.runner.local.apiserver.builtin.templaterule import template_update

Object = Mapping[str, Any]
Errors = Iterator[FieldError]

_NUMBERS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_PARALLEL_MAX, _FAILED_MAX, _MANY, _MANY_MAX = 100_000, 100_000, 100_000, 10_000
_MANAGED_BY_MAX = 63
_UNCHANGED = (
    "completionMode",
    "podFailurePolicy",
    "backoffLimitPerIndex",
    "managedBy",
    "successPolicy",
)


def create_errors(job: Object) -> Errors:
    """Yield what is wrong with a new job."""
    yield from _generated_selector(job)
    yield from _spec(job["spec"])
    yield from _hostname(job)


def update_errors(job: Object, old: Object) -> Errors:
    """Yield what is wrong with a changed job, and what must not be changed."""
    spec, before = job["spec"], old["spec"]
    yield from _spec(spec)
    yield from _completions(spec, before)
    yield from immutable("spec.selector", spec.get("selector"), before.get("selector"))
    yield from template_update(job, old)
    for name in _UNCHANGED:
        yield from immutable(f"spec.{name}", spec.get(name), before.get(name))
    yield from _hostname(job)


def _spec(spec: Object) -> Errors:
    for name in _NUMBERS:
        yield from at_least_zero(f"spec.{name}", spec.get(name))
    if "maxFailedIndexes" in spec and "backoffLimitPerIndex" not in spec:
        yield required("spec.backoffLimitPerIndex", "when maxFailedIndexes is specified")
    yield from _managed_by(spec.get("managedBy"))
    yield from _mode(spec)
    if "podFailurePolicy" in spec:
        yield from failure_policy(spec, "spec.podFailurePolicy")
    yield from _success(spec)
    yield from _replacement(spec)
    yield from _template(spec)
    yield from _selected(spec)


def _managed_by(name: str | None) -> Errors:
    if name is None:
        return
    domain, slash, path = name.partition("/")
    if not (domain and slash and path) or naming.dns_subdomain(domain):
        detail = 'must be a domain-prefixed path (such as "acme.io/foo")'
        yield invalid("spec.managedBy", name, detail)
    if len(name) > _MANAGED_BY_MAX:
        yield too_long("spec.managedBy", _MANAGED_BY_MAX)


def _mode(spec: Object) -> Errors:
    match spec.get("completionMode"):
        case "Indexed":
            yield from _indexed(spec)
        case None | "NonIndexed":
            for name in ("backoffLimitPerIndex", "maxFailedIndexes"):
                if name in spec:
                    yield invalid(f"spec.{name}", spec[name], "requires indexed completion mode")
        case other:
            yield unsupported("spec.completionMode", other, ("NonIndexed", "Indexed"))


def _indexed(spec: Object) -> Errors:
    completions, parallelism = spec.get("completions"), spec.get("parallelism", 0)
    failed = spec.get("maxFailedIndexes")
    if completions is None:
        yield required("spec.completions", "when completion mode is Indexed")
    if parallelism > _PARALLEL_MAX:
        detail = f"{_at_most(_PARALLEL_MAX)} when completion mode is Indexed"
        yield invalid("spec.parallelism", parallelism, detail)
    if completions is not None and (failed or 0) > completions:
        yield invalid("spec.maxFailedIndexes", failed, _at_most("completions"))
    if (failed or 0) > _FAILED_MAX:
        yield invalid("spec.maxFailedIndexes", failed, _at_most(_FAILED_MAX))
    if (completions or 0) > _MANY and "backoffLimitPerIndex" in spec:
        yield from _many(parallelism, failed)


def _many(parallelism: int, failed: int | None) -> Errors:
    """Yield what a job with very many indexes lacks."""
    if failed is None:
        detail = f"must be specified when completions is above {_MANY}"
        yield required("spec.maxFailedIndexes", detail)
    detail = (
        f"{_at_most(_MANY_MAX)} when completions are above {_MANY} and used with backoff limit "
        "per index"
    )
    if parallelism > _MANY_MAX:
        yield invalid("spec.parallelism", parallelism, detail)
    if (failed or 0) > _MANY_MAX:
        yield invalid("spec.maxFailedIndexes", failed, detail)


def _at_most(limit: object) -> str:
    return f"must be less than or equal to {limit}"


def _success(spec: Object) -> Errors:
    if (policy := spec.get("successPolicy")) is None:
        return
    if spec.get("completionMode") == "Indexed":
        yield from success_policy(policy, spec.get("completions") or 0, "spec.successPolicy")
        return
    shown = {
        "Rules": [
            {name: rule.get(f"s{name[1:]}") for name in ("SucceededIndexes", "SucceededCount")}
            for rule in policy.get("rules") or ()
        ]
    }
    yield invalid("spec.successPolicy", shown, "requires indexed completion mode")


def _replacement(spec: Object) -> Errors:
    policy = spec.get("podReplacementPolicy")
    choices = ("Failed",) if "podFailurePolicy" in spec else ("Failed", "TerminatingOrFailed")
    if policy is not None and policy not in choices:
        yield unsupported("spec.podReplacementPolicy", policy, choices)


def _template(spec: Object) -> Errors:
    path, template = "spec.template", spec["template"]
    for key, value in sorted(template["metadata"].get("labels", {}).items()):
        for sentence in naming.qualified_name(key):
            yield invalid(f"{path}.labels", key, sentence)
        for sentence in naming.label_value(value):
            yield invalid(f"{path}.labels", value, sentence)
    yield from spec_errors(template["spec"], f"{path}.spec")
    policy, where = template["spec"].get("restartPolicy"), f"{path}.spec.restartPolicy"
    if policy in (None, "", "Always"):
        yield required(where, 'valid values: "OnFailure", "Never"')
    elif policy not in ("OnFailure", "Never"):
        yield unsupported(where, policy, ("OnFailure", "Never"))
    elif "podFailurePolicy" in spec and policy != "Never":
        yield invalid(where, policy, 'only "Never" is supported when podFailurePolicy is specified')


def _selected(spec: Object) -> Errors:
    selector = spec.get("selector")
    labels = spec["template"]["metadata"].get("labels")
    if selector is None:
        yield required("spec.selector")
    else:
        yield from selector_errors(selector, "spec.selector")
    if selector is None or not matches(selector, labels or {}):
        detail = "`selector` does not match template `labels`"
        yield invalid("spec.template.metadata.labels", in_order(labels), detail)


def _generated_selector(job: Object) -> Errors:
    spec, metadata = job["spec"], job["metadata"]
    if spec.get("manualSelector") or "selector" not in spec:
        return
    expected = dict.fromkeys(UID_LABELS, metadata["uid"])
    expected |= dict.fromkeys(NAME_LABELS, metadata.get("name", ""))
    labels = spec["template"]["metadata"].get("labels", {})
    for name in ("controller-uid", "job-name", UID_LABELS[1], NAME_LABELS[1]):
        yield from _has_label(labels, name, expected[name])
    if not matches(spec["selector"], expected):
        yield invalid("spec.selector", in_order(spec["selector"]), "`selector` not auto-generated")


def _has_label(labels: Object, name: str, value: str) -> Errors:
    where = f"spec.template.metadata.labels[{name}]"
    if name not in labels:
        yield required(where, f"must be '{value}'")
    elif labels[name] != value:
        yield invalid(where, in_order(labels), f"must be '{value}'")


def _hostname(job: Object) -> Errors:
    """Yield an error if the pods of an indexed job could not be named after it."""
    spec, name = job["spec"], job["metadata"].get("name", "")
    completions = spec.get("completions") or 0
    if spec.get("completionMode") != "Indexed" or completions <= 0:
        return
    longest = f"{name}-{completions - 1}"
    if naming.dns_label(longest):
        detail = f"will not able to create pod with invalid DNS label: {longest}"
        yield invalid("metadata.name", name, detail)


def _completions(spec: Object, before: Object) -> Errors:
    new, old = spec.get("completions"), before.get("completions")
    if spec.get("completionMode") != "Indexed":
        yield from immutable("spec.completions", new, old)
    elif new not in (old, None) and new != spec.get("parallelism"):
        detail = "can only be modified in tandem with spec.parallelism"
        yield invalid("spec.completions", new, detail)

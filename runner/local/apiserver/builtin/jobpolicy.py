"""What a job's failure policy and success policy must be."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from konductor.runner.local.apiserver.builtin import index, naming
from konductor.runner.local.apiserver.builtin.field import (
    FieldError,
    at_least_zero,
    broken,
    duplicate,
    invalid,
    required,
    too_long,
    too_many,
    unsupported,
)

Object = Mapping[str, Any]
Errors = Iterator[FieldError]

_RULES_MAX, _VALUES_MAX, _PATTERNS_MAX, _INDEXES_MAX = 20, 255, 20, 64 * 1024
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")


def failure_policy(spec: Object, path: str) -> Errors:
    """Yield what is wrong with ``podFailurePolicy``."""
    rules = spec["podFailurePolicy"].get("rules") or ()
    if len(rules) > _RULES_MAX:
        yield too_many(f"{path}.rules", len(rules), _RULES_MAX)
    template = spec["template"]["spec"]
    names = {
        container.get("name")
        for kind in ("containers", "initContainers")
        for container in template.get(kind) or ()
    }
    for position, rule in enumerate(rules):
        per_index = "backoffLimitPerIndex" in spec
        yield from _rule(rule, f"{path}.rules[{position}]", names, per_index=per_index)


def _rule(rule: Object, path: str, names: set[Any], *, per_index: bool) -> Errors:
    action = rule.get("action", "")
    if action == "FailIndex" and not per_index:
        detail = "requires the backoffLimitPerIndex to be set"
        yield invalid(f"{path}.action", action, detail)
    yield from _choice(f"{path}.action", action, _ACTIONS)
    codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions")
    if codes is not None:
        yield from _exit_codes(codes, f"{path}.onExitCodes", names)
    if conditions:
        yield from _conditions(conditions, f"{path}.onPodConditions")
    if codes is not None and conditions:
        detail = "specifying both OnExitCodes and OnPodConditions is not supported"
        yield broken(path, detail)
    if codes is None and not conditions:
        yield broken(path, "specifying one of OnExitCodes and OnPodConditions is required")


def _exit_codes(codes: Object, path: str, names: set[Any]) -> Errors:
    operator, values = codes.get("operator", ""), codes.get("values") or []
    yield from _choice(f"{path}.operator", operator, _OPERATORS)
    name = codes.get("containerName")
    if name is not None and name not in names:
        detail = "must be one of the container or initContainer names in the pod template"
        yield invalid(f"{path}.containerName", name, detail)
    if not values:
        yield invalid(f"{path}.values", values, "at least one value is required")
    elif len(values) > _VALUES_MAX:
        yield too_many(f"{path}.values", len(values), _VALUES_MAX)
    for position, value in enumerate(values):
        where = f"{path}.values[{position}]"
        if operator == "In" and value == 0:
            yield invalid(where, value, "must not be 0 for the In operator")
        if value in values[:position]:
            yield duplicate(where, value)
    if values != sorted(values):
        yield invalid(f"{path}.values", values, "must be ordered")


def _conditions(patterns: Any, path: str) -> Errors:  # noqa: ANN401  # JSON
    if len(patterns) > _PATTERNS_MAX:
        yield too_many(path, len(patterns), _PATTERNS_MAX)
    for position, pattern in enumerate(patterns):
        where, kind = f"{path}[{position}]", pattern.get("type", "")
        for sentence in naming.qualified_name(kind):
            yield invalid(f"{where}.type", kind, sentence)
        yield from _choice(f"{where}.status", pattern.get("status", ""), _STATUSES)


def success_policy(policy: Object, completions: int, path: str) -> Errors:
    """Yield what is wrong with ``successPolicy`` of an indexed job."""
    rules = policy.get("rules") or ()
    if not rules:
        detail = "at least one rules must be specified when the successPolicy is specified"
        yield required(f"{path}.rules", detail)
    if len(rules) > _RULES_MAX:
        yield too_many(f"{path}.rules", len(rules), _RULES_MAX)
    for position, rule in enumerate(rules):
        yield from _success_rule(rule, completions, f"{path}.rules[{position}]")


def _success_rule(rule: Object, completions: int, path: str) -> Errors:
    indexes, count = rule.get("succeededIndexes"), rule.get("succeededCount")
    if indexes is None and count is None:
        detail = "at least one of succeededCount or succeededIndexes must be specified"
        yield required(path, detail)
    total = 0
    if indexes is not None:
        if len(indexes) > _INDEXES_MAX:
            yield too_long(f"{path}.succeededIndexes", _INDEXES_MAX)
        try:
            total = index.count(indexes, completions)
        except ValueError as error:
            detail = f"error parsing succeededIndexes: {error}"
            yield invalid(f"{path}.succeededIndexes", indexes, detail)
    if count is not None:
        most = None if indexes is None else total
        yield from _success_count(count, completions, most, f"{path}.succeededCount")


def _success_count(count: int, completions: int, indexes: int | None, path: str) -> Errors:
    yield from at_least_zero(path, count)
    if count > completions:
        limit = f"{completions} (the number of specified completions)"
        yield invalid(path, count, f"must be less than or equal to {limit}")
    if indexes is not None and count > indexes:
        limit = f"{indexes} (the number of indexes in the specified succeededIndexes field)"
        yield invalid(path, count, f"must be less than or equal to {limit}")


def _choice(path: str, value: str, choices: tuple[str, ...]) -> Errors:
    if not value:
        listed = " ".join(json.dumps(choice) for choice in choices)
        yield required(path, f"valid values: [{listed}]")
    elif value not in choices:
        yield unsupported(path, value, choices)

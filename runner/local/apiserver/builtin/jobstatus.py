"""What the status of a job may become.

Controllers other than the built-in one may look after a job (``managedBy``), so the API server
itself holds statuses to what a job's end means. A rule is asked only where what it is about has
changed: a status that was wrong before does not block the next write.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from konductor.runner.local.apiserver.builtin import index
from konductor.runner.local.apiserver.builtin.field import (
    FieldError,
    at_least_zero,
    broken,
    duplicate,
    invalid,
    required,
)

Object = Mapping[str, Any]
Errors = Iterator[FieldError]

_NEVER_UNSET = ("Failed", "Complete", "FailureTarget")


@dataclass(frozen=True, slots=True)
class _Job:
    """A job and what its conditions say."""

    spec: Object
    status: Object

    def is_true(self, condition: str) -> bool:
        return self._is(condition, "True")

    def is_false(self, condition: str) -> bool:
        return self._is(condition, "False")

    def _is(self, condition: str, status: str) -> bool:
        return any(
            found["type"] == condition and found["status"] == status
            for found in self.status.get("conditions", ())
        )

    @property
    def complete(self) -> bool:
        return self.is_true("Complete")

    @property
    def failed(self) -> bool:
        return self.is_true("Failed")

    @property
    def finished(self) -> bool:
        return self.complete or self.failed


@dataclass(frozen=True, slots=True)
class _Change:
    """A job before and after."""

    new: _Job
    old: _Job

    def of(self, *what: str) -> bool:
        """Tell whether one of these properties, conditions or status fields has changed."""
        return any(_seen(self.new, name) != _seen(self.old, name) for name in what)


def _seen(job: _Job, name: str) -> object:
    if name[0].isupper():
        return job.is_true(name)
    return job.finished if name == "finished" else job.status.get(name)


def status_errors(job: Object, old: Object) -> Errors:
    """Yield what is wrong with a job's new status."""
    change = _Change(
        _Job(job["spec"], job.get("status", {})), _Job(old["spec"], old.get("status", {}))
    )
    yield from _numbers(change.new.status)
    for rule in _RULES:
        yield from rule(change)


def _numbers(status: Object) -> Errors:
    for name in ("active", "succeeded", "failed", "ready", "terminating"):
        yield from at_least_zero(f"status.{name}", status.get(name))
    uncounted = status.get("uncountedTerminatedPods", {})
    for kind in ("succeeded", "failed"):
        names = uncounted.get(kind, ())
        for position, name in enumerate(names):
            where = f"status.uncountedTerminatedPods.{kind}[{position}]"
            if not name:
                yield invalid(where, name, "must not be empty")
            elif name in names[:position]:
                yield duplicate(where, name)


def _contradictions(change: _Change) -> Errors:
    new = change.new
    if change.of("Complete", "Failed") and new.complete and new.failed:
        yield _conditions("cannot set Complete=True and Failed=true conditions")
    target = new.is_true("FailureTarget")
    if change.of("Complete", "FailureTarget") and new.complete and target:
        yield _conditions("cannot set Complete=True and FailureTarget=true conditions")


def _completion_time(change: _Change) -> Errors:
    new, path = change.new, "status.completionTime"
    start, end = new.status.get("startTime"), new.status.get("completionTime")
    if change.of("Complete", "completionTime"):
        if end and not new.complete:
            detail = "cannot set completionTime when there is no Complete=True condition"
            yield invalid(path, end, detail)
        if new.complete and not end:
            yield required(path, "completionTime is required for Complete jobs")
    if change.of("startTime", "completionTime") and start and end and end < start:
        yield invalid(path, end, "must be equal to or after `startTime`")


def _order_of_conditions(change: _Change) -> Errors:
    new = change.new
    if change.of("Failed", "failedIndexes") and new.failed and not new.is_true("FailureTarget"):
        yield _without("Failed", "FailureTarget")
    met = new.is_true("SuccessCriteriaMet")
    if change.of("Complete", "SuccessCriteriaMet") and new.complete and not met:
        yield _without("Complete", "SuccessCriteriaMet")


def _finished(change: _Change) -> Errors:
    new, status = change.new, change.new.status
    if not new.finished:
        return
    if change.of("finished", "active") and status.get("active", 0) > 0:
        detail = "active>0 is invalid for finished job"
        yield invalid("status.active", status["active"], detail)
    empty = new.spec.get("suspend") and new.spec.get("completions") == 0
    if change.of("finished", "startTime") and not status.get("startTime") and not empty:
        yield required("status.startTime", "startTime is required for finished job")
    uncounted = status.get("uncountedTerminatedPods", {})
    if change.of("finished", "uncountedTerminatedPods") and any(uncounted.values()):
        where = "status.uncountedTerminatedPods"
        shown = {name.title(): uncounted.get(name) for name in ("succeeded", "failed")}
        yield invalid(where, shown, "must be empty for finished job")


def _indexes(change: _Change) -> Errors:
    for name in ("completedIndexes", "failedIndexes"):
        text = change.new.status.get(name)
        known = name == "completedIndexes" or "backoffLimitPerIndex" in change.new.spec
        if not change.of(name) or text is None or not known:
            continue
        try:
            index.count(text, change.new.spec.get("completions", 0))
        except ValueError as error:
            if "completions" in change.new.spec and change.new.spec.get("completionMode"):
                yield invalid(f"status.{name}", text, f"error parsing {name}: {error}")


def _allowed_indexes(change: _Change) -> Errors:
    new, completed = change.new, change.new.status.get("completedIndexes")
    if change.of("completedIndexes") and completed and new.spec["completionMode"] != "Indexed":
        detail = "cannot set non-empty completedIndexes when non-indexed completion mode"
        yield invalid("status.completedIndexes", completed, detail)
    failed, path = new.status.get("failedIndexes"), "status.failedIndexes"
    if failed is None:
        return
    if change.of("failedIndexes") and "backoffLimitPerIndex" not in new.spec:
        detail = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        yield invalid(path, failed, detail)
    if change.of("failedIndexes", "completedIndexes") and "completions" in new.spec:
        yield from _overlap(completed or "", failed, new.spec["completions"], path)


def _overlap(completed: str, failed: str, completions: int, path: str) -> Errors:
    try:
        shared = index.overlap(completed, failed, completions)
    except ValueError:
        return
    if shared is not None:
        detail = f"failedIndexes and completedIndexes overlap at index: {shared}"
        yield invalid(path, failed, detail)


def _active(change: _Change) -> Errors:
    new, status = change.new, change.new.status
    terminating, ready = status.get("terminating"), status.get("ready")
    if change.of("finished", "terminating") and new.finished and (terminating or 0) > 0:
        yield invalid(
            "status.terminating", terminating, "terminating>0 is invalid for finished job"
        )
    if change.of("ready", "active") and ready is not None and ready > status.get("active", 0):
        yield invalid("status.ready", ready, "cannot set more ready pods than active")


def _success(change: _Change) -> Errors:
    new = change.new
    met = new.is_true("SuccessCriteriaMet")
    if met and new.failed:
        yield _conditions("cannot set SuccessCriteriaMet=True and Failed=true conditions")
    if met and new.is_true("FailureTarget"):
        yield _conditions("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions")
    if "successPolicy" in new.spec and new.complete and not met:
        yield _conditions(
            "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"
        )


def _never_undone(change: _Change) -> Errors:
    new, old = change.new, change.old
    for name in _NEVER_UNSET:
        if old.is_true(name) and not new.is_true(name):
            yield _conditions(f"cannot disable the terminal {name}=True condition")
    yield from _counters(change)
    end, was = new.status.get("completionTime"), old.status.get("completionTime")
    if end and was and end != was:
        yield invalid("status.completionTime", end, "field is immutable")
    yield from _start(change)
    if old.is_true("SuccessCriteriaMet") and not new.is_true("SuccessCriteriaMet"):
        yield _conditions("cannot disable the SuccessCriteriaMet=True condition")
    late = old.complete and not old.is_true("SuccessCriteriaMet")
    if late and new.is_true("SuccessCriteriaMet"):
        yield _conditions(
            "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"
        )


def _counters(change: _Change) -> Errors:
    new, old = change.new, change.old
    scaled = new.spec.get("completions") == new.spec.get("parallelism")
    shrinks = new.spec["completionMode"] == "Indexed" and scaled
    for name in ("failed", "succeeded"):
        now, was = new.status.get(name, 0), old.status.get(name, 0)
        if now < was and not (name == "succeeded" and shrinks):
            yield invalid(f"status.{name}", now, f"cannot decrease the {name} counter")


def _start(change: _Change) -> Errors:
    new, old = change.new, change.old
    start, was = new.status.get("startTime"), old.status.get("startTime")
    resuming = old.is_true("Suspended") and new.is_false("Suspended")
    if was and start != was and not new.spec.get("suspend") and not resuming:
        detail = "field is immutable for unsuspended job once set"
        yield invalid("status.startTime", start, detail)


def _without(condition: str, other: str) -> FieldError:
    return _conditions(f"cannot set {condition}=True condition without the {other}=true condition")


def _conditions(detail: str) -> FieldError:
    return broken("status.conditions", detail)


_RULES: tuple[Callable[[_Change], Errors], ...] = (
    _contradictions,
    _completion_time,
    _order_of_conditions,
    _finished,
    _indexes,
    _allowed_indexes,
    _active,
    _success,
    _never_undone,
)

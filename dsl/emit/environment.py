"""The environment of a stage's own container: what koncli tells it, then what the program sets."""

from konductor.api.meta import Json
from konductor.api.names import MOUNT_ROOT, Env, arrivals_name, result_name
from konductor.dsl.emit.name import RunNames
from konductor.dsl.emit.text import pod_text, reference
from konductor.dsl.plan import Cell, SecretKey, Stage, StageKind, Text
from konductor.duration import format_duration

WORKSPACE = f"{MOUNT_ROOT}/workspace"
SHARED = f"{MOUNT_ROOT}/shared"
ARRIVALS = f"{MOUNT_ROOT}/arrivals"
SCRIPT = f"{MOUNT_ROOT}/script"
ITEMS = f"{MOUNT_ROOT}/items"
SCRIPT_FILE = "run"
PARTICIPANTS_KEY = "participants"
_INDEX = "metadata.annotations['batch.kubernetes.io/job-completion-index']"
_ATTEMPT = "metadata.annotations['batch.kubernetes.io/job-index-failure-count']"
_RESULTS = (
    (Env.RUN_STATUS, "status"),
    (Env.FAILED_STAGE, "failedStage"),
    (Env.FAILED_REASON, "failedReason"),
)
_RESULT_KEYS: dict[str, str] = {str(name): key for name, key in _RESULTS}


def main_environment(
    stage: Stage, cell: Cell, names: RunNames, *, script_is_file: bool
) -> list[Json]:
    """Return ``env`` of a cell's main container."""
    environment = _identity(stage, cell, names)
    environment += _paths(stage, cell, names, script_is_file=script_is_file)
    if stage.kind is StageKind.FINALLY:
        environment += [_result(str(name), key, names) for name, key in _RESULTS]
    return environment + [_own(name, value, names) for name, value in cell.env]


def hook_environment(stage: Stage, cell: Cell, names: RunNames) -> list[Json]:
    """Return ``env`` of the hook containers."""
    return [
        _field(Env.INDEX, _INDEX),
        _value(Env.PARTICIPANT, _participant(stage, cell, names)),
        _field(Env.POD, "metadata.name"),
        _field(Env.NAMESPACE, "metadata.namespace"),
    ]


def backoff_environment(cell: Cell) -> list[Json]:
    """Return what tells the wait hook how long a pod that tries again is to pause."""
    retries = cell.retries
    if retries.backoff is None:
        return []
    words = [format_duration(retries.backoff), str(retries.factor)]
    if retries.longest is not None:
        words.append(format_duration(retries.longest))
    return [_field(Env.ATTEMPT, _ATTEMPT), _value(Env.BACKOFF, " ".join(words))]


def _identity(stage: Stage, cell: Cell, names: RunNames) -> list[Json]:
    environment = [
        _value(Env.RUN, names.run),
        _value(Env.PIPELINE, names.plan.pipeline),
        _value(Env.STAGE, stage.name),
        _field(Env.INDEX, _INDEX),
        _value(Env.REPLICAS, str(cell.replicas)),
        _value(Env.PARTICIPANT, _participant(stage, cell, names)),
        _field(Env.POD, "metadata.name"),
        _field(Env.ATTEMPT, _ATTEMPT),
    ]
    if stage.kind is StageKind.MAP and not cell.items:
        environment.append(_field(Env.ITEM, _INDEX))
    return environment


def _paths(stage: Stage, cell: Cell, names: RunNames, *, script_is_file: bool) -> list[Json]:
    environment = []
    if names.plan.workspace is not None:
        environment += [_value(Env.WORKSPACE, WORKSPACE), _value(Env.SHARED, SHARED)]
    if stage.source:
        environment.append(_value(Env.ARRIVALS_FILE, f"{ARRIVALS}/{PARTICIPANTS_KEY}"))
    if script_is_file:
        environment.append(_value(Env.SCRIPT, f"{SCRIPT}/{SCRIPT_FILE}"))
    if cell.items:
        environment.append(_value(Env.ITEMS, ITEMS))
    return environment


def source_arrivals(stage: Stage, names: RunNames) -> str:
    """Return the ConfigMap of the participants that a reduce reads."""
    return arrivals_name(names.barrier(stage.source))


def _participant(stage: Stage, cell: Cell, names: RunNames) -> str:
    return f"{names.job(stage, cell)}-{reference(Env.INDEX)}"


def _own(name: str, value: Text | SecretKey, names: RunNames) -> Json:
    if isinstance(value, SecretKey):
        source = {"secretKeyRef": {"name": value.name, "key": value.key}}
        return {"name": name, "valueFrom": source}
    if len(value.parts) == 1 and value.parts[0] in _RESULT_KEYS:
        return _result(name, _RESULT_KEYS[value.parts[0]], names)
    return {"name": name, "value": pod_text(value)}


def _result(name: str, key: str, names: RunNames) -> Json:
    source = {"name": result_name(names.run), "key": key, "optional": True}
    return {"name": name, "valueFrom": {"configMapKeyRef": source}}


def _value(name: str, value: str) -> Json:
    return {"name": str(name), "value": value}


def _field(name: str, path: str) -> Json:
    return {"name": str(name), "valueFrom": {"fieldRef": {"fieldPath": path}}}

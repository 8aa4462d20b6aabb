"""Stages to Indexed Jobs (semantics.md, 3)."""

from dataclasses import replace

from konductor.api.meta import Json, without_empty
from konductor.api.names import Container, job_name
from konductor.dsl.emit.name import RunNames
from konductor.dsl.emit.pod import pod_template
from konductor.dsl.plan import Gate, Hooks, Stage, Stragglers

_MOST_PARALLEL = 100_000
_MOST_PARALLEL_OF_MANY = 10_000
"""What the API takes above 100,000 completions."""
_WAIT_FAILED = (1, 3)
_TERMINATED = (6,)


def stage_job(stage: Stage, names: RunNames, hook_image: str) -> Json:
    """Return the Job whose pods are a stage's participants."""
    metadata = names.metadata(job_name(names.run, stage.name), names.stage_labels(stage))
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": replace(metadata, annotations=dict(stage.annotations)).manifest(),
        "spec": without_empty(
            {
                "suspend": not _waits_in_pod(names),
                "completionMode": "Indexed",
                "completions": stage.expected,
                "parallelism": _parallelism(stage),
                "backoffLimitPerIndex": stage.retries.limit,
                "maxFailedIndexes": stage.tolerated,
                "podReplacementPolicy": "Failed",
                "podFailurePolicy": {"rules": _failure_rules(stage, names)},
                "successPolicy": _success_policy(stage),
                "template": pod_template(stage, names, hook_image),
            }
        ),
    }


def _waits_in_pod(names: RunNames) -> bool:
    """Tell whether pods may be there before their turn: only a wait hook can hold them."""
    return names.plan.gate is Gate.INIT and names.plan.hooks is Hooks.POD


def _parallelism(stage: Stage) -> int:
    most = _MOST_PARALLEL if stage.expected <= _MOST_PARALLEL else _MOST_PARALLEL_OF_MANY
    return min(stage.parallelism, most)


def _success_policy(stage: Stage) -> Json:
    if stage.stragglers is not Stragglers.CANCEL:
        return {}
    return {"rules": [{"succeededCount": stage.quorum}]}


def _failure_rules(stage: Stage, names: RunNames) -> list[Json]:
    """Return what a pod's failure means; the first rule that fits decides."""
    condition = {"type": "DisruptionTarget", "status": "True"}
    rules: list[Json] = [{"action": "Ignore", "onPodConditions": [condition]}]
    if names.plan.hooks is Hooks.POD:
        rules += [
            _on_exit("FailJob", Container.WAIT, "In", _WAIT_FAILED),
            _on_exit("Ignore", Container.WAIT, "In", _TERMINATED),
            _on_exit("Ignore", Container.ARRIVE, "In", _TERMINATED),
        ]
    if stage.retries.not_on_exit:
        rules.append(_on_exit("FailIndex", Container.MAIN, "In", stage.retries.not_on_exit))
    if stage.retries.on_exit:
        rules.append(_on_exit("FailIndex", Container.MAIN, "NotIn", stage.retries.on_exit))
    return rules


def _on_exit(action: str, container: Container, operator: str, codes: tuple[int, ...]) -> Json:
    return {
        "action": action,
        "onExitCodes": {
            "containerName": str(container),
            "operator": operator,
            "values": sorted(set(codes)),
        },
    }

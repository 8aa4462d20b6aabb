"""Stages to Indexed Jobs (semantics.md, 3)."""

from konductor.api.meta import Json, without_empty
from konductor.api.names import Container
from konductor.dsl.emit.name import RunNames
from konductor.dsl.emit.pod import pod_template
from konductor.dsl.plan import Cell, Gate, Hooks, Stage, Stragglers

_MOST_PARALLEL = 100_000
_MOST_PARALLEL_OF_MANY = 10_000
"""What the API takes above 100,000 completions."""
_WAIT_FAILED = (1, 3)
_TERMINATED = (6,)


def cell_job(
    stage: Stage, cell: Cell, names: RunNames, hook_image: str, *, parallelism: int
) -> Json:
    """Return the Job whose pods are the participants of one cell of a stage.

    Args:
        stage: What the cell belongs to.
        cell: What its pods are.
        names: Of the run's objects.
        hook_image: The image of the hook containers.
        parallelism: How many of its pods may run at once (`shares`).
    """
    metadata = names.metadata(names.job(stage, cell), names.cell_labels(stage, cell))
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata._replace(annotations=dict(cell.annotations)).manifest(),
        "spec": without_empty(
            {
                "suspend": not _waits_in_pod(names),
                "completionMode": "Indexed",
                "completions": cell.replicas,
                "parallelism": _parallelism(cell, parallelism),
                "backoffLimitPerIndex": cell.retries.limit,
                "maxFailedIndexes": min(cell.replicas, stage.tolerated),
                "podReplacementPolicy": "Failed",
                "podFailurePolicy": {"rules": _failure_rules(cell, names)},
                "successPolicy": _success_policy(stage),
                "template": pod_template(stage, cell, names, hook_image),
            }
        ),
    }


def _waits_in_pod(names: RunNames) -> bool:
    """Tell whether pods may be there before their turn: only a wait hook can hold them."""
    return names.plan.gate is Gate.INIT and names.plan.hooks is Hooks.POD


def _parallelism(cell: Cell, share: int) -> int:
    most = _MOST_PARALLEL if cell.replicas <= _MOST_PARALLEL else _MOST_PARALLEL_OF_MANY
    return min(share, most)


def shares(stage: Stage) -> tuple[int, ...]:
    """Return how many pods of each cell may run at once, so that the stage's sum is kept.

    Each cell has one at least, since a Job without any would never end; what is left is shared by
    the number of pods that a cell has beyond its first, the rest of the division to the earlier.
    """
    cells = stage.cells
    left, wanted = stage.parallelism - len(cells), stage.expected - len(cells)
    more = [(cell.replicas - 1) * left // wanted if wanted else 0 for cell in cells]
    rest = left - sum(more)
    found = []
    for cell, extra in zip(cells, more, strict=True):
        one_more = int(rest > 0 and extra < cell.replicas - 1)
        rest -= one_more
        found.append(1 + extra + one_more)
    return tuple(found)


def _success_policy(stage: Stage) -> Json:
    if stage.stragglers is not Stragglers.CANCEL or len(stage.cells) > 1:
        return {}
    return {"rules": [{"succeededCount": stage.quorum}]}


def _failure_rules(cell: Cell, names: RunNames) -> list[Json]:
    """Return what a pod's failure means; the first rule that fits decides."""
    condition = {"type": "DisruptionTarget", "status": "True"}
    rules: list[Json] = [{"action": "Ignore", "onPodConditions": [condition]}]
    if names.plan.hooks is Hooks.POD:
        rules += [
            _on_exit("FailJob", Container.WAIT, "In", _WAIT_FAILED),
            _on_exit("Ignore", Container.WAIT, "In", _TERMINATED),
            _on_exit("Ignore", Container.ARRIVE, "In", _TERMINATED),
        ]
    if cell.retries.not_on_exit:
        rules.append(_on_exit("FailIndex", Container.MAIN, "In", cell.retries.not_on_exit))
    if cell.retries.on_exit:
        rules.append(_on_exit("FailIndex", Container.MAIN, "NotIn", cell.retries.on_exit))
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

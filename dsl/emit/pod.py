"""The pod template of a stage."""

from datetime import timedelta
from decimal import Decimal

from konductor.api.meta import Json, without_empty
from konductor.api.names import Annotation, Container
from konductor.dsl.emit.environment import main_environment
from konductor.dsl.emit.hook import arrive_container, token_volume, wait_container
from konductor.dsl.emit.name import RunNames
from konductor.dsl.emit.placement import confinement, env_from, patched, spec_members
from konductor.dsl.emit.program import command_line, script_is_file
from konductor.dsl.emit.volume import cell_volumes
from konductor.dsl.plan import Cell, Hooks, Resources, Stage


def pod_template(stage: Stage, cell: Cell, names: RunNames, hook_image: str) -> Json:
    """Return ``spec.template`` of a cell's Job."""
    annotations = dict(cell.annotations)
    if stage.barriers:
        annotations[str(Annotation.MEETS)] = "true"
    metadata = {"labels": names.cell_labels(stage, cell), "annotations": annotations}
    spec = _spec(stage, cell, names, hook_image)
    return {"metadata": without_empty(metadata), "spec": spec}


def _spec(stage: Stage, cell: Cell, names: RunNames, hook_image: str) -> Json:
    mounted = cell_volumes(stage, cell, names, script_is_file=script_is_file(cell))
    volumes = list(mounted.volumes)
    waiting: list[Json] = []
    containers = [_main(stage, cell, names, list(mounted.mounts))]
    if names.plan.hooks is Hooks.POD:
        waiting.append(wait_container(stage, cell, names, hook_image))
        containers.append(arrive_container(stage, cell, names, hook_image))
        volumes.append(token_volume())
    spec = without_empty(
        {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "activeDeadlineSeconds": _whole_seconds(cell.attempt_timeout),
            "initContainers": waiting,
            "containers": containers,
            "volumes": volumes,
        }
    )
    return patched(spec | spec_members(cell), cell)


def _main(stage: Stage, cell: Cell, names: RunNames, mounts: list[Json]) -> Json:
    is_file = script_is_file(cell)
    return without_empty(
        {
            "name": str(Container.MAIN),
            "image": cell.image,
            **command_line(cell),
            "workingDir": cell.workdir,
            "env": main_environment(stage, cell, names, script_is_file=is_file),
            "envFrom": env_from(cell),
            "resources": _resources(cell.resources),
            "volumeMounts": mounts,
            "securityContext": confinement(cell),
        }
    )


def _resources(resources: Resources) -> Json:
    """Return requests and limits, which are the same: a pod gets what it asks for."""
    amounts = without_empty(
        {
            "cpu": None if resources.cpu is None else cpu_text(resources.cpu),
            "memory": resources.memory,
            "nvidia.com/gpu": str(resources.gpu) if resources.gpu else None,
        }
    )
    return {"requests": amounts, "limits": dict(amounts)} if amounts else {}


def cpu_text(cpu: Decimal) -> str:
    """Return a number of CPUs as kubectl prints it.

    >>> cpu_text(Decimal("0.5")), cpu_text(Decimal(2))
    ('500m', '2')
    """
    thousandths = int(cpu * 1000)
    return f"{thousandths}m" if thousandths % 1000 else str(thousandths // 1000)


def _whole_seconds(span: timedelta | None) -> int | None:
    return None if span is None else -(-span // timedelta(seconds=1))

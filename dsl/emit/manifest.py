"""Plan and a run's name to every object of that run, in the order of their creation."""

from typing import TypeAlias

from konductor.api.meta import Json
from konductor.dsl.emit.barrier import raw_barrier, stage_barrier
from konductor.dsl.emit.hook import HOOK_IMAGE
from konductor.dsl.emit.job import cell_job, shares
from konductor.dsl.emit.name import RunNames
from konductor.dsl.emit.program import items_map, script_is_file, script_map
from konductor.dsl.emit.run import program_maps, run_manifest
from konductor.dsl.emit.volume import workspace_claim
from konductor.dsl.plan import EmptyVolume, Plan
from konductor.garbage import no_garbage_collection

Manifest: TypeAlias = Json
"""A document to create an object with; its Run's uid, unknown here, is not in it."""


def emit(plan: Plan, run_name: str, *, hook_image: str = HOOK_IMAGE) -> tuple[Manifest, ...]:
    """Return the objects of one run: Run, ConfigMaps, claim, suspended Jobs, Barriers.

    Whoever creates them adds the Run's ownerReference to all others, and sets ``spec.ready`` of
    the Run last (semantics.md, 4).
    """
    with no_garbage_collection():
        return _manifests(plan, RunNames(plan, run_name), hook_image)


def _manifests(plan: Plan, names: RunNames, hook_image: str) -> tuple[Manifest, ...]:
    manifests = [run_manifest(names), *program_maps(names)]
    cells = [(stage, cell) for stage in plan.stages for cell in stage.cells]
    maps = [script_map(*one, names) for one in cells if script_is_file(one[1])]
    maps += [items_map(*one, names) for one in cells if one[1].items]
    manifests += {one["metadata"]["name"]: one for one in maps}.values()
    if isinstance(plan.workspace, EmptyVolume):
        manifests.append(workspace_claim(plan.workspace, names))
    manifests += [
        cell_job(stage, cell, names, hook_image, parallelism=share)
        for stage in plan.stages
        for cell, share in zip(stage.cells, shares(stage), strict=True)
    ]
    manifests += [stage_barrier(stage, names) for stage in plan.stages]
    return (*manifests, *(raw_barrier(one, names) for one in plan.barriers if not one.external))

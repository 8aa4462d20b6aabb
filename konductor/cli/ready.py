"""Whether a run may begin: what was looked at before anything is created, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from konductor.api.meta import Json
from konductor.cli.compile import with_hooks
from konductor.cli.place import Place, at_home
from konductor.cli.shown import note
from konductor.dsl.emit import HOOK_IMAGE, emit
from konductor.dsl.plan import Plan
from konductor.errors import Refused, UsageError

if TYPE_CHECKING:
    from konductor.cluster.port import Cluster
    from konductor.runner.run import Target

_RESTART = "`koncli cluster down`, then `koncli cluster up`, brings its kinds up to date"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to run."""

    plan: Plan
    program: str
    """The path of the program."""
    hook_image: str
    """Empty: the one that the installation names, else koncli's own."""
    hooks_asked: bool
    """Whether the program or the command line says which hooks, so that nothing else will do."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A run that may begin."""

    plan: Plan
    manifests: tuple[Json, ...]
    embeds: bool
    """Whether koncli has to carry the operator."""


async def ready(cluster: "Cluster", wish: Wish, target: "Target", place: Place) -> Ready:
    """Look whether a run can go well on a cluster, and say what a person should know of that.

    Raises:
        KonductorError: it cannot; the message says what is in the way, and the hint how to mend it.
    """
    plan, embeds = wish.plan, False
    if not place.is_local:
        wish = replace(wish, hook_image=await _hook_image(cluster, wish, target))
        embeds = await _embeds(cluster, plan, target)
        plan = await _checked(cluster, wish, target, embeds=embeds)
    elif place.folder is None:
        await _kinds_and_namespace(cluster, target)
    image = wish.hook_image or HOOK_IMAGE
    manifests = at_home(emit(plan, target.name, hook_image=image), place, wish.program)
    for line in await _tight(cluster, plan, manifests, target, place):
        note(line)
    return Ready(plan, manifests, embeds)


async def _hook_image(cluster: "Cluster", wish: Wish, target: "Target") -> str:
    """Return the image that was asked for, or the one that this cluster can pull."""
    from konductor.cluster.settings import settings_for  # noqa: PLC0415  # not for --help

    if wish.hook_image:
        return wish.hook_image
    return (await settings_for(cluster, target.namespace)).hook_image or HOOK_IMAGE


async def _tight(
    cluster: "Cluster", plan: Plan, manifests: Sequence[Json], target: "Target", place: Place
) -> tuple[str, ...]:
    """Hold the objects of a run to what is there, and return what is tight."""
    if not place.is_local:
        from konductor.runner.preflight.look import check_objects  # noqa: PLC0415  # not for --help

        return await check_objects(cluster, plan, manifests, target.namespace)
    from konductor.runner.preflight.external import check_external  # noqa: PLC0415  # likewise

    await check_external(cluster, plan, target.namespace)
    return ()


async def _embeds(cluster: "Cluster", plan: Plan, target: "Target") -> bool:
    """Tell whether koncli has to carry the operator, and say so.

    Raises:
        UsageError: that would not do, as a barrier of others needs one for all.
    """
    from konductor.operator.served import Served, served  # noqa: PLC0415  # not for --help

    found = await served(cluster, target.namespace)
    if found is Served.YES:
        return False
    others = next((one.object_name for one in plan.barriers if one.external), "")
    if others and found is Served.NO:
        raise UsageError(
            f"nobody serves external barrier `{others}`: the cluster has no operator of its own",
            hint="`koncli operator` serves every barrier; a run's own operator only the run's",
        )
    if found is Served.UNKNOWN:
        note("you may not look for an operator here; koncli carries one for this run")
    else:
        note("no operator serves this namespace: koncli carries one for this run, until it ends")
    return True


async def _checked(cluster: "Cluster", wish: Wish, target: "Target", *, embeds: bool) -> Plan:
    """Look at the cluster; return the plan, with other hooks where pods may not take part."""
    from konductor.runner.preflight.hooks import granting  # noqa: PLC0415  # not for --help
    from konductor.runner.preflight.look import Asked, check_cluster  # noqa: PLC0415  # likewise

    asked = Asked(wish.plan, target.namespace, wish.hook_image, embeds=embeds)
    hooks = await check_cluster(cluster, asked)
    if hooks.note:
        note(hooks.note)
    if not hooks.missing:
        return wish.plan
    hint = f"{granting(target.namespace)} lets pods take part"
    if wish.hooks_asked:
        raise Refused(hooks.missing, hint=f'{hint}; `hooks = "job"` needs nothing in the pod')
    try:
        plan = with_hooks(wish.plan, "job")
    except UsageError as error:
        raise Refused(f"{hooks.missing}, and {error.message}", hint=hint) from error
    note(f'{hooks.missing}: it runs with hooks = "job"; {hint}')
    return plan


async def _kinds_and_namespace(cluster: "Cluster", target: "Target") -> None:
    """Look at a local cluster that stays: an older koncli may have started it."""
    from konductor.runner.preflight.kinds import check_kinds  # noqa: PLC0415  # not for --help
    from konductor.runner.preflight.space import check_namespace  # noqa: PLC0415  # likewise

    await check_kinds(cluster, remedy=_RESTART)
    await check_namespace(cluster, target.namespace)

"""Rounds of a loop: each is a fresh Barrier ``<name>-<round>``, made by whoever comes first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from konductor.api.barrier import Barrier
from konductor.api.meta import Metadata
from konductor.api.names import Label
from konductor.errors import AlreadyExists
from konductor.hooks.arrive import present
from konductor.hooks.client import Client
from konductor.hooks.follow import BARRIERS, find


def round_of(model: Barrier, name: str) -> Barrier:
    """Return a round of a barrier: it counts as its model does, and goes when that goes.

    It starts at once: what the model was to wait for lies before the loop.
    """
    kept = (Label.RUN, Label.PIPELINE)
    labels = {str(key): model.metadata.labels[key] for key in kept if key in model.metadata.labels}
    metadata = Metadata(name, model.metadata.namespace, labels=labels, owners=(model.owner(),))
    return Barrier(metadata, replace(model.spec, after=(), jobs=()))


def ensure_round(
    client: Client,
    name: str,
    number: int,
    *,
    timeout: timedelta,
    tell: Callable[[str], None],
) -> str:
    """Return the name of a round's barrier, which exists from then on.

    Raises:
        NotFound: its model, the barrier ``name``, did not appear in time.
        Forbidden: it does not exist, and this user may not create it.
    """
    of_round = f"{name}-{number}"
    if find(client, BARRIERS, of_round):
        return of_round
    deadline = client.clock.steady() + timeout.total_seconds()
    model = Barrier.parse(present(client, name, deadline, timeout, tell))
    try:
        client.create(client.path(*BARRIERS), round_of(model, of_round).manifest(), repeatable=True)
    except AlreadyExists:
        return of_round
    tell(f"created barrier `{of_round}`")
    return of_round

"""As whom a process arrives: a retried pod is the same participant (semantics.md, 1)."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from konductor.api.meta import Json, json_list, json_map
from konductor.api.names import Env
from konductor.connection import in_pod
from konductor.errors import Forbidden
from konductor.hooks.client import Client
from konductor.hooks.follow import JOBS, PODS, find

_INDEX = "batch.kubernetes.io/job-completion-index"
_INDEX_VARIABLE = "JOB_COMPLETION_INDEX"


class Identity(NamedTuple):
    """A participant and, where it is one, its pod."""

    participant: str
    pod: str = ""


def identify(
    client: Client,
    environment: Mapping[str, str],
    *,
    host: Callable[[], str],
    tell: Callable[[str], None],
) -> Identity:
    """Return who this process is.

    In this order: ``$KON_PARTICIPANT``; ``<job>-<index>`` of an Indexed Job; the Job's name of one
    that completes once; the pod's name; the host's name.

    Raises:
        Unreachable: it takes a look at the own pod, and the API server gives no answer.
    """
    pod = environment.get(Env.POD, "")
    if participant := environment.get(Env.PARTICIPANT):
        return Identity(participant, pod)
    name = environment.get("HOSTNAME") or host()
    index = environment.get(_INDEX_VARIABLE, "")
    if index and name.endswith(f"-{index}"):  # what Kubernetes names the host of an Indexed Job
        return Identity(name, pod)
    if in_pod(environment) is None:
        return Identity(name)
    return _by_pod(client, pod or name, tell)


def _by_pod(client: Client, pod: str, tell: Callable[[str], None]) -> Identity:
    try:
        document = find(client, PODS, pod)
    except Forbidden as error:
        tell(f"may not read pod `{pod}`, so arrives by its name: {error.message}")
        return Identity(pod, pod)
    job = _owner(document) if document else ""
    if not document or not job:
        return Identity(pod, pod)
    annotations = json_map(json_map(document.get("metadata")).get("annotations"))
    if index := annotations.get(_INDEX):
        return Identity(f"{job}-{index}", pod)
    return Identity(job if _completes_once(client, job, tell) else pod, pod)


def _owner(pod: Json) -> str:
    """Return the name of the Job that the pod belongs to, or an empty string."""
    owners = map(json_map, json_list(json_map(pod.get("metadata")).get("ownerReferences")))
    return next((str(one.get("name")) for one in owners if one.get("kind") == "Job"), "")


def _completes_once(client: Client, job: str, tell: Callable[[str], None]) -> bool:
    try:
        document = find(client, JOBS, job)
    except Forbidden as error:
        tell(f"may not read Job `{job}`, so arrives by the pod's name: {error.message}")
        return False
    return json_map((document or {}).get("spec")).get("completions") == 1

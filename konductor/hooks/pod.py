"""What a hook knows of the pod it runs in."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, TextIO

from konductor.api.meta import Json, json_list, json_map, optional_time
from konductor.api.names import Container, Env
from konductor.connection import Connection
from konductor.errors import UsageError
from konductor.hooks.client import Client
from konductor.hooks.follow import PODS, follow


class End(NamedTuple):
    """How the container ``main`` ended."""

    exit_code: int
    finished: datetime | None


def own_connection(connection: Connection, environment: Mapping[str, str]) -> Connection:
    """Return the connection, in the namespace of the pod."""
    return connection._replace(namespace=environment.get(Env.NAMESPACE) or connection.namespace)


def own_name(environment: Mapping[str, str]) -> str:
    """Return the pod's name.

    Raises:
        UsageError: the environment does not hold it.
    """
    if name := environment.get(Env.POD):
        return name
    raise UsageError(f"{Env.POD} is not set: this hook runs in pods that koncli made")


def teller(output: TextIO) -> Callable[[str], None]:
    """Return what writes one line of a hook's log."""

    def tell(line: str) -> None:
        print(f"koncli: {line}", file=output, flush=True)

    return tell


def main_end(pod: Json) -> End | None:
    """Return how main ended for good, or None while it runs, may be run again or was not seen.

    >>> state = {"terminated": {"exitCode": 0}}
    >>> main_end({"status": {"containerStatuses": [{"name": "main", "state": state}]}})
    End(exit_code=0, finished=None)
    """
    for status in map(json_map, json_list(json_map(pod.get("status")).get("containerStatuses"))):
        ended = json_map(json_map(status.get("state")).get("terminated"))
        if status.get("name") == Container.MAIN and ended:
            code = int(ended.get("exitCode") or 0)
            policy = json_map(pod.get("spec")).get("restartPolicy")
            again = policy == "Always" or (code and policy == "OnFailure")
            return None if again else End(code, optional_time(ended.get("finishedAt")))
    return None


def ended_by_itself(pod: Json) -> bool:
    """Tell whether main had succeeded before somebody asked for the pod's end.

    A program that ends well because it is told to has not done its work, so of a pod that is
    being deleted only an earlier second counts.
    """
    end, metadata = main_end(pod), json_map(pod.get("metadata"))
    deleted = optional_time(metadata.get("deletionTimestamp"))
    if end is None or end.exit_code or end.finished is None or deleted is None:
        return False
    grace = timedelta(seconds=int(metadata.get("deletionGracePeriodSeconds") or 0))
    return end.finished < deleted - grace


def watch_main(client: Client, pod: str) -> Iterator[End | None]:
    """Yield how main ended, None while it has not, at once and after each change; end with the pod.

    Raises:
        ApiError: the server refuses.
        Stopped: the client's stop was set.
    """
    for pods in follow(client, PODS, pod):
        if pod not in pods:
            return
        yield main_end(pods[pod])

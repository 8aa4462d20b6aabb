"""What the API server asks of a node: logs, and programs run beside a container's own."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from konductor.runner.local.apiserver.answer import bad_request
from konductor.runner.local.apiserver.listing import is_true

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LogRequest:
    """What of a container's log is asked for."""

    follow: bool = False
    previous: bool = False
    """The log of the container's last run before this one."""
    tail: int | None = None
    since: datetime | None = None
    timestamps: bool = False
    limit_bytes: int | None = None


class Execution(Protocol):
    """A program that runs in a container."""

    def output(self) -> AsyncGenerator[tuple[int, bytes], None]:
        """Yield what it writes, with the number of the stream (1 or 2)."""
        ...

    async def write(self, data: bytes) -> None:
        """Give it some of its standard input."""
        ...

    def end_input(self) -> None:
        """Let its standard input end."""
        ...

    def resize(self, width: int, height: int) -> None:
        """Tell it the size of its terminal."""
        ...

    async def wait(self) -> int:
        """Return its exit code."""
        ...

    async def close(self) -> None:
        """End it, if it still runs."""
        ...


class NodeAgent(Protocol):
    """The kubelet, as the API server sees it."""

    def log(self, pod: Json, container: str, request: LogRequest) -> AsyncGenerator[bytes, None]:
        """Yield a container's log in pieces.

        Raises:
            Refusal: there is no such log.
        """
        ...

    async def execute(
        self, pod: Json, container: str, command: list[str], *, stdin: bool, tty: bool
    ) -> Execution:
        """Start a program in a container.

        Raises:
            Refusal: it cannot be started.
        """
        ...


def log_request(query: Mapping[str, str], now: datetime) -> LogRequest:
    """Return what a query asks of a log.

    Raises:
        Refusal: a number or a time is none.
    """
    try:
        since = datetime.fromisoformat(query["sinceTime"]) if query.get("sinceTime") else None
        if seconds := query.get("sinceSeconds"):
            since = now - timedelta(seconds=int(seconds))
        return LogRequest(
            follow=is_true(query.get("follow", "")),
            previous=is_true(query.get("previous", "")),
            tail=int(query["tailLines"]) if query.get("tailLines") else None,
            since=since,
            timestamps=is_true(query.get("timestamps", "")),
            limit_bytes=int(query["limitBytes"]) if query.get("limitBytes") else None,
        )
    except (ValueError, OverflowError) as error:
        raise bad_request(f"the log options cannot be read: {error}") from error


def container_of(pod: Json, asked: str) -> str:
    """Return the container that is meant: the one named, or the only one.

    Raises:
        Refusal: it is not named and there are several, or there is none of that name.
    """
    spec, name = pod["spec"], pod["metadata"]["name"]
    main = [one["name"] for one in spec.get("containers", ())]
    first = [one["name"] for one in spec.get("initContainers", ())]
    if asked:
        if asked not in main + first:
            raise bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    if len(main) == 1 and not first:
        return str(main[0])
    named = pod["metadata"].get("annotations", {}).get("kubectl.kubernetes.io/default-container")
    if named in main:
        return str(named)
    choices = f"choose one of: [{' '.join(main)}]"
    if first:
        choices += f" or one of the init containers: [{' '.join(first)}]"
    raise bad_request(f"a container name must be specified for pod {name}, {choices}")

"""``kubectl logs`` and ``kubectl exec``, with an agent that a test has written."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest

from konductor.runner.local.apiserver.node import Execution, LogRequest
from tests.integration.apiserver.conftest import Api, Kubectl

Json = dict[str, Any]


class Echo:
    """Says what it was asked for, then what it is told, and ends with code 3."""

    def __init__(self, command: list[str], *, stdin: bool) -> None:
        self._said: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._said.put_nowait(f"{' '.join(command)}\n".encode())
        if not stdin:
            self._said.put_nowait(None)

    async def output(self) -> AsyncGenerator[tuple[int, bytes], None]:
        while (data := await self._said.get()) is not None:
            yield 1, data
        yield 2, b"over\n"

    async def write(self, data: bytes) -> None:
        await self._said.put(data)

    def end_input(self) -> None:
        self._said.put_nowait(None)

    def resize(self, width: int, height: int) -> None:
        raise AssertionError((width, height))

    async def wait(self) -> int:
        return 3

    async def close(self) -> None:
        pass


class Agent:
    """A node whose containers all log the same."""

    def __init__(self) -> None:
        self.asked: list[LogRequest] = []
        self.more = threading.Event()

    async def log(
        self, pod: Json, container: str, request: LogRequest
    ) -> AsyncGenerator[bytes, None]:
        self.asked.append(request)
        yield f"{pod['metadata']['name']} {container}\n".encode()
        if request.follow:
            await asyncio.to_thread(self.more.wait)
            yield b"more\n"

    async def execute(
        self, pod: Json, container: str, command: list[str], *, stdin: bool, tty: bool
    ) -> Execution:
        del pod, container, tty
        return Echo(command, stdin=stdin)


@pytest.fixture
def agent(api: Api, namespace: str) -> Iterator[Agent]:
    found = Agent()
    api.server.agent = found
    containers = [{"name": name, "image": "b"} for name in ("main", "side")]
    pod = {"metadata": {"name": "p"}, "spec": {"containers": containers, "nodeName": "n"}}
    made = api.ask("POST", f"/api/v1/namespaces/{namespace}/pods", pod)
    assert made.code == 201, made.text
    yield found
    found.more.set()
    api.server._front.agent = None


def test_logs_are_passed_on_with_what_was_asked(agent: Agent, kubectl: Kubectl) -> None:
    said = kubectl("logs", "p", "-c", "side", "--tail=5", "--timestamps", "--limit-bytes=99")
    assert said.out == "p side\n", said.errors
    (asked,) = agent.asked
    assert (asked.tail, asked.timestamps, asked.limit_bytes, asked.follow) == (5, True, 99, False)


def test_a_followed_log_comes_as_it_grows(agent: Agent, kubectl: Kubectl) -> None:
    with kubectl.follow("logs", "-f", "p", "-c", "main") as following:
        assert following.stdout
        assert following.stdout.readline() == "p main\n"
        agent.more.set()
        assert following.stdout.readline() == "more\n"


@pytest.mark.usefixtures("agent")
def test_a_container_must_be_named_if_there_are_several(api: Api, namespace: str) -> None:
    answer = api.ask("GET", f"/api/v1/namespaces/{namespace}/pods/p/log")
    assert answer.code == 400
    told = "a container name must be specified for pod p, choose one of: [main side]"
    assert answer.body["message"] == told


@pytest.mark.usefixtures("agent")
def test_exec_carries_streams_and_the_exit_code(kubectl: Kubectl) -> None:
    said = kubectl("exec", "p", "-c", "main", "--", "one", "two")
    assert said.code == 3
    assert said.out == "one two\n"
    assert said.errors.startswith("over\n")
    assert "exit code 3" in said.errors


@pytest.mark.usefixtures("agent")
def test_exec_takes_standard_input(kubectl: Kubectl) -> None:
    said = kubectl("exec", "-i", "p", "-c", "main", "--", "cat", stdin="hello\n")
    assert said.out == "cat\nhello\n"


def test_a_pod_on_a_node_without_an_agent_has_no_log_yet(
    api: Api, agent: Agent, namespace: str
) -> None:
    del agent
    api.server._front.agent = None
    answer = api.ask("GET", f"/api/v1/namespaces/{namespace}/pods/p/log?container=main")
    assert answer.code == 500
    assert "the node's agent does not run yet" in answer.body["message"]

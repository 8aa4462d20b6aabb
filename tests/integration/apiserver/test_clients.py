"""The official Python client and kopf, unchanged."""

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kopf
import pytest
from kubernetes import client, config, watch

from konductor.connection import json_kubeconfig
from tests.integration.apiserver.conftest import DEADLINE, Api

Make = Callable[..., dict[str, Any]]
_GROUP = ("konductor.io", "v1")


@pytest.fixture
def official(api: Api) -> Iterator[Any]:
    """The official client, with the server's kubeconfig."""
    made: Any = config.new_client_from_config  # it ships no types
    with made(str(api.kubeconfig)) as found:
        yield found


def test_the_official_client_writes_and_reads_custom_objects(
    official: Any, namespace: str, barrier: Make
) -> None:
    custom: Any = client.CustomObjectsApi(official)
    place = (*_GROUP, namespace, "barriers")
    made = custom.create_namespaced_custom_object(*place, barrier("a"))
    made["spec"]["expected"] = 4
    replaced = custom.replace_namespaced_custom_object(*place, "a", made)
    assert replaced["metadata"]["generation"] == 2
    patched = custom.patch_namespaced_custom_object(*place, "a", {"spec": {"expected": 5}})
    assert patched["spec"] == {"expected": 5}
    assert custom.delete_namespaced_custom_object(*place, "a")["status"] == "Success"
    with pytest.raises(client.ApiException) as refused:
        custom.get_namespaced_custom_object(*place, "a")
    assert refused.value.status == 404


def test_the_official_client_types_built_in_kinds(official: Any, namespace: str) -> None:
    core: Any = client.CoreV1Api(official)
    made = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="c"), data={"a": "b"})
    assert core.create_namespaced_config_map(namespace, made).metadata.uid
    patched = core.patch_namespaced_config_map("c", namespace, {"data": {"c": "d"}})
    assert patched.data == {"a": "b", "c": "d"}
    assert [one.metadata.name for one in core.list_namespaced_config_map(namespace).items] == ["c"]
    core.delete_collection_namespaced_config_map(namespace)
    assert core.list_namespaced_config_map(namespace).items == []


def test_the_official_client_watches(official: Any, namespace: str) -> None:
    core: Any = client.CoreV1Api(official)
    core.create_namespaced_config_map(namespace, {"metadata": {"name": "c"}})
    seen = []
    stream: Any = watch.Watch().stream  # type: ignore[no-untyped-call]  # it ships no types
    for event in stream(core.list_namespaced_config_map, namespace, timeout_seconds=9):
        seen.append((event["type"], event["object"].metadata.name))
        if event["type"] == "ADDED":
            core.delete_namespaced_config_map("c", namespace)
        else:
            break
    assert seen == [("ADDED", "c"), ("DELETED", "c")]


class Operator:
    """kopf in a thread of its own, noting what it sees of barriers."""

    def __init__(self, api: Api, namespace: str) -> None:
        self.seen: list[tuple[str | None, str]] = []
        self.both, self.ready = threading.Event(), threading.Event()
        self._namespace = namespace
        self._registry = kopf.OperatorRegistry()
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

        @kopf.on.login(registry=self._registry)
        def login(**_: object) -> kopf.ConnectionInfo:
            return kopf.ConnectionInfo(
                server=api.connection.server,
                token=api.connection.token,
                ca_path=str(api.folder / "ca.crt"),
            )

        kopf.on.event(*_GROUP, "barriers", registry=self._registry)(self._saw)

    def _saw(self, type: str | None, name: str, **_: object) -> None:  # noqa: A002  # kopf's name
        self.seen.append((type, name))
        if len(self.seen) == 2:
            self.both.set()

    async def _operate(self) -> None:
        self._loop = asyncio.get_running_loop()
        settings = kopf.OperatorSettings()
        settings.process.ultimate_exiting_timeout = None
        self._task = asyncio.ensure_future(
            kopf.operator(
                registry=self._registry,
                settings=settings,
                namespaces=[self._namespace],
                standalone=True,
                ready_flag=self.ready,
            )
        )
        await asyncio.wait([self._task])

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=lambda: asyncio.run(self._operate()))
        thread.start()
        try:
            assert self.ready.wait(DEADLINE)
            yield
        finally:
            if self._loop and self._task:
                self._loop.call_soon_threadsafe(self._task.cancel)
            thread.join(DEADLINE)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_kopf_sees_what_is_there_and_what_comes(api: Api, namespace: str, barrier: Make) -> None:
    path = f"/apis/konductor.io/v1/namespaces/{namespace}/barriers"
    operator = Operator(api, namespace)
    assert api.ask("POST", path, barrier("before")).code == 201
    with operator.running():
        assert api.ask("POST", path, barrier("after")).code == 201
        assert operator.both.wait(DEADLINE), operator.seen
    assert {name for _, name in operator.seen} == {"before", "after"}
    gc.collect()  # kopf's loop ends before its TLS connections have: they are told of here


def test_the_kubeconfig_is_read_without_a_yaml_parser(api: Api) -> None:
    found = json_kubeconfig(Path(api.kubeconfig), source="here")
    assert found is not None
    assert (found.server, found.token) == (api.connection.server, api.connection.token)
    assert found.ca_data == api.connection.ca_data
    assert api.kubeconfig.stat().st_mode & 0o777 == 0o600

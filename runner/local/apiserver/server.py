"""Serves the API on 127.0.0.1: TLS, a token, and a kubeconfig that only its owner can read."""

import json
import ssl
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from konductor.connection import Connection
from konductor.runner.local.apiserver import certificate
from konductor.runner.local.apiserver.body import Body
from konductor.runner.local.apiserver.identity import Identities
from konductor.runner.local.apiserver.kinds import Kinds
from konductor.runner.local.apiserver.node import NodeAgent
from konductor.runner.local.apiserver.removal import NAMESPACES
from konductor.runner.local.apiserver.room import Options, Room
from konductor.runner.local.apiserver.stock import Key, Stock
from konductor.runner.local.apiserver.web import Front

DATABASE, KUBECONFIG = "cluster.db", "kubeconfig"
_ADDRESS = "127.0.0.1"
_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
_NAME = "konductor-local"


class Server:
    """An API server that serves."""

    def __init__(self, front: Front, connection: Connection, kubeconfig: Path) -> None:
        self._front = front
        self.connection = connection
        """How its owner reaches it."""
        self.kubeconfig = kubeconfig
        self.room = front.room

    @property
    def agent(self) -> NodeAgent | None:
        """The node's agent, which logs and exec are passed on to."""
        return self._front.agent

    @agent.setter
    def agent(self, agent: NodeAgent) -> None:
        self._front.agent = agent


@asynccontextmanager
async def serve(
    folder: Path, *, port: int = 0, clock: Callable[[], float] = time.time
) -> AsyncGenerator[Server, None]:
    """Serve with the state in a folder, until the context is left.

    ``clock`` gives seconds since the epoch; port 0 takes a free one.

    Raises:
        OSError: the folder or the port cannot be used.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # noqa: ASYNC240  # nobody waits yet
    certificate.provide(folder)

    def now() -> str:
        return datetime.fromtimestamp(clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    stock = Stock(folder / DATABASE)
    room = Room(stock, Kinds(stock, now), now)
    _begin(room)
    front = Front(room, Identities(folder, clock, stock.uid_of), frozenset({_ADDRESS, "localhost"}))
    runner = web.AppRunner(
        front.application(), handler_cancellation=True, access_log=None, shutdown_timeout=0.2
    )
    await runner.setup()
    try:
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(folder / certificate.SERVER)
        site = web.TCPSite(runner, _ADDRESS, port, ssl_context=trust)
        await site.start()
        address = runner.addresses[0]
        connection = Connection(
            server=f"https://{_ADDRESS}:{address[1]}",
            ca_data=(folder / certificate.AUTHORITY).read_text(encoding="ascii"),
            token=front.identities.admin_token,
            source="the local cluster",
        )
        text = json.dumps(_kubeconfig(connection), indent=1)
        certificate.write_private(folder / KUBECONFIG, text.encode())
        yield Server(front, connection, folder / KUBECONFIG)
    finally:
        await runner.cleanup()
        stock.close()


def _begin(room: Room) -> None:
    """Create the namespaces that every cluster has."""
    kind = room.kinds.find("", "v1", NAMESPACES)
    assert kind is not None, "a built-in kind"  # noqa: S101
    for name in _NAMESPACES:
        if room.stock.get(Key(NAMESPACES, "", name)) is None:
            document = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": name}}
            room.create(kind, "", Body(document), Options())


def _kubeconfig(connection: Connection) -> dict[str, Any]:
    """Return a kubeconfig that is JSON: what every YAML reader reads, and hooks too."""
    cluster = {"server": connection.server, "certificate-authority": certificate.AUTHORITY}
    context = {"cluster": _NAME, "user": _NAME, "namespace": "default"}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": _NAME,
        "clusters": [{"name": _NAME, "cluster": cluster}],
        "users": [{"name": _NAME, "user": {"token": connection.token}}],
        "contexts": [{"name": _NAME, "context": context}],
        "preferences": {},
    }

"""A node for the real control plane: the project's own kubelet, and the operator if asked for.

::

    python -m tests.controlplane.node KUBECONFIG FOLDER [--operator]

Pods are assigned by kube-scheduler and run as plain processes. The API server asks this node for
logs, as it asks any kubelet. It prints ``ready`` and ends with its standard input.
"""

import argparse
import asyncio
import os
import ssl
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from konductor.cluster.choose import from_kubeconfig
from konductor.cluster.http import HttpCluster
from konductor.cluster.port import PatchType
from konductor.cluster.resource import NODES, PODS
from konductor.operator.embed import Operator
from konductor.runner.local.apiserver import certificate
from konductor.runner.local.apiserver.answer import Refusal
from konductor.runner.local.apiserver.kubelet import log
from konductor.runner.local.kubelet.agent import Kubelet
from konductor.runner.local.kubelet.settings import Settings

_BEAT = timedelta(seconds=10)
_WITHIN = 60.0


def main() -> None:
    """Run pods until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kubeconfig")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--operator", action="store_true")
    chosen = parser.parse_args()
    asyncio.run(_run(chosen.kubeconfig, chosen.folder, operates=chosen.operator))


async def _run(kubeconfig: str, folder: Path, *, operates: bool) -> None:
    connection = from_kubeconfig(kubeconfig)
    settings = Settings(
        folder=folder,
        slots=4,
        environment=dict(os.environ),
        work_folder=str(folder),
        binds=False,
        heartbeat=_BEAT,
    )
    async with AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(HttpCluster(connection))
        kubelet = await stack.enter_async_context(Kubelet(settings, cluster, connection))
        port = await stack.enter_async_context(_logs(folder, cluster, kubelet))
        endpoints = {"kubeletEndpoint": {"Port": port}}
        patch = {"status": {"daemonEndpoints": endpoints}}
        kind = PatchType.STRATEGIC
        await cluster.patch(NODES, settings.node, patch, kind=kind, subresource="status")
        if operates:
            operator = Operator(connection)
            operator.start()
            stack.callback(operator.stop)
            assert await asyncio.to_thread(operator.ready.wait, _WITHIN)
        print("ready", flush=True)  # noqa: T201  # what our parent waits for
        await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def _logs(folder: Path, cluster: HttpCluster, kubelet: Kubelet) -> AsyncGenerator[int, None]:
    """Serve what the API server asks a kubelet for; give the port."""

    async def answer(request: web.Request) -> web.StreamResponse:
        place = request.match_info
        asked = request.clone(rel_url=request.rel_url.update_query(container=place["container"]))
        pod = await cluster.get(PODS, place["pod"], namespace=place["namespace"])
        try:
            return await log(asked, kubelet, pod)
        except Refusal as refusal:
            return web.Response(status=refusal.code, text=refusal.message)

    certificate.provide(folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / certificate.SERVER)
    app = web.Application()
    app.router.add_get("/containerLogs/{namespace}/{pod}/{container}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


if __name__ == "__main__":
    main()

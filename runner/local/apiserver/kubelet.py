"""``kubectl logs`` and ``kubectl exec``: passed on to the node's agent."""

import asyncio
import json
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web

from konductor.runner.local.apiserver.answer import bad_request, internal
from konductor.runner.local.apiserver.listing import is_true
from konductor.runner.local.apiserver.node import (
    Execution,
    NodeAgent,
    container_of,
    log_request,
)

Json = dict[str, Any]
_PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_STDIN, _ERROR, _RESIZE, _CLOSE = 0, 3, 4, 255


async def log(request: web.Request, agent: NodeAgent | None, pod: Json) -> web.StreamResponse:
    """Answer with a container's log, as it grows if that is asked for."""
    asked = log_request(request.query, datetime.now(UTC))
    container = container_of(pod, request.query.get("container", ""))
    if not pod["spec"].get("nodeName"):
        return web.Response(text="")  # it has not begun anywhere
    pieces = _present(agent).log(pod, container, asked)
    async with aclosing(pieces):
        first = await anext(pieces, b"")  # a refusal comes before the answer begins
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        await response.write(first)
        async for piece in pieces:
            await response.write(piece)
        await response.write_eof()
    return response


async def execute(request: web.Request, agent: NodeAgent | None, pod: Json) -> web.StreamResponse:
    """Run a program in a container, its streams as channels of a WebSocket."""
    query = request.query
    if not web.WebSocketResponse(protocols=_PROTOCOLS).can_prepare(request).ok:
        raise bad_request("exec is served over WebSocket only: use kubectl 1.31 or newer")
    container = container_of(pod, query.get("container", ""))
    program = await _present(agent).execute(
        pod,
        container,
        query.getall("command", []),
        stdin=is_true(query.get("stdin", "")),
        tty=is_true(query.get("tty", "")),
    )
    socket = web.WebSocketResponse(protocols=_PROTOCOLS)
    await socket.prepare(request)
    listening = asyncio.create_task(_listen(socket, program))
    try:
        async for number, data in program.output():
            await socket.send_bytes(bytes([number]) + data)
        await socket.send_bytes(bytes([_ERROR]) + json.dumps(_ended(await program.wait())).encode())
    finally:
        listening.cancel()
        await program.close()
    await socket.close()
    return socket


async def _listen(socket: web.WebSocketResponse, program: Execution) -> None:
    async for message in socket:
        if message.type is not WSMsgType.BINARY or not message.data:
            continue
        channel, data = message.data[0], message.data[1:]
        if channel == _STDIN:
            await program.write(data)
        elif channel == _CLOSE and data[:1] == bytes([_STDIN]):
            program.end_input()
        elif channel == _RESIZE:
            size = json.loads(data)
            program.resize(int(size["Width"]), int(size["Height"]))
    program.end_input()


def _ended(code: int) -> Json:
    status: Json = {"metadata": {}, "status": "Success" if code == 0 else "Failure"}
    if code:
        cause = {"reason": "ExitCode", "message": str(code)}
        status |= {
            "message": f"command terminated with non-zero exit code: exit status {code}",
            "reason": "NonZeroExitCode",
            "details": {"causes": [cause]},
        }
    return status


def _present(agent: NodeAgent | None) -> NodeAgent:
    if agent is None:
        raise internal("the node's agent does not run yet")
    return agent

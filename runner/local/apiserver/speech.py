"""Writes answers: JSON or YAML, with warnings, and the streams of watches."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from datetime import datetime

import orjson
from aiohttp import web

from konductor.runner.local.apiserver import form as forms
from konductor.runner.local.apiserver.body import JSON
from konductor.runner.local.apiserver.form import Form
from konductor.runner.local.apiserver.reading import Happening
from konductor.runner.local.apiserver.served import Served


def say(
    document: object, *, code: int = 200, media: str = JSON, warnings: Iterable[str] = ()
) -> web.Response:
    """Return an answer with a document."""
    body = orjson.dumps(document) if media == JSON else _yaml(document)
    response = web.Response(body=body, status=code, content_type=media)
    for text in filter(str.isprintable, warnings):  # a header holds no other, as a real server says
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        response.headers.add("Warning", f'299 - "{quoted}"')
    return response


def _yaml(document: object) -> bytes:
    import yaml  # noqa: PLC0415  # hardly anybody asks for YAML

    return yaml.safe_dump(document, allow_unicode=True).encode()


async def stream(
    request: web.Request,
    served: Served,
    events: AsyncIterator[Happening | None],
    *,
    form: Form,
    include: str,
    now: Callable[[], datetime],
) -> web.StreamResponse:
    """Answer a watch: an event a line, written when there is nothing more to add for now."""
    response = web.StreamResponse(headers={"Content-Type": JSON, "Cache-Control": "no-cache"})
    await response.prepare(request)
    with suppress(ConnectionError):  # who watched has gone, which is how most watches end
        await _write(response, events, _lines(served, form, include), now)
    return response


async def _write(
    response: web.StreamResponse,
    events: AsyncIterator[Happening | None],
    line: Callable[[Happening, datetime], bytes],
    now: Callable[[], datetime],
) -> None:
    lines: list[bytes] = []
    async for event in events:
        if event is not None:
            lines.append(line(event, now()))
        if lines and (event is None or len(lines) >= _LINES_AT_ONCE):
            await response.write(b"".join(lines))
            lines.clear()
    await response.write(b"".join(lines))
    await response.write_eof()


_LINES_AT_ONCE = 500


def _lines(served: Served, form: Form, include: str) -> Callable[[Happening, datetime], bytes]:
    """Return what makes a line of an event; only the first table of a stream names its columns."""
    told = False

    def line(event: Happening, now: datetime) -> bytes:
        nonlocal told
        document = event.document
        if event.kind not in ("ERROR", "BOOKMARK"):
            document = forms.one(served, document, form, include, now)
            if form.shape == forms.TABLE:
                document = {**document, "columnDefinitions": None} if told else document
                told = True
        return orjson.dumps({"type": event.kind, "object": document}) + b"\n"

    return line

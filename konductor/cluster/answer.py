"""What an answer of an API server says, above all one that refuses."""

from typing import Final

import aiohttp
import orjson

from konductor.api.meta import Json, json_map
from konductor.errors import ApiError, KonductorError

_TOO_MANY: Final = 429


def read_document(content: bytes) -> Json:
    """Return what an answer holds; a text that is no JSON is its message."""
    try:
        return json_map(orjson.loads(content))
    except orjson.JSONDecodeError:
        return {"message": content.decode(errors="replace").strip()}


def api_error(answer: aiohttp.ClientResponse, content: bytes) -> ApiError:
    """Return the error of an answer that refuses, with the pause that its header asks for."""
    status = read_document(content)
    after = answer.headers.get("Retry-After", "")
    details = {"retryAfterSeconds": int(after)} if after.isdigit() else {}
    return ApiError.of(
        answer.status, status | {"details": json_map(status.get("details")) | details}
    )


def retry_after(error: KonductorError, pause: float) -> float:
    """Return the seconds to wait before another try: at least those that the server asked for."""
    return max(error.retry_after, pause) if isinstance(error, ApiError) else pause


def never_done(error: KonductorError) -> bool:
    """Tell whether the server cannot have done what it was asked."""
    if isinstance(error, ApiError):
        return error.code == _TOO_MANY
    return isinstance(error.__cause__, aiohttp.ClientConnectorError)

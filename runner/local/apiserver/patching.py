"""PATCH: a JSON patch, a merge patch or a strategic merge patch, to the object that it makes."""

import copy
import json
from typing import Any

import jsonpatch

from konductor.runner.local.apiserver.answer import (
    Refusal,
    bad_request,
    unprocessable,
    unsupported_media_type,
)
from konductor.runner.local.apiserver.body import parse
from konductor.runner.local.apiserver.builtin.strategic import PatchError
from konductor.runner.local.apiserver.served import Json, Served

JSON_PATCH = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
_REJECTED = "the server rejected our request due to an error in our request"


def patched(served: Served, document: Json, data: bytes, content_type: str) -> Json:
    """Return a document with a patch applied.

    Raises:
        Refusal: the patch cannot be read or applied.
    """
    media = media_of(served, content_type)
    if media == JSON_PATCH:
        return _by_json_patch(document, data)
    patch = _read(data)
    if not isinstance(patch, dict):
        kind = "array" if isinstance(patch, list) else type(patch).__name__
        told = f"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
        raise bad_request(f"error decoding patch: {told}")
    if media == MERGE:
        return merge(document, patch)
    return _by_strategic(served, document, patch)


def media_of(served: Served, content_type: str) -> str:
    """Return the media type of a patch.

    Raises:
        Refusal: it is none that this kind takes.
    """
    media = content_type.partition(";")[0].strip().lower()
    if media == APPLY:
        raise Refusal(
            415,
            "UnsupportedMediaType",
            "server-side apply is not served by the local cluster: apply without --server-side",
        )
    accepted = [JSON_PATCH, MERGE, *([STRATEGIC] if served.merge else ())]
    if media not in accepted:
        raise unsupported_media_type(accepted)
    return media


def _read(data: bytes) -> Any:  # noqa: ANN401  # any JSON
    return parse(data, "error decoding patch")


def _by_json_patch(document: Json, data: bytes) -> Json:
    operations = _read(data)
    if not isinstance(operations, list):
        told = "json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"
        raise bad_request(f"error decoding patch: {told}")
    try:
        result = jsonpatch.apply_patch(document, json.loads(json.dumps(operations)))
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        raise unprocessable(_REJECTED) from error
    except (TypeError, KeyError, ValueError, IndexError, AttributeError) as error:
        raise unprocessable(_REJECTED) from error  # an operation that is no operation
    if not isinstance(result, dict):
        raise unprocessable(_REJECTED)
    return result


def merge(document: Json, patch: Json) -> Json:
    """Return a document after a merge patch (RFC 7396); neither argument is changed."""
    out = dict(document)
    for name, value in patch.items():
        if value is None:
            out.pop(name, None)
        elif isinstance(value, dict):
            inner = out.get(name)
            out[name] = merge(inner if isinstance(inner, dict) else {}, value)
        else:
            out[name] = copy.deepcopy(value)
    return out


def _by_strategic(served: Served, document: Json, patch: Json) -> Json:
    assert served.merge is not None, "asked before"  # noqa: S101
    try:
        return served.merge(document, patch)
    except PatchError as error:
        reason = "BadRequest" if error.code == 400 else "InternalError"  # noqa: PLR2004  # HTTP
        raise Refusal(error.code, reason, str(error)) from error

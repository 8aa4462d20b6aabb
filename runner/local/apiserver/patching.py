"""PATCH: a JSON patch, a merge patch or a strategic merge patch, to the object that it makes."""

import json
from typing import Any

import jsonpatch

from konductor.api.meta import merge_patch
from konductor.runner.local.apiserver.answer import (
    Refusal,
    bad_request,
    unprocessable,
    unsupported_media_type,
)
from konductor.runner.local.apiserver.body import NoJson, parse
from konductor.runner.local.apiserver.builtin.strategic import PatchError
from konductor.runner.local.apiserver.gojson import mismatch
from konductor.runner.local.apiserver.served import Json, Served

JSON_PATCH = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
_MAP = "map[string]interface {}"
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
    if media == STRATEGIC:
        return _by_strategic(served, document, patch)
    if patch is None:
        raise bad_request("Invalid JSON Patch")
    if not isinstance(patch, dict):
        raise bad_request(f"error decoding patch: {mismatch(patch, _MAP)}")
    return merge_patch(document, patch)


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
    try:
        return parse(data)
    except NoJson as error:
        raise bad_request("invalid JSON patch") from error


def _by_json_patch(document: Json, data: bytes) -> Json:
    operations = _read(data)
    if operations is None:
        return document
    if not isinstance(operations, list):
        told = mismatch(operations, "[]handlers.jsonPatchOp")
        raise bad_request(f"error decoding patch: {told}")
    for operation in operations:
        if not isinstance(operation, dict):
            told = mismatch(operation, "handlers.jsonPatchOp")
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


def _by_strategic(served: Served, document: Json, patch: Any) -> Json:  # noqa: ANN401  # any JSON
    assert served.merge is not None, "asked before"  # noqa: S101
    if patch is not None and not isinstance(patch, dict):
        raise bad_request(mismatch(patch, _MAP))
    try:
        return served.merge(document, patch or {})
    except PatchError as error:
        reason = "BadRequest" if error.code == 400 else ""  # noqa: PLR2004  # HTTP
        raise Refusal(error.code, reason, str(error)) from error

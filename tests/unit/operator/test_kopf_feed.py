"""When kopf does not see a kind, by what it was answered."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import ClientResponse

from konductor.operator.kopf_feed import _is_blind

OURS = "/apis/konductor.io/v1"


def is_blind(path: str, status: int, document: dict[str, Any]) -> bool:
    async def read() -> dict[str, Any]:
        return document

    answer = SimpleNamespace(
        url=SimpleNamespace(path=path), status=status, ok=status < 400, json=read
    )
    return asyncio.run(_is_blind(cast("ClientResponse", answer)))


@pytest.mark.parametrize(
    ("path", "status", "document"),
    [
        ("/apis", 200, {"groups": [{"name": "batch"}]}),
        (OURS, 404, {}),
        (OURS, 200, {"resources": [{"name": "runs"}, {"name": "runs/status"}]}),
        (f"/behind/a/proxy{OURS}", 404, {}),
    ],
)
def test_kind_that_is_not_in_discovery_is_not_seen(
    path: str, status: int, document: dict[str, Any]
) -> None:
    assert is_blind(path, status, document)


@pytest.mark.parametrize(
    ("path", "status", "document"),
    [
        ("/apis", 200, {"groups": [{"name": "konductor.io"}]}),
        (OURS, 200, {"resources": [{"name": "runs"}, {"name": "barriers"}]}),
        ("/apis", 503, {}),
        (OURS, 403, {}),
        ("/api", 404, {}),
        (f"{OURS}/barriers", 404, {}),
    ],
)
def test_other_answers_say_nothing_of_kinds(
    path: str, status: int, document: dict[str, Any]
) -> None:
    assert not is_blind(path, status, document)

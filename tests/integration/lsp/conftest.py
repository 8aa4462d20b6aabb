from collections.abc import Iterator

import pytest

from tests.integration.lsp.client import Client


@pytest.fixture
def client() -> Iterator[Client]:
    """Return a client whose server has just started; nothing is said yet."""
    one = Client()
    yield one
    one.close()


@pytest.fixture
def editor(client: Client) -> Client:
    """Return a client that has shaken hands."""
    client.start()
    return client

"""One loader for golden files: ``name.kon`` beside ``name.expected``.

``pytest tests/golden --update-golden`` rewrites what is expected; read the difference before it is
committed. CI never does so.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

Golden = Callable[[Path, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite what is expected")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return what compares a text with the file of what is expected, or rewrites that."""
    # The option is there only if pytest was started on this folder.
    update = request.config.getoption("update_golden", default=False)

    def compare(expected: Path, actual: str) -> None:
        if update:
            expected.write_text(actual, "utf-8")
        assert actual == expected.read_text("utf-8")

    return compare

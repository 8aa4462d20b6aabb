"""Which cluster the tests run on: the local one, or a real control plane (make test-cluster)."""

from collections.abc import Iterator

import pytest

from tests.controlplane.plane import ControlPlane, control_plane

_OPTION = "--real-cluster"
_MARKERS = ("controlplane", "packages")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says so."""
    parser.addoption(_OPTION, action="store_true", help="run on a real control plane")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs the real control plane, or a network, where it was not asked for."""
    if not config.getoption(_OPTION):
        left_out = [one for one in items if any(map(one.get_closest_marker, _MARKERS))]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def controlplane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A real control plane."""
    with control_plane(tmp_path_factory.mktemp("controlplane")) as plane:
        yield plane


@pytest.fixture(scope="session")
def real_cluster(request: pytest.FixtureRequest) -> ControlPlane | None:
    """The real control plane if tests run there, else None."""
    if not request.config.getoption(_OPTION):
        return None
    plane: ControlPlane = request.getfixturevalue("controlplane")
    return plane

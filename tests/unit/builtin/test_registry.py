import pytest

from konductor.runner.local.apiserver.builtin.decode import decode
from konductor.runner.local.apiserver.builtin.kind import Kind
from konductor.runner.local.apiserver.builtin.registry import kind_of, kinds
from konductor.runner.local.apiserver.builtin.schema import schemas


def _named(kind: Kind) -> str:
    return f"{kind.api_version}-{kind.plural}"


@pytest.mark.parametrize("kind", kinds(), ids=_named)
def test_every_kind_has_its_schema_and_that_of_its_list(kind: Kind) -> None:
    assert kind.component in schemas()
    assert f"{kind.component}List" in schemas()


@pytest.mark.parametrize("kind", kinds(), ids=_named)
def test_an_empty_object_is_judged_and_not_a_bug(kind: Kind) -> None:
    found = decode(kind.component, {"metadata": {"name": "a", "uid": "u"}}).value
    kind.default(found)
    kind.admit(found)
    kind.prepare(found)
    assert all(str(error) for error in kind.create_errors(found))
    kind.fields(found)


def test_a_kind_is_found_by_its_group_and_plural() -> None:
    found = kind_of("batch", "jobs")
    assert found is not None
    assert (found.kind, found.list_kind, found.api_version) == ("Job", "JobList", "batch/v1")
    assert kind_of("", "widgets") is None

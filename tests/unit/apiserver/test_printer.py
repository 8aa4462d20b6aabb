from datetime import UTC, datetime
from typing import Any

import pytest

from konductor.runner.local.apiserver.printer import BadPath, form, path

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
OBJECT = {
    "metadata": {
        "name": "a",
        "creationTimestamp": "2026-01-01T11:59:30Z",
        "labels": {"x.y/z": "l"},
    },
    "spec": {"n": 5, "on": True, "list": [{"k": "a", "v": 1}, {"k": "b", "v": 2}], "map": {"p": 1}},
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (".spec.n", [5]),
        (".spec.nothing.at.all", []),
        (".spec.list[0].v", [1]),
        (".spec.list[-1].v", [2]),
        (".spec.list[*].v", [1, 2]),
        ('.spec.list[?(@.k=="b")].v', [2]),
        (".spec.list[?(@.k!='b')].v", [1]),
        (".spec.list[?(@.v==2)].k", ["b"]),
        (r".metadata.labels.x\.y/z", ["l"]),
        (".metadata.labels['x.y/z']", ["l"]),
        (".spec.map.*", [1]),
        (".spec.n.deeper", []),
    ],
)
def test_paths_find(text: str, found: list[Any]) -> None:
    assert list(path(text)(OBJECT)) == found


@pytest.mark.parametrize("text", ["spec", ".spec[", ".a[?(b)]"])
def test_other_paths_are_refused(text: str) -> None:
    with pytest.raises(BadPath, match="unrecognized character"):
        path(text)


@pytest.mark.parametrize(
    ("kind", "where", "cell"),
    [
        ("integer", ".spec.n", 5),
        ("integer", ".spec.on", 1),
        ("number", ".spec.n", 5),
        ("number", ".metadata.name", None),
        ("boolean", ".spec.on", True),
        ("boolean", ".spec.n", None),
        ("string", ".spec.n", "5"),
        ("string", ".spec.list[0]", '{"k":"a","v":1}'),
        ("string", ".spec.nothing", None),
        ("date", ".metadata.creationTimestamp", "30s"),
        ("date", ".spec.n", None),
    ],
)
def test_cells_are_of_their_columns_type(kind: str, where: str, cell: object) -> None:
    table = form([{"name": "C", "type": kind, "jsonPath": where}])
    assert table.cells(OBJECT, NOW) == ["a", cell]


def test_a_kind_without_columns_shows_its_age() -> None:
    table = form([])
    assert [column["name"] for column in table.columns()] == ["Name", "Age"]
    assert table.cells(OBJECT, NOW) == ["a", "30s"]

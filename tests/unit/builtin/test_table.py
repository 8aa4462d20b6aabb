"""table.json holds objects as kube-apiserver 1.37 stored them, and the Table it made of each."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from konductor.runner.local.apiserver.builtin.columns import VIEWS
from konductor.runner.local.apiserver.builtin.table import human

RECORDED = json.loads(Path(__file__).with_name("table.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", VIEWS)
def test_columns_are_those_of_the_real_server(kind: str) -> None:
    columns = [column.definition() for column in VIEWS[kind].columns]
    assert columns == RECORDED["columns"][kind]


@pytest.mark.parametrize(
    "row", RECORDED["rows"], ids=lambda row: f"{row['kind']}-{row['object']['metadata']['name']}"
)
def test_cells_are_those_of_the_real_server(row: dict[str, Any]) -> None:
    view, now = VIEWS[row["kind"]], datetime.fromisoformat(row["now"])
    assert view.cells(row["object"], now) == row["cells"]
    assert view.conditions(row["object"]) == row.get("conditions", [])


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-2, "<invalid>"),
        (-1, "0s"),
        (119, "119s"),
        (599, "9m59s"),
        (600, "10m"),
        (10_800, "3h"),
        (12_060, "3h21m"),
        (28_800, "8h"),
        (2 * 86_400, "2d"),
        (2 * 86_400 + 7_200, "2d2h"),
        (8 * 86_400, "8d"),
        (2 * 365 * 86_400, "2y"),
        (3 * 365 * 86_400 + 86_400, "3y1d"),
        (9 * 365 * 86_400 + 86_400, "9y"),
    ],
)
def test_ages_are_told_as_kubectl_tells_them(seconds: int, text: str) -> None:
    assert human(timedelta(seconds=seconds)) == text

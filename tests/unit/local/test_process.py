from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from konductor.errors import ExitCode
from konductor.runner.local.process import (
    NoCluster,
    Options,
    end,
    holder,
    is_running,
    lock,
    parse_options,
    run_folder,
    start,
)


def test_a_folder_serves_one_cluster_at_a_time(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    held = lock(tmp_path)
    assert held is not None
    assert lock(tmp_path) is None
    assert holder(tmp_path) == os.getpid()
    held.close()
    assert not is_running(tmp_path)
    again = lock(tmp_path)
    assert again is not None
    again.close()


def test_nothing_ends_where_nothing_runs(tmp_path: Path) -> None:
    assert end(tmp_path) is None


def test_options_survive_their_way(tmp_path: Path) -> None:
    options = Options(jobs=3, images={"a*": {"path": ["b"]}}, inherit=("A",), base=str(tmp_path))
    assert parse_options(json.dumps(asdict(options))) == options


def test_the_folders_of_the_last_runs_are_kept(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for number in range(15):
        (runs / f"20250101-0000{number:02d}-1").mkdir(parents=True)
    held = lock(runs / "20250101-000000-1")
    folder = run_folder({"KONDUCTOR_HOME": str(tmp_path)})
    assert held is not None
    held.close()
    kept = sorted(path.name for path in runs.iterdir())
    assert kept[0] == "20250101-000000-1"  # it runs
    assert len(kept) == 11
    assert folder.name == kept[-1]
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NoCluster, match=f"{tmp_path}/file/x: Not a directory") as caught:
        start(tmp_path / "file" / "x", Options(jobs=1, images={}))
    assert caught.value.exit_code == ExitCode.FAILED

"""What cannot be run: one clear error, its exit code, and nothing half done."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import EXAMPLES, Home

pytestmark = pytest.mark.xdist_group("e2e")
GOOD = """pipeline good {
  defaults { image = "busybox:1.37" }
  param shards: int = 2
  stage extract { replicas = shards, run = "true" }
  stage load after extract { run = "true" }
}
"""
BROKEN = GOOD.replace("after extract", "after extarct")
FILLS = """pipeline fills {
  defaults { image = "busybox:1.37" }
  workspace = empty(1Gi)
  stage fill { run = 'cat /dev/zero > "$KON_WORKSPACE/all"; sleep 600' }
}
"""
DISK = 'mount -t tmpfs -o size="$2" tmpfs "$1" && shift 2 && exec "$@"'
"""Mounts a small disk, which goes with the process that it is for."""


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["broken.kon"], 2, "error[K0301]: no stage is named `extarct`"),
        (["good.kon", "-p", "shard=2"], 2, "error[K0605]: the pipeline has no parameter `shard`"),
        (["good.kon", "-p", "shards=two"], 2, "error[K0601]: `two` is no int"),
        (["good.kon", "-p", "shards"], 2, "koncli: error: `-p shards` gives no parameter a value"),
        (["god.kon"], 5, "koncli: error: there is no file god.kon"),
        (["folder"], 2, "koncli: error: folder is a folder"),
        (["good.kon", "--context", "other", "--kubeconfig", "kc"], 5, "kc has no context `other`"),
        (["good.kon", "--context", "other"], 5, "koncli: error: there is no kubeconfig"),
        (["good.kon", "--kubeconfig", "absent"], 5, "koncli: error: there is no kubeconfig absent"),
        (
            ["good.kon", "--kubeconfig", "kc"],
            6,
            "koncli: error: no answer from https://127.0.0.1:1",
        ),
        (["good.kon", "--no-such-option"], 2, "--no-such-option"),
    ],
)
def test_what_cannot_be_run_creates_nothing(
    home: Home, words: list[str], code: int, error: str
) -> None:
    for name, text in (("good.kon", GOOD), ("broken.kon", BROKEN), ("kc", _kubeconfig())):
        home.program(text, name)
    (home.path / "folder").mkdir()
    ended = home.koncli("run", *words, code=code)
    assert ended.stderr.count(error) == 1, ended.stderr
    assert ended.stderr.count("error") == 1, ended.stderr
    assert not ended.stdout
    assert not home.state.exists()
    assert not home.processes()


def _kubeconfig() -> str:
    """Return a kubeconfig of a cluster that is not there."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
            "users": [{"name": "u", "user": {"token": "none"}}],
        }
    )


@pytest.fixture
def small_disk(home: Home, tmp_path: Path) -> Callable[[str], tuple[str, ...]]:
    """Return what to put before a command so that its state folder is a disk of that size."""
    home.state.mkdir()
    ways = [("unshare", "--mount", "sh", "-c", DISK), ("unshare", "-rm", "sh", "-c", DISK)]
    for way in ways:
        probe = subprocess.run((*way, "sh", tmp_path, "4k", "true"), check=False, timeout=30)
        if probe.returncode == 0:
            return lambda size: (*way, "sh", str(home.state), size)
    pytest.skip("neither mount nor a user namespace is allowed here")


@pytest.mark.parametrize(
    ("size", "code", "error"),
    [
        ("4k", 1, "No space left on device"),
        ("64k", 1, "database or disk is full"),
        ("300k", 6, "the disk is full: nothing was stored; make room in the state folder"),
    ],
)
def test_full_disk_is_one_clear_error(
    home: Home,
    small_disk: Callable[[str], tuple[str, ...]],
    size: str,
    code: int,
    error: str,
) -> None:
    program = str(EXAMPLES / "wordcount.kon")
    ended = home.koncli("run", program, code=code, under=small_disk(size))
    assert ended.stderr.count("koncli: error: ") == 1
    assert error in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not ended.stdout
    assert not home.processes()


def test_run_whose_disk_fills_up_says_so_and_ends(
    home: Home, small_disk: Callable[[str], tuple[str, ...]]
) -> None:
    run = home.start("run", home.program(FILLS), under=small_disk("2m"))
    assert run.end() == 6, run.text
    assert "the disk is full: nothing can be stored in " in run.text
    assert "Traceback" not in run.text
    assert not home.processes()

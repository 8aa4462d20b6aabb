"""Command lines of the Go konductor's koncli, as scripts that know only that one write them."""

import json

import pytest

from tests.kubectl.conftest import Shell

pytestmark = pytest.mark.xdist_group("kubectl")

WORKERS = """
set -e
koncli -n "$1" barrier create sync-point --expected 3 --timeout 10m
for worker in 1 2 3; do
  koncli barrier arrive sync-point --holder "worker-$worker" --namespace "$1" &
done
wait
koncli barrier wait sync-point --timeout 2m -n "$1"
"""


def test_workers_of_a_script_meet(shell: Shell) -> None:
    shown = shell.run("bash", "-c", WORKERS, "workers", shell.namespace)
    assert shown.splitlines()[-1] == "sync-point Open 3/3"
    assert sorted(json.loads(shell.field("sync-point", ".status.arrivals"))) == [
        "worker-1",
        "worker-2",
        "worker-3",
    ]


def test_holder_is_a_word_and_its_arrival_counted_at_return(shell: Shell) -> None:
    shell.koncli("create", "gate", "--expected", "3", "--quorum", "2")
    shell.kubectl("wait", "--for=condition=Started", "barrier/gate", "--timeout=60s")
    words = ("arrive", "gate", "worker-1", "--wait-for-update", "--update-timeout", "60s")
    assert shell.koncli(*words).splitlines()[1] == "gate Waiting 1/3"
    asked = ("-n", shell.namespace, "status", "barrier", "gate", "-o", "json")
    status = json.loads(shell.run("koncli", "--log-level", "error", *asked))
    assert status["phase"] == "Waiting"
    assert (status["expected"], status["quorum"], status["arrivals"]) == (3, 2, ["worker-1"])
    shell.koncli("arrive", "gate", "--holder=worker-2", "--wait-for-update")
    shell.koncli("wait", "gate", "--timeout=0")
    every = shell.run("koncli", "status", "all", "--output=json", "-n", shell.namespace)
    assert json.loads(every)["phase"] == "Open"


def test_barrier_without_numbers_is_for_one_and_can_be_deleted(shell: Shell) -> None:
    shell.koncli("create", "one")
    assert shell.field("one", ".spec") == '{"expected":1}'
    assert "one" in shell.koncli("list", "-o", "text")
    shell.koncli("delete", "one")
    shell.koncli("delete", "one", code=5)
    shell.run("koncli", "status", "barrier", "one", "-n", shell.namespace, code=5)

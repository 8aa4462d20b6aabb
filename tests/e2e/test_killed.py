"""`kill -9` of koncli: its own cluster goes with it; one that stays carries the run on.

And of its own cluster: the run says so.
"""

import os
import signal
import sys

import pytest

from .conftest import ROOT, Home, wait_until

pytestmark = [
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers"),
]
NASTY = ROOT / "tests" / "integration" / "kubelet" / "nasty.py"
"""It double-forks, calls setsid, ignores TERM and keeps forking."""
HEAD = 'pipeline hard {\n  defaults { image = "python:3.12" }\n'
NEXT = HEAD + """  stage next { run = 'echo it works again' }\n}\n"""


def nasty(home: Home, mode: str) -> str:
    """Return a program whose one stage tries everything to stay."""
    command = f'command = ["{sys.executable}", "{NASTY}", "{home.path}"]'
    return home.program(
        f'{HEAD}  hooks = "{mode}"\n  stage nasty {{ {command} }}\n}}\n', "nasty.kon"
    )


@pytest.mark.parametrize("hooks", ["pod", "job"])
def test_nothing_outlives_a_killed_koncli_and_the_next_run_works(home: Home, hooks: str) -> None:
    run = home.start("run", nasty(home, hooks))
    run.until("nasty: started")
    wait_until(lambda: len(_of_the_stage(home)) > 4)
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.wait()
    home.until_nothing_is_left(2)
    ended = home.koncli("run", home.program(NEXT))
    assert "next | it works again" in ended.stdout
    assert not home.processes()


def test_run_whose_own_cluster_is_killed_says_so_and_ends(home: Home) -> None:
    run = home.start("run", home.program(HEAD + "  stage a { run = 'sleep 600' }\n}\n"))
    run.until("a: started")
    (lock,) = home.state.glob("runs/*/lock")
    os.kill(int(lock.read_text()), signal.SIGKILL)
    assert run.end() == 6, run.text
    assert "the run's local cluster is gone: it was ended by SIGKILL" in run.text
    assert "serve.log" in run.text
    assert "Traceback" not in run.text
    home.until_nothing_is_left(2)


def test_run_goes_on_in_a_cluster_that_stays(cluster: Home) -> None:
    waits = 'touch "$HOME/begun"; until [ -e "$HOME/go" ]; do sleep 0.05; done'
    program = f"""{HEAD}  stage wait {{ run = '{waits}' }}
  stage last after wait {{ run = 'touch "$HOME/last"' }}
}}
"""
    run = cluster.start("run", cluster.program(program), "--run", "goes-on")
    wait_until((cluster.path / "begun").exists)
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.wait()
    (cluster.path / "go").touch()
    succeeded = "--for=jsonpath={.status.phase}=Succeeded"
    cluster.kubectl("wait", succeeded, "run/goes-on", "--timeout=120s")
    assert (cluster.path / "last").exists()


def _of_the_stage(home: Home) -> list[str]:
    """Return the processes of the program that tries to stay, as far as they keep its name."""
    return [one for one in home.processes() if NASTY.name in one]

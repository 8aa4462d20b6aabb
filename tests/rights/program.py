"""Programs that between them make an operator, koncli and pods do all that they ever do."""

from typing import Final

from tests.rights.conftest import Account, Ground

SERVED: Final = """
  ttl = 1s
  stage first {
    replicas = 2
    quorum = 1
    stragglers = "cancel"
    run = 'test $KON_INDEX = 0 || sleep 60'
  }
  stage second after first { run = 'echo second' }
  stage slow {
    timeout = 2s
    on_fail = "continue"
    run = 'sleep 60'
  }
  finally report { run = 'echo $KON_RUN_STATUS' }
"""
ABORTED: Final = """
  on_failure = "abort"
  stage bad {
    retries = 0
    run = 'exit 1'
  }
  stage busy { run = 'sleep 60' }
"""
CLAIMING: Final = """
  timeout = 1s
  workspace = empty(1Mi)
  stage stuck { run = 'echo no disk' }
"""
RUNS_OF: Final = {
    "by-pod": ("pod", SERVED, 0),
    "by-job": ("job", SERVED, 0),
    "aborted": ("job", ABORTED, 1),
    "claiming": ("job", CLAIMING, 3),
    "elsewhere": ("job", ABORTED, 1),
}
"""By the run's name: the hooks, the program, and the exit code."""


def play(ground: Ground, runner: Account, room: str, run: str) -> str:
    """Run a program, where an earlier namesake has left behind who had arrived."""
    hooks, stages, code = RUNS_OF[run]
    stale = {"name": f"{run}-first-arrivals", "namespace": room}
    ground.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": stale})
    path = ground.folder / f"{room}-{run}.kon"
    head = f'hooks = "{hooks}"\n  defaults {{ image = "busybox:1.37" }}'
    path.write_text(f"pipeline played {{\n  {head}{stages}}}\n")
    words = ("--kubeconfig", str(runner.kubeconfig), "-n", room, "--view", "plain")
    return runner.koncli("run", str(path), "--run", run, *words, code=code)

"""Ending a tree of processes."""

import subprocess
import sys

_BLIND = """
import os, subprocess
from konductor.runner.local.kubelet import tree

looks, real = [], tree.descendants
def blind_at_first(root):
    looks.append(root)
    return set() if len(looks) < 4 else real(root)

tree.descendants = blind_at_first
child = subprocess.Popen(["sleep", "60"])
tree.end_descendants()
try:
    os.kill(child.pid, 0)
except ProcessLookupError:
    print("gone after", len(looks) > 3)
"""


def test_tree_that_proc_does_not_show_is_not_taken_for_ended() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _BLIND], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout == "gone after True\n"

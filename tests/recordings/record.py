"""Plays all groups on a real API server and stores what came of each step.

::

    python -m tests.recordings.record --kubeconfig FILE [GROUP ...]

The server needs konductor's CRDs (crds/*.yaml) and Kubernetes' own controllers. What is stored is
the truth that the local API server is held to: tests/integration/recordings.
"""

import argparse
import json
from pathlib import Path

from tests.recordings.cases import GROUPS
from tests.recordings.play import Player, Server, kubectl_path

RECORDED = Path(__file__).parent / "recorded"


def main() -> None:
    """Record the groups that the command line names, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("groups", nargs="*")
    chosen = parser.parse_args()
    server = Server.of(chosen.kubeconfig)
    for group in GROUPS:
        if not chosen.groups or group.name in chosen.groups:
            answers = dict(Player(server, group, kubectl_path()).play())
            text = json.dumps(answers, indent=1, ensure_ascii=False)
            (RECORDED / f"{group.name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

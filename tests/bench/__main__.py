"""Runs every benchmark beside it, one after the other, on a local cluster of their own.

Each prints one JSON object and ends with 1 if a limit is broken; so does this.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Return 0 if every limit holds."""
    with tempfile.TemporaryDirectory() as home:
        environment = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
        environment["KONDUCTOR_HOME"] = home
        koncli = [sys.executable, "-m", "konductor.cli.main", "cluster"]
        subprocess.run([*koncli, "up"], env=environment, check=True, stdout=sys.stderr)
        try:
            codes = [
                subprocess.run(
                    [sys.executable, "-m", f"tests.bench.{path.stem}"], env=environment, check=False
                ).returncode
                for path in sorted(HERE.glob("bench_*.py"))
            ]
        finally:
            subprocess.run([*koncli, "down"], env=environment, check=True, stdout=sys.stderr)
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())

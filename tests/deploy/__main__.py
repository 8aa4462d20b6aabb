"""Writes the folder ``deploy`` from the objects of an installation: ``make deploy``."""

import shutil
from pathlib import Path

from tests.deploy.chart import chart_files
from tests.deploy.kustomize import kustomize_files

DEPLOY = Path(__file__).parents[2] / "deploy"


def deploy_files() -> dict[str, str]:
    """Return the text of every file of the folder, by its path in it."""
    return dict((*kustomize_files(), *chart_files()))


def main() -> None:
    """Write every file, and leave none of before."""
    for folder in ("kustomize", "helm"):
        shutil.rmtree(DEPLOY / folder, ignore_errors=True)
    for path, text in deploy_files().items():
        file = DEPLOY / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""The raw examples are the reference page's own manifests."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "barrier-api.md"
ADDED = "      restartPolicy: Never\n"
"""The one line that Kubernetes demands of a Job's pod and that the page's Job lacks."""


def _blocks() -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def _files() -> list[Path]:
    return sorted(ROOT.glob("examples/raw/[0-9]*.yaml"))


def test_each_block_of_the_reference_page_is_one_file() -> None:
    assert len(_files()) == len(_blocks()) == 8


def test_added_restart_policy_is_the_only_difference() -> None:
    texts = [path.read_text("utf-8") for path in _files()]
    assert [text.replace(ADDED, "") for text in texts] == _blocks()
    assert "".join(texts).count(ADDED) == 1


def test_restart_policy_is_the_pods() -> None:
    (etl,) = ROOT.glob("examples/raw/*-etl-pipeline-stage.yaml")
    assert "    spec:\n" + ADDED + "      initContainers:\n" in etl.read_text("utf-8")

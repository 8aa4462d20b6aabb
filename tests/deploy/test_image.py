"""The steps of ``deploy/Containerfile``, done in a folder that stands for the image's root.

No container is built: what is shown is that each step works, and what comes of them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.controlplane.plane import ROOT

CONTAINERFILE = ROOT / "deploy" / "Containerfile"
_WITHIN = 300.0
_NOBODY = (
    "setpriv",
    "--reuid=65532",
    "--regid=65532",
    "--clear-groups",
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search",
)
"""Nobody, who may read all the same: this machine's Python may lie in a home of root's."""
_MOST = 64 * 2**20
"""Bytes of everything that the image adds to Python's own."""


@dataclass(frozen=True)
class Step:
    """One instruction of a Containerfile."""

    word: str
    text: str


def steps() -> Iterator[Step]:
    text = CONTAINERFILE.read_text("utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield Step(word, rest)


def words(name: str) -> list[str]:
    return [step.text for step in steps() if step.word == name]


def test_image_runs_as_nobody_and_knows_koncli() -> None:
    assert words("USER") == ["65532:65532"]
    assert words("ENTRYPOINT") == ['["koncli"]']
    assert "PATH=/opt/koncli/bin:$PATH" in words("ENV")[-1]


def test_every_file_that_is_copied_is_there_and_not_ignored() -> None:
    ignore = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    for text in words("COPY"):
        if not text.startswith("--from"):
            *sources, _ = text.split()
            for source in sources:
                assert (ROOT / source).exists()
                assert f"!{source}" in ignore


@dataclass(frozen=True)
class Image:
    """The folder that stands for an image's root."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "opt" / "koncli"

    def place(self, text: str) -> str:
        """Return a command with the paths of the image as they are here."""
        return re.sub(r"/(opt|src)\b", rf"{self.root}/\1", text)

    def run(self, text: str, **environment: str) -> None:
        path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        ended = subprocess.run(
            ["sh", "-c", self.place(text)],
            cwd=self.root / "src",
            env={**os.environ, **path, **environment},
            capture_output=True,
            text=True,
            timeout=_WITHIN,
            check=False,
        )
        assert ended.returncode == 0, f"{text}\n{ended.stdout}{ended.stderr}"

    def koncli(self, *arguments: str, code: int = 0) -> str:
        """Return what koncli prints there as nobody, who may write nothing."""
        ended = subprocess.run(
            [*(_NOBODY if os.getuid() == 0 else ()), str(self.home / "bin" / "koncli"), *arguments],
            cwd="/",
            env={"PATH": f"{self.home}/bin:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=_WITHIN,
            check=False,
        )
        assert ended.returncode == code, f"{arguments}: {ended.stdout}{ended.stderr}"
        return ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """Do every step, and take the right to write from what comes of them."""
    with tempfile.TemporaryDirectory() as folder:
        built = Image(Path(folder))
        built.root.chmod(0o755)
        for place in ("src", "opt"):
            (built.root / place).mkdir()
        for step in steps():
            _do(step, built)
        _let_write(built.home, may=False)
        yield built
        _let_write(built.home, may=True)


def _do(step: Step, built: Image) -> None:
    if step.word == "RUN":
        # The last one compiles the image's own Python, and not ours.
        prefix = {} if "/opt" in step.text else {"PYTHONPYCACHEPREFIX": f"{built.root}/pyc"}
        built.run(step.text, **prefix)
    elif step.word == "COPY" and not step.text.startswith("--from"):
        _copy(step.text.split(), built.root / "src")


def _let_write(folder: Path, *, may: bool) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o200 if may else mode & ~0o222)


def _copy(names: list[str], target: Path) -> None:
    *sources, _ = names
    for source in sources:
        if (ROOT / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, target / source, symlinks=True, ignore=ignored)
        else:
            shutil.copy(ROOT / source, target)


@pytest.mark.packages
class TestImage:
    def test_koncli_runs_as_nobody_from_what_cannot_be_written(self, image: Image) -> None:
        assert image.koncli("--version").strip()
        assert "look after" in image.koncli("operator", "--help").lower()
        assert "usage" in image.koncli("barrier", "wait", "--help").lower()

    def test_operator_and_hooks_have_all_that_they_import(self, image: Image) -> None:
        assert "no cluster is chosen" in image.koncli("operator", "--port", "0", code=6)
        assert "no cluster is chosen" in image.koncli("barrier", "list", code=6)
        code = """
            import konductor.cli.hook, konductor.hooks.sidecar, konductor.hooks.wait
            import konductor.operator.engine, konductor.operator.installed
        """
        image.run(f"/opt/koncli/bin/python -I -c '{textwrap.dedent(code)}'")

    def test_command_for_people_says_what_it_lacks(self, image: Image) -> None:
        told = image.koncli("lsp", code=2)
        assert "`koncli lsp` needs the package `" in told
        assert "`pip install koncli` brings all" in told

    def test_all_code_is_there_as_bytecode_that_is_not_checked(self, image: Image) -> None:
        (packages,) = image.home.glob("lib/python*/site-packages")
        for source in packages.rglob("*.py"):
            if source.stat().st_size:
                (compiled,) = source.parent.glob(f"__pycache__/{source.stem}.cpython-*.pyc")
                assert compiled.read_bytes()[4:8] == b"\x01\x00\x00\x00", "unchecked hash"

    def test_image_adds_little_to_python(self, image: Image) -> None:
        files = (one for one in image.home.rglob("*") if one.is_file() and not one.is_symlink())
        assert sum(one.stat().st_size for one in files) < _MOST
        names = {one.name for one in image.home.glob("lib/python*/site-packages/*")}
        assert not names & {"kubernetes", "networkx", "rich", "pygls", "cryptography", "pip"}

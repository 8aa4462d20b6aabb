"""The checkout, the package table and the wheel hold the same files."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
DATA = (".yaml", ".json", ".gz", ".lark", ".txt", "py.typed")


def _links() -> dict[str, str]:
    links = (path for path in (ROOT / "konductor").iterdir() if path.is_symlink())
    return {f"konductor.{path.name}": path.readlink().name for path in links}


def _packages() -> set[str]:
    """Return every folder of code, as it is named when imported."""
    folders = {"konductor": ROOT / "konductor"}
    folders |= {name: ROOT / folder for name, folder in _links().items()}
    return {
        ".".join((name, *path.parent.relative_to(folder).parts))
        for name, folder in folders.items()
        for path in folder.rglob("__init__.py")
    }


def _tree() -> set[str]:
    """Return every file that is to be in the wheel, by its path in there."""
    files = set()
    for package in _packages():
        folder = ROOT.joinpath(*_home(package).split("/"))
        files |= {
            f"{package.replace('.', '/')}/{path.name}"
            for path in folder.iterdir()
            if path.suffix == ".py" or path.name.endswith(DATA)
        }
    return files


def _home(package: str) -> str:
    for name, folder in sorted(_links().items(), key=lambda one: -len(one[0])):
        if package == name or package.startswith(name + "."):
            return folder + package.removeprefix(name).replace(".", "/")
    return package.replace(".", "/")


def test_links_of_the_checkout_are_the_table_of_the_build() -> None:
    table = {name: home for name, home in SETUPTOOLS["package-dir"].items() if name != "konductor"}
    assert _links() == table


def test_links_are_relative() -> None:
    links = (path for path in (ROOT / "konductor").iterdir() if path.is_symlink())
    assert all(not path.readlink().is_absolute() for path in links)


def test_every_package_is_listed() -> None:
    assert set(SETUPTOOLS["packages"]) == _packages()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build a wheel of a copy: a build leaves folders behind."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    for name in listed.stdout.decode().split("\0"):
        source, target = ROOT / name, copy / name
        if not name or name.startswith("tests/") or not (source.is_symlink() or source.is_file()):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            target.symlink_to(source.readlink())
        else:
            target.write_bytes(source.read_bytes())
    build = "from setuptools.build_meta import build_wheel; import sys; build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", build, str(folder)],
        cwd=copy,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_wheel_holds_the_tree(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == _tree()


def test_wheel_holds_the_command_and_the_licence(wheel: zipfile.ZipFile) -> None:
    version = PROJECT["project"]["version"]
    info = f"koncli-{version}.dist-info"
    entry_points = wheel.read(f"{info}/entry_points.txt").decode()
    assert "koncli = konductor.cli.main:main" in entry_points
    assert {f"{info}/licenses/LICENSE", f"{info}/licenses/NOTICE"} <= set(wheel.namelist())


def test_version_is_written_once_more_and_the_same() -> None:
    from konductor import __version__  # noqa: PLC0415  # the rest needs no import of ours

    assert __version__ == PROJECT["project"]["version"]

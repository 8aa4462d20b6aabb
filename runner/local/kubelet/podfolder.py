"""What a pod has on disk: its volumes, its logs, and the mark that it was started."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from konductor.api.meta import Json, json_map
from konductor.runner.local.kubelet.failure import NotYetRunnable
from konductor.runner.local.kubelet.needs import kind_of
from konductor.runner.local.kubelet.pod import ContainerSpec, Pod
from konductor.runner.local.kubelet.volume import File

_PRIVATE = 0o700


class StateFolder:
    """The kubelet's part of the state folder."""

    def __init__(self, root: Path, workspace: str = "") -> None:
        self.root = root
        self._workspace = workspace
        self._pods = root / "pods"
        self._logs = root / "logs"
        for folder in (self._pods, self._logs):
            folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)

    def pod(self, pod: Pod) -> "PodFolder":
        """Return the folder of one pod."""
        name = f"{pod.meta.namespace}_{pod.meta.name}_{pod.meta.uid}"
        return PodFolder(self._pods / pod.meta.uid, self._logs / name, self)

    def claim(self, namespace: str, name: str) -> Path:
        """Return the folder behind a PersistentVolumeClaim."""
        if self._workspace:
            return Path(self._workspace)
        return self.root / "volumes" / namespace / name

    def forget(self, living: Iterable[str]) -> None:
        """Remove what is left of pods that are gone."""
        known = set(living)
        for folder in self._pods.iterdir():
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)

    def bound_logs(self, most: int) -> None:
        """Keep the logs of the pods that were started last."""
        folders = sorted(self._logs.iterdir(), key=lambda folder: folder.stat().st_mtime)
        for folder in folders[: max(0, len(folders) - most)]:
            shutil.rmtree(folder, ignore_errors=True)


class PodFolder:
    """One pod's."""

    def __init__(self, folder: Path, logs: Path, state: StateFolder) -> None:
        self._folder = folder
        self._logs = logs
        self._state = state

    def log(self, container: str, restart: int) -> Path:
        """Return where the log of one run of a container lies."""
        return self._logs / container / f"{restart}.log"

    def last_log(self, container: str, *, before: int = 0) -> Path | None:
        """Return the log of a container's last run, or of one before; None if there is none."""
        runs = sorted(int(path.stem) for path in (self._logs / container).glob("*.log"))
        return self.log(container, runs[-1 - before]) if len(runs) > before else None

    @property
    def was_started(self) -> bool:
        """Return whether some kubelet was about to start a program of this pod."""
        return (self._folder / "started").exists()

    def mark_started(self) -> None:
        """Note, before the first program starts, that from now on the pod may have run."""
        self._folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        (self._folder / "started").touch()

    def remove(self) -> None:
        """Remove the volumes that live as long as the pod."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def make_volume(self, volume: Json, namespace: str, files: Iterable[File]) -> Path:
        """Make a volume real; return its folder.

        Raises:
            NotYetRunnable: what a hostPath names is not there, or of another type.
        """
        kind = kind_of(volume)
        if kind == "hostPath":
            return _host_path(json_map(volume["hostPath"]))
        if kind == "persistentVolumeClaim":
            claim = str(json_map(volume[kind]).get("claimName"))
            folder = self._state.claim(namespace, claim)
        else:
            folder = self._folder / "volumes" / str(volume.get("name"))
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            _write(folder / file.path, file)
        return folder

    def make_mounts(self, container: ContainerSpec, folders: dict[str, str]) -> None:
        """Make the folders that a container's subPaths name."""
        for mount in container.mounts:
            if (mount.sub_path or mount.sub_path_expression) and mount.path in folders:
                path = Path(folders[mount.path])
                if not path.exists():
                    path.mkdir(parents=True)


def _write(path: Path, file: File) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(file.data)
    new.chmod(file.mode)
    new.replace(path)


def _host_path(source: Json) -> Path:
    path = Path(str(source.get("path")))
    kind = str(source.get("type") or "")
    if kind == "DirectoryOrCreate":
        path.mkdir(parents=True, exist_ok=True)
    elif kind == "FileOrCreate":
        path.touch()
    fits = {"Directory": path.is_dir, "File": path.is_file}.get(kind, lambda: True)
    if not fits():
        message = f"hostPath type check failed: {path} is not a {kind.lower()}"
        raise NotYetRunnable("FailedMount", message)
    return path

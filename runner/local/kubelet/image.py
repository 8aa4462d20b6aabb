"""What stands for a container image where nothing is pulled. Pure.

``[local.images]`` of ``konductor.toml`` maps patterns to folders of programs; an image without a
mapping runs on koncli's own PATH, provided that the pod says what to run.
"""

import fnmatch
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from konductor.api.meta import Json, json_list, json_map
from konductor.errors import UsageError
from konductor.runner.local.kubelet.environment import expand
from konductor.runner.local.kubelet.failure import NotYetRunnable
from konductor.runner.local.kubelet.pod import ContainerSpec

_KEYS = {"path", "workdir", "command"}


@dataclass(frozen=True, slots=True)
class Image:
    """One entry of the table."""

    pattern: str
    path: tuple[str, ...] = ()
    """Folders that come first on PATH."""
    working_folder: str = ""
    command: tuple[str, ...] = ()
    """What it runs where the pod does not say, as an image's entrypoint does."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A program, ready to start."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    folder: str


def parse_images(table: Json, base: Path) -> tuple[Image, ...]:
    """Read the table; its relative folders are those of ``base``.

    Raises:
        UsageError: an entry holds something else than path, workdir and command.
    """
    images = []
    for pattern, entry in table.items():
        document = json_map(entry)
        if unknown := sorted(document.keys() - _KEYS):
            raise UsageError(
                f'[local.images."{pattern}"] knows no `{unknown[0]}`',
                hint="its keys are path, workdir and command",
            )
        folder = document.get("workdir")
        images.append(
            Image(
                pattern=pattern,
                path=tuple(str(base / str(one)) for one in json_list(document.get("path"))),
                working_folder=str(base / str(folder)) if folder else "",
                command=tuple(map(str, json_list(document.get("command")))),
            )
        )
    return tuple(images)


def find_image(images: Iterable[Image], reference: str) -> Image | None:
    """Return the entry with the longest pattern that matches an image reference."""
    matching = [image for image in images if fnmatch.fnmatchcase(reference, image.pattern)]
    return max(matching, key=lambda image: len(image.pattern), default=None)


def launch(
    container: ContainerSpec, image: Image | None, env: Mapping[str, str], folder: str
) -> Launch:
    """Return what to execute for a container; ``folder`` is where it runs if nothing else says.

    Raises:
        NotYetRunnable: neither the pod nor the table says what to run.
    """
    command = container.command or (image.command if image else ())
    argv = tuple(expand(word, env) for word in (*command, *container.args))
    if not command and image is None:
        raise NotYetRunnable(
            "ErrImagePull",
            f'the local cluster pulls no images: container "{container.name}" needs a command, or '
            f'"{container.image}" an entry in [local.images] of konductor.toml',
        )
    if not argv:
        raise NotYetRunnable(
            "CreateContainerError",
            f'no command specified: container "{container.name}" has none, nor has '
            f'[local.images."{image.pattern if image else ""}"]',
        )
    first = image.path if image else ()
    path = os.pathsep.join((*first, env["PATH"])) if env.get("PATH") else os.pathsep.join(first)
    working = expand(container.working_folder, env) or (image.working_folder if image else "")
    return Launch(argv, {**env, "PATH": path}, working or folder)

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from konductor.errors import UsageError
from konductor.runner.local.kubelet.failure import NotYetRunnable
from konductor.runner.local.kubelet.image import Image, Launch, find_image, launch, parse_images

from .conftest import container, make_pod

TABLE = {
    "ghcr.io/acme/*": {"path": [".venv/bin", "/abs"]},
    "ghcr.io/acme/wc*": {"workdir": "wc", "command": ["wc"]},
}


def start(image: Image | None, **fields: Any) -> Launch:
    pod = make_pod(containers=[container(**fields)])
    return launch(pod.containers[0], image, {"PATH": "/bin", "A": "1"}, "/here")


def test_the_longest_matching_pattern_stands_for_an_image() -> None:
    images = parse_images(TABLE, Path("/base"))
    assert find_image(images, "ghcr.io/acme/wc:1") == Image(
        "ghcr.io/acme/wc*", working_folder="/base/wc", command=("wc",)
    )
    found = find_image(images, "ghcr.io/acme/x")
    assert found is not None
    assert found.path == ("/base/.venv/bin", "/abs")
    assert find_image(images, "alpine") is None


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(UsageError, match=r'\[local.images."x"\] knows no `venv`'):
        parse_images({"x": {"venv": "a"}}, Path())


def test_an_unmapped_image_with_a_command_runs_on_our_path() -> None:
    assert start(None, command=["echo", "$(A)"], args=["$(B)"]) == Launch(
        ("echo", "1", "$(B)"), {"PATH": "/bin", "A": "1"}, "/here"
    )


def test_a_mapping_gives_path_folder_and_command() -> None:
    image = Image("x", path=("/tools",), working_folder="/w", command=("wc",))
    assert start(image, command=None, args=["-l"]) == Launch(
        ("wc", "-l"), {"PATH": "/tools:/bin", "A": "1"}, "/w"
    )
    assert start(image, workingDir="/mine").folder == "/mine"


def test_without_command_and_mapping_an_image_cannot_be_pulled() -> None:
    with pytest.raises(NotYetRunnable, match="needs a command, or") as caught:
        start(None, command=None, args=["x"])
    assert caught.value.reason == "ErrImagePull"


def test_a_mapping_without_any_command_says_so() -> None:
    with pytest.raises(NotYetRunnable, match="no command specified") as caught:
        start(Image("x"), command=None)
    assert caught.value.reason == "CreateContainerError"


def test_without_path_only_the_mapped_folders_are_on_it() -> None:
    pod = make_pod()
    assert launch(pod.containers[0], Image("x", path=("/t",)), {}, "/").env["PATH"] == "/t"

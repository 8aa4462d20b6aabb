import pytest

from konductor.errors import UsageError
from konductor.install.image import image_reference, mirrored

_DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "text",
    [
        "koncli",
        "logiciq/koncli:latest",
        "registry.example:5000/a/b_c/koncli:1.0-rc.1",
        f"ghcr.io/logiciq/koncli@{_DIGEST}",
        f"localhost/koncli:1@{_DIGEST}",
    ],
)
def test_image_is_taken_as_it_is(text: str) -> None:
    assert image_reference(text) == text


@pytest.mark.parametrize(
    "text", ["", "Koncli", "a/b:", "a b", "https://a/b", "a@sha256:12", "a/b/", "a:b:c", "a\n"]
)
def test_what_is_no_image_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no image"):
        image_reference(text)


@pytest.mark.parametrize(
    ("image", "there"),
    [
        ("koncli:1", "mirror.example/hub/koncli:1"),
        ("logiciq/koncli:1", "mirror.example/hub/logiciq/koncli:1"),
        ("docker.io/logiciq/koncli:1", "mirror.example/hub/logiciq/koncli:1"),
        ("localhost/koncli", "mirror.example/hub/koncli"),
        (f"host:5000/a/koncli@{_DIGEST}", f"mirror.example/hub/a/koncli@{_DIGEST}"),
    ],
)
def test_mirror_takes_the_place_of_the_registry(image: str, there: str) -> None:
    assert mirrored(image, "mirror.example/hub/") == there


@pytest.mark.parametrize("mirror", ["", "https://mirror.example", "mirror example", "a//b"])
def test_what_is_no_registry_is_refused(mirror: str) -> None:
    with pytest.raises(UsageError, match="is no registry"):
        mirrored("koncli", mirror)

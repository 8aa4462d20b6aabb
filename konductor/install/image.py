"""References to container images: what is one, and how it reads in a mirror. Pure."""

import re
from typing import Final

from konductor.errors import UsageError

_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_HOST: Final = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?)+(?::[0-9]+)?"
_PATH: Final = rf"{_PART}(?:/{_PART})*"
_REFERENCE: Final = re.compile(
    rf"(?P<path>(?:{_HOST}/)?{_PATH})"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
"""The grammar of https://github.com/distribution/reference, with the one digest in use."""
_MIRROR: Final = re.compile(rf"{_HOST}(?:/{_PATH})?")


def image_reference(text: str) -> str:
    """Return an image reference as it is.

    Raises:
        UsageError: it is none.
    """
    if not _REFERENCE.fullmatch(text):
        raise UsageError(
            f"`{text}` is no image",
            hint="write `registry.example/koncli:1.0`, or `…@sha256:` and 64 hexadecimal digits",
        )
    return text


def mirrored(image: str, mirror: str) -> str:
    """Return where a mirror has an image: the registry's name is replaced, all else stays.

    >>> mirrored("ghcr.io/a/koncli:1", "mirror.example:5000/hub")
    'mirror.example:5000/hub/a/koncli:1'
    >>> mirrored("logiciq/koncli:1", "mirror.example")
    'mirror.example/logiciq/koncli:1'

    Raises:
        UsageError: the mirror is no registry.
    """
    place = mirror.rstrip("/")
    if not _MIRROR.fullmatch(place):
        raise UsageError(
            f"`{mirror}` is no registry", hint="write `registry.example` or `registry.example/path`"
        )
    host, slash, rest = image.partition("/")
    has_host = bool(slash) and (host == "localhost" or "." in host or ":" in host)
    return f"{place}/{rest if has_host else image}"

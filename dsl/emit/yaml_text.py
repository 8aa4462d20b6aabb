"""Manifests as YAML that every reader understands alike.

kubectl reads YAML 1.1 with go-yaml, others read 1.2: ``y``, ``on``, ``1_000``, ``1e3`` and
``2026-11-23`` are strings here, so they are quoted whatever a reader makes of them.
"""

import re
from collections.abc import Iterable

import yaml

from konductor.api.meta import Json

_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<"})
_NUMBER_LIKE = re.compile(r"[-+.]?[0-9]|[-+]?\.(?:inf|nan)", re.IGNORECASE)


def write_yaml(manifests: Iterable[Json]) -> str:
    """Return a stream of YAML documents, the same bytes for the same manifests."""
    return yaml.dump_all(
        manifests,
        Dumper=_Dumper,
        sort_keys=False,
        explicit_start=True,
        allow_unicode=True,
        width=1_000_000,
    )


class _Dumper(yaml.SafeDumper):
    """PyYAML's safe dumper, with strings quoted where a reader could take them for more."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # PyYAML's signature
        """Write equal values twice rather than as ``&id001`` and ``*id001``."""
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = None
    if "\n" in text:
        style = "|"
    elif text.lower() in _WORDS or _NUMBER_LIKE.match(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)

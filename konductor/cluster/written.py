"""Objects as they are written in YAML files of a package: our kinds, roles and policies."""

from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from konductor.api.meta import Json

KINDS: Final = "konductor.crds"
"""The package with the CustomResourceDefinitions."""
INSTALLATION: Final = "konductor.install"
"""The package with the roles and the admission policies."""


@cache
def written(package: str) -> tuple[Json, ...]:
    """Return every object that the YAML files of a package hold, file by file; change none."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, where it is built
    texts = (
        file.read_text("utf-8")
        for file in sorted(files(package).iterdir(), key=lambda file: file.name)
        if file.name.endswith(".yaml")
    )
    return tuple(one for text in texts for one in yaml.load_all(text, loader) if one)

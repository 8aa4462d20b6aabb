"""The folder ``deploy/kustomize``: the objects of an installation, a file a part."""

from collections.abc import Iterator

from konductor.dsl.emit import write_yaml
from konductor.install.installation import Installation
from konductor.install.objects import parts

INSTALLATION = Installation(manager="kustomize")
_HEAD = "# Made by `make deploy`: change konductor/install or crds, not this file.\n"


def kustomize_files() -> Iterator[tuple[str, str]]:
    """Yield each file's path, below ``deploy``, and its text."""
    found = parts(INSTALLATION)
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [f"{name}.yaml" for name in found],
    }
    for name, documents in (("kustomization", (kustomization,)), *found.items()):
        yield f"kustomize/{name}.yaml", _HEAD + write_yaml(documents)

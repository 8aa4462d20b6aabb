"""Plan to manifests, and manifests to YAML. Pure."""

from konductor.dsl.emit.hook import HOOK_IMAGE
from konductor.dsl.emit.manifest import Manifest, emit
from konductor.dsl.emit.yaml_text import write_yaml

__all__ = ["HOOK_IMAGE", "Manifest", "emit", "write_yaml"]

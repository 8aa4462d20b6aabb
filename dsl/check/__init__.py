"""Static checks; one rule a file, each from a checked pipeline to diagnostics."""

from konductor.dsl.check.rules import check
from konductor.dsl.check.unused import unused_imports

__all__ = ["check", "unused_imports"]

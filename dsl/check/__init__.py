"""Static checks; one rule a file, each from a checked pipeline to diagnostics."""

from konductor.dsl.check.rules import UNCHECKED, check

__all__ = ["UNCHECKED", "check"]

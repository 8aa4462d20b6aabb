"""Static checks; one rule a file, each from a checked pipeline to diagnostics."""

from konductor.dsl.check.rules import check

__all__ = ["check"]

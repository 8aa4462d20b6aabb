"""koncli: a pipeline language and a runner, layered over Kubernetes barriers.

This file imports nothing, so that a hook starts in milliseconds. Public names are loaded when
they are first asked for.
"""

__all__ = ["__version__"]
__version__ = "0.1.0"

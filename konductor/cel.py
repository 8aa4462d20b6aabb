"""The CEL library's extension module, loaded once and alone.

Importing its package would also import a command line (0.3 s), and loading the extension twice in
one process ends in a panic of its logger; so whoever needs CEL, or RE2 patterns by way of it, gets
it here.
"""

import importlib.util
from functools import cache
from importlib.machinery import PathFinder
from types import ModuleType


@cache
def cel() -> ModuleType:
    """Return the module: ``compile``, ``evaluate``, ``Context``."""
    package = importlib.util.find_spec("cel")
    assert package is not None, "a dependency"  # noqa: S101  # a broken installation
    found = PathFinder.find_spec("cel", package.submodule_search_locations)
    assert found is not None, "the extension is in the package"  # noqa: S101  # likewise
    assert found.loader is not None, "an extension has one"  # noqa: S101  # likewise
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module

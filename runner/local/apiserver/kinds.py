"""All kinds that are served now: built-in ones, and those of the CRDs that are there."""

from collections.abc import Callable

from konductor.runner.local.apiserver import custom, definition
from konductor.runner.local.apiserver.builtin import registry
from konductor.runner.local.apiserver.served import Served, of_builtin
from konductor.runner.local.apiserver.stock import Change, Key, Stock


class Kinds:
    """The kinds by group, version and plural name; it follows the CRDs in the stock."""

    def __init__(self, stock: Stock, now: Callable[[], str]) -> None:
        """Take the kinds that are known from the start, and follow the rest."""
        self._stock = stock
        fixed = [*map(of_builtin, registry.kinds()), definition.definitions(now)]
        self._fixed = {(one.group, one.version, one.plural): one for one in fixed}
        self._custom: dict[str, list[Served]] = {}
        self._by_path = dict(self._fixed)
        self.generation = 0
        """Grows with each change: what was made from the kinds is stale then."""
        for one in stock.list(definition.KEY):
            self._define(one["metadata"]["name"], custom.defined(one))
        stock.listeners.append(self._follow)

    def find(self, group: str, version: str, plural: str) -> Served | None:
        """Return the kind at a path, or None."""
        return self._by_path.get((group, version, plural))

    def all(self) -> list[Served]:
        """Return every kind, in the order of discovery."""
        return list(self._by_path.values())

    def by_key(self, key: str) -> Served | None:
        """Return the kind whose objects are stored under a name such as ``jobs.batch``."""
        return next((one for one in self._by_path.values() if one.key == key), None)

    def _follow(self, change: Change) -> None:
        if change.key.resource != definition.KEY:
            return
        if change.after is None or "deletionTimestamp" in change.after["metadata"]:
            for kind in self._custom.get(change.key.name, ()):
                self._empty(kind)
            self._define(change.key.name, [])
        else:
            self._define(change.key.name, custom.defined(change.after))

    def _define(self, name: str, kinds: list[Served]) -> None:
        self._custom[name] = kinds
        self._by_path = dict(self._fixed)
        for found in self._custom.values():
            self._by_path |= {(one.group, one.version, one.plural): one for one in found}
        self.generation += 1

    def _empty(self, kind: Served) -> None:
        """Remove the objects of a kind that is going."""
        for namespace, name in list(self._stock.names(kind.key)):
            self._stock.remove(Key(kind.key, namespace, name))

"""One built-in kind as a value: what it is called, and the functions that say how it behaves."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import FieldError
from konductor.runner.local.apiserver.builtin.schema import schema_name
from konductor.runner.local.apiserver.builtin.table import View

Object = Mapping[str, Any]
Map = dict[str, Any]
Errors = Callable[[Object], Iterable[FieldError]]
UpdateErrors = Callable[[Object, Object], Iterable[FieldError]]
NameRule = Callable[[str], list[str]]

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


def keep_status(new: Map, old: Object) -> None:
    """Keep an object's status when the object itself is written."""
    if "status" in old:
        new["status"] = old["status"]
    else:
        new.pop("status", None)


def keep_all_but_status(new: Map, old: Object) -> None:
    """Keep everything but an object's status when that is written."""
    status = new.get("status")
    for name in [name for name in new if name not in ("apiVersion", "kind", "metadata")]:
        del new[name]
    kept = {name: value for name, value in old.items() if name not in ("status", "metadata")}
    new.update(kept)
    if status is not None:
        new["status"] = status


def _nothing(_: Object) -> Iterable[FieldError]:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A built-in kind.

    The functions that change an object change it in place: what they are given was decoded for
    this one request. They are called in this order. A new object: ``default``, name and uid are
    given, ``admit``, ``prepare``, ``create_errors``. A changed one: ``default``, ``keep``,
    ``update_errors``. A changed status: ``default``, ``keep_status``, ``status_errors``.
    """

    group: str
    kind: str
    plural: str
    view: View
    singular: str
    namespaced: bool = True
    version: str = "v1"
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[str, ...] = ()
    """Names of subresources; ``status`` is served by the rules below, others by their own code."""
    counts_generation: bool = False
    """Whether ``metadata.generation`` starts at 1 and grows with each change of the spec."""
    unconditional_update: bool = True
    """Whether a PUT without a resource version overwrites."""
    orphans: bool = False
    """Whether dependants are left behind by a DELETE that does not say (batch/v1's old promise)."""
    name_rule: NameRule = naming.dns_subdomain
    default: Callable[[Map], None] = lambda _: None
    admit: Callable[[Map], None] = lambda _: None
    prepare: Callable[[Map], None] = lambda _: None
    keep: Callable[[Map, Object], None] = lambda _, __: None
    keep_status: Callable[[Map, Object], None] = keep_all_but_status
    create_errors: Errors = _nothing
    update_errors: UpdateErrors = lambda _, __: ()
    status_errors: UpdateErrors = lambda _, __: ()
    warnings: Callable[[Object], list[str]] = lambda _: []
    fields: Callable[[Object], Mapping[str, str]] = lambda _: {}
    """What a field selector may ask for, beyond ``metadata.name`` and ``metadata.namespace``."""

    @property
    def component(self) -> str:
        """Return the name of its schema."""
        return schema_name(self.group, self.version, self.kind)

    @property
    def api_version(self) -> str:
        """Return ``group/version``, or the version alone of the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def list_kind(self) -> str:
        """Return the kind of a list of it."""
        return f"{self.kind}List"

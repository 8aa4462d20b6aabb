"""The kinds that CustomResourceDefinitions define: by their schemas, their rules, their columns."""

from collections.abc import Callable

from konductor.runner.local.apiserver import structural
from konductor.runner.local.apiserver.builtin import naming
from konductor.runner.local.apiserver.builtin.field import FieldError
from konductor.runner.local.apiserver.builtin.kind import keep_all_but_status, keep_status
from konductor.runner.local.apiserver.printer import form
from konductor.runner.local.apiserver.rule import UNCHECKED, Rules, blocks, collect
from konductor.runner.local.apiserver.served import (
    CUSTOM_VERBS,
    Json,
    Object,
    Served,
    decode_metadata,
)


def defined(definition: Object) -> list[Served]:
    """Return the kinds that a CRD defines, one a served version."""
    spec = definition["spec"]
    return [_kind(spec, version) for version in spec["versions"] if version.get("served")]


def _kind(spec: Object, version: Object) -> Served:
    names = spec["names"]
    schema = version["schema"]["openAPIV3Schema"]
    rules = collect(schema)
    subresources = tuple(version.get("subresources") or ())
    has_status = "status" in subresources
    check = _checker(schema, rules)
    api_version = f"{spec['group']}/{version['name']}"

    def decode(document: Json) -> tuple[Json, list[str]]:
        metadata, unknown = decode_metadata(document)
        document |= {"metadata": metadata, "apiVersion": api_version, "kind": names["kind"]}
        structural.fill(schema, document)
        own = {name: document[name] for name in document if name not in _ENVELOPE}
        unknown += sorted(structural.prune(schema, own))
        return {**{name: document[name] for name in _ENVELOPE}, **own}, unknown

    def create(document: Json) -> None:
        if has_status:
            document.pop("status", None)

    def keep(new: Json, old: Object) -> None:
        if has_status:
            keep_status(new, old)

    return Served(
        group=spec["group"],
        version=version["name"],
        plural=names["plural"],
        singular=names["singular"],
        kind=names["kind"],
        list_kind=names["listKind"],
        namespaced=spec["scope"] == "Namespaced",
        short_names=tuple(names.get("shortNames", ())),
        categories=tuple(names.get("categories", ())),
        verbs=CUSTOM_VERBS,
        subresources=tuple(one for one in subresources if one == "status"),
        is_custom=True,
        counts_generation=True,
        unconditional_update=False,
        orphans=False,
        name_rule=naming.dns_subdomain,
        decode=decode,
        create=create,
        create_errors=lambda new: check(new, None),
        keep=keep,
        update_errors=check,
        keep_status=keep_all_but_status,
        status_errors=check,
        warnings=lambda _: [],
        fields=lambda _: {},
        table=form(list(version.get("additionalPrinterColumns", ()))),
        merge=None,
    )


_ENVELOPE = ("apiVersion", "kind", "metadata")


def _checker(
    schema: Object, rules: Rules | None
) -> Callable[[Object, Object | None], list[FieldError]]:
    def check(new: Object, old: Object | None) -> list[FieldError]:
        found = list(structural.errors(schema, {k: v for k, v in new.items() if k != "metadata"}))
        if rules and blocks(found):
            return [*found, UNCHECKED]
        return found + (list(rules.violations(new, old)) if rules else [])

    return check

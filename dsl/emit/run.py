"""The Run of a plan, and the ConfigMaps that keep its source and the plan itself."""

import base64
import gzip
import json
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from konductor.api.meta import Json
from konductor.api.names import Annotation
from konductor.api.run import Run, RunSpec
from konductor.dsl.emit.name import RunNames
from konductor.dsl.plan import Plan, StageKind
from konductor.duration import format_duration

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_LARGEST_PART = 900 * 1024
"""Bytes of one ConfigMap's data; the API server takes 1 MiB."""


def run_manifest(names: RunNames) -> Json:
    """Return the Run, not ready yet: its objects come after it."""
    plan = names.plan
    spec = RunSpec(
        pipeline=plan.pipeline,
        parameters={one.name: json.loads(one.value) for one in plan.parameters},
        digest=plan.digest,
        on_failure=plan.on_failure,
        timeout=plan.timeout,
        ttl=plan.ttl,
        stages=sum(stage.kind is not StageKind.FINALLY for stage in plan.stages),
    )
    return Run(names.metadata(names.run), spec).manifest()


def program_maps(names: RunNames) -> list[Json]:
    """Return the ConfigMaps with sources and plan, gzipped and split below the server's limit."""
    texts = {"source": names.plan.source, "plan": plan_json(names.plan)}
    if names.plan.modules:
        texts["modules"] = json.dumps(dict(names.plan.modules), ensure_ascii=False)
    return [
        _part(f"{names.program}-{kind}-{number}", f"{kind}.gz", part, names)
        for kind, text in texts.items()
        for number, part in enumerate(_parts(text))
    ]


def plan_json(plan: Plan) -> str:
    """Return a plan as JSON, field for field, without its source."""
    document = _plain(replace(plan, source="", modules=()))
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        members = ((name, getattr(value, name)) for name in _members(value))
        return {name: _plain(member) for name, member in members if member not in (None, "", ())}
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    if isinstance(value, timedelta):
        return format_duration(value)
    return str(value) if isinstance(value, Decimal) else value


_MEMBERS: dict[type, tuple[str, ...]] = {}
"""The fields of each class of the Plan, once they have been asked for."""


def _members(value: "DataclassInstance") -> tuple[str, ...]:
    kind = type(value)
    if kind not in _MEMBERS:
        _MEMBERS[kind] = tuple(one.name for one in fields(value))
    return _MEMBERS[kind]


def _parts(text: str) -> list[bytes]:
    """Return the gzipped text in parts; no time in it, so equal texts give equal bytes."""
    packed = gzip.compress(text.encode(), mtime=0)
    return [packed[start : start + _LARGEST_PART] for start in range(0, len(packed), _LARGEST_PART)]


def _part(name: str, key: str, part: bytes, names: RunNames) -> Json:
    metadata = names.metadata(name)
    checksum = {str(Annotation.CHECKSUM): names.plan.digest}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata._replace(annotations=checksum).manifest(),
        "immutable": True,
        "binaryData": {key: base64.b64encode(part).decode()},
    }

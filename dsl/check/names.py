"""Names become names of Kubernetes objects, so they follow its rules (K0303, K0307)."""

import re
from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, Remedy, error, instead
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.source import Span
from konductor.dsl.syntax import Fn, Let, Param

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST = 63
_RUN_SUFFIX = 6
"""A run's name is the pipeline's, a hyphen and 5 characters."""


def check_names(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield an error for each name that cannot name its object."""
    yield from _object("pipeline", pipeline.node.name.text, pipeline.node.name.span)
    for one in pipeline.objects:
        yield from _object(str(one.what), one.name, one.span)
        yield from _length(pipeline.node.name.text, one)
        if one.find("name"):
            setting = one.settings["name"]
            if isinstance(setting.value, str):
                yield from _object("barrier", setting.value, setting.span)
    for one in pipeline.pods:
        for key, member in one.settings["env"].members.items() if one.find("env") else ():
            if not _VARIABLE.fullmatch(key):
                message = f"`{key}` is no name that a shell can read"
                yield error("K0303", member.key, message)
    yield from _values(pipeline)


def _values(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    for statement in pipeline.node.statements:
        if isinstance(statement, Param | Let | Fn) and "-" in statement.name.text:
            fixed = statement.name.text.replace("-", "_")
            message = f"`{statement.name.text}` names a value, so it takes `_` for `-`"
            yield error(
                "K0303", statement.name.span, message, **_renamed(statement.name.span, fixed)
            )


def _object(what: str, name: str, span: Span) -> Iterator[Diagnostic]:
    if _LABEL.fullmatch(name):
        return
    fixed = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-") or what
    yield error(
        "K0303",
        span,
        f"`{name}` cannot name a {what}",
        "becomes the name of an object",
        notes=("Kubernetes takes lower case letters, digits and `-` between them",),
        **_renamed(span, fixed),
    )


def _renamed(span: Span, name: str) -> Remedy:
    """Return the remedy, to be made by itself only where nothing else names the thing."""
    remedy = instead(span, name)
    return remedy if span.source.text.count(span.text) == 1 else {"helps": remedy["helps"]}


def _length(pipeline: str, one: Checked) -> Iterator[Diagnostic]:
    suffix = max(_suffixes(one), key=len) if one.is_stage else ""
    longest = len(pipeline) + _RUN_SUFFIX + 1 + len(one.name) + len(suffix)
    if longest <= _LONGEST:
        return
    shown = f"{pipeline}-xxxxx-{one.name}{suffix}"
    message = f"`{one.name}` is too long: `{shown}` has {longest} characters, at most 63 fit"
    over = longest - _LONGEST
    helps = (f"shorten it, or the pipeline's name, by {over}",)
    yield error("K0307", one.span, message, helps=helps)


def _suffixes(one: Checked) -> Iterator[str]:
    """Yield what the names of the last participants of a stage's cells add to its own."""
    for ordinal, count in enumerate(one.counts):
        last = max((count or 1) - 1, 0)
        yield f"-{ordinal}-{last}" if one.cells else f"-{last}"

"""Labels, and names of what is there already, are such as the API server takes (K0303, K0404)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from konductor.api.names import GROUP
from konductor.dsl.diagnostics import Diagnostic, error
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.plan import ClaimedVolume, SecretKey
from konductor.dsl.provision import Files, Variables
from konductor.dsl.settings import Setting, Settings
from konductor.dsl.source import Span
from konductor.dsl.values import Value, text_of

_WORD = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_LONGEST_DOMAIN = 253
_MAPS = ("labels", "annotations", "node_selector")
_OF_OTHERS = ("service_account", "priority", "image_pull_secrets", "env_from", "mounts", "env")


def check_label(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield an error for each label or name that the API server would refuse."""
    yield from _settings(pipeline.settings)
    for one in pipeline.pods:
        yield from _settings(one.settings)


def _settings(settings: Settings) -> Iterator[Diagnostic]:
    for name in _MAPS:
        if name in settings:
            yield from _map(name, settings[name])
    for name in _OF_OTHERS:
        if name in settings:
            for span, other in _others(settings[name]):
                if not _is_domain(other):
                    yield _wrong(other, span, "cannot be the name of an object")


def _map(name: str, setting: Setting) -> Iterator[Diagnostic]:
    for key, member in setting.members.items():
        if not _is_key(key):
            yield _wrong(key, member.key, "cannot be the key of a label")
        elif key.startswith(f"{GROUP}/") and name != "node_selector":
            message = f"labels and annotations of `{GROUP}` are koncli's own"
            yield error("K0404", member.key, message, helps=("choose another prefix",))
        value = text_of(member.value)
        if value and name != "annotations" and not _WORD.fullmatch(value):
            yield _wrong(value, member.span, "cannot be the value of a label")


def _others(setting: Setting) -> Iterator[tuple[Span, str]]:
    """Yield the names of objects that are there already, each with its place."""
    for member in setting.members.values():
        yield from _name(member.value, member.span)
    values = setting.value if isinstance(setting.value, tuple) else (setting.value,)
    for value in values:
        yield from _name(value, setting.span)
        if isinstance(value, str) and not setting.members:
            yield setting.span, value


def _name(value: Value, span: Span) -> Iterator[tuple[Span, str]]:
    if isinstance(value, SecretKey | Files | Variables):
        yield span, value.name
    elif isinstance(value, ClaimedVolume):
        yield span, value.claim


@lru_cache(maxsize=1024)
def _is_key(key: str) -> bool:
    prefix, slash, word = key.rpartition("/")
    return _WORD.fullmatch(word) is not None and (not slash or _is_domain(prefix))


@lru_cache(maxsize=1024)
def _is_domain(name: str) -> bool:
    return len(name) <= _LONGEST_DOMAIN and _DOMAIN.fullmatch(name) is not None


def _wrong(text: str, span: Span, what: str) -> Diagnostic:
    return error("K0303", span, f"`{text}` {what}", "the API server refuses it")

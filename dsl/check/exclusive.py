"""Attributes that say the same thing in two ways are not both set (K0404, K0417)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, Label, error
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.settings import Settings

_PAIRS = (
    ("K0404", "quorum", "allow_failures"),
    ("K0404", "retries", "retry"),
    ("K0417", "run", "command"),
    ("K0417", "run", "args"),
)


def check_exclusive(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield an error where one layer sets two attributes of which only one can count."""
    for one in pipeline.pods:
        for code, first, second in _PAIRS:
            yield from _both(code, first, second, f"`{one.name}`", one.settings)
        if one.find("retry"):
            members = one.settings["retry"].members
            yield from _both("K0404", "on_exit", "not_on_exit", f"`retry` of `{one.name}`", members)


def _both(code: str, first: str, second: str, of: str, settings: Settings) -> Iterator[Diagnostic]:
    if first not in settings or second not in settings:
        return
    one, other = sorted((settings[first].key, settings[second].key), key=lambda key: key.start)
    yield error(
        code,
        other,
        f"{of} sets both `{first}` and `{second}`",
        "and the other here",
        secondary=(Label(one, "one of them here"),),
        helps=(f"keep `{first}` or `{second}`",),
    )

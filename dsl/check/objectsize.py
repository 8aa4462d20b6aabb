"""No object is larger than the API server takes (K0503)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, error
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.syntax import MapStage
from konductor.dsl.values import text_of

_LARGEST = 1024 * 1024
_PER_ELEMENT = 64


def check_object_size(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield an error for a script or a list of elements beyond 1 MiB."""
    for one in pipeline.pods:
        run = one.value("run")
        if isinstance(run, str) and len(run.encode("utf-8", "surrogateescape")) > _LARGEST:
            message = f"the script of `{one.name}` is larger than 1 MiB"
            yield error("K0503", one.settings["run"].span, message)
        size = sum(
            _PER_ELEMENT + len(text_of(element.value) or "") + _texts(element.settings)
            for element in one.elements
        )
        if size > _LARGEST and isinstance(one.node, MapStage):
            message = f"the elements of `{one.name}` are {size:,} bytes, 1 MiB is the most"
            helps = ("put them into a file that the pods read", "or use `map … over N`")
            yield error("K0503", one.node.over.span, message, helps=helps)


def _texts(settings: object) -> int:
    members = getattr(settings, "get", lambda _: None)("env")
    return sum(
        len(name) + len(text_of(member.value) or "")
        for name, member in (members.members.items() if members else ())
    )

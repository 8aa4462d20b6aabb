"""Every stage has an image, and the image says which it is (K0308, K0501, K0502)."""

from collections.abc import Iterator

from konductor.dsl.attributes import STAGE
from konductor.dsl.diagnostics import Diagnostic, error, warning
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.spelling import nearest
from konductor.dsl.syntax import Attr
from konductor.dsl.vocabulary import ATTRIBUTES

_HELPS = ('write `image = "…"` here, or in `defaults` for all stages',)


def check_image(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield what is wrong with the images of stages."""
    seen = set()
    for one in filter(lambda pod: pod.is_stage, pipeline.pods):
        setting = one.find("image")
        if setting is None:
            yield from _missing(one)
        elif isinstance(setting.value, str) and setting.span not in seen:
            seen.add(setting.span)
            if not setting.value:
                message = f"{one.what} `{one.name}` has an empty image"
                yield error("K0308", setting.span, message, "runs nothing", helps=_HELPS)
                continue
            folder, slash, last = setting.value.rpartition("/")
            name, _, tag = last.partition(":")
            if "@" in setting.value:
                continue
            helps = (f"name a version: `{folder}{slash}{name}:1.2.3`",)
            if not tag:
                message = f"image `{setting.value}` has no tag, so it may change between pods"
                yield warning("K0501", setting.span, message, helps=helps)
            elif tag == "latest":
                message = f"image `{setting.value}` may change between pods"
                yield warning("K0502", setting.span, message, helps=helps)


def _missing(one: Checked) -> Iterator[Diagnostic]:
    if not _is_misnamed(one):
        message = f"{one.what} `{one.name}` has no image"
        yield error("K0308", one.span, message, "runs nothing", helps=_HELPS)


def _is_misnamed(one: Checked) -> bool:
    """Tell whether the block has an image by a name that is none, as K0306 says already."""
    block = one.node.block
    keys = [each.key.text for each in block.statements if isinstance(each, Attr)] if block else []
    known = {attribute.name for attribute in STAGE}
    return any(key not in known and _means_image(key, known) for key in keys)


def _means_image(key: str, known: set[str]) -> bool:
    return nearest(key, known) == "image" or ATTRIBUTES.get(key, "").startswith("`image ")

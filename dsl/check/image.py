"""Every stage has an image, and the image says which it is (K0308, K0501, K0502)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, error, warning
from konductor.dsl.pipeline import CheckedPipeline


def check_image(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield what is wrong with the images of stages."""
    seen = set()
    for one in pipeline.pods:
        if not one.is_stage:
            continue
        setting = one.find("image")
        if setting is None:
            helps = ('write `image = "…"` here, or in `defaults` for all stages',)
            message = f"{one.what} `{one.name}` has no image"
            yield error("K0308", one.span, message, "runs nothing", helps=helps)
        elif isinstance(setting.value, str) and setting.span not in seen:
            seen.add(setting.span)
            name, _, tag = setting.value.rpartition("/")[2].partition(":")
            if "@" in setting.value:
                continue
            helps = (f"name a version: `{name}:1.2.3`",)
            if not tag:
                message = f"image `{setting.value}` has no tag, so it may change between pods"
                yield warning("K0501", setting.span, message, helps=helps)
            elif tag == "latest":
                message = f"image `{setting.value}` may change between pods"
                yield warning("K0502", setting.span, message, helps=helps)

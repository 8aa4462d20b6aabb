"""Parameters that nothing reads (K0604)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, warning
from konductor.dsl.expression import Var
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.recursion import walk


def check_unused(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield a warning for each parameter that no expression but its own ``where`` names."""
    owners = {param.name.text: param for param in pipeline.params}
    used: set[str] = set()
    for statement in (*pipeline.node.statements, *pipeline.file_statements):
        own = getattr(getattr(statement, "name", None), "text", "")
        for node in walk(statement):
            if isinstance(node, Var) and not (node.name == own and statement in pipeline.params):
                used.add(node.name)
    for name, param in owners.items():
        if name not in used:
            message = f"parameter `{name}` is never used"
            yield warning("K0604", param.name.span, message, "nothing reads it")

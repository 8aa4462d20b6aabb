"""Parameters that nothing reads (K0604)."""

from collections.abc import Iterator

from konductor.dsl.diagnostics import Diagnostic, warning
from konductor.dsl.expression import Var
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.recursion import walk
from konductor.dsl.syntax import Param


def check_unused(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield a warning for each parameter that no expression but its own ``where`` names."""
    unused = {param.name.text: param for param in pipeline.params}
    for statement in (*pipeline.node.statements, *pipeline.file_statements):
        if not unused:
            return  # most programs use them early, and the walk is long
        own = statement.name.text if isinstance(statement, Param) else ""
        for node in walk(statement):
            if isinstance(node, Var) and node.name != own:
                unused.pop(node.name, None)
    for name, param in unused.items():
        message = f"parameter `{name}` is never used"
        yield warning("K0604", param.name.span, message, "nothing reads it")

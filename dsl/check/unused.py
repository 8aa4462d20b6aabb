"""Parameters and imports that nothing uses (K0604, K0803)."""

from collections.abc import Iterable, Iterator

from konductor.dsl.diagnostics import Diagnostic, warning
from konductor.dsl.expression import Var
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.recursion import walk
from konductor.dsl.syntax import FileStatement, From, Import, Param, PipelineStatement


def check_unused(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield a warning for each parameter and import that nothing names.

    A parameter's own ``where`` does not count.
    """
    findings = {param.name.text: _unused_parameter(param) for param in pipeline.params}
    statements = (*pipeline.node.statements, *pipeline.file_statements)
    yield from _left(findings | _imports(pipeline.file_statements), statements)
    for module in pipeline.evaluation.modules.values():
        declared = module.parsed.file.statements
        yield from _left(_imports(declared), declared)


def _unused_parameter(param: Param) -> Diagnostic:
    message = f"parameter `{param.name.text}` is never used"
    return warning("K0604", param.name.span, message, "nothing reads it")


def _imports(statements: Iterable[FileStatement]) -> dict[str, Diagnostic]:
    """Return what there would be to say of a file's imports, by their names."""
    found: dict[str, Diagnostic] = {}
    for one in statements:
        if isinstance(one, Import):
            message, helps = f"import `{one.alias.text}` is never used", ("remove the line",)
            span = one.alias.span
            found[one.alias.text] = warning("K0803", span, message, "nothing names it", helps=helps)
    return found


def _left(
    findings: dict[str, Diagnostic], statements: Iterable[FileStatement | PipelineStatement]
) -> Iterable[Diagnostic]:
    """Return the findings about names that no expression, and no ``from``, begins with."""
    for statement in statements:
        if not findings:
            break  # most programs use them early, and the walk is long
        own = statement.name.text if isinstance(statement, Param) else ""
        for node in walk(statement):
            if isinstance(node, Var) and node.name != own:
                findings.pop(node.name, None)
            elif isinstance(node, From):
                findings.pop(node.template.names[0].text, None)
    return findings.values()

"""Parameters and imports that nothing uses (K0604, K0803)."""

from collections.abc import Iterable, Iterator

from konductor.dsl.diagnostics import Diagnostic, warning
from konductor.dsl.expression import Var
from konductor.dsl.pipeline import CheckedPipeline
from konductor.dsl.recursion import walk
from konductor.dsl.syntax import File, FileStatement, From, Import, Param, PipelineStatement


def check_unused(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield a warning for each parameter that nothing names.

    Its own ``where`` does not count.
    """
    findings = {param.name.text: _unused_parameter(param) for param in pipeline.params}
    yield from _left(findings, (*pipeline.node.statements, *pipeline.file_statements))


def unused_imports(file: File) -> Iterable[Diagnostic]:
    """Return a warning for each import of a file that nothing in it names."""
    findings = {
        one.alias.text: _unused_import(one) for one in file.statements if isinstance(one, Import)
    }
    return _left(findings, file.statements)


def _unused_parameter(param: Param) -> Diagnostic:
    message = f"parameter `{param.name.text}` is never used"
    return warning("K0604", param.name.span, message, "nothing reads it")


def _unused_import(node: Import) -> Diagnostic:
    message = f"import `{node.alias.text}` is never used"
    helps = ("remove the line",)
    return warning("K0803", node.alias.span, message, "nothing names it", helps=helps)


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

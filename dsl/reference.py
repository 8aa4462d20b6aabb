"""Values that are read as they are written: lists of objects' names, and blocks that are maps.

The name of an object, as in ``arrive = [ready]``, is no value that could be computed with.
"""

from konductor.dsl import expression as tree
from konductor.dsl.attributes import Attribute
from konductor.dsl.diagnostics import Label, error
from konductor.dsl.evaluation import Evaluation, duplicate
from konductor.dsl.scope import Scope, What
from konductor.dsl.source import Span
from konductor.dsl.spelling import nearest
from konductor.dsl.syntax import Attr, Block, Nested


def named_objects(
    node: tree.Expr, of: What, attribute: Attribute, scope: Scope, evaluation: Evaluation
) -> dict[str, Span]:
    """Return the objects that a list names, each with its place; what is wrong is reported."""
    if not isinstance(node, tree.List):
        message = f"`{attribute.name}` is {attribute.wants}"
        helps = (f"write `{attribute.name} = [NAME]`",)
        evaluation.report(error("K0204", node.span, message, helps=helps))
        return {}
    found: dict[str, Span] = {}
    for one in node.items:
        if not isinstance(one, tree.Var):
            message = f"`{one.span.text}` is no name of a {of}"
            evaluation.report(error("K0204", one.span, message))
        elif one.name in found:
            evaluation.report(duplicate(f"`{one.name}`", one.span, found[one.name]))
        elif _is_object(one, of, attribute, scope, evaluation):
            found[one.name] = one.span
    return found


def map_of(block: Block, evaluation: Evaluation) -> tree.Map:
    """Return a block of any keys as a map: ``pod { a = 1 }`` is ``pod = { a = 1 }``."""
    pairs = []
    for one in block.statements:
        if isinstance(one, Attr):
            pairs.append(tree.Pair(one.key, one.value, one.span))
        elif isinstance(one, Nested) and one.label is None:
            pairs.append(tree.Pair(one.name, map_of(one.block, evaluation), one.span))
        else:
            evaluation.report(error("K0306", one.span, "a map has keys and values only"))
    return tree.Map(tuple(pairs), block.span)


def _is_object(
    node: tree.Var, of: What, attribute: Attribute, scope: Scope, evaluation: Evaluation
) -> bool:
    binding = scope.find(node.name)
    if binding is None:
        if node.name not in evaluation.broken:
            _report_unknown(node, of, scope, evaluation)
        return False
    if binding.what is of:
        return True
    secondary = (Label(binding.span, "declared here"),) if binding.span else ()
    message = f"`{attribute.name}` takes {of}s, `{node.name}` is a {binding.what}"
    evaluation.report(error("K0310", node.span, message, f"no {of}", secondary=secondary))
    return False


def _report_unknown(node: tree.Var, of: What, scope: Scope, evaluation: Evaluation) -> None:
    there = {one.name: one for one in scope.visible() if one.what is of}
    similar = nearest(node.name, there)
    declared = there[similar].span if similar else None
    secondary = (Label(declared, "a similar name is declared here"),) if declared else ()
    helps = (f"write `{similar}`",) if similar else (f"declare it: `{of} {node.name} {{ … }}`",)
    message = f"no {of} is named `{node.name}`"
    label = "not declared in this pipeline"
    evaluation.report(error("K0301", node.span, message, label, secondary=secondary, helps=helps))

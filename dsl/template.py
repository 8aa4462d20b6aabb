"""Templates: a block of a stage's attributes with parameters (language.md, 2.3, "Templates").

A template sees the names of its own file and its parameters, whoever uses it.
"""

from dataclasses import replace
from functools import partial

from konductor.dsl import syntax
from konductor.dsl.attributes import STAGE, find
from konductor.dsl.call import Use
from konductor.dsl.diagnostics import Label, error
from konductor.dsl.evaluation import Evaluation
from konductor.dsl.expression import Broken, Ref
from konductor.dsl.matrix import read_matrix
from konductor.dsl.percell import MATRIX, CellBlock, CellReader, Entries, split_block
from konductor.dsl.pipeline import Element
from konductor.dsl.scope import Binding, Scope, What
from konductor.dsl.settings import Entry, Layer, Settings, collect, merge, read
from konductor.dsl.spelling import nearest


def check_template(template: syntax.Template, scope: Scope, evaluation: Evaluation) -> None:
    """Read a template once with arguments nobody knows, so that it is right unused too."""
    block = split_block(template.block.statements, scope.child())
    entries = merge([collect(block.shared, STAGE, block.scope, evaluation, "a template")])
    matrix = read_matrix(entries.pop(MATRIX, ()), evaluation)

    if matrix is None:
        block.settle(evaluation)
        read(entries, evaluation)
    else:
        any_cell = replace(matrix, cells=())
        reader = partial(_read, evaluation=evaluation)
        CellReader(any_cell, (block,), evaluation, reader).cells(entries)


def _read(
    entries: Entries,
    *,
    with_elements: bool,  # noqa: ARG001  # a template knows of no map
    evaluation: Evaluation,
) -> tuple[Settings, tuple[Element, ...]]:
    return read(entries, evaluation), ()


def template_layer(
    node: syntax.From, scope: Scope, evaluation: Evaluation
) -> tuple[Layer, CellBlock | None]:
    """Return the attributes that ``from`` gives a stage, and the block that they are from.

    Of a template that there is not, nobody knows.
    """
    binding = _found(node.template, scope, evaluation)
    if binding is None or binding.template is None or binding.home is None:
        return _nobody_knows(node, scope), None
    template, home = binding.template, binding.home
    use = Use(template.name, template.parameters, node.span, scope, home, evaluation)
    given = use.bind(node.arguments)
    if given is None:
        return _nobody_knows(node, scope), None
    inner = home.child(*given).child()
    block = split_block(template.block.statements, inner)
    layer = collect(block.shared, STAGE, inner, evaluation, "a template")
    used = Label(node.span, "used here")
    return {name: entry._replace(use=used) for name, entry in layer.items()}, block


def _nobody_knows(node: syntax.From, scope: Scope) -> Layer:
    """Return what stands for a template that there is not: it would have given an image."""
    image = find(STAGE, "image")
    assert image is not None  # noqa: S101  # a stage has one
    return {"image": Entry(image, node.span, Broken(node.span), scope)}


def _found(ref: Ref, scope: Scope, evaluation: Evaluation) -> Binding | None:
    """Return the template that ``from`` names; None: there is none (reported)."""
    first, *rest = ref.names
    binding = scope.find(first.text)
    names = scope.visible()
    if binding is not None and binding.what is What.IMPORT and len(rest) == 1:
        if binding.home is None:
            return None
        names = iter(binding.home.names.values())
        binding = binding.home.names.get(rest[0].text)
    elif rest:
        binding = None
    if binding is not None and binding.what is What.TEMPLATE:
        return binding
    if first.text not in evaluation.broken:
        similar = nearest(ref.names[-1].text, (one.name for one in names if one.template))
        prefix = f"{first.text}." if rest else ""
        helps = (f"write `{prefix}{similar}`",) if similar else ()
        message = f"no template is named `{ref.text}`"
        evaluation.report(error("K0301", ref.span, message, "not a template", helps=helps))
    return None

"""Templates: a block of a stage's attributes with parameters (language.md, 2.3, "Templates").

A template sees the names of its own file and its parameters, whoever uses it.
"""

from dataclasses import replace

from konductor.dsl import syntax
from konductor.dsl.attributes import STAGE, find
from konductor.dsl.call import Use
from konductor.dsl.diagnostics import error
from konductor.dsl.evaluation import Evaluation
from konductor.dsl.expression import Broken, Ref
from konductor.dsl.scope import Binding, Scope, What
from konductor.dsl.settings import Entry, Layer, collect, merge, read
from konductor.dsl.spelling import nearest


def check_template(template: syntax.Template, scope: Scope, evaluation: Evaluation) -> None:
    """Read a template once with arguments nobody knows, so that it is right unused too."""
    statements = template.block.statements
    layer = collect(statements, STAGE, scope.child(), evaluation, "a template")
    read(merge([layer]), evaluation)


def template_layer(node: syntax.From, scope: Scope, evaluation: Evaluation) -> Layer:
    """Return the attributes that ``from`` gives a stage; of one that there is not, nobody knows."""
    binding = _found(node.template, scope, evaluation)
    if binding is None or binding.template is None or binding.home is None:
        return _nobody_knows(node, scope)
    template, home = binding.template, binding.home
    use = Use(template.name, template.parameters, node.span, scope, home, evaluation)
    given = use.bind(node.arguments)
    if given is None:
        return _nobody_knows(node, scope)
    inner = home.child(*given).child()
    layer = collect(template.block.statements, STAGE, inner, evaluation, "a template")
    return {name: replace(entry, is_sealed=True) for name, entry in layer.items()}


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

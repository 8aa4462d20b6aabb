"""Texts with ``${…}`` in them."""

from konductor.dsl import expression as tree
from konductor.dsl.diagnostics import Diagnostic, error
from konductor.dsl.evaluation import Evaluation, a_type, evaluate
from konductor.dsl.plan import Placeholder, SecretKey, Text
from konductor.dsl.scope import Scope
from konductor.dsl.source import Span
from konductor.dsl.types import Kind, Type
from konductor.dsl.values import Unknown, Value, text_of, type_of


def text(node: tree.Text, scope: Scope, evaluation: Evaluation) -> Value:
    """Return a text with the values of its ``${…}`` in place."""
    parts: list[str | Placeholder] = []
    is_known = is_plain = True
    for part in node.parts:
        if isinstance(part, tree.Fragment):
            parts.append(part.text)
            continue
        value = evaluate(part.value, scope, evaluation)
        found = _interpolated(value, part, evaluation)
        is_known = is_known and found is not None
        is_plain = is_plain and not isinstance(value, Text)
        parts += found or ()
    if not is_known:
        return Unknown(Type(Kind.STRING))
    return "".join(parts) if is_plain else Text(tuple(parts))


def _interpolated(
    value: Value, part: tree.Interpolation, evaluation: Evaluation
) -> tuple[str | Placeholder, ...] | None:
    """Return the parts that a value adds to a text; None: nobody knows."""
    if isinstance(value, SecretKey):
        evaluation.report(_secret_in_text(part.span))
        return None
    if isinstance(value, Text):
        if value.placeholders == (Placeholder.ITEM,):
            return value.parts
        name = part.value.span.text
        message = f"`{name}` is known only when the run ends, so it cannot be part of a text"
        note = "it may be a whole value of `env` or a whole element of `command`"
        evaluation.report(error("K0208", part.span, message, notes=(note,)))
        return None
    text = text_of(value)
    if text is None and (not isinstance(value, Unknown) or value.type.kind in _NO_TEXT):
        message = f"{a_type(type_of(value))} has no text form"
        evaluation.report(error("K0201", part.span, message, helps=_text_help(value)))
    return None if text is None else (text,)


_NO_TEXT = frozenset({Kind.LIST, Kind.MAP, Kind.NULL, Kind.SECRET, Kind.VOLUME})


def _text_help(value: Value) -> tuple[str, ...]:
    is_list = type_of(value).kind is Kind.LIST
    return ('write `${join(",", …)}` with the separator you want',) if is_list else ()


def _secret_in_text(span: Span) -> Diagnostic:
    return error(
        "K0703",
        span,
        "a secret cannot be part of a text",
        "its value never passes through koncli",
        helps=('give it to the program by name: `env = { TOKEN = secret("name", "key") }`',),
    )

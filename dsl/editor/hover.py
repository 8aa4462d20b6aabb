"""What is shown beside what a cursor points at, as Markdown."""

from dataclasses import dataclass

from konductor.dsl.attributes import find
from konductor.dsl.catalogue import ENTRIES
from konductor.dsl.editor.blocks import explain, table_of
from konductor.dsl.editor.context import Context, context_of
from konductor.dsl.editor.describe import (
    doc_of_symbol,
    headline,
    is_object,
    reckoning,
    signature,
)
from konductor.dsl.editor.index import Symbol
from konductor.dsl.editor.navigate import resolved
from konductor.dsl.editor.offer import EDGE_FUNCTIONS, RUN_MEMBERS, wants
from konductor.dsl.editor.snapshot import Snapshot
from konductor.dsl.source import Span

_KEYS = frozenset({"EQUAL", "LBRACE", "NAME", "STRING"})
"""What may stand behind an attribute's key or a block's word."""


@dataclass(frozen=True, slots=True)
class Hover:
    """A text about a place."""

    span: Span
    markdown: str


def hover(snapshot: Snapshot, offset: int) -> Hover | None:
    """Return what there is to say about an offset."""
    use = snapshot.index.use_at(offset)
    found: Hover | None = None
    if use is not None:
        symbol, home = resolved(use, snapshot)
        if symbol is not None:
            found = Hover(use.span, _of_symbol(symbol, home))
    found = found or _of_word(snapshot, offset)
    return _with_codes(found, snapshot, offset)


def _of_symbol(symbol: Symbol, snapshot: Snapshot) -> str:
    parts = [_code(headline(symbol, snapshot))]
    checked = snapshot.checked.get(symbol.name) if is_object(symbol) else None
    if checked is not None and checked.span == symbol.span:
        parts.append(reckoning(checked, snapshot))
    parts.append(doc_of_symbol(symbol).replace("\n", "  \n"))
    return "\n\n".join(part for part in parts if part)


def _code(text: str) -> str:
    return f"```kon\n{text}\n```"


def _of_word(snapshot: Snapshot, offset: int) -> Hover | None:
    """Tell about attributes, functions and what else the language itself provides."""
    context = context_of(snapshot, offset)
    if context.text is not None or context.in_comment:
        return None
    span = snapshot.source.span(context.start, context.end)
    text = span.text
    before = context.statement[-1].kind if context.statement else ""
    about = ""
    if not context.statement:
        about = _of_attribute(context, text, snapshot)
    if not about and before != "DOT":
        about = _of_function(text)
    elif before == "DOT" and context.statement[-2].text == "run":
        about = RUN_MEMBERS.get(text, "")
    return Hover(span, about) if about else None


def _of_attribute(context: Context, text: str, snapshot: Snapshot) -> str:
    follows = snapshot.tokens[snapshot.token_before(context.end) + 1 :][:1]
    if not follows or follows[0].kind not in _KEYS:
        return ""
    about = explain(context.blocks, text)
    attribute = find(table_of(context.blocks), text)
    if attribute is None:
        return about
    takes = wants(attribute)
    head = f"`{text}`: {takes}" if takes else f"`{text}`"
    later = "" if attribute.runs else "This version cannot run it yet (K0999)."
    return "\n\n".join(part for part in (head, about, later) if part)


def _of_function(text: str) -> str:
    if text in EDGE_FUNCTIONS:
        return f"{_code(f'{text}(…)')}\n\n{EDGE_FUNCTIONS[text]}"
    form = signature(text)
    return _code(form) if form else ""


def _with_codes(found: Hover | None, snapshot: Snapshot, offset: int) -> Hover | None:
    """Add what ``koncli explain`` says of what is wrong there."""
    for one in snapshot.diagnostics:
        if one.span.source is not snapshot.source or not one.span.start <= offset <= one.span.end:
            continue
        entry = ENTRIES[one.code]
        text = f"**{entry.code}**: {entry.title}\n\n{entry.what}\n\n{entry.why}"
        if found is None:
            found = Hover(one.span, text)
        elif entry.code not in found.markdown:
            found = Hover(found.span, f"{found.markdown}\n\n---\n\n{text}")
    return found

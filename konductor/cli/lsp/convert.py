"""The editor's answers, from offsets to the protocol's types."""

from collections.abc import Iterable

from lsprotocol import types

from konductor.cli.address import of_page
from konductor.cli.lsp.document import Document, beside, imports
from konductor.dsl.diagnostics import Diagnostic, Label, Severity
from konductor.dsl.editor.completion import Completions
from konductor.dsl.editor.offer import Offer, OfferKind
from konductor.dsl.editor.outline import Entry, Fold
from konductor.dsl.editor.rename import Edit
from konductor.dsl.editor.semantic import Colour, Modifier, Word
from konductor.dsl.source import Span

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
}
_UNUSED = frozenset({"K0407", "K0604", "K0803", "K0901"})
"""Codes of what has no effect: editors show it pale."""
_OFFER_KINDS = {
    OfferKind.ATTRIBUTE: types.CompletionItemKind.Property,
    OfferKind.BLOCK: types.CompletionItemKind.Struct,
    OfferKind.CHOICE: types.CompletionItemKind.EnumMember,
    OfferKind.FUNCTION: types.CompletionItemKind.Function,
    OfferKind.KEYWORD: types.CompletionItemKind.Keyword,
    OfferKind.MODULE: types.CompletionItemKind.Module,
    OfferKind.SNIPPET: types.CompletionItemKind.Snippet,
    OfferKind.STAGE: types.CompletionItemKind.Class,
    OfferKind.TYPE: types.CompletionItemKind.TypeParameter,
    OfferKind.VALUE: types.CompletionItemKind.Variable,
}
_SYMBOL_KINDS = {
    "import": types.SymbolKind.Module,
    "param": types.SymbolKind.Property,
    "let": types.SymbolKind.Constant,
    "fn": types.SymbolKind.Function,
    "template": types.SymbolKind.Interface,
    "pipeline": types.SymbolKind.Namespace,
    "barrier": types.SymbolKind.Event,
    "approval": types.SymbolKind.Event,
    "semaphore": types.SymbolKind.Key,
    "block": types.SymbolKind.Struct,
}
LEGEND = types.SemanticTokensLegend([*map(str, Colour)], [*map(str, Modifier)])
_COLOURS = {colour: number for number, colour in enumerate(Colour)}
_MODIFIERS = {modifier: 1 << number for number, modifier in enumerate(Modifier)}


def position(document: Document, offset: int) -> types.Position:
    """Return an offset of an open file as a line and a column."""
    return types.Position(*document.positions.position(offset))


def range_of(document: Document, start: int, end: int) -> types.Range:
    """Return a part of an open file."""
    return types.Range(position(document, start), position(document, end))


def location(document: Document, span: Span) -> types.Location:
    """Return a place in this file or another."""
    if span.source is document.snapshot.source:
        return types.Location(document.uri, range_of(document, span.start, span.end))
    path = beside(document.path, span.source.path)
    lines = document.store.positions(path, span.source.text)
    start, end = lines.position(span.start), lines.position(span.end)
    place = types.Range(types.Position(*start), types.Position(*end))
    return types.Location(document.store.uri(path), place)


# ---- findings ----


def findings(document: Document) -> list[types.Diagnostic]:
    """Return what is wrong with a file; what is wrong in another stands at its import."""
    return [diagnostic(document, one) for one in document.snapshot.diagnostics]


def diagnostic(document: Document, one: Diagnostic) -> types.Diagnostic:
    """Return one finding."""
    is_here = one.span.source is document.snapshot.source
    place = one.span if is_here else _import_of(document, one.span)
    related = [] if is_here else [Label(one.span, one.message)]
    related += [label for label in (one.primary, *one.secondary) if label.text]
    details = [*(f"note: {note}" for note in one.notes), *(f"help: {text}" for text in one.helps)]
    return types.Diagnostic(
        range=range_of(document, place.start, place.end),
        message="\n".join((one.message, *details)),
        severity=_SEVERITIES[one.severity],
        code=one.code,
        code_description=_page(one.code),
        source="koncli",
        tags=[types.DiagnosticTag.Unnecessary] if one.code in _UNUSED else None,
        related_information=[
            types.DiagnosticRelatedInformation(location(document, label.span), label.text)
            for label in related
        ],
    )


def _import_of(document: Document, span: Span) -> Span:
    """Return where a file imports another one, in which something is wrong; else its start."""
    path = beside(document.path, span.source.path)
    for one in imports(document.snapshot):
        if beside(document.path, one.path.text) == path:
            return one.path.span
    return document.snapshot.source.span(0, 0)


def _page(code: str) -> types.CodeDescription | None:
    address = of_page(code)
    return types.CodeDescription(address) if address else None


# ---- what is written ----


def completion_list(
    document: Document, found: Completions, *, snippets: bool
) -> types.CompletionList:
    """Return offers, each with the place that it replaces."""
    place = range_of(document, found.start, found.end)
    items = [
        _item(one, place, number, snippets=snippets) for number, one in enumerate(found.offers)
    ]
    return types.CompletionList(is_incomplete=False, items=items)


def _item(one: Offer, place: types.Range, number: int, *, snippets: bool) -> types.CompletionItem:
    is_snippet = snippets and bool(one.insert)
    return types.CompletionItem(
        label=one.label,
        kind=_OFFER_KINDS[one.kind],
        detail=one.detail or None,
        documentation=markdown(one.doc) if one.doc else None,
        sort_text=f"{number:05}",
        filter_text=one.label,
        insert_text_format=(
            types.InsertTextFormat.Snippet if is_snippet else types.InsertTextFormat.PlainText
        ),
        text_edit=types.TextEdit(place, one.insert if is_snippet else one.label),
    )


def markdown(text: str) -> types.MarkupContent:
    """Return a text that an editor lays out."""
    return types.MarkupContent(types.MarkupKind.Markdown, text)


def workspace_edit(document: Document, edits: Iterable[Edit]) -> types.WorkspaceEdit:
    """Return changes of one or several files."""
    changes: dict[str, list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit]] = {}
    for edit in edits:
        place = location(document, edit.span)
        changes.setdefault(place.uri, []).append(types.TextEdit(place.range, edit.text))
    return types.WorkspaceEdit(changes={uri: list(one) for uri, one in changes.items()})  # type: ignore[arg-type]  # a list of one kind of edit


# ---- views of a whole file ----


def symbol(document: Document, entry: Entry) -> types.DocumentSymbol:
    """Return an entry of the outline with all below it."""
    return types.DocumentSymbol(
        name=entry.name,
        detail=entry.what,
        kind=_SYMBOL_KINDS.get(entry.what, types.SymbolKind.Class),
        range=range_of(document, entry.span.start, entry.span.end),
        selection_range=range_of(document, entry.name_span.start, entry.name_span.end),
        children=[symbol(document, one) for one in entry.children],
    )


def folding(fold: Fold) -> types.FoldingRange:
    """Return lines that fold."""
    kind = types.FoldingRangeKind.Comment if fold.is_comment else None
    return types.FoldingRange(fold.first - 1, fold.last - 1, kind=kind)


def semantic_data(document: Document, words: Iterable[Word]) -> list[int]:
    """Return words as the protocol packs them: five numbers each, relative to the one before."""
    data: list[int] = []
    last_line = last_column = 0
    for word in words:
        line, column = document.positions.position(word.start)
        _, end = document.positions.position(word.end)
        if end <= column:
            continue
        step = column - last_column if line == last_line else column
        modifiers = sum(_MODIFIERS[one] for one in word.modifiers)
        data += (line - last_line, step, end - column, _COLOURS[word.colour], modifiers)
        last_line, last_column = line, column
    return data

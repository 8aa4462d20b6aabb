"""What the server answers: each function takes the protocol's parameters, and asks the language."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from konductor.cli.lsp import convert
from konductor.cli.lsp.document import Document
from konductor.cli.lsp.server import Server
from konductor.dsl.editor.action import Action, actions
from konductor.dsl.editor.completion import complete
from konductor.dsl.editor.hint import hints
from konductor.dsl.editor.hover import hover
from konductor.dsl.editor.navigate import definition, highlights, references
from konductor.dsl.editor.outline import around, folds, outline
from konductor.dsl.editor.rename import Refusal, renamable, rename
from konductor.dsl.editor.semantic import words
from konductor.dsl.editor.signature import signature_at
from konductor.dsl.format import format_parsed
from konductor.dsl.source import Span

Answer = TypeVar("Answer")
_OPTIONS: dict[str, Any] = {
    types.TEXT_DOCUMENT_COMPLETION: types.CompletionOptions(
        trigger_characters=[".", "{", '"', "(", ","]
    ),
    types.TEXT_DOCUMENT_SIGNATURE_HELP: types.SignatureHelpOptions(
        trigger_characters=["(", ","], retrigger_characters=["="]
    ),
    types.TEXT_DOCUMENT_RENAME: types.RenameOptions(prepare_provider=True),
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(
        code_action_kinds=[types.CodeActionKind.QuickFix]
    ),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: convert.LEGEND,
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: convert.LEGEND,
    types.TEXT_DOCUMENT_DIAGNOSTIC: types.DiagnosticOptions(
        inter_file_dependencies=True, workspace_diagnostics=False, identifier="koncli"
    ),
}


def register(server: Server) -> None:
    """Make a server answer every request that there is an answer for."""
    features = _Features(server)
    answers: dict[str, Callable[..., Any]] = {
        types.INITIALIZE: features.initialize,
        types.TEXT_DOCUMENT_COMPLETION: features.completion,
        types.TEXT_DOCUMENT_HOVER: features.hover,
        types.TEXT_DOCUMENT_SIGNATURE_HELP: features.signature,
        types.TEXT_DOCUMENT_DEFINITION: features.definition,
        types.TEXT_DOCUMENT_REFERENCES: features.references,
        types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: features.highlight,
        types.TEXT_DOCUMENT_PREPARE_RENAME: features.prepare_rename,
        types.TEXT_DOCUMENT_RENAME: features.rename,
        types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: features.symbols,
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: features.semantic,
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: features.semantic_range,
        types.TEXT_DOCUMENT_INLAY_HINT: features.inlay_hints,
        types.TEXT_DOCUMENT_FOLDING_RANGE: features.folding,
        types.TEXT_DOCUMENT_SELECTION_RANGE: features.selection,
        types.TEXT_DOCUMENT_FORMATTING: features.formatting,
        types.TEXT_DOCUMENT_CODE_ACTION: features.code_actions,
        types.TEXT_DOCUMENT_DIAGNOSTIC: features.diagnostic,
    }
    for method, answer in answers.items():
        server.feature(method, _OPTIONS.get(method))(partial(answer))  # which takes pygls' marks


class _Features:
    def __init__(self, server: Server) -> None:
        self.server = server

    def initialize(self, _: types.InitializeParams) -> None:
        """Take over how the editor counts columns."""
        encoding = self.server.workspace.position_encoding
        self.server.documents.encoding = str(getattr(encoding, "value", encoding))

    def _document(self, where: Any) -> Document | None:  # noqa: ANN401  # every kind of parameters has a text_document
        return self.server.documents.find(where.text_document.uri)

    def _at(self, where: Any, ask: "Callable[[Document, int], Answer]") -> Answer | None:  # noqa: ANN401  # likewise
        """Return what there is to say about a place of an open file."""
        document = self._document(where)
        if document is None:
            return None
        place = where.position
        return ask(document, document.positions.offset(place.line, place.character))

    # ---- at a place ----

    def completion(self, params: types.CompletionParams) -> types.CompletionList | None:
        """Offer what could be written."""
        text = self.server.client_capabilities.text_document
        item = text.completion.completion_item if text and text.completion else None
        snippets = bool(item and item.snippet_support)

        def ask(document: Document, offset: int) -> types.CompletionList:
            found = complete(document.snapshot, offset)
            return convert.completion_list(document, found, snippets=snippets)

        return self._at(params, ask)

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """Tell what something is."""

        def ask(document: Document, offset: int) -> types.Hover | None:
            found = hover(document.snapshot, offset)
            if found is None:
                return None
            place = convert.range_of(document, found.span.start, found.span.end)
            return types.Hover(convert.markdown(found.markdown), place)

        return self._at(params, ask)

    def signature(self, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        """Show the form of the call at the cursor."""

        def ask(document: Document, offset: int) -> types.SignatureHelp | None:
            found = signature_at(document.snapshot, offset)
            if found is None:
                return None
            parameters = [types.ParameterInformation(one) for one in found.parameters]
            doc = convert.markdown(found.doc) if found.doc else None
            form = types.SignatureInformation(found.label, doc, parameters, found.active)
            return types.SignatureHelp([form], 0, found.active)

        return self._at(params, ask)

    def definition(self, params: types.DefinitionParams) -> types.Location | None:
        """Go to where a name is declared."""

        def ask(document: Document, offset: int) -> types.Location | None:
            span = definition(document.snapshot, offset)
            return None if span is None else convert.location(document, span)

        return self._at(params, ask)

    def references(self, params: types.ReferenceParams) -> list[types.Location] | None:
        """List where a name is used."""
        declaration = params.context.include_declaration

        def ask(document: Document, offset: int) -> list[types.Location]:
            spans = references(document.snapshot, offset, declaration=declaration)
            return [convert.location(document, span) for span in spans]

        return self._at(params, ask)

    def highlight(
        self, params: types.DocumentHighlightParams
    ) -> list[types.DocumentHighlight] | None:
        """Mark every place of a name."""
        kinds = (types.DocumentHighlightKind.Read, types.DocumentHighlightKind.Write)

        def ask(document: Document, offset: int) -> list[types.DocumentHighlight]:
            return [
                types.DocumentHighlight(
                    convert.range_of(document, use.span.start, use.span.end), kinds[use.declares]
                )
                for use in highlights(document.snapshot, offset)
            ]

        return self._at(params, ask)

    # ---- rename ----

    def prepare_rename(self, params: types.PrepareRenameParams) -> types.Range | None:
        """Tell which name would be changed."""

        def ask(document: Document, offset: int) -> types.Range | None:
            found = renamable(document.snapshot, offset)
            if isinstance(found, Refusal):
                return None
            return convert.range_of(document, found.start, found.end)

        return self._at(params, ask)

    def rename(self, params: types.RenameParams) -> types.WorkspaceEdit | None:
        """Change a name everywhere.

        Raises:
            JsonRpcInvalidParams: it cannot be; the message says why.
        """

        def ask(document: Document, offset: int) -> types.WorkspaceEdit:
            found = rename(document.snapshot, offset, params.new_name)
            if isinstance(found, Refusal):
                raise JsonRpcInvalidParams(message=found.message)
            return convert.workspace_edit(document, found)

        return self._at(params, ask)

    # ---- the whole file ----

    def symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
        """Outline a file."""
        document = self._document(params)
        if document is None:
            return None
        return [convert.symbol(document, one) for one in outline(document.snapshot)]

    def semantic(self, params: types.SemanticTokensParams) -> types.SemanticTokens | None:
        """Tell what each word is."""
        document = self._document(params)
        if document is None:
            return None
        return types.SemanticTokens(convert.semantic_data(document, words(document.snapshot)))

    def semantic_range(
        self, params: types.SemanticTokensRangeParams
    ) -> types.SemanticTokens | None:
        """Tell what each word of some lines is."""
        document = self._document(params)
        if document is None:
            return None
        start, end = _offsets(document, params.range)
        some = (one for one in words(document.snapshot) if start <= one.end and one.start <= end)
        return types.SemanticTokens(convert.semantic_data(document, some))

    def inlay_hints(self, params: types.InlayHintParams) -> list[types.InlayHint] | None:
        """Show what the checker has found out."""
        document = self._document(params)
        if document is None:
            return None
        found = hints(document.snapshot, *_offsets(document, params.range))
        return [
            types.InlayHint(
                position=convert.position(document, one.offset),
                label=one.text,
                kind=types.InlayHintKind.Type if one.is_type else None,
                padding_left=not one.is_type,
            )
            for one in found
        ]

    def folding(self, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        """Tell which lines fold."""
        document = self._document(params)
        return None if document is None else [*map(convert.folding, folds(document.snapshot))]

    def selection(self, params: types.SelectionRangeParams) -> list[types.SelectionRange] | None:
        """Tell which parts hold each of some places."""
        document = self._document(params)
        if document is None:
            return None
        offsets = (document.positions.offset(one.line, one.character) for one in params.positions)
        return [_chain(document, around(document.snapshot, offset)) for offset in offsets]

    def formatting(self, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        """Lay out a file; one with syntax errors stays as it is."""
        document = self._document(params)
        text = format_parsed(document.snapshot.parsed) if document is not None else None
        if document is None or text is None or text == document.text:
            return None
        return [types.TextEdit(convert.range_of(document, 0, len(document.text)), text)]

    def code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction] | None:
        """Offer remedies."""
        document = self._document(params)
        if document is None:
            return None
        found = actions(document.snapshot, *_offsets(document, params.range))
        return [_action(document, one) for one in found]

    def diagnostic(self, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        """Tell what is wrong with a file, when the editor asks."""
        document = self._document(params)
        found = [] if document is None else convert.findings(document)
        return types.RelatedFullDocumentDiagnosticReport(items=found)


def _offsets(document: Document, place: types.Range) -> tuple[int, int]:
    lines = document.positions
    start = lines.offset(place.start.line, place.start.character)
    return start, lines.offset(place.end.line, place.end.character)


def _chain(document: Document, spans: tuple[Span, ...]) -> types.SelectionRange:
    chain: types.SelectionRange | None = None
    for span in reversed(spans):
        chain = types.SelectionRange(convert.range_of(document, span.start, span.end), chain)
    assert chain is not None  # noqa: S101  # the whole file is always among them
    return chain


def _action(document: Document, one: Action) -> types.CodeAction:
    return types.CodeAction(
        title=one.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[convert.diagnostic(document, one.diagnostic)],
        is_preferred=one.is_sure,
        edit=convert.workspace_edit(document, one.edits),
    )

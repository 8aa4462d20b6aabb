"""What could be written at a cursor, by where it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from konductor.dsl.attributes import FINALLY_FILTERS, find
from konductor.dsl.editor import offer
from konductor.dsl.editor.blocks import STAGES, table_of
from konductor.dsl.editor.context import HEADERS, Context, Frame, context_of, keys_behind
from konductor.dsl.editor.offer import Offer, OfferKind
from konductor.dsl.editor.snapshot import Snapshot
from konductor.dsl.scope import OBJECTS, WAITED_FOR, What
from konductor.dsl.tokens import Token

_STATES = frozenset({"AFTER", "WHEN", "FROM", "ON", "OVER", "OF", "IF"})
"""The words of a header that say what comes next."""


@dataclass(frozen=True, slots=True)
class Completions:
    """What could stand in the place of the word at the cursor."""

    start: int
    end: int
    offers: tuple[Offer, ...] = ()


def complete(snapshot: Snapshot, offset: int) -> Completions:
    """Return what could be written at an offset, in the order in which it should be shown."""
    context = context_of(snapshot, offset)
    if context.in_comment:
        return Completions(offset, offset)
    if context.text is not None:
        return _in_text(context, context.text)
    offers = tuple({one.label: one for one in _offers(snapshot, context, offset)}.values())
    return Completions(context.start, context.end, offers)


def _in_text(context: Context, text: Token) -> Completions:
    """Return the strings that the attribute takes, whose value the text is."""
    choices = _choices(context)
    inner = text.start + 1
    closed = len(text.text) > 1 and text.text[-1] == text.text[0]
    end = text.end - 1 if closed else text.end
    offers = tuple(offer.choice(one, quoted=False) for one in choices)
    return Completions(inner, end, offers if text.kind != "HEREDOC" else ())


def _choices(context: Context) -> tuple[str, ...]:
    """Return the only strings that can stand at the cursor, where there are such."""
    statement = context.statement
    if len(statement) != 2 or statement[1].kind != "EQUAL":  # noqa: PLR2004  # a key and its `=`
        return ()
    attribute = find(table_of(context.blocks), statement[0].text)
    return () if attribute is None else attribute.choices


def _offers(snapshot: Snapshot, context: Context, offset: int) -> Iterator[Offer]:
    statement = context.statement
    last = statement[-1] if statement else None
    if last is not None and last.kind == "DOT":
        yield from _members(snapshot, context, offset)
    elif context.frame.bracket == "LPAR" and _is_typed(context.frame, statement):
        yield from offer.types()
    elif context.frame.bracket in ("LPAR", "LSQB"):
        yield from _in_brackets(snapshot, context, offset)
    elif last is None:
        yield from _statement(snapshot, context, offset)
    elif statement[0].kind in HEADERS and not _is_after_equal(statement):
        yield from _header(snapshot, context, offset)
    elif statement[0].kind == "LET" and not _is_after_equal(statement):
        yield from offer.types() if last.kind == "COLON" else ()
    elif _is_after_equal(statement) and last.kind not in _ENDS_A_VALUE:
        yield from (offer.choice(one, quoted=True) for one in _choices(context))
        yield from _values(snapshot, context, offset)


_ENDS_A_VALUE = frozenset({"NAME", "STRING", "INT", "RPAR", "RSQB", "RBRACE"})


def _is_after_equal(statement: Sequence[Token]) -> bool:
    return any(token.kind in ("EQUAL", "INTERPOLATION") for token in statement)


def _is_typed(frame: Frame, statement: Sequence[Token]) -> bool:
    declares = frame.word in ("fn", "template")
    return declares and bool(statement) and statement[-1].kind == "COLON"


# ---- statements ----


def _statement(snapshot: Snapshot, context: Context, offset: int) -> Iterator[Offer]:
    """Offer what may begin a statement."""
    blocks = context.blocks
    if context.frame.bracket != "LBRACE":
        yield from offer.file_statements()
        return
    taken = {*context.frame.keys, *keys_behind(snapshot, offset)}
    if blocks[-1] == "pipeline":
        yield from offer.pipeline_statements()
    if blocks[-1] == "matrix":
        yield from offer.words("exclude", "include")
    for attribute in table_of(blocks):
        if attribute.name not in taken:
            yield offer.attribute(attribute, blocks)
    if blocks[-1] in STAGES:
        yield from offer.words("let")


# ---- headers ----


def _header(snapshot: Snapshot, context: Context, offset: int) -> Iterator[Offer]:
    """Offer what goes on behind ``stage x`` and the like."""
    statement = context.statement
    last = statement[-1]
    if statement[0].kind == "PARAM":
        yield from _param(snapshot, context, offset)
        return
    state = next((one for one in reversed(statement) if one.kind in _STATES), None)
    ready = state is not None and (last is state or last.kind == "COMMA")
    if state is None or not (ready or state.kind in ("WHEN", "IF")):
        if last.kind in ("NAME", "RPAR", "QMARK") and len(statement) > 1:
            yield from offer.clauses(statement[0].text, {one.text for one in statement})
        return
    if state.kind == "AFTER" or (state.kind == "IF" and last.kind == "COMMA"):
        yield from _objects(snapshot, context, WAITED_FOR)
        yield from offer.edge_functions()
    elif state.kind == "OF":
        yield from _objects(snapshot, context, WAITED_FOR - {What.BARRIER, What.APPROVAL})
    elif state.kind == "FROM":
        yield from _named(snapshot, offset, frozenset({What.TEMPLATE, What.IMPORT}))
    elif state.kind == "ON":
        yield from (offer.word(one, OfferKind.VALUE) for one in FINALLY_FILTERS)
    else:
        yield from _values(snapshot, context, offset)


def _param(snapshot: Snapshot, context: Context, offset: int) -> Iterator[Offer]:
    statement = context.statement
    if statement[-1].kind == "COLON":
        yield from offer.types()
    elif any(token.kind == "WHERE" for token in statement):
        yield from _values(snapshot, context, offset)
    elif len(statement) > 3:  # noqa: PLR2004  # `param name : type`
        yield from offer.words("where")


def _objects(snapshot: Snapshot, context: Context, whats: frozenset[What]) -> Iterator[Offer]:
    """Offer stages and barriers, those too whose own statement cannot be read."""
    in_block = context.frame.bracket == "LBRACE"
    header = context.statement if in_block else context.frame.header
    own = header[1].text if len(header) > 1 else ""
    for area in snapshot.index.areas:
        for symbol in area.symbols.values():
            if symbol.what in whats and symbol.name != own:
                yield offer.symbol(symbol, snapshot)
    if whats is WAITED_FOR:
        yield from offer.unread(snapshot, own)


def _named(snapshot: Snapshot, offset: int, whats: frozenset[What]) -> Iterator[Offer]:
    for symbol in snapshot.index.visible(offset).values():
        if symbol.what in whats:
            yield offer.symbol(symbol, snapshot)


# ---- expressions ----


def _in_brackets(snapshot: Snapshot, context: Context, offset: int) -> Iterator[Offer]:
    """Offer what may stand in a call, an edge or a list."""
    header = context.frame.header
    function = header[-1] if header else None
    if context.frame.bracket == "LPAR" and function is not None and not context.statement:
        if header[0].kind in HEADERS and function.text in offer.EDGE_FUNCTIONS:
            yield from _objects(snapshot, context, WAITED_FOR)
            return
        yield from offer.arguments(snapshot, offset, header)
    attribute = find(table_of(context.blocks), header[0].text) if header else None
    if attribute is not None and attribute.of is not None:
        yield from _objects(snapshot, context, frozenset({attribute.of}))
        return
    if header and header[0].kind in ("FN", "TEMPLATE") and not _is_after_equal(context.statement):
        return
    if not context.statement or context.statement[-1].kind not in _ENDS_A_VALUE:
        yield from _values(snapshot, context, offset)


def _values(snapshot: Snapshot, context: Context, offset: int) -> Iterator[Offer]:
    """Offer names that stand for values, functions, and what the language itself knows."""
    for symbol in snapshot.index.visible(offset).values():
        if symbol.what not in OBJECTS and symbol.what is not What.TEMPLATE:
            yield offer.symbol(symbol, snapshot)
    blocks = context.blocks
    if "map" in blocks:
        yield offer.word("item", OfferKind.VALUE)
    if "finally" in blocks:
        yield offer.word("run", OfferKind.VALUE)
    if offer.axes(snapshot, offset):
        yield offer.word("matrix", OfferKind.VALUE)
    yield from offer.functions()
    yield from offer.words("true", "false", "null", "if", "not")


def _members(snapshot: Snapshot, context: Context, offset: int) -> Iterator[Offer]:
    """Offer what may stand behind a dot."""
    statement = context.statement
    name = statement[-2].text if len(statement) > 1 else ""
    if name == "run":
        yield from offer.run_members()
    elif name == "matrix":
        yield from (offer.symbol(one, snapshot) for one in offer.axes(snapshot, offset))
    else:
        is_template = any(token.kind == "FROM" for token in statement)
        yield from offer.members(snapshot, offset, name, templates=is_template)

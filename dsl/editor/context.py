"""Where in a program a cursor is, read off the tokens before it: half a statement is enough.

A frame is one open bracket. Of the braces, those of blocks have a header (``stage x after y``,
``resources``), those of maps an attribute's key (``env =``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from re import compile as pattern

from konductor.dsl.editor.snapshot import Snapshot
from konductor.dsl.source import Source
from konductor.dsl.tokens import SEPARATOR, Token, tokenize

_WORD = pattern(r"[A-Za-z_](?:[A-Za-z0-9_]|-(?=[A-Za-z0-9_])|-\Z)*\Z")
_OPENS = {"LBRACE": "RBRACE", "LPAR": "RPAR", "LSQB": "RSQB"}
_CLOSES = frozenset(_OPENS.values())
HEADERS = frozenset(
    {"STAGE", "TMAP", "REDUCE", "BARRIER", "APPROVAL", "SEMAPHORE", "FINALLY", "PARAM", "FN"}
)
"""What begins a statement in which a comma ends nothing."""
_TEXTS = frozenset({"STRING", "RAWSTRING", "HEREDOC"})


@dataclass(slots=True)
class Frame:
    """One open bracket, or the file."""

    bracket: str
    """The kind of the token; empty: the file."""
    header: tuple[Token, ...] = ()
    """The statement before the bracket."""
    statement: list[Token] = field(default_factory=list)
    """What stands in it, behind the last end of a statement or argument."""
    keys: list[str] = field(default_factory=list)
    """The words that begin its statements."""
    commas: int = 0
    in_value: bool = False
    """Whether the bracket around it is part of an expression."""

    @property
    def word(self) -> str:
        """Return the word that says what kind of block it is, such as ``stage``."""
        return self.header[0].text if self.header else ""

    @property
    def is_value(self) -> bool:
        """Tell whether it is part of an expression, such as a map's braces."""
        return self.in_value or any(token.kind == "EQUAL" for token in self.header)


@dataclass(frozen=True, slots=True)
class Context:
    """Where a cursor is."""

    prefix: str
    """The part of a word before the cursor."""
    start: int
    """The offset at which that word begins."""
    end: int
    """The offset at which the word around the cursor ends."""
    frames: tuple[Frame, ...]
    """From the file to the innermost bracket."""
    text: Token | None = None
    """The text that the cursor is in, where it is not in one of its ``${…}``."""
    in_comment: bool = False

    @property
    def frame(self) -> Frame:
        """Return the innermost bracket."""
        return self.frames[-1]

    @property
    def statement(self) -> list[Token]:
        """Return the tokens before the cursor's word, from the start of its statement."""
        return self.frame.statement

    @property
    def blocks(self) -> tuple[str, ...]:
        """Return the words of the blocks around the cursor, outermost first."""
        return tuple(one.word for one in self.frames if one.bracket == "LBRACE")


def context_of(snapshot: Snapshot, offset: int) -> Context:
    """Return where an offset is."""
    source = snapshot.source
    at = snapshot.token_before(offset)
    token = snapshot.tokens[at] if at >= 0 else None
    tokens: Sequence[Token] = snapshot.tokens[: at + 1]
    text = None
    if token is not None and token.kind in _TEXTS and _is_inside(token, offset):
        tokens = tokens[:-1]
        inner = _interpolation(source, token, offset)
        if inner is None:
            text = token
        else:
            tokens = [*tokens, Token("INTERPOLATION", "${", inner - 2)]
            tokens += [one for one in tokenize(source, inner, offset).tokens if one.text]
    word = _WORD.search(source.text, max(0, offset - 200), offset)
    start = offset if word is None or text is not None else word.start()
    tokens = [one for one in tokens if one.start < start or one.kind == "INTERPOLATION"]
    prefix = source.text[start:offset]
    in_comment = _in_comment(snapshot, offset)
    frames = tuple(_frames(tokens))
    return Context(prefix, start, _word_end(source, offset), frames, text, in_comment)


def _is_inside(token: Token, offset: int) -> bool:
    closed = token.kind == "HEREDOC" or (len(token.text) > 1 and token.text[-1] == token.text[0])
    return token.start < offset < token.end or (offset == token.end and not closed)


def _interpolation(source: Source, token: Token, offset: int) -> int | None:
    """Return where the ``${`` begins that an offset in a text is in."""
    plain = token.kind == "RAWSTRING" or (
        token.kind == "HEREDOC" and not token.text.startswith("<<$")
    )
    opened = source.text.rfind("${", token.start, offset)
    if plain or opened < 0 or source.text[opened - 1] == "$":
        return None
    return None if "}" in source.text[opened:offset] else opened + 2


def _word_end(source: Source, offset: int) -> int:
    end = offset
    while end < len(source.text) and (source.text[end].isalnum() or source.text[end] in "_-"):
        end += 1
    return end


def _in_comment(snapshot: Snapshot, offset: int) -> bool:
    return any(
        one.text.startswith("#") and one.start < offset <= one.start + len(one.text)
        for one in snapshot.parsed.trivia
    )


def _frames(tokens: Sequence[Token]) -> list[Frame]:
    frames = [Frame("")]
    for token in tokens:
        frame = frames[-1]
        if token.kind in _OPENS:
            header = tuple(frame.statement)
            frame.statement.append(token)
            inside = frame.is_value or frame.bracket in ("LPAR", "LSQB")
            frames.append(Frame(token.kind, header, in_value=inside))
        elif token.kind in _CLOSES:
            _close(frames, token)
        elif token.kind == SEPARATOR or (token.kind == "COMMA" and not _goes_on(frame)):
            frame.statement.clear()
            frame.commas += token.kind == "COMMA"
        else:
            if not frame.statement:
                frame.keys.append(token.text)
            frame.statement.append(token)
    return frames


def _close(frames: list[Frame], token: Token) -> None:
    """Leave the bracket that a token closes; a brace closes what is left open in it too."""
    open_here = [at for at, one in enumerate(frames) if _OPENS.get(one.bracket) == token.kind]
    if open_here and (token.kind == "RBRACE" or open_here[-1] == len(frames) - 1):
        del frames[open_here[-1] :]
        frames[-1].statement.append(token)


def _goes_on(frame: Frame) -> bool:
    """Tell whether a comma ends no statement: in ``after a, b`` and the like."""
    return bool(frame.statement) and frame.statement[0].kind in HEADERS and not frame.is_value


def keys_behind(snapshot: Snapshot, offset: int) -> list[str]:
    """Return the words that begin the statements of a block behind an offset."""
    behind = snapshot.tokens[snapshot.token_before(offset) + 1 :]
    fresh = bool(behind) and "\n" in snapshot.source.text[offset : behind[0].start]
    depth, found = 0, list[str]()
    for token in behind:
        if token.kind in _OPENS:
            depth += 1
        elif token.kind in _CLOSES:
            depth -= 1
        if depth < 0:
            break
        if fresh and not depth and token.text:
            found.append(token.text)
        fresh = not depth and token.kind in (SEPARATOR, "COMMA")
    return found

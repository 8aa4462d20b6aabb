"""One error a cause: findings that only follow from what has been reported already are left out.

A statement that cannot be read may have declared any name in it, given its block what that seems
to lack, and may mean anything itself. What the checker then says of it would be noise, so it is
silent there, and goes on checking everything else.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from re import findall

from konductor.dsl.diagnostics import Diagnostic, Label
from konductor.dsl.source import Source, Span
from konductor.dsl.syntax import File, Pipeline
from konductor.dsl.tokens import DECLARES, KEYWORDS, SEPARATOR, Token

_KEYS = frozenset({"STAGE", "TMAP", "REDUCE", "TEMPLATE", "AS"})
"""Those that may also be the key of an attribute."""
_WORD = r"[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*"
_OF_BLOCK = frozenset({"K0206", "K0208"})
"""What depends on a block's other statements: axes, and who may name them."""
_OF_MEMBERSHIP = _OF_BLOCK | {"K0301", "K0302", "K0306", "K0308", "K0309", "K0604", "K0803"}
"""What depends on which block a statement is in: nobody knows once braces do not match."""
_OF_ABSENCE = {"K0308": ("image", "defaults"), "K0309": ("expected", "probe")}
"""What is missing, and the words that would have given it."""
_OF_NAMES = frozenset({"K0301", "K0604", "K0803"})
"""What is about a name: that it is not declared, or not used."""
_UNREADABLE, _UNKNOWN, _NO_ATTRIBUTE = "K0100", "K0301", "K0306"
_MOST_PLACES = 3
_QUOTES = ('"', "'")


@dataclass(frozen=True, slots=True)
class Damage:
    """What syntax errors leave uncertain in one file."""

    extents: tuple[Span, ...] = ()
    """The statements that could not be read, a block's header without the block."""
    words: frozenset[str] = frozenset()
    """Every word in them."""
    nameless: bool = False
    """Whether something is declared without a name: it may have had any."""
    unbalanced: bool = False
    """Whether braces do not match, so that it is not known what stands in which block."""

    @classmethod
    def of(cls, source: Source, tokens: Sequence[Token], errors: Iterable[Diagnostic]) -> "Damage":
        """Return what these syntax errors, which are all of the file, leave uncertain."""
        errors = tuple(errors)
        if not errors:
            return cls()
        starts = [token.start for token in tokens]
        extents = tuple(_extent(source, tokens, starts, one.span.start) for one in errors)
        words = frozenset(word for one in extents for word in findall(_WORD, one.text))
        is_brace = any(one.code == "K0105" or one.span.text in ("{", "}") for one in errors)
        unbalanced = is_brace or not is_balanced(tokens)
        return cls(extents, words - KEYWORDS.keys(), _is_nameless(tokens), unbalanced)


def first_of_each_statement(
    source: Source, tokens: Sequence[Token], errors: Sequence[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """Return syntax errors without those behind another one in the same statement or line.

    What cannot be read at all, such as a number that is too large, is wrong for itself.
    """
    kept: list[Diagnostic] = []
    starts = [token.start for token in tokens] if errors else []
    end = line = -1
    for one in _without_half_texts(source, _without_mended_braces(tokens, errors)):
        number = source.position(one.span.start)[0]
        if one.code == _UNREADABLE or (one.span.start >= end and number != line):
            kept.append(one)
        line = number
        end = max(end, _extent(source, tokens, starts, one.span.start).end)
    return tuple(kept)


def _without_half_texts(source: Source, errors: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return syntax errors of which each line with a text that is not closed has one.

    That is the text, unless another error shows the quote in a better light.
    """
    texts = [one for one in errors if one.code == _UNREADABLE and one.span.text[:1] in _QUOTES]
    known = [
        text
        for text in texts
        if any(one.span.start < text.span.start < one.span.end for one in errors)
    ]
    lines = {source.position(one.span.start)[0] for one in texts if one not in known}
    return [
        one
        for one in errors
        if one not in known
        and (one.code == _UNREADABLE or source.position(one.span.start)[0] not in lines)
    ]


def _without_mended_braces(
    tokens: Sequence[Token], errors: Sequence[Diagnostic]
) -> Sequence[Diagnostic]:
    """Return syntax errors without a brace that only a repair has left open."""
    others = [one for one in errors if (one.code, one.span.text) != ("K0105", "{")]
    return others if others and is_balanced(tokens) else errors


def without_consequences(
    damage: Damage, file: File, findings: Sequence[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """Return the findings of the checker that do not follow from other ones."""
    objects = list(_damaged_objects(damage, file))
    lasting = [one for one in findings if not _follows(one, damage, objects, file.span.source)]
    misplaced = {one.span.text for one in lasting if one.code == _NO_ATTRIBUTE}
    return tuple(
        _each_once(one for one in lasting if one.code != _UNKNOWN or one.span.text not in misplaced)
    )


def _each_once(findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield what one change would mend once, with the other places it is true of."""
    groups: dict[tuple[object, ...], list[Diagnostic]] = {}
    for one in findings:
        groups.setdefault(_mended_by(one), []).append(one)
    for first, *others in groups.values():
        places = tuple(Label(one.span, "and here") for one in others[:_MOST_PLACES])
        left = len(others) - len(places)
        notes = (f"and in {left} more places",) if left else ()
        yield (
            replace(first, secondary=(*first.secondary, *places), notes=(*first.notes, *notes))
            if others
            else first
        )


def _mended_by(finding: Diagnostic) -> tuple[object, ...]:
    """Return what findings have in common that one declaration would mend."""
    source = id(finding.span.source)
    if finding.code == _UNKNOWN:
        return source, finding.span.text
    if finding.code in _OF_ABSENCE:
        return source, finding.code
    return (id(finding),)


def _follows(finding: Diagnostic, damage: Damage, objects: Sequence[Span], source: Source) -> bool:
    """Tell whether a finding may be none at all once the syntax errors are mended."""
    code, span = finding.code, finding.span
    if not damage.extents or span.source is not source:
        return False
    if any(one.start <= span.start < max(one.end, one.start + 1) for one in damage.extents):
        return True
    if span.text in damage.words or (damage.nameless and code in _OF_NAMES):
        return True
    if not damage.words.isdisjoint(_OF_ABSENCE.get(code, ())):
        return True
    if damage.unbalanced and code in _OF_MEMBERSHIP:
        return True
    return _is_of_whole(code) and any(one.start <= span.start < one.end for one in objects)


def _is_of_whole(code: str) -> bool:
    """Tell whether a finding is about an object as a whole, not about one value in it."""
    return code.startswith(("K04", "K05")) or code in _OF_ABSENCE or code in _OF_BLOCK


def _damaged_objects(damage: Damage, file: File) -> Iterator[Span]:
    """Yield the objects that hold a statement that could not be read."""
    if not damage.extents:
        return
    for pipeline in file.statements:
        for one in pipeline.statements if isinstance(pipeline, Pipeline) else ():
            if any(one.span.start <= extent.start < one.span.end for extent in damage.extents):
                yield one.span


def _extent(source: Source, tokens: Sequence[Token], starts: Sequence[int], place: int) -> Span:
    """Return the innermost statement around a place; of one with a block, its header."""
    at = min(bisect_left(starts, place), len(tokens) - 1)
    if at < 0:
        return source.span(place, place)
    first = _first(tokens, at)
    last = _last(tokens, at)
    return source.span(min(tokens[first].start, place), max(tokens[last].end, place))


def _first(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    if tokens[at].kind == SEPARATOR and at:
        at -= 1
    while at and (depth or tokens[at - 1].kind not in (SEPARATOR, "LBRACE")):
        at -= 1
        depth += {"RBRACE": 1, "LBRACE": -1}.get(tokens[at].kind, 0)
    return at


def _last(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    while at < len(tokens) - 1:
        kind = tokens[at].kind
        if not depth and kind in (SEPARATOR, "RBRACE"):
            break
        if not depth and kind == "LBRACE" and tokens[at - 1].kind != "EQUAL":
            break
        depth += {"LBRACE": 1, "RBRACE": -1}.get(kind, 0)
        at += 1
    return at


def _is_nameless(tokens: Sequence[Token]) -> bool:
    return any(
        word.kind in DECLARES
        and name.kind != "NAME"
        and not (word.kind in _KEYS and name.kind == "EQUAL")
        for word, name in pairwise(tokens)
    )


def is_balanced(tokens: Sequence[Token]) -> bool:
    """Tell whether each brace has its other one."""
    depth = 0
    for kind, _, _ in tokens:
        if kind == "LBRACE":
            depth += 1
        elif kind == "RBRACE":
            depth -= 1
            if depth < 0:
                return False
    return not depth

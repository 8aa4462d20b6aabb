r"""How far text that is no token reaches: what to take for part of the slip, and what not.

A quote that is not closed would swallow the braces behind it, and a `\\` before a line end would
leave its statement in two; each would be a second message for one slip of the hand.
"""

import re
from collections.abc import Sequence

_CLOSES = {"}": "{", ")": "(", "]": "["}
_COMMENT_BEHIND = re.compile(r"\s#[^\"'{}()\[\]]*\Z")
_NEXT = re.compile(r"[ \t]*(?P<word>[A-Za-z_][\w-]*)?[ \t]*(?P<then>==|\S)?")
_BEHIND_A_NAME = re.compile(r"=\Z|[{\"A-Za-z_]")
"""What stands behind the word with which a statement begins: a value is followed by none of it."""
_OPERATORS = frozenset({*"=:+-*/<>", "==", "!=", "<=", ">=", "->", ".."})
_LINKS = frozenset(
    {*("after", "when", "from", "over", "of", "on", "if", "then", "else"), "and", "or", "in", "not"}
)
"""Words that stand within a statement: behind them, and before them, it is not at its end."""


def end_before_closers(text: str, openers: Sequence[str]) -> int:
    """Return where a text ends that has no end of its own, so that its line's brackets close.

    Args:
        text: The rest of the line.
        openers: The brackets that the line has opened before it and not closed, outermost first.

    >>> end_before_closers('"x } }', "{{")
    2
    >>> end_before_closers('"x }', "")
    4
    """
    end = rest = len(_COMMENT_BEHIND.sub("", text))
    closed = False
    for opener in openers:
        rest = len(text[:rest].rstrip())
        if _CLOSES.get(text[rest - 1]) != opener:
            break
        rest -= 1
        end, closed = len(text[:rest].rstrip()), True
    return end if closed else len(text)


def goes_on(text: str, at: int, before: str) -> bool:
    """Tell whether a statement goes on with the line that begins at an offset.

    Args:
        text: The program.
        at: The offset of the line.
        before: The last token of the line above.
    """
    if before in _OPERATORS or before in _LINKS:
        return True
    found = _NEXT.match(text, at)
    word, then = (found["word"], found["then"]) if found else (None, None)
    if word is None:
        return then not in (None, "}", "#")
    return word in _LINKS or _BEHIND_A_NAME.match(then or "") is None

"""What makes statement ends of line ends for stock lark, which is the oracle of our own parser."""

from collections.abc import Iterator

from lark import Token


class Separators:
    """A second hand at what the lexer does to line ends, for lark's own lexer."""

    always_accept = ("_NL",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        stack: list[bool] = []
        counts, before = True, "_SEP"
        for token in stream:
            if token.type == "_NL":
                if not counts or before in ("_SEP", "LBRACE", "COMMA"):
                    continue
                before = "_SEP"
                yield Token("_SEP", "\n")
                continue
            if token.type in ("LBRACE", "LPAR", "LSQB"):
                stack.append(counts)
                counts = token.type == "LBRACE"
            elif token.type in ("RBRACE", "RPAR", "RSQB"):
                if token.type == "RBRACE" and before not in ("_SEP", "LBRACE", "COMMA"):
                    yield Token("_SEP", "")
                counts = stack.pop() if stack else True
            before = token.type
            yield token
        if before != "_SEP":
            yield Token("_SEP", "")

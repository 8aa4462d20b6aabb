from collections.abc import Callable

import pytest

from konductor.dsl import syntax
from konductor.dsl.expression import Expr
from konductor.dsl.parser import Parsed, parse
from konductor.dsl.source import Source


@pytest.fixture
def program() -> Callable[[str], syntax.File]:
    """Return what parses a program that has no mistake."""

    def read(text: str) -> syntax.File:
        parsed = parse(Source("a.kon", text))
        assert parsed.diagnostics == ()
        return parsed.file

    return read


@pytest.fixture
def expression(program: Callable[[str], syntax.File]) -> Callable[[str], Expr]:
    """Return what parses an expression that has no mistake."""

    def read(text: str) -> Expr:
        (let,) = program(f"let x = {text}\n").statements
        assert isinstance(let, syntax.Let)
        return let.value

    return read


@pytest.fixture
def mistakes() -> Callable[[str], list[str]]:
    """Return what lists the findings in a program, as code, place and message."""

    def read(text: str) -> list[str]:
        parsed: Parsed = parse(Source("a.kon", text))
        return [
            f"{one.code} {str(one.span).removeprefix('a.kon:')} {one.message}"
            for one in parsed.diagnostics
        ]

    return read

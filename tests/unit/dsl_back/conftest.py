from collections.abc import Callable, Mapping

import pytest

from konductor.dsl.compile import Compiled, compile_source
from konductor.dsl.plan import Plan

Planner = Callable[..., Plan]
STAGE = 'stage s { image = "a:1" }'


@pytest.fixture
def plan() -> Planner:
    """Return the plan of a program that must have one."""

    def made(text: str, **parameters: str) -> Plan:
        compiled = compile_source(text, path="p.kon", parameters=parameters)
        assert compiled.plan is not None, compiled.diagnostics
        return compiled.plan

    return made


@pytest.fixture
def value() -> Callable[[str], str]:
    """Return how an expression reads in text, by way of a stage's environment."""

    def evaluated(expression: str, before: str = "") -> str:
        text = (
            f'{before}\npipeline p {{ stage s {{ image = "a:1", env = {{ V = {expression} }} }} }}'
        )
        compiled = compile_source(text)
        assert compiled.plan is not None, compiled.diagnostics
        (_, found) = compiled.plan.stages[0].cells[0].env[0]
        parts = getattr(found, "parts", ())
        return "".join(map(str, parts))

    return evaluated


@pytest.fixture
def given() -> Callable[..., Compiled]:
    """Return what becomes of a program with one parameter, given this and that."""

    def compiled(
        declaration: str,
        *,
        raw: Mapping[str, str] | None = None,
        file: Mapping[str, object] | None = None,
        environment: Mapping[str, str] | None = None,
        loader: Callable[[str], str] | None = None,
    ) -> Compiled:
        name = declaration.partition(":")[0]
        return compile_source(
            f"pipeline p {{ param {declaration}\n let used = {name}\n {STAGE} }}",
            parameters=raw,
            parameter_file=file,
            environment=environment,
            loader=loader,
        )

    return compiled

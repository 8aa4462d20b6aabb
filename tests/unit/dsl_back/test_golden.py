"""Programs beside what the checker says of them, and beside the manifests that they become.

``tests/golden/check/*.kon``: chunks between ``---`` lines; the guilty line says what it is guilty
of: ``### K0301: "…"``. ``tests/golden/emit/*.kon`` stand beside their manifests as YAML.
"""

import re
from pathlib import Path

import pytest

from konductor.dsl.compile import check_source, compile_source
from konductor.dsl.emit import emit, write_yaml

GOLDEN = Path(__file__).parents[2] / "golden"
EXPECTED = re.compile(r'\s*###\s+(K\d{4}): "(.*)"\s*$')
CHUNKS = [
    pytest.param(chunk, id=f"{path.stem}-{number}")
    for path in sorted((GOLDEN / "check").glob("*.kon"))
    for number, chunk in enumerate(re.split(r"^---\n", path.read_text(), flags=re.MULTILINE))
]


@pytest.mark.parametrize("chunk", CHUNKS)
def test_each_guilty_line_is_found_and_no_other(chunk: str) -> None:
    lines, expected = [], set()
    for number, line in enumerate(chunk.splitlines(), start=1):
        found = EXPECTED.search(line)
        if found:
            expected.add((number, found[1], found[2]))
        lines.append(line[: found.start()] if found else line)
    checked = check_source("\n".join(lines) + "\n")
    assert {
        (one.span.source.position(one.span.start)[0], one.code, one.message)
        for one in checked.diagnostics
    } == expected


@pytest.mark.parametrize("path", sorted((GOLDEN / "emit").glob("*.kon")), ids=lambda one: one.stem)
def test_program_becomes_its_manifests(path: Path) -> None:
    compiled = compile_source(path.read_bytes(), path=path.name)
    assert compiled.plan is not None, compiled.diagnostics
    written = write_yaml(emit(compiled.plan, f"{compiled.plan.pipeline}-00000"))
    assert without_archives(written) == path.with_suffix(".yaml").read_text()


def without_archives(text: str) -> str:
    """Leave out what gzip made: its bytes are another library's to choose."""
    return re.sub(r"(\.gz: )\S+", r"\1…", text)

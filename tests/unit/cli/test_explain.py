import json

import pytest

from konductor.cli import explain
from konductor.dsl.catalogue import ENTRIES
from konductor.errors import UsageError


def test_code_is_explained_by_a_program_and_the_same_one_mended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert explain.main(["K0605"]) == 0
    text = capsys.readouterr().out
    assert "K0605 (error)" in text
    assert "    koncli run etl.kon -p shrads=5" in text
    assert "    koncli run etl.kon -p shards=5" in text


def test_files_beside_a_program_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    explain.main(["803"])
    assert (
        'Beside it, `lib/common.kon`:\n\n    let image = "acme/load:1"' in capsys.readouterr().out
    )


def test_all_codes_are_listed_by_family(capsys: pytest.CaptureFixture[str]) -> None:
    explain.main([])
    text = capsys.readouterr().out
    assert text.startswith("Syntax\n  K0100")
    assert all(code in text for code in ENTRIES)


def test_programs_read_json(capsys: pytest.CaptureFixture[str]) -> None:
    explain.main(["-o", "json"])
    assert [one["code"] for one in json.loads(capsys.readouterr().out)] == list(ENTRIES)
    explain.main(["411", "k301", "-o", "json"])
    codes = [one["code"] for one in json.loads(capsys.readouterr().out)]
    assert codes == ["K0411", "K0301"]


@pytest.mark.parametrize(
    ("code", "hint"), [("K0412x", "write `koncli explain K0412`"), ("??", "`koncli explain` lists")]
)
def test_code_that_there_is_not_is_said(code: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        explain.main([code])
    assert hint in raised.value.hint


def test_person_at_a_terminal_sees_it_laid_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    explain.main(["K0301"])
    assert "a name that nothing has" in capsys.readouterr().out

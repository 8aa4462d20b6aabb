from pathlib import Path

import pytest

from konductor.cli.address import of_page, of_place


def test_place_is_a_line_of_a_file_that_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a b.kon").touch()
    assert of_place("a b.kon", 7) == f"{tmp_path.as_uri()}/a%20b.kon#7"
    assert of_place("-", 1) == ""


def test_page_of_a_code_is_that_of_the_checkout() -> None:
    assert of_page("K0301").endswith("/docs/errors/K0301.md")
    assert of_page("K9999") == ""

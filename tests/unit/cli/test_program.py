from pathlib import Path

import pytest

from konductor.cli.program import loader, read_parameter_file, read_parameters, read_program
from konductor.errors import NotFound, UsageError


def test_missing_program_is_not_found_and_the_nearest_is_named(tmp_path: Path) -> None:
    (tmp_path / "flights.kon").write_text("")
    with pytest.raises(NotFound, match="there is no file") as caught:
        read_program(str(tmp_path / "flihgts.kon"))
    assert caught.value.hint == f"there is {tmp_path}/flights.kon"


def test_missing_folder_needs_no_hint(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        read_program(str(tmp_path / "no" / "a.kon"))
    assert caught.value.hint == ""


def test_folder_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "etl.kon").write_text("")
    with pytest.raises(UsageError, match="is a folder") as caught:
        read_program(str(tmp_path))
    assert "etl.kon" in caught.value.hint


def test_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_program("a\0.kon")


def test_parameters_are_read_by_name() -> None:
    assert read_parameters(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}


def test_file_of_a_parameter_is_named_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_parameters(["a=@b.txt"]) == {"a": f"@{tmp_path}/b.txt"}


@pytest.mark.parametrize("words", [["a"], ["=1"], ["a=1", "a=2"]])
def test_parameter_without_a_name_or_value_is_refused(words: list[str]) -> None:
    with pytest.raises(UsageError):
        read_parameters(words)


@pytest.mark.parametrize(("name", "text"), [("p.json", '{"a": 1}'), ("p.yaml", "a: 1\n")])
def test_parameter_file_is_json_or_yaml(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert read_parameter_file(str(tmp_path / name)) == {"a": 1}


@pytest.mark.parametrize(
    ("name", "text"), [("p.json", "{"), ("p.yaml", "{"), ("p.yaml", "[1]"), ("p.yaml", "1: 2")]
)
def test_parameter_file_that_holds_something_else_is_refused(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError):
        read_parameter_file(str(tmp_path / name))


def test_no_parameter_file_is_none() -> None:
    assert read_parameter_file("") is None


@pytest.mark.parametrize(
    ("asked", "notes"),
    [
        ("lib/comon.kon", ["there is `common.kon` in its folder"]),
        ("lib/zzz.kon", []),
        ("libs/common.kon", ["there is no folder `libs` either"]),
    ],
)
def test_missing_file_of_a_program_is_told_its_neighbour(
    tmp_path: Path, asked: str, notes: list[str]
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "common.kon").write_text("")
    with pytest.raises(FileNotFoundError) as caught:
        loader(str(tmp_path / "etl.kon"))(asked)
    assert getattr(caught.value, "__notes__", []) == notes


def test_program_reads_from_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "query.sql").write_text("select 1")
    assert loader(str(tmp_path / "etl.kon"))("query.sql") == "select 1"

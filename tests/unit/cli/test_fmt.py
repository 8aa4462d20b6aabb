"""``koncli fmt``, the whole command line, in process."""

import io
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from konductor.cli.main import main

ROUGH = "pipeline a{\nb=1   # one\nlonger = 2\n}"
SMOOTH = "pipeline a {\n  b      = 1  # one\n  longer = 2\n}\n"
BROKEN = "pipeline a {\n  stage =\n}\n"

Koncli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def koncli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Koncli:
    monkeypatch.chdir(tmp_path)
    for name, text in (("rough.kon", ROUGH), ("smooth.kon", SMOOTH), ("broken.kon", BROKEN)):
        Path(name).write_text(text)

    def run(*argv: str) -> tuple[int, str, str]:
        code = main(["fmt", *argv])
        shown = capfdbinary.readouterr()
        return code, shown.out.decode(), shown.err.decode()

    return run


def give(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


def names(folder: str = ".") -> list[str]:
    return sorted(one.name for one in Path(folder).iterdir())


def test_file_is_laid_out_in_place(koncli: Koncli) -> None:
    code, out, err = koncli("rough.kon", "smooth.kon")
    assert (code, out) == (0, "")
    assert Path("rough.kon").read_text() == SMOOTH
    assert err == ("koncli: formatted rough.kon\nkoncli: 2 files: 1 formatted, 1 as it should be\n")
    assert names() == ["broken.kon", "rough.kon", "smooth.kon"]


def test_file_that_is_formatted_is_not_written(koncli: Koncli) -> None:
    os.utime("smooth.kon", (1, 1))
    koncli("smooth.kon")
    assert Path("smooth.kon").stat().st_mtime == 1


def test_check_names_files_writes_nothing_and_ends_with_1(koncli: Koncli) -> None:
    code, out, err = koncli("--check", "rough.kon", "smooth.kon")
    assert (code, out) == (1, "rough.kon\n")
    assert err == "koncli: 2 files: 1 to format, 1 as it should be\n"
    assert Path("rough.kon").read_text() == ROUGH


def test_check_of_formatted_files_ends_with_0(koncli: Koncli) -> None:
    assert koncli("--check", "smooth.kon")[:2] == (0, "")


def test_difference_is_shown_and_nothing_written(koncli: Koncli) -> None:
    code, out, _ = koncli("--diff", "rough.kon", "smooth.kon")
    assert code == 0
    assert out == (
        "--- rough.kon\n+++ rough.kon (formatted)\n@@ -1,4 +1,4 @@\n"
        "-pipeline a{\n-b=1   # one\n-longer = 2\n-}\n\\ No newline at end of file\n"
        "+pipeline a {\n+  b      = 1  # one\n+  longer = 2\n+}\n"
    )
    assert Path("rough.kon").read_text() == ROUGH


def test_difference_with_check_ends_with_1(koncli: Koncli) -> None:
    code, out, _ = koncli("--check", "--diff", "rough.kon")
    assert code == 1
    assert out.startswith("--- rough.kon\n")


def test_difference_is_coloured_on_a_terminal(
    koncli: Koncli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    out = koncli("--diff", "rough.kon")[1]
    assert "\x1b[31m-}\x1b[0m\n" in out
    assert "\x1b[32m+}\x1b[0m\n" in out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in koncli("--diff", "rough.kon")[1]


def test_file_with_syntax_errors_is_reported_and_left_as_it_is(koncli: Koncli) -> None:
    code, _, err = koncli("broken.kon", "rough.kon")
    assert code == 2
    assert "error[K0102]" in err
    assert "broken.kon:2" in err
    assert "2 files: 1 formatted, 1 with syntax errors" in err
    assert Path("broken.kon").read_text() == BROKEN
    assert Path("rough.kon").read_text() == SMOOTH


def test_bytes_that_are_no_utf8_are_refused(koncli: Koncli) -> None:
    content = ROUGH.encode() + b" # \xff\n"
    Path("rough.kon").write_bytes(content)
    code, _, err = koncli("rough.kon")
    assert code == 2
    assert "UTF-8" in err
    assert Path("rough.kon").read_bytes() == content


def test_byte_order_mark_is_taken_off(koncli: Koncli) -> None:
    Path("rough.kon").write_bytes(b"\xef\xbb\xbf" + SMOOTH.encode())
    assert koncli("--check", "rough.kon")[0] == 1
    koncli("rough.kon")
    assert Path("rough.kon").read_text() == SMOOTH


def test_windows_line_ends_stay(koncli: Koncli) -> None:
    Path("rough.kon").write_bytes(ROUGH.replace("\n", "\r\n").encode())
    koncli("rough.kon")
    assert Path("rough.kon").read_bytes() == SMOOTH.replace("\n", "\r\n").encode()


def test_standard_input_goes_to_standard_output(
    koncli: Koncli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for written in (ROUGH, SMOOTH):
        give(monkeypatch, written.encode())
        assert koncli("-") == (0, SMOOTH, "")


def test_broken_standard_input_gives_no_output(
    koncli: Koncli, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, BROKEN.encode())
    code, out, err = koncli("-")
    assert (code, out) == (2, "")
    assert "error[K0102]" in err


def test_standard_input_is_checked(koncli: Koncli, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, ROUGH.encode())
    assert koncli("--check", "-") == (1, "-\n", "")


def test_folder_is_all_programs_below_it_but_hidden_ones(koncli: Koncli) -> None:
    for path in ("in/b.kon", "in/deep/a.kon", "in/.git/c.kon", "in/.d.kon", "in/e.txt"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(ROUGH)
    Path("in/folder.kon").mkdir()
    code, out, _ = koncli("--check", "in", "in/b.kon")
    assert (code, out) == (1, "in/b.kon\nin/deep/a.kon\n")


def test_folder_without_programs_is_an_error(koncli: Koncli) -> None:
    Path("empty").mkdir()
    code, _, err = koncli("empty")
    assert code == 5
    assert err == "koncli: error: there is no .kon file in empty\n"


def test_file_that_is_not_there_is_an_error(koncli: Koncli) -> None:
    code, _, err = koncli("rouhg.kon")
    assert code == 5
    assert "there is no file rouhg.kon" in err


def test_name_that_looks_like_an_option_comes_behind_two_dashes(koncli: Koncli) -> None:
    Path("--diff").write_text(ROUGH)
    assert koncli("--", "--diff")[0] == 0
    assert Path("--diff").read_text() == SMOOTH


def test_mode_of_a_file_stays(koncli: Koncli) -> None:
    Path("rough.kon").chmod(0o755)
    koncli("rough.kon")
    assert stat.S_IMODE(Path("rough.kon").stat().st_mode) == 0o755


def test_owner_of_a_file_stays(koncli: Koncli, monkeypatch: pytest.MonkeyPatch) -> None:
    given = list[tuple[int, int]]()
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    monkeypatch.setattr("os.fchown", lambda _, user, group: given.append((user, group)))
    koncli("rough.kon")
    assert given == [(os.getuid(), os.getgid())]


def test_link_stays_a_link(koncli: Koncli) -> None:
    Path("there").mkdir()
    Path("rough.kon").rename("there/rough.kon")
    Path("link.kon").symlink_to("there/rough.kon")
    assert koncli("link.kon")[0] == 0
    assert Path("link.kon").is_symlink()
    assert Path("there/rough.kon").read_text() == SMOOTH
    assert names("there") == ["rough.kon"]


def test_disk_that_is_full_leaves_the_file_as_it_was(koncli: Koncli) -> None:
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8))"
    program = f"{limited}; from konductor.cli.main import main; raise SystemExit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, "fmt", "rough.kon"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "koncli: error: rough.kon cannot be written: File too large\n  hint: it is as it was\n"
    )
    assert Path("rough.kon").read_text() == ROUGH
    assert names() == ["broken.kon", "rough.kon", "smooth.kon"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 8
    assert koncli("--check", "smooth.kon")[0] == 0


def test_folder_that_is_read_only_leaves_the_file_as_it_was(
    koncli: Koncli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    code, _, err = koncli("rough.kon")
    assert code == 1
    assert "rough.kon cannot be written: Read-only file system" in err
    assert Path("rough.kon").read_text() == ROUGH


def test_file_that_is_read_only_is_not_replaced(
    koncli: Koncli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    code, _, err = koncli("rough.kon")
    assert code == 1
    assert "rough.kon cannot be written: the file is read-only" in err
    assert Path("rough.kon").read_text() == ROUGH

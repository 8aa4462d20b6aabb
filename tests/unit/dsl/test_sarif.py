import json
import re
from pathlib import Path
from typing import Any

import pytest

from konductor.dsl.compile import check_source
from konductor.dsl.render import Form, render

PROGRAMS = sorted((Path(__file__).parents[2] / "golden" / "programs").glob("*.kon"))
TEXT = """\
pipeline p {
  stage a { image = "a:latest", replicas = many }
  stage a { image = "b" }
}
"""


def test_document_has_what_sarif_asks_for() -> None:
    found = check_source(TEXT, path="jobs/p.kon").diagnostics
    document = json.loads(render(found, form=Form.SARIF))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [one["id"] for one in rules] == sorted({one.code for one in found})
    assert all(one["help"]["text"] and one["shortDescription"]["text"] for one in rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning")
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "jobs/p.kon"
        region = place["region"]
        assert (region["startLine"], region["startColumn"]) <= (
            region["endLine"],
            region["endColumn"],
        )


def test_places_that_belong_to_it_are_related_and_helps_are_told() -> None:
    found = check_source(TEXT, path="p.kon").diagnostics
    results = json.loads(render(found, form=Form.SARIF))["runs"][0]["results"]
    twice = next(one for one in results if one["ruleId"] == "K0302")
    (first,) = twice["relatedLocations"]
    assert first["message"]["text"] == "first declared here"


def test_no_findings_are_a_document_too() -> None:
    assert json.loads(render((), form=Form.SARIF))["runs"][0]["results"] == []


def test_warning_that_a_comment_allows_is_a_result_that_is_suppressed() -> None:
    checked = check_source(
        'pipeline p {\n  # kon: allow(K0502)\n  stage a { image = "a:latest" }\n'
        '  stage b { image = "b" }\n}\n',
        path="p.kon",
    )
    text = render(checked.diagnostics, form=Form.SARIF, allowed=checked.allowed)
    (run,) = json.loads(text)["runs"]
    assert [(one["ruleId"], one["suppressions"]) for one in run["results"]] == [
        ("K0501", []),
        ("K0502", [{"kind": "inSource"}]),
    ]
    assert [one["id"] for one in run["tool"]["driver"]["rules"]] == ["K0501", "K0502"]


def test_fix_is_a_replacement_in_the_file() -> None:
    found = check_source(
        'pipeline p {\n  stage a { image = "a:1", replcas = 2 }\n}\n', path="my jobs/p.kon"
    ).diagnostics
    (result,) = json.loads(render(found, form=Form.SARIF))["runs"][0]["results"]
    (fix,) = result["fixes"]
    assert fix["description"]["text"] == "write `replicas`"
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "my%20jobs/p.kon"
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 2, "startColumn": 28, "endLine": 2, "endColumn": 35},
            "insertedContent": {"text": "replicas"},
        }
    ]


def test_fix_without_a_help_is_described_by_what_it_writes() -> None:
    found = check_source('pipeline p {\n  stage a { image == "a:1" }\n}\n').diagnostics
    (result,) = json.loads(render(found, form=Form.SARIF))["runs"][0]["results"]
    assert result["fixes"][0]["description"]["text"] == "write `=`"


# What SARIF 2.1.0 says of the objects that we write (docs.oasis-open.org/sarif/sarif/v2.1.0):
# their properties, those in capitals required. None has any but those.
URI = re.compile(r"[A-Za-z0-9%/._~!$&'()*+,;=:@#?-]*")
SHAPES: dict[str, dict[str, object]] = {
    "log": {"$schema": str, "VERSION": {"2.1.0"}, "RUNS": ["run"]},
    "run": {"TOOL": "tool", "columnKind": {"unicodeCodePoints"}, "results": ["result"]},
    "tool": {"DRIVER": "driver"},
    "driver": {"NAME": str, "rules": ["rule"]},
    "rule": {
        "ID": str,
        "shortDescription": "described",
        "fullDescription": "described",
        "help": "described",
        "defaultConfiguration": "configuration",
    },
    "configuration": {"level": {"error", "warning"}},
    "described": {"TEXT": str, "markdown": str},
    "result": {
        "ruleId": str,
        "ruleIndex": 0,
        "level": {"error", "warning"},
        "MESSAGE": "message",
        "locations": ["location"],
        "relatedLocations": ["location"],
        "suppressions": ["suppression"],
        "fixes": ["fix"],
    },
    "message": {"text": str},
    "location": {"physicalLocation": "place", "message": "message"},
    "place": {"artifactLocation": "artifact", "region": "region"},
    "artifact": {"uri": URI},
    "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
    "suppression": {"KIND": {"inSource", "external"}},
    "fix": {"description": "message", "ARTIFACTCHANGES": ["change"]},
    "change": {"ARTIFACTLOCATION": "artifact", "REPLACEMENTS": ["replacement"]},
    "replacement": {"DELETEDREGION": "region", "insertedContent": "content"},
    "content": {"text": str},
}


def wrong(value: Any, shape: object, where: str = "$") -> list[str]:
    """Return the places of a document where it is not as a shape says."""
    if isinstance(shape, list):
        items = value if isinstance(value, list) else [None]
        return [
            one for at, item in enumerate(items) for one in wrong(item, shape[0], f"{where}{at}")
        ]
    if isinstance(shape, str):
        known = {key.lower(): (key, kind) for key, kind in SHAPES[shape].items()}
        members = {key.lower(): one for key, one in value.items()}
        missing = [key for key, (said, _) in known.items() if said.isupper() and key not in members]
        unknown = [key for key in members if key not in known]
        inner = [
            one
            for key, item in members.items()
            if key in known
            for one in wrong(item, known[key][1], f"{where}.{key}")
        ]
        return [f"{where}.{key}" for key in (*missing, *unknown)] + inner
    if isinstance(shape, int):
        return [] if type(value) is int and value >= shape else [where]
    if isinstance(shape, set):
        return [] if value in shape else [where]
    is_right = shape.fullmatch(value) if isinstance(shape, re.Pattern) else isinstance(value, str)
    return [] if is_right else [where]


@pytest.mark.parametrize("path", ["p.kon", "/jobs/p.kon", "-", "jobs of märz/100% [a].kon"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.stem)
def test_document_is_of_the_shape_that_sarif_gives_it(program: Path, path: str) -> None:
    checked = check_source(program.read_bytes(), path=path)
    text = render(checked.diagnostics, form=Form.SARIF, allowed=checked.allowed)
    assert wrong(json.loads(text), "log") == []


def test_shape_is_held_to() -> None:
    assert wrong(
        {"runs": [{"results": [{"level": "loud", "ruleIndex": -1}]}], "more": 1}, "log"
    ) == [
        "$.version",
        "$.more",
        "$.runs0.tool",
        "$.runs0.results0.message",
        "$.runs0.results0.level",
        "$.runs0.results0.ruleindex",
    ]
    assert wrong({"uri": "a b"}, "artifact") == ["$.uri"]
    assert wrong({"text": 5}, "content") == ["$.text"]

import json

from konductor.dsl.compile import check_source
from konductor.dsl.render import Form, render

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

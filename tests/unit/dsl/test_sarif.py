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

"""Parameters, told to whoever is to give them values."""

from konductor.dsl.compile import examine_source
from konductor.dsl.manual import Entry, manual, markdown_page, schema, text_page, usage

PROGRAM = """
pipeline p {
  ## Business day, a|b.
  param day: string where matches(day, '^a|`')
  param mode: "fast" | "slow" = "fast"
  param limit: duration = 1h30m
  param size: quantity?
  param kind: "x" | "y" ?
  param seeds: list(int) = [1, 2]
  param names: list(string)
  param tags: map(string) = { a = "b c" }
  param modes: map(int)
  param twice: string = day
  stage s { image = "a:1" }
}
"""


def entries(text: str = PROGRAM) -> tuple[Entry, ...]:
    found = examine_source(text.replace('"x" | "y" ?', "int?"))
    assert found.pipeline is not None
    return manual(found.pipeline)


def test_a_parameter_tells_its_default_variable_and_an_example() -> None:
    by_name = {one.name: one for one in entries()}
    assert by_name["day"].is_required
    assert by_name["day"].variable == "KON_PARAM_DAY"
    assert by_name["mode"].example == "fast"
    assert by_name["limit"].example == "1h30m"
    assert by_name["limit"].value == "1h30m"
    assert not by_name["size"].is_required
    assert by_name["seeds"].example == "[1, 2]"
    assert by_name["names"].example == '["text"]'
    assert by_name["tags"].example == '{ "a" = "b c" }'
    assert by_name["modes"].example == "{ a = 5 }"
    assert not by_name["twice"].is_known
    assert by_name["twice"].default == "day"


def test_the_schema_is_one_of_a_parameter_file() -> None:
    found = schema("p", "What it is.", entries())
    assert found["required"] == ["day", "names", "modes"]
    properties = found["properties"]
    assert properties["day"]["description"].endswith("where matches(day, '^a|`')")
    assert properties["mode"] == {"enum": ["fast", "slow"], "default": "fast"}
    assert properties["size"]["type"] == ["string", "null"]
    assert properties["kind"] == {"type": ["integer", "null"]}
    assert properties["names"] == {"type": "array", "items": {"type": "string"}}
    assert properties["modes"]["additionalProperties"] == {"type": "integer"}
    assert "description" not in schema("p", "", ())


def test_pages_name_every_parameter_and_how_to_run() -> None:
    text = text_page("p.kon", entries())
    assert "day: string  (required)\n    Business day, a|b.\n    where matches" in text
    assert "limit: duration = 1h30m\n    -p limit=1h30m  or  KON_PARAM_LIMIT\n" in text
    assert text_page("p.kon", ()) == "p.kon has no parameters\n"
    markdown = markdown_page("p", "About p.", "p.kon", entries())
    assert "| `day` | `string` | required | ``matches(day, '^a\\|`')`` |" in markdown
    assert "| `size` | `quantity?` | none |" in markdown
    assert "About p." in markdown
    assert "|---" not in markdown_page("p", "", "p.kon", ())
    assert usage("p.kon", entries()) == (
        "koncli run p.kon -p day=text -p 'names=[\"text\"]' -p 'modes={ a = 5 }'"
    )

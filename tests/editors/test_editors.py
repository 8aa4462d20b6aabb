"""What editors know of the language is what the language is."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from konductor.cli.main import COMMANDS
from konductor.dsl.functions import FILE, FUNCTIONS
from konductor.dsl.parser import parse
from konductor.dsl.source import Source
from konductor.dsl.tokens import KEYWORDS, PUNCTUATION, tokenize

ROOT = Path(__file__).parents[2]
VSCODE = ROOT / "editors/vscode"
TREE_SITTER = ROOT / "editors/tree-sitter-kon"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
_WORD_LIST = re.compile(r"\(\?:([a-z_|]+)\)\(\?!\[A-Za-z0-9_-\]\)")


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


PACKAGE = read(VSCODE / "package.json")
GRAMMAR = read(VSCODE / "syntaxes/kon.tmLanguage.json")


def rules(node: Any = GRAMMAR) -> Iterator[dict[str, Any]]:
    """Yield each rule of the TextMate grammar, at any depth."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, dict | list):
            yield from rules(inner)


def scope_of(word: str) -> str:
    """Return the scope that the list of keywords gives a word."""
    matching = [
        one["name"]
        for one in GRAMMAR["repository"]["keyword"]["patterns"]
        if re.fullmatch(one["match"], word)
    ]
    assert len(matching) == 1, word
    return str(matching[0])


def test_every_keyword_has_one_scope_and_nothing_else_does() -> None:
    listed = [
        word
        for one in GRAMMAR["repository"]["keyword"]["patterns"]
        for word in _WORD_LIST.findall(one["match"])[0].split("|")
    ]
    assert sorted(listed) == sorted(KEYWORDS)
    scopes = {word: scope_of(word) for word in KEYWORDS}
    assert scopes["stage"] == "keyword.declaration.kon"
    assert scopes["true"] == "constant.language.kon"
    assert scopes["and"] == "keyword.operator.word.kon"


def test_functions_of_the_colours_are_those_of_the_language() -> None:
    (rule,) = [one for one in rules() if one.get("name") == "support.function.kon"]
    names = re.findall(r"\(\?:([a-z_|]+)\)", rule["match"])[0].split("|")
    assert set(names) == {*FUNCTIONS, FILE}


def test_every_part_of_the_colours_is_there_and_used() -> None:
    included = {one["include"] for one in rules() if "include" in one}
    own = {name.removeprefix("#") for name in included if name.startswith("#")}
    assert own == set(GRAMMAR["repository"])


def test_every_pattern_of_the_colours_is_one() -> None:
    patterns = [one[key] for one in rules() for key in ("match", "begin", "end") if key in one]
    assert len(patterns) > 30
    for pattern in patterns:
        re.compile(pattern)


@pytest.mark.parametrize(
    ("tag", "language"),
    [("SH", "source.shell"), ("BASH", "source.shell"), ("PYTHON", "source.python")],
)
@pytest.mark.parametrize("head", ["<<", "<<$"])
def test_script_in_a_heredoc_has_the_colours_of_its_language(
    head: str, tag: str, language: str
) -> None:
    rule = next(
        one
        for one in GRAMMAR["repository"]["heredoc"]["patterns"]
        if re.fullmatch(one["begin"], f"{head}{tag}  ")
    )
    assert {"include": language} in rule["patterns"]
    assert ({"include": "#interpolation"} in rule["patterns"]) == (head == "<<$")
    inside = rule["while"].replace(r"\2", tag)
    assert re.search(inside, f"  echo {tag}")
    assert not re.search(inside, f"\t {tag} ")


def test_embedded_languages_are_those_of_the_heredocs() -> None:
    heredocs = GRAMMAR["repository"]["heredoc"]["patterns"]
    contents = {one["contentName"] for one in heredocs if "embedded" in one["contentName"]}
    assert contents == set(PACKAGE["contributes"]["grammars"][0]["embeddedLanguages"])


def test_extension_has_the_version_of_koncli() -> None:
    assert PACKAGE["version"] == VERSION
    assert f"koncli-{VERSION}.vsix" in (VSCODE / "README.md").read_text("utf-8")
    assert read(TREE_SITTER / "tree-sitter.json")["metadata"]["version"] == VERSION


def test_what_the_extension_contributes_is_there() -> None:
    (language,) = PACKAGE["contributes"]["languages"]
    (grammar,) = PACKAGE["contributes"]["grammars"]
    assert grammar["language"] == language["id"] == "kon"
    assert grammar["scopeName"] == GRAMMAR["scopeName"]
    for path in (language["configuration"], grammar["path"], PACKAGE["main"], "LICENSE"):
        assert (VSCODE / path).is_file(), path
    read(VSCODE / language["configuration"])
    script = (VSCODE / "extension.js").read_text("utf-8")
    for command in PACKAGE["contributes"]["commands"]:
        assert f'registerCommand("{command["command"]}"' in script
    for setting in PACKAGE["contributes"]["configuration"]["properties"]:
        assert setting in script
    for module in re.findall(r'require\("([^/"]+)', script):
        assert module == "vscode" or module in PACKAGE["dependencies"]


def test_extension_and_its_licence_are_koncli_s() -> None:
    assert (VSCODE / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert PACKAGE["license"] == "Apache-2.0"
    assert 'args: ["lsp"]' in (VSCODE / "extension.js").read_text("utf-8")


def test_first_line_of_an_example_tells_its_language() -> None:
    first = (ROOT / "examples/cascade.kon").read_text("utf-8").partition("\n")[0]
    for pattern in (
        PACKAGE["contributes"]["languages"][0]["firstLine"],
        GRAMMAR["firstLineMatch"],
        read(TREE_SITTER / "tree-sitter.json")["grammars"][0]["first-line-regex"],
    ):
        assert re.search(pattern, first)


def test_words_of_the_tree_sitter_grammar_are_those_of_the_language() -> None:
    text = (TREE_SITTER / "grammar.js").read_text("utf-8")
    text = re.sub(r'field\("[^"]*"|name: "kon"|/[^/\n]+/|token.*$', "", text, flags=re.MULTILINE)
    literals = set(re.findall(r'"([^"\n]+)"', text))
    assert {one for one in literals if one[0].isalpha()} == set(KEYWORDS)
    assert {one for one in literals if not one[0].isalpha()} >= set(PUNCTUATION)


def test_soft_keywords_of_the_tree_sitter_grammar_are_keys_of_the_language() -> None:
    text = (TREE_SITTER / "grammar.js").read_text("utf-8")
    listed = re.findall(r"SOFT_KEYWORDS = \[(.*?)\]", text, re.DOTALL)[0]
    soft = set(re.findall(r'"([a-z]+)"', listed))
    for word in KEYWORDS:
        found = parse(Source("a.kon", f"pipeline p {{ {word} = 1 }}\n")).diagnostics
        assert (not found) == (word in soft), word


def test_tree_sitter_colours_name_every_keyword() -> None:
    queries = (TREE_SITTER / "queries/highlights.scm").read_text("utf-8")
    quoted = set(re.findall(r'"([a-z]+)"', queries))
    assert quoted == set(KEYWORDS) - {"true", "false", "null"}


def test_tree_sitter_queries_are_closed() -> None:
    for path in (TREE_SITTER / "queries").glob("*.scm"):
        code = re.sub(r'"(\\.|[^"\\])*"|;[^\n]*', "", path.read_text("utf-8"))
        assert code.count("(") == code.count(")")
        assert code.count("[") == code.count("]")


def test_numbers_of_the_tree_sitter_grammar_are_those_of_the_lexer() -> None:
    text = (TREE_SITTER / "grammar.js").read_text("utf-8")
    kinds = dict(re.findall(r"^    (\w+): \(_\) => /(.*)/,$", text, re.MULTILINE))
    for number in ("5", "1_000", "0.5", "90%", "1h30m", "250ms", "4Gi", "2k", "a-b", "x9"):
        (token, _) = tokenize(Source("a.kon", number)).tokens
        name = {"INT": "integer", "NAME": "identifier"}.get(token.kind, token.kind.lower())
        assert re.fullmatch(kinds[name], number), number


def test_program_of_the_extension_is_a_command() -> None:
    assert "lsp" in COMMANDS

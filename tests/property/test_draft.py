"""A file that is typed in is read as if it were new, to the last place."""

from dataclasses import fields, is_dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from konductor.dsl.compile import examine
from konductor.dsl.editor.draft import Draft
from konductor.dsl.parser import parse
from konductor.dsl.source import Source, Span
from konductor.dsl.tokens import tokenize
from tests.property.programs import PROGRAMS

PIECES = sorted({token.text for one in PROGRAMS for token in tokenize(Source("a", one)).tokens})
ODD = ['"', "'", "<<SH\n", "SH\n", "${", "{", "}", "}\n}\n", "(", "[", "]", ",\n", "\r", "“", "ä"]
ODD += ["\\\n", "/* a\n", "*/", "// a\n"]
LINES = [
    "## doc\n",
    "# comment\n",
    "\n",
    '  stage x {\n    image = "a:1"\n  }\n',
    "  a = 1, b = 2\n",
]
Edit = tuple[int, int, str, bool]
"""Where, counted around the text, how much goes, what comes, and whether it is taken back."""
EDITS: st.SearchStrategy[Edit] = st.tuples(
    st.integers(0, 1 << 16),
    st.sampled_from([0, 0, 0, 1, 2, 20, 200]),
    st.lists(st.sampled_from([*PIECES, *ODD, *LINES]), max_size=3).map("".join),
    st.booleans(),
)


def edited(text: str, edit: Edit) -> str:
    at, gone, typed = edit[0] % (len(text) + 1), edit[1], edit[2]
    return text[:at] + typed + text[at + gone :]


def placed(node: object) -> object:
    """Return anything made of nodes with every place as an editor needs it."""
    if isinstance(node, Span):
        return id(node.source), node.start, node.end, node.text
    if isinstance(node, tuple):
        return [placed(one) for one in node]
    if is_dataclass(node) and not isinstance(node, Source):
        return type(node), [placed(getattr(node, one.name)) for one in fields(node)]
    return node


@given(st.sampled_from(PROGRAMS), st.lists(EDITS, min_size=1, max_size=4))
@settings(max_examples=150)
def test_changed_program_is_read_as_if_it_were_new(text: str, edits: list[Edit]) -> None:
    draft = Draft()
    draft.read(Source("a.kon", text))
    for edit in edits:
        before, text = text, edited(text, edit)
        source = Source("a.kon", text)
        changed, anew = draft.read(source), parse(source)
        assert placed(changed) == placed(anew)
        assert placed(examine(changed).diagnostics) == placed(examine(anew).diagnostics)
        text = before if edit[3] else text

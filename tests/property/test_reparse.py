"""A file that was changed is read as if it were new, to the last detail."""

from hypothesis import given, settings
from hypothesis import strategies as st

from konductor.dsl.compile import examine
from konductor.dsl.editor.reparse import reparse
from konductor.dsl.parser import Parsed, parse
from konductor.dsl.source import Source
from konductor.dsl.tokens import tokenize
from tests.property.programs import PROGRAMS

PIECES = sorted({token.text for one in PROGRAMS for token in tokenize(Source("a", one)).tokens})
ODD = ['"', "'", "<<SH\n", "SH\n", "${", "{", "}", "}\n}\n", "(", "[", "]", ",\n", "\r", "“", "ä"]
LINES = [
    "## doc\n",
    "# comment\n",
    "\n",
    '  stage x {\n    image = "a:1"\n  }\n',
    "  a = 1, b = 2\n",
]
Edit = tuple[int, int, str]
"""Where, counted around the text, how much goes, and what comes."""
EDITS: st.SearchStrategy[Edit] = st.tuples(
    st.integers(0, 1 << 16),
    st.sampled_from([0, 0, 0, 1, 2, 20, 200]),
    st.lists(st.sampled_from([*PIECES, *ODD, *LINES]), max_size=3).map("".join),
)


def edited(text: str, edit: Edit) -> str:
    at, gone, typed = edit[0] % (len(text) + 1), edit[1], edit[2]
    return text[:at] + typed + text[at + gone :]


@given(st.sampled_from(PROGRAMS), st.lists(EDITS, min_size=1, max_size=4))
@settings(max_examples=150)
def test_changed_program_is_read_as_if_it_were_new(text: str, edits: list[Edit]) -> None:
    readable = parse(Source("a.kon", text))
    for edit in edits:
        text = edited(text, edit)
        source = Source("a.kon", text)
        changed: Parsed = reparse(readable, source)
        anew = parse(source)
        assert changed == anew
        assert examine(changed).diagnostics == examine(anew).diagnostics
        readable = readable if changed.diagnostics else changed

"""The single offers of completion: how each is shown, and what it writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from konductor.dsl import syntax
from konductor.dsl.attributes import Attribute, Shape
from konductor.dsl.editor.blocks import explain
from konductor.dsl.editor.describe import doc_of_symbol, headline, signature
from konductor.dsl.editor.index import Symbol
from konductor.dsl.editor.snapshot import Snapshot
from konductor.dsl.functions import FILE, FUNCTIONS
from konductor.dsl.scope import What
from konductor.dsl.tokens import DECLARES, KEYWORDS, Token
from konductor.dsl.types import BASIC
from konductor.dsl.values import MapValue

EDGE_FUNCTIONS = {
    "done": "Starts once these have ended, however they ended.",
    "failed": "Starts once these have failed or timed out.",
    "any": "Starts once one of these has opened.",
    "atleast": "Starts once so many of these have opened: `atleast(2, a, b, c)`.",
    "each": "Joins cells or items one by one, on what both have in common.",
}
RUN_MEMBERS = {
    "id": "The run's name.",
    "status": "How the run ended.",
    "failed_stage": "The stage where a failure began; empty if there was none.",
}
_CLAUSES = {
    "stage": ("from", "after", "when"),
    "map": ("over", "from", "after", "when"),
    "reduce": ("of", "from", "after", "when"),
    "barrier": ("after", "when"),
    "approval": ("after", "when"),
    "finally": ("on", "from", "when"),
}
_FILE = {
    "pipeline": "pipeline ${1:name} {\n  $0\n}",
    "template": "template ${1:name}(${2}) {\n  $0\n}",
    "fn": "fn ${1:name}(${2:n}: ${3:int}) -> ${4:int} = $0",
    "let": "let ${1:name} = $0",
    "import": 'import "${1:path}.kon" as ${2:name}',
}
_PIPELINE = {
    "stage": 'stage ${1:name} {\n  image = "${2:image}"\n  run = <<SH\n    $0\n  SH\n}',
    "map": 'map ${1:name} over ${2:10} {\n  image = "${3:image}"\n  run = <<SH\n    $0\n  SH\n}',
    "reduce": (
        'reduce ${1:name} of ${2:map} {\n  image = "${3:image}"\n  run = <<SH\n    $0\n  SH\n}'
    ),
    "barrier": "barrier ${1:name} {\n  expected = ${2:1}\n  timeout = ${3:10m}\n}",
    "approval": 'approval ${1:name} {\n  message = "$0"\n}',
    "semaphore": "semaphore ${1:name} {\n  permits = ${0:1}\n}",
    "finally": 'finally ${1:name} {\n  image = "${2:image}"\n  run = <<SH\n    $0\n  SH\n}',
    "gate": "gate ${1:name} {\n  conditions = [$0]\n}",
    "defaults": "defaults {\n  $0\n}",
    "param": "param ${1:name}: ${2:string} = $0",
    "let": "let ${1:name} = $0",
}
_SNIPPET_DOC = {
    "pipeline": "A pipeline: stages, and which waits for which.",
    "template": "A stage's block with parameters, for `stage x from name(…)`.",
    "fn": "A function of values.",
    "let": "A name for a value.",
    "import": "Makes the templates, functions and lets of another file known here.",
    "stage": "A program that runs in pods, and the barrier at which they arrive.",
    "map": "A stage with one pod for each element of a list.",
    "reduce": "A stage that reads which pods of a map arrived.",
    "barrier": "A meeting of processes that koncli need not have started.",
    "approval": "Waits until people agree.",
    "semaphore": "Permits that limit how many pods run something at once.",
    "finally": "Runs after all else has ended, however it ended.",
    "gate": "Conditions that must hold before what waits for them starts.",
    "defaults": "Attributes that every stage starts from.",
    "param": "A value that is given when the pipeline is run.",
}


class OfferKind(StrEnum):
    """What an offer is, for its icon."""

    ATTRIBUTE = "attribute"
    BLOCK = "block"
    CHOICE = "choice"
    FUNCTION = "function"
    KEYWORD = "keyword"
    MODULE = "module"
    SNIPPET = "snippet"
    STAGE = "stage"
    TYPE = "type"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that could be written."""

    label: str
    kind: OfferKind
    detail: str = ""
    doc: str = ""
    insert: str = ""
    """What is written, if it is not the label; `${1:…}` are places to fill in."""


_KINDS = {
    What.FN: OfferKind.FUNCTION,
    What.TEMPLATE: OfferKind.FUNCTION,
    What.IMPORT: OfferKind.MODULE,
    What.PARAM: OfferKind.VALUE,
    What.LET: OfferKind.VALUE,
    What.ARGUMENT: OfferKind.VALUE,
    What.VARIABLE: OfferKind.VALUE,
}


def symbol(one: Symbol, snapshot: Snapshot) -> Offer:
    """Return the offer of a declared name."""
    kind = _KINDS.get(one.what, OfferKind.STAGE)
    insert = f"{one.name}($0)" if one.what in (What.FN, What.TEMPLATE) else ""
    return Offer(one.name, kind, headline(one, snapshot), doc_of_symbol(one), insert)


def unread(snapshot: Snapshot, own: str) -> Iterator[Offer]:
    """Offer what statements declare that the parser had to leave out."""
    broken = snapshot.parsed.file.broken
    for keyword, name in pairwise(snapshot.tokens):
        declares = keyword.kind in DECLARES - {"PARAM", "LET", "FN", "TEMPLATE", "AS", "PIPELINE"}
        if declares and name.kind == "NAME" and name.text in broken - {own}:
            yield Offer(name.text, OfferKind.STAGE, keyword.text)


def attribute(one: Attribute, blocks: Sequence[str]) -> Offer:
    """Return the offer of an attribute, with what begins its value."""
    insert = f"{one.name} = $0"
    if one.choices:
        insert = f"{one.name} = ${{1|{','.join(_quoted(choice) for choice in one.choices)}|}}"
    elif one.shape in (Shape.FIELDS, Shape.MAP):
        insert = f"{one.name} {{ $0 }}"
    elif one.shape is Shape.NAMED:
        insert = f"{one.name} ${{1:name}} {{ $0 }}"
    elif one.shape in (Shape.LIST, Shape.OBJECTS):
        insert = f"{one.name} = [$0]"
    kind = OfferKind.BLOCK if one.shape in (Shape.FIELDS, Shape.NAMED) else OfferKind.ATTRIBUTE
    return Offer(one.name, kind, wants(one), explain(blocks, one.name), insert)


def wants(one: Attribute) -> str:
    """Return what an attribute takes, in words; empty where the tables do not say."""
    known = one.kinds or one.fields or one.shape is Shape.OBJECTS
    return one.wants if known else ""


def choice(text: str, *, quoted: bool) -> Offer:
    """Return the offer of one string of an enum."""
    return Offer(_quoted(text) if quoted else text, OfferKind.CHOICE)


def _quoted(text: str) -> str:
    return f'"{text}"'


def word(text: str, kind: OfferKind) -> Offer:
    """Return the offer of a word that stands for itself."""
    return Offer(text, kind)


def words(*texts: str) -> Iterator[Offer]:
    """Offer keywords."""
    return (Offer(text, OfferKind.KEYWORD) for text in texts)


def file_statements() -> Iterator[Offer]:
    """Offer what may begin a statement of a file."""
    return (
        Offer(name, OfferKind.SNIPPET, "", _SNIPPET_DOC[name], one) for name, one in _FILE.items()
    )


def pipeline_statements() -> Iterator[Offer]:
    """Offer what may begin a statement of a pipeline, besides its attributes."""
    return (
        Offer(name, OfferKind.SNIPPET, "", _SNIPPET_DOC[name], one)
        for name, one in _PIPELINE.items()
    )


def clauses(keyword: str, taken: set[str]) -> Iterator[Offer]:
    """Offer what may follow a stage's name."""
    return words(*(one for one in _CLAUSES.get(keyword, ()) if one not in taken))


def types() -> Iterator[Offer]:
    """Offer the types that a program may name."""
    return (Offer(one, OfferKind.TYPE) for one in sorted(BASIC))


def edge_functions() -> Iterator[Offer]:
    """Offer the functions of ``after``."""
    return (
        Offer(name, OfferKind.FUNCTION, "edge", doc, f"{name}($0)")
        for name, doc in EDGE_FUNCTIONS.items()
    )


def functions() -> Iterator[Offer]:
    """Offer the functions that every program has."""
    for name in (*FUNCTIONS, FILE):
        yield Offer(name, OfferKind.FUNCTION, signature(name), "", f"{name}($0)")


def run_members() -> Iterator[Offer]:
    """Offer what is known of the run in ``finally``."""
    return (Offer(name, OfferKind.VALUE, "string", doc) for name, doc in RUN_MEMBERS.items())


def axes(snapshot: Snapshot, offset: int) -> list[Symbol]:
    """Return the axes of the matrix of the stage around an offset."""
    uses = snapshot.index.uses
    declared = [
        use.symbol for use in uses if use.declares and isinstance(use.symbol.node, syntax.Attr)
    ]
    around = [
        area.span for area in snapshot.index.areas if area.span.start <= offset <= area.span.end
    ]
    stage = around[2:3]
    return [
        one for one in declared if any(span.start <= one.span.start < span.end for span in stage)
    ]


def members(snapshot: Snapshot, offset: int, name: str, *, templates: bool) -> Iterator[Offer]:
    """Offer the names of an imported file, or the keys of a map."""
    found = snapshot.index.visible(offset).get(name)
    if found is not None and isinstance(found.node, syntax.Import):
        other = snapshot.files.imported(snapshot.source.path, found.node.path.text)
        for one in other.index.exported.values() if other is not None else ():
            if (one.what is What.TEMPLATE) == templates:
                yield symbol(one, other or snapshot)
        return
    binding = snapshot.binding(name)
    if binding is not None and isinstance(binding.value, MapValue):
        for key, _ in binding.value.pairs:
            if key not in KEYWORDS:
                yield Offer(key, OfferKind.VALUE)


def arguments(snapshot: Snapshot, offset: int, header: Sequence[Token]) -> Iterator[Offer]:
    """Offer the names of a call's parameters."""
    for one in callee(snapshot, offset, header):
        yield Offer(one.name, OfferKind.VALUE, headline(one, snapshot), "", f"{one.name} = $0")


def callee(snapshot: Snapshot, offset: int, header: Sequence[Token]) -> tuple[Symbol, ...]:
    """Return the parameters of the function or template whose name ends a statement."""
    found = called(snapshot, offset, header)
    return found.members if found is not None else ()


def called(snapshot: Snapshot, offset: int, header: Sequence[Token]) -> Symbol | None:
    """Return the function or template whose name ends a statement, of this file or an imported."""
    visible = snapshot.index.visible(offset)
    if len(header) > 2 and header[-2].kind == "DOT":  # noqa: PLR2004  # alias, dot and name
        alias = visible.get(header[-3].text)
        if alias is None or not isinstance(alias.node, syntax.Import):
            return None
        other = snapshot.files.imported(snapshot.source.path, alias.node.path.text)
        return None if other is None else other.index.exported.get(header[-1].text)
    return visible.get(header[-1].text) if header else None

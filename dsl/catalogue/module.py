"""Files, and what this version leaves out."""

from konductor.dsl.catalogue.entry import Entry

FILES = (
    Entry(
        "K0801",
        "error",
        title="a file that cannot be read",
        what="What an `import` or `file(…)` names is not there, or is no text.",
        why="A program and the files beside it belong together.",
        example="""\
import "libs/common.kon" as lib
""",
        instead="""\
import "lib/common.kon" as lib
""",
    ),
    Entry(
        "K0999",
        "error",
        title="this version cannot run it yet",
        what=("The language has it, and this version of koncli can check it but not run it."),
        why="Ignoring it would run something else than what is written.",
        example="""\
pipeline etl {
  stage load { image = "acme/load:1", daemon = true, ready { tcp = 80 } }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1" }
}
""",
    ),
)

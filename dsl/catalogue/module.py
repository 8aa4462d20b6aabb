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
        "K0802",
        "error",
        title="files that import each other",
        what="Following the imports leads back to the file itself.",
        why="What a file declares may depend on what it imports, so one of them must come first.",
        example="""\
import "b.kon" as b   # and b.kon imports this file
""",
        instead="""\
import "common.kon" as common   # what both of them use
""",
    ),
    Entry(
        "K0803",
        "warning",
        title="an import that nothing uses",
        what="The file is imported, and nothing names it.",
        why="Who reads the program would look for what comes from there.",
        example="""\
import "lib/common.kon" as lib   # and `lib.` stands nowhere
""",
        instead="""\
import "lib/common.kon" as lib
pipeline etl {
  stage load from lib.loaded("sales")
}
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

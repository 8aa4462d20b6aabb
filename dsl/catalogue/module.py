"""Files, and what this version leaves out."""

from konductor.dsl.catalogue.entry import Entry

_COMMON = 'let image = "acme/load:1"\n'

FILES = (
    Entry(
        "K0801",
        "error",
        title="a file that cannot be read",
        what="What an `import` or `file(…)` names is not there, or is no text.",
        why="A program and the files beside it belong together.",
        example="""\
import "libs/common.kon" as common
pipeline etl {
  stage load { image = common.image }
}
""",
        instead="""\
import "lib/common.kon" as common
pipeline etl {
  stage load { image = common.image }
}
""",
        files={"lib/common.kon": _COMMON},
    ),
    Entry(
        "K0802",
        "error",
        title="files that import each other",
        what="Following the imports leads back to the file itself.",
        why="What a file declares may depend on what it imports, so one of them must come first.",
        example="""\
import "lib/a.kon" as a
pipeline etl {
  stage load { image = a.image }
}
""",
        instead="""\
import "lib/common.kon" as common
pipeline etl {
  stage load { image = common.image }
}
""",
        files={
            "lib/a.kon": 'import "b.kon" as b\nlet image = b.image\n',
            "lib/b.kon": 'import "a.kon" as a\nlet image = a.image\n',
            "lib/common.kon": _COMMON,
        },
    ),
    Entry(
        "K0803",
        "warning",
        title="an import that nothing uses",
        what="The file is imported, and nothing names it.",
        why="Who reads the program would look for what comes from there.",
        example="""\
import "lib/common.kon" as common
pipeline etl {
  stage load { image = "acme/load:1" }
}
""",
        instead="""\
import "lib/common.kon" as common
pipeline etl {
  stage load { image = common.image }
}
""",
        files={"lib/common.kon": _COMMON},
    ),
    Entry(
        "K0901",
        "warning",
        title="an `allow` for nothing",
        what="A comment allows a code that is not found there, is an error, or does not exist.",
        why="It would hide the next one, which nobody has looked at.",
        example="""\
pipeline etl {
  # kon: allow(K0502)
  stage load { image = "acme/load:1" }
}
""",
        instead="""\
pipeline etl {
  # kon: allow(K0502)
  stage load { image = "acme/load:latest" }
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

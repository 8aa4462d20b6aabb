"""What is no program of the language."""

from konductor.dsl.catalogue.entry import Entry

SYNTAX = (
    Entry(
        "K0100",
        "error",
        title="text that cannot be read",
        what=(
            "A character, an escape or a number is none that the language has, or a "
            "text is not closed on its line."
        ),
        why="What cannot be read has no meaning that could be guessed at.",
        example="""\
pipeline etl {
  stage load { image = $IMAGE }
}
""",
        instead="""\
pipeline etl {
  param image: string = "acme/load:1"
  stage load { image = image }
}
""",
    ),
    Entry(
        "K0101",
        "error",
        title="a word or sign where it does not fit",
        what=(
            "The program is well formed up to this place, and nothing that may "
            "follow begins like this."
        ),
        why=(
            "Each statement has one form, so that a slip is found where it is made "
            "and not at run time."
        ),
        example="""\
pipeline etl {
  stage load depends_on extract { image = "acme/load:1" }
  stage extract { image = "acme/extract:1" }
}
""",
        instead="""\
pipeline etl {
  stage load after extract { image = "acme/load:1" }
  stage extract { image = "acme/extract:1" }
}
""",
    ),
    Entry(
        "K0102",
        "error",
        title="a value is missing",
        what="Behind `=` or an operator there is no value.",
        why=(
            "`null` is how nothing is written: an empty place is more often forgotten than meant."
        ),
        example="""\
pipeline etl {
  stage load {
    image   = "acme/load:1"
    timeout =
  }
}
""",
        instead="""\
pipeline etl {
  stage load {
    image   = "acme/load:1"
    timeout = 30m
  }
}
""",
    ),
    Entry(
        "K0103",
        "error",
        title="nothing separates two statements or elements",
        what=(
            "Two statements stand on one line without `,`, or two elements of a list without one."
        ),
        why=("A statement ends with its line; on one line they are separated by `,`."),
        example="""\
pipeline etl {
  stage load { image = "acme/load:1" timeout = 30m }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1", timeout = 30m }
}
""",
    ),
    Entry(
        "K0104",
        "error",
        title="a heredoc is never closed",
        what="The text that `<<TAG` begins goes on to the end of the file.",
        why=("The closing line is the tag alone; with anything else on it, it is text."),
        example="""\
pipeline etl {
  stage load {
    image = "acme/load:1"
    run = <<SH
      load-data
  }
}
""",
        instead="""\
pipeline etl {
  stage load {
    image = "acme/load:1"
    run = <<SH
      load-data
    SH
  }
}
""",
    ),
    Entry(
        "K0105",
        "error",
        title="a bracket is never closed",
        what="A `{`, `[`, `(` or `${` has no counterpart.",
        why=(
            "What belongs into a block ends where the block ends, so the rest of "
            "the file would be read wrongly."
        ),
        example="""\
pipeline etl {
  stage load { image = "acme/load:1"
  stage send { image = "acme/send:1" }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1" }
  stage send { image = "acme/send:1" }
}
""",
    ),
)

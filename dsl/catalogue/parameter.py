"""Parameters and what is given for them."""

from konductor.dsl.catalogue.entry import Entry

PARAMETERS = (
    Entry(
        "K0601",
        "error",
        title="a parameter's value of another type",
        what="What was given for the parameter is not of its type.",
        why="Texts are given bare, everything else as the language writes it.",
        example="""\
pipeline etl {
  param shards: int = 2
  stage load { image = "acme/load:1", replicas = shards }
}
""",
        instead="""\
pipeline etl {
  param shards: int = 2
  stage load { image = "acme/load:1", replicas = shards }
}
""",
        given={"shards": "many"},
        given_instead={"shards": "5"},
    ),
    Entry(
        "K0602",
        "error",
        title="a value that is not among those allowed",
        what="The parameter takes one of a few words, and this is none of them.",
        why="The program says which there are.",
        example="""\
pipeline etl {
  param mode: "fast" | "safe" = "fats"
  stage load { image = "acme/load:${mode}" }
}
""",
        instead="""\
pipeline etl {
  param mode: "fast" | "safe" = "fast"
  stage load { image = "acme/load:${mode}" }
}
""",
    ),
    Entry(
        "K0603",
        "error",
        title="a value that breaks its condition",
        what="The parameter's `where` does not hold for this value.",
        why="The program was written for values that keep it.",
        example="""\
pipeline etl {
  param shards: int = 500 where shards in 1..200
  stage load { image = "acme/load:1", replicas = shards }
}
""",
        instead="""\
pipeline etl {
  param shards: int = 50 where shards in 1..200
  stage load { image = "acme/load:1", replicas = shards }
}
""",
    ),
    Entry(
        "K0604",
        "warning",
        title="a parameter that nothing uses",
        what="The parameter is declared, and nothing reads it.",
        why="Who sets it would expect it to change something.",
        example="""\
pipeline etl {
  param day: string = "today"
  stage load { image = "acme/load:1" }
}
""",
        instead="""\
pipeline etl {
  param day: string = "today"
  stage load { image = "acme/load:1", env = { DAY = day } }
}
""",
    ),
    Entry(
        "K0605",
        "error",
        title="a parameter that there is not",
        what="A value was given for a parameter that the program does not declare.",
        why="It would change nothing, which is not what was meant.",
        example="""\
pipeline etl {
  param shards: int = 2
  stage load { image = "acme/load:1", replicas = shards }
}
""",
        instead="""\
pipeline etl {
  param shards: int = 2
  stage load { image = "acme/load:1", replicas = shards }
}
""",
        given={"shrads": "5"},
        given_instead={"shards": "5"},
    ),
    Entry(
        "K0606",
        "error",
        title="a parameter without a value",
        what="It has no default, and no value was given.",
        why="It is decided before the run; give it with `-p name=value`.",
        example="""\
pipeline etl {
  param day: string
  stage load { image = "acme/load:1", env = { DAY = day } }
}
""",
        instead="""\
pipeline etl {
  param day: string
  stage load { image = "acme/load:1", env = { DAY = day } }
}
""",
        given={},
        given_instead={"day": "2024-06-01"},
    ),
)

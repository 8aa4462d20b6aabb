"""Values and their types."""

from konductor.dsl.catalogue.entry import Entry

VALUES = (
    Entry(
        "K0201",
        "error",
        title="an operator or function does not go with its values",
        what=(
            "The values have types that the operator or function has no meaning "
            "for, or there is no result, as in a division by zero."
        ),
        why=("Types are checked before anything runs, so that no run breaks on a value."),
        example="""\
pipeline etl {
  let size = 1 + "2"
  stage load { image = "acme/load:1", replicas = size }
}
""",
        instead="""\
pipeline etl {
  let size = 1 + 2
  stage load { image = "acme/load:1", replicas = size }
}
""",
    ),
    Entry(
        "K0202",
        "error",
        title="two values that cannot be compared",
        what="The two sides have types that are never equal, or that have no order.",
        why=("Such a comparison has the same answer whatever the values are, so it is a slip."),
        example="""\
pipeline etl {
  param n: int = 3
  stage load when n == "3" { image = "acme/load:1" }
}
""",
        instead="""\
pipeline etl {
  param n: int = 3
  stage load when n == 3 { image = "acme/load:1" }
}
""",
    ),
    Entry(
        "K0203",
        "error",
        title="a parameter's default or type is not what it says",
        what=(
            "The default has another type than the parameter, or the type is put together wrongly."
        ),
        why=("Parameters are where people meet the program: their type is a promise."),
        example="""\
pipeline etl {
  param n: int = "x"
  stage load { image = "acme/load:1", replicas = n }
}
""",
        instead="""\
pipeline etl {
  param n: int = 3
  stage load { image = "acme/load:1", replicas = n }
}
""",
    ),
    Entry(
        "K0204",
        "error",
        title="a value of another type than is asked for",
        what=(
            "An attribute, a `let` or an argument takes a type, or a choice of "
            "words, that the value is not of."
        ),
        why=(
            "The value ends up in an object of Kubernetes, which would refuse it or "
            "read it differently."
        ),
        example="""\
pipeline etl {
  stage load { image = "acme/load:1", replicas = "3" }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1", replicas = 3 }
}
""",
    ),
    Entry(
        "K0205",
        "error",
        title="a value that looks right and is not",
        what=(
            "`cpu = 500m` is a duration of 500 minutes; and what a map goes over is "
            "a number or a list."
        ),
        why="Kubernetes writes half a processor 500m; here, `m` is minutes.",
        example="""\
pipeline etl {
  stage load { image = "acme/load:1", resources { cpu = 500m } }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1", resources { cpu = 0.5 } }
}
""",
    ),
    Entry(
        "K0206",
        "error",
        title="an axis that is no list",
        what="Each axis of a `matrix` is the list of the values that it goes through.",
        why="A stage has one cell for each combination of these values.",
        example="""\
pipeline etl {
  stage test { image = "acme/test:1", matrix { suite = "smoke" } }
}
""",
        instead="""\
pipeline etl {
  stage test { image = "acme/test:1", matrix { suite = ["smoke"] } }
}
""",
    ),
    Entry(
        "K0208",
        "error",
        title="`item`, `matrix` or `run` where it is not known",
        what=(
            "`item` is known in the pods of a map, `matrix` in the stage that has "
            "one, `run` in `finally`."
        ),
        why=("Everything else is decided before the run, when there is no such value yet."),
        example="""\
pipeline etl {
  map part over 3 { image = "acme/part:1", timeout = item }
}
""",
        instead="""\
pipeline etl {
  map part over 3 { image = "acme/part:1", env = { PART = item } }
}
""",
    ),
)

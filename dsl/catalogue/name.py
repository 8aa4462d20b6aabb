"""Names: what there is, and what may be called how."""

from konductor.dsl.catalogue.entry import Entry

NAMES = (
    Entry(
        "K0301",
        "error",
        title="a name that nothing has",
        what=("No stage, parameter or other thing of that name is declared where it is used."),
        why=(
            "Objects of a pipeline may be used before their declaration; a `let` "
            "may not. A hyphen joins, so `a-b` is one name."
        ),
        example="""\
pipeline etl {
  stage load after extrct { image = "acme/load:1" }
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
        "K0302",
        "error",
        title="a name is declared twice",
        what=(
            "Two things that share one namespace have the same name, or an element "
            "of a map comes twice."
        ),
        why=(
            "Each name means one thing everywhere; the first declaration counts, "
            "and checking goes on with it."
        ),
        example="""\
pipeline etl {
  stage load { image = "acme/load:1" }
  stage load { image = "acme/load:2" }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1" }
  stage load-again { image = "acme/load:2" }
}
""",
    ),
    Entry(
        "K0303",
        "error",
        title="a name that its use does not allow",
        what=(
            "Names of objects are lower case letters, digits and `-`; names of "
            "values have `_` for `-`; names in `env` are what a shell can read; labels and "
            "names of objects that are there already are such as Kubernetes takes."
        ),
        why=("What you type is what kubectl shows, and Kubernetes takes no other names."),
        example="""\
pipeline etl {
  stage Load_Data { image = "acme/load:1" }
}
""",
        instead="""\
pipeline etl {
  stage load-data { image = "acme/load:1" }
}
""",
    ),
    Entry(
        "K0304",
        "error",
        title="a field, key or element that is not there",
        what=(
            "What stands before `.` or `[` has no such field, key or element, or a map has one "
            "that its use does not know."
        ),
        why="There is no value that could stand for it.",
        example="""\
pipeline etl {
  let sizes = [1, 2]
  stage load { image = "acme/load:1", replicas = sizes[2] }
}
""",
        instead="""\
pipeline etl {
  let sizes = [1, 2]
  stage load { image = "acme/load:1", replicas = sizes[1] }
}
""",
    ),
    Entry(
        "K0305",
        "error",
        title="a function that there is not",
        what="No function of that name is built in, or declared with `fn`.",
        why=("The functions are few and total: the same arguments always give the same result."),
        example="""\
pipeline etl {
  stage load { image = lowr("acme/load:1") }
}
""",
        instead="""\
pipeline etl {
  stage load { image = lower("acme/load:1") }
}
""",
    ),
    Entry(
        "K0306",
        "error",
        title="an attribute or block that there is not",
        what="What it stands in has no attribute or block of that name.",
        why="An attribute that is ignored would be a promise that nobody keeps.",
        example="""\
pipeline etl {
  stage load { image = "acme/load:1", replica = 3 }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1", replicas = 3 }
}
""",
    ),
    Entry(
        "K0307",
        "error",
        title="a name that becomes too long",
        what=(
            "The name of an object, `<run>-<stage>-<index>`, would be longer than 63 characters."
        ),
        why=("Pods and labels have at most 63, and a name that is cut off could be another's."),
        example="""\
pipeline a-very-long-name-of-a-pipeline {
  stage and-a-stage-with-a-long-name-too { image = "acme/load:1" }
}
""",
        instead="""\
pipeline sales {
  stage load { image = "acme/load:1" }
}
""",
    ),
    Entry(
        "K0308",
        "error",
        title="a stage without an image",
        what="Neither the stage nor `defaults` says which image its pods run.",
        why="Without one there is nothing to run.",
        example="""\
pipeline etl {
  stage load { command = ["load-data"] }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1", command = ["load-data"] }
}
""",
    ),
    Entry(
        "K0309",
        "error",
        title="a barrier that expects nobody",
        what="A `barrier` block does not say how many processes meet there.",
        why=("A barrier opens when enough have arrived; how many that is cannot be guessed."),
        example="""\
pipeline etl {
  barrier ready { outsiders = true }
}
""",
        instead="""\
pipeline etl {
  barrier ready { outsiders = true, expected = 2 }
}
""",
    ),
    Entry(
        "K0310",
        "error",
        title="an object where one of another kind belongs",
        what=(
            "What stands after `after` is a semaphore or a `finally`, which no stage can wait for; "
            "or `arrive` names what is no barrier, or `acquire` what is no semaphore."
        ),
        why=(
            "Stages and barriers open; a semaphore gives permits, and a `finally` "
            "follows everything."
        ),
        example="""\
pipeline etl {
  finally report { image = "acme/report:1" }
  stage load after report { image = "acme/load:1" }
}
""",
        instead="""\
pipeline etl {
  finally report { image = "acme/report:1" }
  stage load { image = "acme/load:1" }
}
""",
    ),
    Entry(
        "K0311",
        "error",
        title="an edge that there is not",
        what=("After `after` stand names, or one of done, failed, any, atleast and each."),
        why="Each edge has one meaning at run time; there are no others.",
        example="""\
pipeline etl {
  stage a { image = "acme/a:1" }
  stage b after finished(a) { image = "acme/b:1" }
}
""",
        instead="""\
pipeline etl {
  stage a { image = "acme/a:1" }
  stage b after done(a) { image = "acme/b:1" }
}
""",
    ),
    Entry(
        "K0312",
        "error",
        title="a function that calls itself",
        what="A function is reached from its own body, through however many others.",
        why="Programs are total: each ends, so each can be checked before it runs.",
        example="""\
fn f(n: int) -> int = f(n - 1)
pipeline etl {
  stage load { image = "acme/load:1", replicas = f(3) }
}
""",
        instead="""\
fn f(n: int) -> int = n - 1
pipeline etl {
  stage load { image = "acme/load:1", replicas = f(3) }
}
""",
    ),
)

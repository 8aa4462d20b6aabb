"""Stages, barriers and the edges between them."""

from konductor.dsl.catalogue.entry import Entry

GRAPH = (
    Entry(
        "K0401",
        "error",
        title="stages that wait for each other",
        what=("The edges go round in a circle, so none of these stages can ever start."),
        why="A stage starts once those before it have opened.",
        example="""\
pipeline etl {
  stage a after b { image = "acme/a:1" }
  stage b after a { image = "acme/b:1" }
}
""",
        instead="""\
pipeline etl {
  stage a { image = "acme/a:1" }
  stage b after a { image = "acme/b:1" }
}
""",
    ),
    Entry(
        "K0402",
        "error",
        title="a number outside of what it can be",
        what=(
            "`replicas`, `expected`, `parallelism`, `retries`, a time or a resource is too "
            "small, or there are more participants than a barrier can hold."
        ),
        why="A barrier with no participant could never open.",
        example="""\
pipeline etl {
  stage load { image = "acme/load:1", replicas = 0 }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1", replicas = 1 }
}
""",
    ),
    Entry(
        "K0403",
        "error",
        title="a quorum that cannot be",
        what=("The quorum is below 1 or above what is expected, or all participants may fail."),
        why="Such a barrier could never open, or would open with nobody there.",
        example="""\
pipeline etl {
  stage load { image = "acme/load:1", replicas = 3, quorum = 4 }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1", replicas = 3, quorum = 2 }
}
""",
    ),
    Entry(
        "K0404",
        "error",
        title="two attributes that exclude each other",
        what=(
            "Both say the same thing in two ways, such as `quorum` and "
            "`allow_failures`, or ask for what does not go together."
        ),
        why="Only one of them could count, and nothing says which.",
        example="""\
pipeline etl {
  stage load { image = "acme/load:1", replicas = 3, quorum = 2, allow_failures = 1 }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1", replicas = 3, allow_failures = 1 }
}
""",
    ),
    Entry(
        "K0405",
        "error",
        title="a quorum that nobody can reach",
        what="Fewer stages or processes can arrive than are needed.",
        why="With these parameters, some of those that should arrive are left out.",
        example="""\
pipeline etl {
  param prod: bool = false
  stage a when prod { image = "acme/a:1" }
  stage b { image = "acme/b:1" }
  stage c after atleast(2, a, b) { image = "acme/c:1" }
}
""",
        instead="""\
pipeline etl {
  param prod: bool = false
  stage a when prod { image = "acme/a:1" }
  stage b { image = "acme/b:1" }
  stage c after atleast(1, a, b) { image = "acme/c:1" }
}
""",
    ),
    Entry(
        "K0406",
        "warning",
        title="a stage is skipped with what it waits for",
        what=("What it waits for is left out with these parameters, so it is left out too."),
        why="A skip spreads along an edge unless the edge says `?`.",
        example="""\
pipeline etl {
  param prod: bool = false
  stage a when prod { image = "acme/a:1" }
  stage b after a { image = "acme/b:1" }
}
""",
        instead="""\
pipeline etl {
  param prod: bool = false
  stage a when prod { image = "acme/a:1" }
  stage b after a? { image = "acme/b:1" }
}
""",
    ),
    Entry(
        "K0407",
        "warning",
        title="a stage that never runs",
        what="Its condition is false whatever the parameters are.",
        why="What can never run is more often a slip than meant.",
        example="""\
pipeline etl {
  stage a when 1 > 2 { image = "acme/a:1" }
}
""",
        instead="""\
pipeline etl {
  param full: bool = true
  stage a when full { image = "acme/a:1" }
}
""",
    ),
    Entry(
        "K0408",
        "warning",
        title="an `exclude` that matches no cell",
        what="No cell of the matrix has the values that the `exclude` names.",
        why="It is a slip, or what it was for is gone.",
        example="""\
pipeline etl {
  stage test {
    image = "acme/test:1"
    matrix {
      suite = ["smoke", "load"]
      exclude { suite = "lod" }
    }
  }
}
""",
        instead="""\
pipeline etl {
  stage test {
    image = "acme/test:1"
    matrix {
      suite = ["smoke", "load"]
      exclude { suite = "load" }
    }
  }
}
""",
    ),
    Entry(
        "K0409",
        "error",
        title="a matrix without a cell",
        what="An axis has no values, or `exclude` leaves out every cell.",
        why="The stage would have no participant, so its barrier could never open.",
        example="""\
pipeline etl {
  stage test {
    image = "acme/test:1"
    matrix {
      suite = ["smoke"]
      exclude { suite = "smoke" }
    }
  }
}
""",
        instead="""\
pipeline etl {
  stage test {
    image = "acme/test:1"
    matrix {
      suite = ["smoke"]
    }
  }
}
""",
    ),
    Entry(
        "K0410",
        "error",
        title="cells without a counterpart",
        what=(
            "`each(a)` joins cells that have the same values of the axes which both stages "
            "name. Here a cell finds none in `a`, or there is no such axis."
        ),
        why="Such a cell would wait for nothing, and nobody can say when it should start.",
        example="""\
pipeline etl {
  stage build { image = "acme/build:1", matrix { os = ["linux", "mac"] } }
  stage test after each(build) {
    image = "acme/test:1"
    matrix { os = ["linux", "mac", "windows"] }
  }
}
""",
        instead="""\
pipeline etl {
  stage build { image = "acme/build:1", matrix { os = ["linux", "mac"] } }
  stage test after each(build) {
    image = "acme/test:1"
    matrix { os = ["linux", "mac"], browser = ["firefox", "chromium"] }
  }
}
""",
    ),
    Entry(
        "K0411",
        "error or warning",
        title="a time that is over before it can be enough",
        what=("The slowest path may take longer than the timeout that is set over it."),
        why="A stage's timeout is its own budget; budgets along a path add up.",
        example="""\
pipeline etl {
  timeout = 1h
  stage a { image = "acme/a:1", timeout = 1h }
  stage b after a { image = "acme/b:1", timeout = 30m }
}
""",
        instead="""\
pipeline etl {
  timeout = 90m
  stage a { image = "acme/a:1", timeout = 1h }
  stage b after a { image = "acme/b:1", timeout = 30m }
}
""",
    ),
    Entry(
        "K0412",
        "error",
        title="a semaphore that nobody ever gets",
        what="It says no number of permits, or one below 1.",
        why="Whatever acquires it would wait for ever.",
        example="""\
pipeline etl {
  semaphore warehouse { lease = 1h }
  stage load { image = "acme/load:1", acquire = [warehouse] }
}
""",
        instead="""\
pipeline etl {
  semaphore warehouse { permits = 3, lease = 1h }
  stage load { image = "acme/load:1", acquire = [warehouse] }
}
""",
    ),
    Entry(
        "K0413",
        "error",
        title="a meeting that never has everybody there",
        what="A stage runs fewer pods at a time than a barrier needs that they meet at mid-script.",
        why=(
            "Those that wait there keep their places, so the others never start. "
            "`-j` is no such limit: a pod that meets others takes no place of it."
        ),
        example="""\
pipeline etl {
  barrier warm { expected = 4, timeout = 10m }
  stage load { image = "acme/load:1", replicas = 4, parallelism = 2, barriers = [warm] }
}
""",
        instead="""\
pipeline etl {
  barrier warm { expected = 4, timeout = 10m }
  stage load { image = "acme/load:1", replicas = 4, barriers = [warm] }
}
""",
    ),
    Entry(
        "K0414",
        "warning",
        title="a barrier at which nothing arrives",
        what=("No stage of this pipeline arrives there, and nothing says that others do."),
        why="It would keep everything behind it waiting for ever.",
        example="""\
pipeline etl {
  barrier ready { expected = 2 }
}
""",
        instead="""\
pipeline etl {
  barrier ready { expected = 2, outsiders = true }
}
""",
    ),
    Entry(
        "K0415",
        "warning",
        title="a wait without an end",
        what="An approval, or a barrier of others, has no timeout.",
        why="If nobody comes, the run waits for ever, and nothing says so.",
        example="""\
pipeline etl {
  barrier consensus { name = "consensus", external = true, expected = 10 }
  stage load after consensus { image = "acme/load:1" }
}
""",
        instead="""\
pipeline etl {
  barrier consensus { name = "consensus", external = true, expected = 10, timeout = 1h }
  stage load after consensus { image = "acme/load:1" }
}
""",
    ),
    Entry(
        "K0417",
        "error",
        title="both a script and a command",
        what="A stage sets `run` and also `command` or `args`.",
        why=("A pod runs one program; in a higher layer one of them removes the other."),
        example="""\
pipeline etl {
  stage load { image = "acme/load:1", run = 'load', command = ["load"] }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1", run = 'load' }
}
""",
    ),
    Entry(
        "K0418",
        "error",
        title="a program that takes too long to compute",
        what=(
            "Evaluating it takes more than a million steps, or goes deeper than it can, or a "
            "matrix has more than 100,000 cells."
        ),
        why="Checking must end soon, whatever the program is.",
        example="""\
pipeline etl {
  let squares = [x * x for x in 1..1000000]
  stage load { image = "acme/load:1", replicas = len(squares) }
}
""",
        instead="""\
pipeline etl {
  let squares = [x * x for x in 1..1000]
  stage load { image = "acme/load:1", replicas = len(squares) }
}
""",
    ),
    Entry(
        "K0419",
        "warning",
        title="nothing is left to wait for",
        what="The conditions of its edges remove all of them, so it starts at once.",
        why="Order that is lost without a word is seldom meant.",
        example="""\
pipeline etl {
  param prod: bool = false
  stage a { image = "acme/a:1" }
  stage b after a if prod { image = "acme/b:1" }
}
""",
        instead="""\
pipeline etl {
  stage a { image = "acme/a:1" }
  stage b after a { image = "acme/b:1" }
}
""",
    ),
)

"""Scripts and their environment."""

from konductor.dsl.catalogue.entry import Entry

SCRIPTS = (
    Entry(
        "K0701",
        "error",
        title="a text is pasted into a script unquoted",
        what="A text is interpolated into `run`, where a shell reads it as code.",
        why="A value such as `x; rm -rf /` would run as a command.",
        example="""\
pipeline etl {
  param day: string = "today"
  stage load { image = "acme/load:1", run = "load --day ${day}" }
}
""",
        instead="""\
pipeline etl {
  param day: string = "today"
  stage load {
    image = "acme/load:1"
    env   = { DAY = day }
    run   = 'load --day "$DAY"'
  }
}
""",
    ),
    Entry(
        "K0702",
        "warning",
        title="a script reads what is not set",
        what=("The script reads a variable whose name is nearly, but not quite, one that is set."),
        why="A shell takes an unset variable for an empty text.",
        example="""\
pipeline etl {
  stage load {
    image = "acme/load:1"
    env   = { REGION = "eu" }
    run   = 'load "$REGOIN"'
  }
}
""",
        instead="""\
pipeline etl {
  stage load {
    image = "acme/load:1"
    env   = { REGION = "eu" }
    run   = 'load "$REGION"'
  }
}
""",
    ),
    Entry(
        "K0703",
        "error",
        title="a secret would be shown",
        what="A secret is part of a text, a command or a label.",
        why="Its value never passes through koncli; a pod gets it by name.",
        example="""\
pipeline etl {
  stage load {
    image   = "acme/load:1"
    command = ["load", secret("warehouse", "token")]
  }
}
""",
        instead="""\
pipeline etl {
  stage load {
    image = "acme/load:1"
    env   = { TOKEN = secret("warehouse", "token") }
  }
}
""",
    ),
    Entry(
        "K0704",
        "warning",
        title="one of koncli's own variables is replaced",
        what="`env` sets a variable that koncli itself gives to each pod.",
        why="Scripts and hooks rely on what koncli puts there.",
        example="""\
pipeline etl {
  stage load { image = "acme/load:1", env = { KON_RUN = "x" } }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1", env = { RUN_NAME = "x" } }
}
""",
    ),
    Entry(
        "K0705",
        "warning",
        title="a pipe whose head may fail unnoticed",
        what="A script has a pipe, and its shell is not known to have `pipefail`.",
        why=(
            "Of a pipe only the last command counts, so a pod whose work failed would arrive. "
            "koncli sets `pipefail` where the shell has it; dash, which is `/bin/sh` on Debian, "
            "has it not."
        ),
        example="""\
pipeline etl {
  stage load { image = "acme/load:1", run = 'extract | load' }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1", shell = ["/bin/bash", "-ec"], run = 'extract | load' }
}
""",
    ),
)

"""What becomes an object of Kubernetes."""

from konductor.dsl.catalogue.entry import Entry

OBJECTS = (
    Entry(
        "K0501",
        "warning",
        title="an image without a tag",
        what="The image does not say which version it is.",
        why=("Without a tag it is the latest, which may change between two pods of one stage."),
        example="""\
pipeline etl {
  stage load { image = "acme/load" }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1.4" }
}
""",
    ),
    Entry(
        "K0502",
        "warning",
        title="an image that may change",
        what="The image's tag is `latest`.",
        why=("It may change between two pods of one stage, and no run can be repeated."),
        example="""\
pipeline etl {
  stage load { image = "acme/load:latest" }
}
""",
        instead="""\
pipeline etl {
  stage load { image = "acme/load:1.4" }
}
""",
    ),
    Entry(
        "K0503",
        "error",
        title="something too large",
        what="A script, the elements of a map or a file do not fit into one object.",
        why="The API server keeps no object of more than about 1 MiB.",
        example="""\
pipeline etl {
  map part over 1..16000 {
    image = "acme/part:1"
    env   = { PART = "s3://warehouse/sales/parts-of-the-day/${item}/rows-of-the-table" }
  }
}
""",
        instead="""\
pipeline etl {
  map part over 200000 { image = "acme/part:1", env = { PART = item } }
}
""",
    ),
)

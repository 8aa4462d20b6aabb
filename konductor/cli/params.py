"""``koncli params FILE``: documents a pipeline's parameters, and touches nothing."""

import json
import sys

from konductor.cli.arguments import Parser
from konductor.cli.diagnose import add_form_options, show, verdict
from konductor.cli.program import loader, read_program
from konductor.cli.project import read_options
from konductor.dsl.compile import examine_source
from konductor.dsl.manual import manual, markdown_page, schema, text_page
from konductor.errors import ExitCode


def main(argv: list[str]) -> int:
    """Document the parameters; return 2 if the program has errors.

    Raises:
        NotFound: the file does not exist.
        UsageError: it cannot be read.
    """
    options = read_options(_parser(), argv)
    found = examine_source(
        read_program(options.file), path=options.file, loader=loader(options.file)
    )
    show(found.diagnostics, options.format)
    code = verdict(found.diagnostics, strict=options.strict)
    if found.pipeline is None or code is not ExitCode.DONE:
        return code
    node, entries = found.pipeline.node, manual(found.pipeline)
    if options.output == "json":
        document = schema(node.name.text, node.doc, entries)
        print(json.dumps(document, indent=2, ensure_ascii=False))
    elif options.output == "markdown":
        sys.stdout.write(markdown_page(node.name.text, node.doc, options.file, entries))
    else:
        sys.stdout.write(text_page(options.file, entries))
    return code


def _parser() -> Parser:
    parser = Parser(
        prog="koncli params",
        description="Document a pipeline's parameters; -o json is a JSON Schema of --params files.",
    )
    parser.add_argument("file", metavar="FILE", help="the pipeline; - is standard input")
    parser.add_argument("-o", "--output", choices=("text", "json", "markdown"), default="text")
    add_form_options(parser)
    return parser

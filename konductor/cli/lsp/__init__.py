"""``koncli lsp``: the language server, over standard input and output."""

from konductor.cli.arguments import Parser


def main(argv: list[str]) -> int:
    """Serve one editor until it says goodbye or is gone; return 0, or 1 without a goodbye."""
    _parser().parse_args(argv)

    from konductor.cli.lsp.loop import serve  # noqa: PLC0415  # 0.4 s that --help does not need

    return serve()


def _parser() -> Parser:
    parser = Parser(
        prog="koncli lsp",
        description="The language server: an editor starts it. docs/editors.md tells how.",
    )
    parser.add_argument("--stdio", action="store_true", help="what it does anyway; editors add it")
    return parser

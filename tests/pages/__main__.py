"""Writes the pages of ``docs`` that are made from the code: ``make docs``."""

from pathlib import Path

from tests.pages.barrier import barrier_pages
from tests.pages.benchmarks import benchmark_pages
from tests.pages.errors import error_pages

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Write every page."""
    for path, text in (*error_pages(), *barrier_pages(), *benchmark_pages()):
        page = DOCS / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

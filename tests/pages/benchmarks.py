"""The page of what was measured, from the figures that `make bench-cluster` wrote."""

import json
from collections.abc import Iterator
from pathlib import Path

from konductor.api.meta import Json

FIGURES = Path(__file__).parents[2] / "docs" / "benchmarks.json"
_INTRODUCTION = """\
# Benchmarks

What koncli's operator does on a real Kubernetes, beside the limits that it is held to.
`make bench-cluster` measures it anew and writes [the figures](benchmarks.json), from which this
page is made.

- The cluster is etcd, kube-apiserver and kube-controller-manager, anew for each section. etcd's
  fsync is on: nothing is acknowledged before it is on the disk.
- The operator is `koncli operator` as a Deployment runs it: a process of its own with the rights
  of `konductor-operator`.
- What is timed ends when a watch shows it to somebody else, not when the operator has done it.
- The *floor* was measured in between, by the same watch: a PATCH that sets a phase itself, where
  there is no operator. None can be faster, since it makes that PATCH once it has heard.
- *Load* is how many processes wanted to run when the line began, those of others too: the machine
  and its {cores} cores are shared. A figure says what was met then; its ratio to the floor of the
  same minutes says more.

{machine}
"""
_MACHINE = (
    ("cpu", "Processor"),
    ("cores", "Cores"),
    ("memory", "Memory"),
    ("kernel", "Kernel"),
    ("kubernetes", "Kubernetes"),
    ("python", "Python"),
)


def benchmark_pages() -> Iterator[tuple[str, str]]:
    """Yield the page's path below ``docs`` and its text."""
    document: Json = json.loads(FIGURES.read_text(encoding="utf-8"))
    machine = document["machine"]
    rows = "".join(f"| {title} | {machine[name]} |\n" for name, title in _MACHINE)
    head = _INTRODUCTION.format(machine=f"| Machine | |\n|---|---|\n{rows}", cores=machine["cores"])
    yield "benchmarks.md", "\n".join((head, *map(_line, document["lines"].values())))


def _line(line: Json) -> str:
    title = line["what"][0].upper() + line["what"][1:]
    rows = "".join(map(_figure, line["figures"]))
    return (
        f"## {title}\n\n{line['how'][0].upper()}{line['how'][1:]}.\n"
        f"Measured on {line['day']}, load {line['load']}.\n\n"
        f"| | Measured | Limit | Floor | Ratio to the floor |\n|---|---|---|---|---|\n{rows}"
    )


def _figure(figure: Json) -> str:
    unit = f" {figure['unit']}" if figure["unit"] else ""
    limit = f"{_number(figure['limit'])}{unit}" if "limit" in figure else ""
    missed = "" if figure.get("holds", True) else " **(missed)**"
    floor = f"{_number(figure['floor'])}{unit}" if "floor" in figure else ""
    return (
        f"| {figure['name']} | {_number(figure['value'])}{unit}{missed} | {limit} | {floor} "
        f"| {figure.get('ratio', '')} |\n"
    )


def _number(value: float) -> str:
    return f"{value:,.10g}" if value < 1000 else f"{value:,.0f}"

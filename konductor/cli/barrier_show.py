"""The forms in which ``koncli barrier`` shows barriers."""

import json
import sys
from collections.abc import Iterable, Sequence

from konductor.api.barrier import Barrier, Condition, ConditionType
from konductor.api.meta import Json, json_list, json_map, time_text

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
"""The media type in which an API server renders a list for people."""


def show_all(documents: Sequence[Json], form: str, *, single: bool) -> None:
    """Print barriers in any form."""
    if form not in ("text", "wide"):
        show(documents, form, single=single)
        return
    for number, document in enumerate(documents):
        if number:
            print()
        show_status(Barrier.parse(document), wide=form == "wide")


def print_line(barrier: Barrier) -> None:
    """Print how a barrier stands in a few words that a script can split."""
    status = barrier.status
    print(f"{barrier.metadata.name} {status.phase} {status.arrived}/{barrier.spec.expected}")


def show(documents: Sequence[Json], form: str, *, single: bool) -> None:
    """Print barriers in a form for machines: name, json or yaml.

    ``single`` says that one barrier was asked for, rather than a list of any length.
    """
    if form == "name":
        for document in documents:
            print(f"barrier.konductor.io/{document['metadata']['name']}")
        return
    shown = [_without_managers(document) for document in documents]
    whole = shown[0] if single else {"apiVersion": "v1", "kind": "List", "items": shown}
    if form == "json":
        print(json.dumps(whole, indent=2, ensure_ascii=False))
        return
    import yaml  # noqa: PLC0415  # only for this form

    yaml.safe_dump(whole, sys.stdout, sort_keys=False, allow_unicode=True)


def show_table(table: Json, *, wide: bool) -> None:
    """Print a Table as the API server rendered it; its columns are those of the CRD."""
    columns = [json_map(one) for one in json_list(table.get("columnDefinitions"))]
    shown = [index for index, one in enumerate(columns) if wide or not one.get("priority")]
    rows = [[str(columns[index].get("name")).upper() for index in shown]]
    for row in map(json_map, json_list(table.get("rows"))):
        cells = json_list(row.get("cells"))
        rows.append([_cell(cells[index]) for index in shown])
    for line in _align(rows):
        print(line)


def show_status(barrier: Barrier, *, wide: bool) -> None:
    """Print how a barrier stands, for people; ``wide`` adds where it comes from."""
    rows = _status_rows(barrier)
    if wide:
        rows += _origin_rows(barrier)
    for line in _align([[f"{label}:", value] for label, value in rows if value]):
        print(line)


def _status_rows(barrier: Barrier) -> list[tuple[str, str]]:
    status, spec = barrier.status, barrier.spec
    condition = status.condition(ConditionType.OPEN)
    late = f", {status.late} late" if status.late else ""
    return [
        ("Barrier", barrier.metadata.name),
        ("Namespace", barrier.metadata.namespace),
        ("Phase", f"{status.phase} ({condition.reason})" if condition else str(status.phase)),
        ("Arrived", f"{status.arrived} of {spec.expected}, quorum {spec.needed}{late}"),
        ("Arrivals", ", ".join(status.arrivals)),
        ("Failed", ", ".join(status.failures)),
        ("Started", time_text(status.started_at) or ""),
        ("Deadline", time_text(status.deadline) or ""),
        ("Opened", time_text(status.opened_at) or ""),
        ("Closed", time_text(status.closed_at) or ""),
        ("Message", _message(condition)),
    ]


def _message(condition: Condition | None) -> str:
    return condition.message if condition else "no operator has looked at this barrier yet"


def _origin_rows(barrier: Barrier) -> list[tuple[str, str]]:
    after = (
        f"{term.require} {'/'.join(term.barriers)}"
        + (f", at least {term.at_least}" if term.at_least else "")
        for term in barrier.spec.after
    )
    upstreams = (f"{one.name} {one.phase}" for one in barrier.status.upstreams)
    return [
        ("UID", barrier.metadata.uid),
        ("Created", time_text(barrier.metadata.created) or ""),
        ("After", "; ".join(after)),
        ("Upstreams", ", ".join(upstreams)),
        ("Jobs", ", ".join(barrier.spec.jobs)),
        ("Root cause", barrier.status.root_cause),
    ]


def _without_managers(document: Json) -> Json:
    """Leave out who set which field, as kubectl does."""
    metadata = json_map(document.get("metadata"))
    return document | {
        "metadata": {key: value for key, value in metadata.items() if key != "managedFields"}
    }


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _align(rows: Iterable[Sequence[str]]) -> list[str]:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "   ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]

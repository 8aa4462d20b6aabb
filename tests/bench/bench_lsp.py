"""How long the language server takes from a key to the findings, in a file of 1,000 stages.

It is measured as an editor sees it: through the pipes of a real process, and each key is another.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

from tests.bench.bench_compile import program
from tests.integration.lsp.client import Client

STAGES = 1_000
KEYS = 21
LIMITS = {
    "findings": 150.0,
    "findings of a mistake": 150.0,
    "completion": 150.0,
    "hover": 150.0,
    "start": 1500.0,
}
"""Milliseconds that the median may take."""


def main() -> int:
    """Measure, print one JSON object, and return 1 if a limit is broken."""
    begun = time.perf_counter()
    client = Client()
    try:
        client.start()
        results = {"start": [(time.perf_counter() - begun) * 1000]}
        text = program(STAGES)
        client.open(text)
        assert client.found() == [], "the program is right"
        line = text[: text.index("# stage number 500")].count("\n")
        attribute = line + 4
        column = len(text.splitlines()[attribute])
        results |= measure(client, line, {"line": attribute, "character": column})
    finally:
        client.close()
    report = {what: summary(what, spans) for what, spans in results.items()}
    document = {"bench": "lsp", "unit": "ms", "stages": STAGES, "results": report}
    sys.stdout.write(json.dumps(document) + "\n")
    return 0 if all(one["holds"] for one in report.values()) else 1


def measure(client: Client, line: int, value: dict[str, int]) -> dict[str, list[float]]:
    """Type keys into a comment and behind an attribute's value, and ask after each of some."""
    findings, mistakes = list[float](), list[float]()
    completion, hover = list[float](), list[float]()
    for number in range(KEYS):
        findings.append(took(partial(typed, client, line, number)))
        mistakes.append(took(partial(mistyped, client, value)))
        mended(client, value)
        asked = client.at(line + 2, 4)
        key(client, line, number)
        completion.append(took(partial(client.call, "textDocument/completion", asked)))
        place = client.at(line + 1, 9)
        key(client, line, number)
        hover.append(took(partial(client.call, "textDocument/hover", place)))
        time.sleep(0.3)
    return {
        "findings": findings,
        "findings of a mistake": mistakes,
        "completion": completion,
        "hover": hover,
    }


def typed(client: Client, line: int, number: int) -> None:
    """Type one key and wait for what is found then."""
    client.found(version=key(client, line, number))


def mistyped(client: Client, place: dict[str, int]) -> None:
    """Type one key behind a value, where none can stand, and wait for what is found then."""
    version = client.change({"range": {"start": place, "end": place}, "text": "="})
    assert client.found(version=version), "it is a mistake"


def mended(client: Client, place: dict[str, int]) -> None:
    """Take that key back."""
    behind = place | {"character": place["character"] + 1}
    version = client.change({"range": {"start": place, "end": behind}, "text": ""})
    assert client.found(version=version) == [], "it was the only one"


def key(client: Client, line: int, number: int) -> int:
    """Type one key at a line's end; return the file's new version."""
    end = {"line": line, "character": 10_000}
    return client.change({"range": {"start": end, "end": end}, "text": str(number % 10)})


def took(action: Callable[[], object]) -> float:
    """Return how long something took, in milliseconds."""
    begun = time.perf_counter()
    action()
    return (time.perf_counter() - begun) * 1000


def summary(what: str, spans: Sequence[float]) -> dict[str, float | bool]:
    """Return what is worth knowing of some measurements."""
    median = statistics.median(spans)
    return {
        "median": round(median, 1),
        "best": round(min(spans), 1),
        "worst": round(max(spans), 1),
        "limit": LIMITS[what],
        "holds": median <= LIMITS[what],
    }


if __name__ == "__main__":
    sys.exit(main())

"""Feeds the compiler whatever bytes and words come, for as long as is asked: ``make fuzz``.

Nothing may raise and nothing may hang. What does is printed with its seed, and kept in a file, so
that it can be played again: ``python -m tests.fuzz --seed 12345 --count 1``.
"""

import argparse
import faulthandler
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

from konductor.dsl.compile import check_source, compile_source
from konductor.dsl.emit import emit, write_yaml
from konductor.dsl.render import Form, render
from konductor.dsl.source import Source
from konductor.dsl.tokens import tokenize

ROOT = Path(__file__).parents[2]
PROGRAMS = [path.read_bytes() for path in sorted(ROOT.glob("examples/**/*.kon"))]
PIECES = [
    token.text
    for text in PROGRAMS
    for token in tokenize(Source("a.kon", text.decode())).tokens
    if token.text
]
ODD = ['"', "'", "<<SH\n", "<<$A\n", "SH\n", "${", "$${", "}", "(", "[", "\\", "$x", "##", "\r\n"]
MOST_SECONDS = 10
"""One input may take this long before it counts as a hang."""


def some_bytes(random: Random) -> bytes:
    """Return bytes of no meaning."""
    return random.randbytes(random.randrange(400))


def some_words(random: Random) -> bytes:
    """Return words of the language in no order."""
    words = random.choices(PIECES, k=random.randrange(80)) + random.choices(ODD, k=4)
    random.shuffle(words)
    return " ".join(words).encode()


def some_edits(random: Random) -> bytes:
    """Return a program with a few pieces taken out, put in, doubled or moved."""
    data = random.choice(PROGRAMS)
    for _ in range(random.randrange(1, 6)):
        first, second = sorted(random.randrange(len(data) + 1) for _ in range(2))
        second = min(second, first + 40)
        piece = random.choice((b"", data[first:second] * 2, random.choice(PIECES).encode()))
        data = data[:first] + piece + data[second:]
    return data


KINDS: tuple[Callable[[Random], bytes], ...] = (some_bytes, some_words, some_edits)


def beside_the_examples(path: str) -> str:
    """Read what an example imports.

    Raises:
        ValueError: it is somewhere else, or not there.
    """
    place = (ROOT / "examples" / path).resolve()
    if ROOT / "examples" not in place.parents or not place.is_file():
        raise ValueError("not an example")
    return place.read_text("utf-8")


def put_through(data: bytes) -> None:
    """Check, compile and show; with a plan, also emit."""
    checked = check_source(data, path="a.kon", loader=beside_the_examples)
    for form in Form:
        render(checked.diagnostics, form=form)
    plan = compile_source(data, path="a.kon", loader=beside_the_examples).plan
    if plan is not None:
        write_yaml(emit(plan, "fuzz-00000"))


def inputs(first: int) -> Iterator[tuple[int, bytes]]:
    """Yield inputs without end, each with the seed that makes it again."""
    seed = first
    while True:
        random = Random(seed)  # noqa: S311  # to be made again
        yield seed, random.choice(KINDS)(random)
        seed += 1


def main(argv: Sequence[str] | None = None) -> int:
    """Return 1 at the first input that raises; one that hangs ends the process."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="how long (600)")
    parser.add_argument("--count", type=int, default=0, help="how many inputs at most (no limit)")
    parser.add_argument("--seed", type=int, default=1, help="where to begin (1)")
    given = parser.parse_args(argv)
    end, done = time.monotonic() + given.seconds, 0
    for seed, data in inputs(given.seed):
        if time.monotonic() > end or (given.count and done >= given.count):
            break
        faulthandler.dump_traceback_later(MOST_SECONDS, exit=True)
        try:
            put_through(data)
        except Exception:
            sys.stderr.write(f"seed {seed} raises; its input: {data!r}\n")
            raise
        finally:
            faulthandler.cancel_dump_traceback_later()
        done += 1
    sys.stdout.write(f"{done} inputs, nothing raised, nothing hung\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

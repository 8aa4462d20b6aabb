import asyncio
from datetime import UTC, datetime

from konductor.operator.reads import Reads
from konductor.operator.subject import Kind, Subject
from konductor.operator.table import Key
from konductor.semantics.observation import FreshRead

READ = FreshRead(at=datetime(2026, 11, 24, 12, tzinfo=UTC))
A, B = (Subject(Kind.BARRIER, Key("etl", name)) for name in "ab")


def test_one_read_serves_all_that_wait_in_a_namespace() -> None:
    async def scenario() -> None:
        reads = Reads()
        assert reads.ask(A)
        assert reads.ask(B)
        namespace, subjects = await reads.begin()
        assert (namespace, subjects) == ("etl", {A, B})
        reads.end(subjects, READ)
        assert reads.take(A) == reads.take(B) == READ
        assert reads.take(A) is None

    asyncio.run(scenario())


def test_what_happened_since_makes_a_read_worthless() -> None:
    async def scenario() -> None:
        reads = Reads()
        reads.ask(A)
        reads.ask(B)
        _, subjects = await reads.begin()
        reads.cause(A)
        reads.end(subjects, READ)
        assert reads.take(A) is None
        reads.cause(B)
        assert reads.take(B) is None

    asyncio.run(scenario())


def test_asked_while_a_read_is_under_way_gets_the_next_one() -> None:
    async def scenario() -> None:
        reads = Reads()
        reads.ask(A)
        _, first = await reads.begin()
        reads.ask(B)
        reads.end(first, READ)
        assert reads.take(B) is None
        assert await reads.begin() == ("etl", {B})

    asyncio.run(scenario())


def test_read_that_did_not_suffice_is_not_repeated_at_once() -> None:
    async def scenario() -> None:
        reads = Reads()
        reads.ask(A)
        _, subjects = await reads.begin()
        reads.end(subjects, READ)
        assert reads.take(A)
        assert not reads.ask(A)
        assert reads.take(A) is None
        assert reads.ask(A)

    asyncio.run(scenario())


def test_failed_read_is_nobodys() -> None:
    async def scenario() -> None:
        reads = Reads()
        reads.ask(A)
        _, subjects = await reads.begin()
        reads.end(subjects, None)
        assert reads.take(A) is None

    asyncio.run(scenario())

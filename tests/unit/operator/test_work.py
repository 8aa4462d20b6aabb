import asyncio

from konductor.operator.subject import Kind, Subject, Urgency
from konductor.operator.table import Key
from konductor.operator.work import Work


def subject(name: str) -> Subject:
    return Subject(Kind.BARRIER, Key("etl", name))


A, B, C = map(subject, "abc")


def test_most_urgent_comes_first_and_each_once() -> None:
    async def scenario() -> list[Subject]:
        work = Work()
        work.add(A, Urgency.PROGRESS)
        work.add(B, Urgency.CHANGE)
        work.add(C, Urgency.CHANGE)
        work.add(C, Urgency.OPENING)
        work.add(C, Urgency.PROGRESS)
        return [await work.take() for _ in range(3)]

    assert asyncio.run(scenario()) == [C, B, A]


def test_what_is_being_settled_is_settled_once_more_afterwards() -> None:
    async def scenario() -> None:
        work = Work()
        work.add(A, Urgency.CHANGE)
        assert await work.take() == A
        work.add(A, Urgency.CHANGE)
        work.add(A, Urgency.OPENING)
        work.add(B, Urgency.PROGRESS)
        assert await work.take() == B
        work.done(A)
        work.done(B)
        assert await work.take() == A
        work.done(A)
        work.add(C, Urgency.CHANGE)
        assert await work.take() == C

    asyncio.run(scenario())

from konductor.api.barrier import Barrier
from konductor.api.meta import Json
from konductor.operator.table import Index, Key, Table


def barrier(version: int, name: str = "a", uid: str = "u", **spec: object) -> Json:
    metadata = {"name": name, "namespace": "etl", "uid": uid, "resourceVersion": str(version)}
    return {"metadata": metadata, "spec": {"expected": 1} | spec}


def table() -> Table[Barrier]:
    return Table(Barrier.parse)


def names(found: list[Barrier]) -> list[str]:
    return [one.metadata.name for one in found]


def test_older_version_never_replaces_a_newer_one() -> None:
    known = table()
    assert known.put(barrier(10))
    assert known.put(barrier(9)) is None
    assert known.put(barrier(10)) is None
    assert known.put(barrier(100))
    assert known.rows[Key("etl", "a")].metadata.resource_version == "100"


def test_what_a_list_lacks_is_gone_unless_it_is_newer_than_the_list() -> None:
    known = table()
    known.put(barrier(5, "old"))
    known.put(barrier(50, "new"))
    news, gone = known.replace([barrier(20, "other")], "20")
    assert (names(news), names(gone)) == (["other"], ["old"])
    assert known.listed
    assert set(known.rows) == {Key("etl", "other"), Key("etl", "new")}


def test_object_that_is_gone_never_comes_back_with_an_old_list() -> None:
    known = table()
    known.put(barrier(5))
    assert known.drop(barrier(7))
    assert known.drop(barrier(7)) is None
    assert known.put(barrier(5)) is None


def test_object_created_anew_is_another_one() -> None:
    known = table()
    known.put(barrier(5))
    assert known.put(barrier(8, uid="second"))
    assert known.drop(barrier(6, uid="u")) is None
    assert known.put(barrier(5)) is None
    assert known.rows[Key("etl", "a")].metadata.uid == "second"


def test_list_of_some_objects_takes_nothing_else_away() -> None:
    known = table()
    known.put(barrier(5))
    _, gone = known.replace([], "20", fits=lambda key: key.namespace == "other")
    assert gone == []


def test_graves_are_remembered_up_to_a_number() -> None:
    known = table()
    for number in range(10_001):
        known.drop(barrier(5, uid=str(number)))
    assert known.put(barrier(5, uid="10000")) is None
    assert known.put(barrier(5, uid="0"))


def test_index_knows_who_stands_under_a_name() -> None:
    index, a, b = Index(), Key("etl", "a"), Key("etl", "b")
    index.put(a, frozenset([b]))
    index.put(a, frozenset([b]))
    assert index.of(b) == (a,)
    index.put(a, frozenset([a]))
    assert (index.of(b), index.of(a)) == ((), (a,))
    index.put(a, frozenset())
    index.put(a, frozenset())
    assert index.of(a) == ()

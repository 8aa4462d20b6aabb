from __future__ import annotations

from typing import Any

from konductor.runner.local.controllers.garbage import FOREGROUND, ORPHAN, Fate, Verdict, judge


def thing(
    uid: str,
    *owners: str,
    finalizers: tuple[str, ...] = (),
    deleting: bool = False,
    blocks: bool = True,
) -> dict[str, Any]:
    references = [{"uid": owner, "blockOwnerDeletion": blocks} for owner in owners]
    meta: dict[str, Any] = {
        "uid": uid,
        "ownerReferences": references,
        "finalizers": list(finalizers),
    }
    return {"metadata": meta | ({"deletionTimestamp": "now"} if deleting else {})}


LEAVING = thing("a", finalizers=(FOREGROUND,), deleting=True)


def test_what_nobody_owns_is_kept() -> None:
    assert judge(thing("x"), [], [], []) == Verdict()


def test_what_has_an_owner_is_kept() -> None:
    assert judge(thing("x", "a"), [thing("a")], [], []) == Verdict()


def test_an_owner_of_an_unknown_kind_keeps_it() -> None:
    assert judge(thing("x", "a"), [], [], []) == Verdict()


def test_what_lost_its_last_owner_is_deleted() -> None:
    assert judge(thing("x", "a"), [], ["a"], []) == Verdict(Fate.DELETE)


def test_a_lost_owner_among_others_is_taken_off() -> None:
    verdict = judge(thing("x", "a", "b"), [thing("b")], ["a"], [])
    assert verdict == Verdict(unref=("a",))


def test_a_foreground_deletion_takes_dependents_along() -> None:
    child = thing("y", "x")
    assert judge(thing("x", "a"), [LEAVING], [], []) == Verdict(Fate.DELETE)
    assert judge(thing("x", "a"), [LEAVING], [], [child]) == Verdict(Fate.DELETE, foreground=True)
    assert judge(thing("x", "a", "b"), [LEAVING, thing("b")], [], []) == Verdict()


def test_a_foreground_deletion_waits_for_those_that_block_it() -> None:
    child = thing("x", "a")
    assert judge(LEAVING, [], [], [child]) == Verdict(wake=(child,))
    free = thing("x", "a", blocks=False)
    released = Verdict(Fate.RELEASE, finalizer=FOREGROUND, wake=(free,))
    assert judge(LEAVING, [], [], [free]) == released


def test_orphans_go_free_before_their_owner() -> None:
    child = thing("x", "a")
    owner = thing("a", finalizers=(ORPHAN,), deleting=True)
    assert judge(owner, [], [], [child]) == Verdict(Fate.RELEASE, finalizer=ORPHAN, free=(child,))


def test_other_finalizers_are_none_of_its_business() -> None:
    owner = thing("a", finalizers=("mine",), deleting=True)
    assert judge(owner, [], [], [thing("x", "a")]) == Verdict()

from datetime import timedelta

from konductor.runner.local.controllers.ttl import time_to_go

from .conftest import T0, make_job

DONE = {"conditions": [{"type": "Failed", "status": "True", "lastTransitionTime": T0.isoformat()}]}


def test_a_finished_job_stays_for_its_time() -> None:
    assert time_to_go(make_job(ttlSecondsAfterFinished=60, status=DONE)) == T0 + timedelta(
        minutes=1
    )


def test_without_a_time_an_end_or_once_deleted_nothing_is_due() -> None:
    assert time_to_go(make_job(status=DONE)) is None
    assert time_to_go(make_job(ttlSecondsAfterFinished=60)) is None
    deleted = {"deletionTimestamp": T0.isoformat()}
    assert time_to_go(make_job(ttlSecondsAfterFinished=0, status=DONE, metadata=deleted)) is None

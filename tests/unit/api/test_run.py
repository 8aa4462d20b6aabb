from datetime import timedelta

from konductor.api.meta import Json, Metadata
from konductor.api.run import (
    FailedStage,
    OnFailure,
    Run,
    RunPhase,
    RunSpec,
    run_status_json,
)

DOCUMENT: Json = {
    "metadata": {"name": "etl-00000", "uid": "uid-r", "generation": 2},
    "spec": {
        "pipeline": "etl",
        "parameters": {"day": "2026-11-23"},
        "digest": "sha256:00",
        "onFailure": "abort",
        "timeout": "4h",
        "ttl": "72h",
        "stages": 3,
        "ready": True,
        "cancel": False,
    },
    "status": {
        "phase": "Running",
        "progress": "1/3",
        "current": ["transform"],
        "startedAt": "2026-11-24T08:00:00Z",
        "failed": [{"stage": "extract", "reason": "JobFailed", "message": "why"}],
        "observedGeneration": 2,
        "conditions": [{"type": "Ready", "status": "True", "reason": "RunReady"}],
    },
}


def test_a_whole_run_is_read() -> None:
    run = Run.parse(DOCUMENT)
    assert run.spec.on_failure is OnFailure.ABORT
    assert (run.spec.timeout, run.spec.ttl) == (timedelta(hours=4), timedelta(days=3))
    assert run.status.phase is RunPhase.RUNNING
    assert run.status.failed == (FailedStage("extract", "JobFailed", "why"),)


def test_what_is_read_is_written_as_it_was() -> None:
    run = Run.parse(DOCUMENT)
    assert run_status_json(run.status) == DOCUMENT["status"]
    assert run.manifest()["spec"] == DOCUMENT["spec"]
    assert run.owner().kind == "Run"


def test_the_smallest_run_is_read() -> None:
    run = Run.parse({"metadata": {"name": "r"}, "spec": {"pipeline": "etl"}})
    assert run == Run(Metadata("r"), RunSpec("etl"))
    assert run.status.phase is RunPhase.PENDING


def test_no_current_stage_is_no_member_rather_than_an_empty_list() -> None:
    run = Run.parse({"metadata": {"name": "r"}, "spec": {"pipeline": "etl"}})
    assert "current" not in run_status_json(run.status)  # kubectl would show `[]`


def test_only_the_last_four_phases_are_terminal() -> None:
    assert [phase for phase in RunPhase if not phase.is_terminal] == ["Pending", "Running"]

from datetime import UTC, datetime, timedelta, timezone

from konductor.api.meta import (
    Metadata,
    Owner,
    json_list,
    json_map,
    optional_text,
    optional_time,
    time_text,
)
from konductor.api.names import arrivals_name, job_name, result_name

EIGHT = datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_a_time_is_written_in_utc_and_whole_seconds() -> None:
    east = timezone(timedelta(hours=2))
    assert time_text(datetime(2026, 11, 24, 10, 0, 0, 999_999, tzinfo=east)) == (
        "2026-11-24T08:00:00Z"
    )
    assert time_text(None) is None


def test_a_time_is_read_with_or_without_fractions() -> None:
    assert optional_time("2026-11-24T08:00:00Z") == EIGHT
    assert optional_time("2026-11-24T08:00:00.000000Z") == EIGHT
    assert optional_time("") is None
    assert optional_time(None) is None


def test_what_is_not_of_its_kind_counts_as_absent() -> None:
    assert json_map(None) == {}
    assert json_list("abc") == []
    assert optional_text("") is None
    assert optional_text(5) is None
    assert optional_text("a") == "a"


def test_metadata_of_an_empty_document_is_empty() -> None:
    assert Metadata.parse({}) == Metadata("")


def test_a_controller_says_so() -> None:
    owner = Owner("batch/v1", "Job", "j", "u", controller=True)
    assert owner.manifest()["controller"] is True
    document = {"name": "p", "ownerReferences": [owner.manifest()]}
    assert Metadata.parse(document).owners == (owner,)


def test_names_of_what_belongs_to_a_run() -> None:
    assert arrivals_name("etl-00000-extract") == "etl-00000-extract-arrivals"
    assert result_name("etl-00000") == "etl-00000-result"
    assert job_name("etl-00000", "extract") == "etl-00000-extract"

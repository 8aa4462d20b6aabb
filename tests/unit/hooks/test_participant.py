from pathlib import Path

import pytest

from konductor.hooks.client import Client
from konductor.hooks.participant import Identity, identify
from tests.unit.conftest import JOBS, Api

_INDEX = "batch.kubernetes.io/job-completion-index"
_JOB = [{"kind": "Job", "name": "extract"}]


@pytest.fixture
def pod(tmp_path: Path) -> dict[str, str]:
    for name, text in (("token", "t"), ("ca.crt", "c"), ("namespace", "etl")):
        (tmp_path / name).write_text(text)
    return {
        "KUBERNETES_SERVICE_HOST": "10.0.0.1",
        "KUBERNETES_SERVICE_PORT": "443",
        "KON_SERVICE_ACCOUNT": str(tmp_path),
        "HOSTNAME": "extract-abcde",
    }


def who(client: Client, environment: dict[str, str], told: list[str]) -> Identity:
    return identify(client, environment, host=lambda: "laptop", tell=told.append)


def test_variable_comes_first(client: Client, pod: dict[str, str], told: list[str]) -> None:
    environment = pod | {"KON_PARTICIPANT": "x-0", "KON_POD": "x-0-abcde"}
    assert who(client, environment, told) == Identity("x-0", "x-0-abcde")


def test_indexed_job_needs_no_request(
    api: Api, client: Client, pod: dict[str, str], told: list[str]
) -> None:
    environment = pod | {"JOB_COMPLETION_INDEX": "3", "HOSTNAME": "extract-3"}
    assert who(client, environment, told) == Identity("extract-3")
    assert api.requests == []


def test_index_is_read_from_the_pod_where_its_host_has_another_name(
    api: Api, client: Client, pod: dict[str, str], told: list[str]
) -> None:
    api.pod("extract-abcde", ownerReferences=_JOB, annotations={_INDEX: "0"})
    assert who(client, pod, told) == Identity("extract-0", "extract-abcde")


@pytest.mark.parametrize(("completions", "expected"), [(1, "extract"), (2, "extract-abcde")])
def test_job_that_completes_once_arrives_by_its_own_name(
    api: Api, client: Client, pod: dict[str, str], completions: int, expected: str
) -> None:
    api.pod("extract-abcde", ownerReferences=_JOB)
    api.put(f"{JOBS}/extract", {"metadata": {}, "spec": {"completions": completions}})
    assert who(client, pod, []).participant == expected


def test_job_that_is_gone_leaves_the_pods_name(
    api: Api, client: Client, pod: dict[str, str], told: list[str]
) -> None:
    api.pod("extract-abcde", ownerReferences=_JOB)
    assert who(client, pod, told).participant == "extract-abcde"


def test_pod_without_a_job_arrives_by_its_name(
    api: Api, client: Client, pod: dict[str, str], told: list[str]
) -> None:
    api.pod("extract-abcde")
    assert who(client, pod, told) == Identity("extract-abcde", "extract-abcde")


@pytest.mark.parametrize(("faults", "what"), [([403, "", 403], "pod"), (["", 403], "Job")])
def test_missing_right_is_told(
    api: Api, client: Client, pod: dict[str, str], faults: list[str | int], what: str
) -> None:
    api.pod("extract-abcde", ownerReferences=_JOB)
    told: list[str] = []
    api.faults = faults
    assert who(client, pod, told).participant == "extract-abcde"
    assert f"may not read {what}" in told[0]


def test_process_outside_of_pods_is_its_host(client: Client, told: list[str]) -> None:
    assert who(client, {}, told) == Identity("laptop")

import json
import ssl
from pathlib import Path

import pytest

from konductor.connection import (
    Connection,
    in_pod,
    json_kubeconfig,
    local_kubeconfig,
    state_folder,
    trust,
)

IN_A_POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture
def service_account(tmp_path: Path) -> Path:
    for name, text in (("token", "secret\n"), ("ca.crt", "PEM"), ("namespace", "etl\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def kubeconfig(**user: str) -> dict[str, object]:
    return {
        "current-context": "here",
        "contexts": [
            {"name": "there", "context": {"cluster": "x", "user": "x"}},
            {"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "etl"}},
        ],
        "clusters": [
            {"name": "c", "cluster": {"server": "https://h:1/", "certificate-authority": "ca.crt"}}
        ],
        "users": [{"name": "u", "user": user}],
    }


def test_a_pod_speaks_as_its_service_account(service_account: Path) -> None:
    connection = in_pod(IN_A_POD, service_account)
    assert connection
    assert (connection.server, connection.namespace) == ("https://10.0.0.1:443", "etl")
    assert connection.bearer() == "secret"
    (service_account / "token").write_text("renewed", encoding="utf-8")
    assert connection.bearer() == "renewed"


def test_an_ipv6_address_is_bracketed(service_account: Path) -> None:
    environment = IN_A_POD | {
        "KUBERNETES_SERVICE_HOST": "fd00::1",
        "KON_SERVICE_ACCOUNT": str(service_account),
    }
    connection = in_pod(environment)
    assert connection
    assert connection.server == "https://[fd00::1]:443"


def test_an_empty_namespace_is_the_default_one(service_account: Path) -> None:
    (service_account / "namespace").write_text("", encoding="utf-8")
    connection = in_pod(IN_A_POD, service_account)
    assert connection
    assert connection.namespace == "default"


def test_outside_of_a_pod_there_is_no_service_account(tmp_path: Path) -> None:
    assert in_pod({}, tmp_path) is None
    assert in_pod(IN_A_POD, tmp_path) is None


def test_a_json_kubeconfig_is_read(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(kubeconfig(token="t")), encoding="utf-8")  # noqa: S106  # no secret
    (tmp_path / "ca.crt").write_text("PEM", encoding="ascii")
    connection = json_kubeconfig(path, source="this test")
    assert connection
    assert (connection.server, connection.ca_data) == ("https://h:1", "PEM")
    assert (connection.bearer(), connection.namespace) == ("t", "etl")
    assert connection.source == "this test"


@pytest.mark.parametrize("text", ["apiVersion: v1\n", json.dumps(kubeconfig(username="u"))])
def test_another_kubeconfig_is_left_to_the_official_client(tmp_path: Path, text: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(text, encoding="utf-8")
    assert json_kubeconfig(path, source="") is None


def test_a_token_may_be_handed_out_anew_each_time() -> None:
    tokens = iter("ab")
    connection = Connection("https://h", token="old", renew=lambda: next(tokens))  # noqa: S106  # no secret
    assert [connection.bearer(), connection.bearer()] == ["a", "b"]


def test_an_insecure_connection_trusts_anybody() -> None:
    context = trust(Connection("https://h", insecure=True))
    assert context.verify_mode is ssl.CERT_NONE
    assert not context.check_hostname


def test_a_server_is_held_to_its_certificate() -> None:
    context = trust(Connection("https://h"))
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_the_local_cluster_keeps_its_state_in_one_folder() -> None:
    assert state_folder({"KONDUCTOR_HOME": "/k", "XDG_STATE_HOME": "/x"}) == Path("/k")
    assert state_folder({"XDG_STATE_HOME": "/x"}) == Path("/x/konductor")
    assert state_folder({"HOME": "/h"}) == Path("/h/.local/state/konductor")
    assert local_kubeconfig({"KONDUCTOR_HOME": "/k"}) == Path("/k/kubeconfig")

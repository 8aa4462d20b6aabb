"""Hooks as processes in a pod: over TLS, with a service account, ended by TERM."""

import ipaddress
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from konductor.connection import Connection
from konductor.errors import Unreachable
from konductor.hooks.client import Client
from konductor.hooks.timing import Patience
from tests.unit.conftest import BARRIERS, DEADLINE, PODS, Api, serving

NAME = "kubernetes.test"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate that is its own authority, with its key; return the file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME), address]), critical=False)
        .sign(key, SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(signed.public_bytes(Encoding.PEM) + secret)
    return path


@pytest.fixture
def port(api: Api, certificate: Path) -> Iterator[int]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with serving(api, tls) as number:
        yield number


@pytest.fixture
def pod(port: int, certificate: Path, tmp_path: Path) -> dict[str, str]:
    """Return the environment of a pod."""
    (tmp_path / "token").write_text("secret")
    (tmp_path / "namespace").write_text("etl")
    (tmp_path / "ca.crt").write_bytes(certificate.read_bytes())
    return {
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(port),
        "KON_SERVICE_ACCOUNT": str(tmp_path),
        "KON_POD": "x-0-abcde",
        "KON_PARTICIPANT": "x-0",
    }


def koncli(pod: dict[str, str], *argv: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "konductor.cli.main", *argv],
        env=pod,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_certificate_is_held_to_the_name_that_is_asked_for(
    api: Api, port: int, certificate: Path
) -> None:
    api.barrier("a")
    server, authority = f"https://127.0.0.1:{port}", certificate.read_text()
    for name in ("", NAME):
        client = Client(Connection(server, authority, namespace="etl", server_name=name))
        assert client.read(f"{BARRIERS}/a")["metadata"]["name"] == "a"
        client.close()
    other = Connection(server, authority, server_name="other.test")
    with pytest.raises(Unreachable, match="certificate"):
        Client(other, patience=Patience(*[timedelta(0)] * 3)).read(BARRIERS)


def test_hook_arrives_once_main_has_succeeded(api: Api, pod: dict[str, str]) -> None:
    api.barrier("x")
    api.pod("x-0-abcde")
    process = koncli(pod, "hook", "arrive", "x")
    api.until_watched()
    api.pod("x-0-abcde", 0)
    out, err = process.communicate(timeout=DEADLINE)
    assert (process.returncode, err) == (0, "")
    assert out == "koncli: `x-0` arrived at `x`\n"


@pytest.mark.parametrize("hook", ["wait", "arrive"])
def test_term_ends_a_blocked_hook(api: Api, pod: dict[str, str], hook: str) -> None:
    api.barrier("x")
    api.pod("x-0-abcde")
    process = koncli(pod, "hook", hook, "x")
    api.until_watched()
    process.terminate()
    process.communicate(timeout=DEADLINE)
    assert process.returncode == 6


def test_arrive_in_a_script_is_the_pods_participant(api: Api, pod: dict[str, str]) -> None:
    api.barrier("x")
    process = koncli(pod, "barrier", "arrive", "x")
    out, err = process.communicate(timeout=DEADLINE)
    assert (process.returncode, out) == (0, "`x-0` arrived at `x`\n")
    assert err == "koncli: this pod's service account, namespace `etl`\n"
    assert f"{PODS}/x-0-abcde" not in api.objects


def test_hook_outside_of_a_pod_says_what_to_use() -> None:
    process = koncli({}, "hook", "wait", "x")
    _, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 2
    assert "koncli barrier wait" in err

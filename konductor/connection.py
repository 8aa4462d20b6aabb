"""How to reach an API server: the address, what to trust and who we are.

Stdlib only. A kubeconfig that is JSON (which is YAML too; the local cluster writes its own so) and
a pod's service account are read here, so that a hook needs no YAML parser; every other kubeconfig
is read by `konductor.cluster.choose` with the official client.
"""

import json
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class Connection(NamedTuple):
    """One API server as one user."""

    server: str
    """``https://host:port``, without a trailing slash."""
    ca_data: str = ""
    """PEM certificates to trust; empty: the system's."""
    token: str = ""
    token_file: str = ""
    """Re-read for each request where set: a projected token is renewed."""
    client_certificate: str = ""
    """Path of a PEM file with certificate and key."""
    insecure: bool = False
    namespace: str = "default"
    renew: Callable[[], str] | None = None
    """Gives the token to send now, where a program or an identity provider hands it out."""
    proxy: str = ""
    """An HTTP proxy on the way; empty: none."""
    server_name: str = ""
    """The name to hold the server's certificate to, where it is not the address."""
    source: str = ""
    """Where this came from, as koncli's first line of output says it."""

    def bearer(self) -> str:
        """Return the token to send now, or an empty string."""
        if self.renew:
            return self.renew()
        if self.token_file:
            return Path(self.token_file).read_text(encoding="utf-8").strip()
        return self.token


def in_pod(environment: Mapping[str, str], folder: Path = SERVICE_ACCOUNT) -> Connection | None:
    """Return the connection of the pod that this process runs in, or None outside of one."""
    host, port = (
        environment.get("KUBERNETES_SERVICE_HOST"),
        environment.get("KUBERNETES_SERVICE_PORT"),
    )
    folder = Path(environment.get("KON_SERVICE_ACCOUNT", folder))
    if not host or not port or not (folder / "token").exists():
        return None
    address = f"[{host}]" if ":" in host else host
    return Connection(
        server=f"https://{address}:{port}",
        ca_data=(folder / "ca.crt").read_text(encoding="ascii"),
        token_file=str(folder / "token"),
        namespace=(folder / "namespace").read_text(encoding="utf-8").strip() or "default",
        source="this pod's service account",
    )


def json_kubeconfig(path: Path, *, source: str) -> Connection | None:
    """Return the connection that a JSON kubeconfig with a token names, or None if it is not that.

    Raises:
        OSError: the file cannot be read.
    """
    text = path.read_text(encoding="utf-8")
    if not text.startswith("{"):
        return None
    document = json.loads(text)
    context = _named(document["contexts"], document["current-context"])["context"]
    cluster = _named(document["clusters"], context["cluster"])["cluster"]
    user = _named(document["users"], context["user"])["user"]
    if "token" not in user or "certificate-authority" not in cluster:
        return None
    return Connection(
        server=cluster["server"].rstrip("/"),
        ca_data=(path.parent / cluster["certificate-authority"]).read_text("ascii"),
        token=user["token"],
        namespace=context.get("namespace", "default"),
        source=source,
    )


def trust(connection: Connection) -> ssl.SSLContext:
    """Return whom to trust, and as whom to show ourselves, when speaking to that server.

    The system's certificates are loaded only where they are needed: that takes 30 ms.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if connection.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif connection.ca_data:
        context.load_verify_locations(cadata=connection.ca_data)
    else:
        context.load_default_certs()
    if connection.client_certificate:
        context.load_cert_chain(connection.client_certificate)
    return context


def state_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder that holds the local cluster: KONDUCTOR_HOME, or XDG's state folder."""
    if home := environment.get("KONDUCTOR_HOME"):
        return Path(home)
    if state := environment.get("XDG_STATE_HOME"):
        return Path(state) / "konductor"
    return Path(environment.get("HOME", "/")) / ".local" / "state" / "konductor"


def local_kubeconfig(environment: Mapping[str, str]) -> Path:
    """Return where a running local cluster keeps its kubeconfig."""
    return state_folder(environment) / "kubeconfig"


def _named(entries: list[dict[str, dict[str, str]]], name: str) -> dict[str, dict[str, str]]:
    return next(entry for entry in entries if entry["name"] == name)  # type: ignore[comparison-overlap]  # "name" is a string

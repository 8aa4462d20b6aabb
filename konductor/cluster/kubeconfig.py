"""Kubeconfigs in general, read with the official client: exec plugins, OIDC, client certificates.

Imported only where one is named, since the client takes 0.3 s to import.
"""

import atexit
import tempfile
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

import yaml
from kubernetes.client import Configuration
from kubernetes.config import ConfigException, list_kube_config_contexts, load_kube_config

from konductor.api.meta import Json, json_map
from konductor.connection import Connection
from konductor.errors import NotFound, UsageError


def read(path: str, context: str = "") -> Connection:
    """Return the connection of a context, by default the current one.

    ``path`` may be several files, joined by ``:``, as in ``$KUBECONFIG``.

    Raises:
        NotFound: no such file or context; the message names those there are.
        UsageError: it is no kubeconfig.
    """
    if not any(Path(one).is_file() for one in path.split(":")):
        raise NotFound(f"there is no kubeconfig {path}")
    chosen = _context(path, context)
    configuration = Configuration()
    try:
        load_kube_config(  # type: ignore[no-untyped-call]  # the client ships no types here
            path, chosen["name"], client_configuration=configuration, persist_config=False
        )
    except (ConfigException, OSError, ValueError, TypeError) as error:
        raise UsageError(f"context `{chosen['name']}` of {path} is of no use: {error}") from error
    return _connection(
        configuration,
        namespace=str(json_map(chosen.get("context")).get("namespace") or "default"),
        source=f"context `{chosen['name']}` of {path}",
    )


def _context(path: str, wanted: str) -> Json:
    try:
        contexts, current = list_kube_config_contexts(path)  # type: ignore[no-untyped-call]  # likewise
    except (ConfigException, yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise UsageError(f"{path} is no kubeconfig: {error}") from error
    by_name = {str(one["name"]): json_map(one) for one in contexts}
    name = wanted or str(current["name"])
    if name in by_name:
        return by_name[name]
    near = get_close_matches(name, by_name, n=1)
    raise NotFound(
        f"{path} has no context `{name}`; it has {', '.join(map('`{}`'.format, sorted(by_name)))}",
        hint=f"write `{near[0]}`" if near else "",
    )


def _connection(configuration: Configuration, *, namespace: str, source: str) -> Connection:
    authority = configuration.ssl_ca_cert
    return Connection(
        server=str(configuration.host).rstrip("/"),
        ca_data=Path(authority).read_text("ascii") if authority else "",
        renew=_renew(configuration) if _token(configuration) else None,
        client_certificate=_certificate(configuration),
        insecure=not configuration.verify_ssl,
        proxy=str(configuration.proxy or ""),
        server_name=str(configuration.tls_server_name or ""),
        namespace=namespace,
        source=source,
    )


def _token(configuration: Configuration) -> str:
    """Return the token to send now; the client renews one that is about to expire."""
    header = str(configuration.get_api_key_with_prefix("BearerToken") or "")
    return header.removeprefix("Bearer ").strip()


def _renew(configuration: Configuration) -> Callable[[], str]:
    return lambda: _token(configuration)


def _certificate(configuration: Configuration) -> str:
    """Return the path of one file, for us alone, with the certificate and its key."""
    if not configuration.cert_file:
        return ""
    parts = (configuration.cert_file, configuration.key_file or configuration.cert_file)
    with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as together:
        together.writelines(Path(one).read_text("ascii") + "\n" for one in dict.fromkeys(parts))
    atexit.register(Path(together.name).unlink, missing_ok=True)
    return together.name

"""Which cluster a command speaks to: one rule for all commands (semantics.md, 5).

In order: what the flags say; in a pod, its service account; ``$KUBECONFIG``; ``context`` in
``konductor.toml``; the local cluster, if it runs. ``~/.kube/config`` alone is never taken silently,
so that nobody runs a first pipeline on a production cluster by accident.
"""

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from konductor.connection import Connection, in_pod, json_kubeconfig, local_kubeconfig
from konductor.errors import NotFound, Unreachable, UsageError

LOCAL: Final = "the local cluster"
"""`Connection.source` of the local cluster that stays."""
_PATIENCE: Final = 2.0
_PROJECT: Final = "konductor.toml"


class NothingChosen(Unreachable):
    """No rule names a cluster, and the local one does not run."""


def choose(
    environment: Mapping[str, str],
    *,
    context: str = "",
    kubeconfig: str = "",
    namespace: str = "",
    folder: Path | None = None,
) -> Connection:
    """Return the connection to the cluster that the rule names.

    ``folder`` is where ``konductor.toml`` is looked for, then in its parents (the working folder).

    Raises:
        NotFound: there is no such kubeconfig or context; the message names those there are.
        UsageError: a kubeconfig or ``konductor.toml`` cannot be understood.
        NothingChosen: no rule names a cluster; the message names both ways out.
    """
    found = _chosen(environment, context, kubeconfig, folder or Path.cwd())
    if Path(found.source) == local_kubeconfig(environment):  # by $KUBECONFIG, as `cluster up` says
        found = found._replace(source=LOCAL)
    return found._replace(namespace=namespace) if namespace else found


def local_cluster(environment: Mapping[str, str]) -> Connection | None:
    """Return the connection to the local cluster, or None if it does not run."""
    path = local_kubeconfig(environment)
    try:
        found = _from_json(path, LOCAL)
    except OSError:
        return None
    return found if found and _listens(found.server) else None


def _chosen(
    environment: Mapping[str, str], context: str, kubeconfig: str, folder: Path
) -> Connection:
    if context or kubeconfig:
        return from_kubeconfig(kubeconfig or _default_kubeconfig(environment), context)
    if pod := in_pod(environment):
        return pod
    if named := environment.get("KUBECONFIG"):
        return from_kubeconfig(named)
    if context := project_context(folder):
        return from_kubeconfig(_default_kubeconfig(environment), context)
    if local := local_cluster(environment):
        return local
    raise NothingChosen(
        "no cluster is chosen, and the local cluster does not run",
        hint="start it with `koncli cluster up`, or name one with --context or $KUBECONFIG",
    )


def project_context(folder: Path) -> str:
    """Return ``context`` of the nearest ``konductor.toml``, or an empty string.

    Raises:
        UsageError: the file is no TOML, or ``context`` is no string.
    """
    document, path = project(folder)
    context = document.get("context", "")
    if not isinstance(context, str):
        raise UsageError(f"`context` in {path} is no string")
    return context


def project(folder: Path) -> tuple[dict[str, object], Path]:
    """Return what the nearest ``konductor.toml`` holds, and where it is; nothing without one.

    Raises:
        UsageError: the file is no TOML.
    """
    places = (place / _PROJECT for place in (folder, *folder.parents))
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        return {}, folder / _PROJECT
    import tomllib  # noqa: PLC0415  # hooks come here, too, and hardly ever find such a file

    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), path
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}") from error


def from_kubeconfig(path: str, context: str = "") -> Connection:
    """Return the connection of a context, by default the current one, of a kubeconfig.

    Raises:
        NotFound: there is no such file or context.
        UsageError: the file is no kubeconfig.
    """
    if not context and Path(path).is_file() and (found := _from_json(Path(path), path)):
        return found
    from konductor.cluster.kubeconfig import read  # noqa: PLC0415  # the official client takes 0.3 s

    return read(path, context)


def _from_json(path: Path, source: str) -> Connection | None:
    try:
        return json_kubeconfig(path, source=source)
    except (json.JSONDecodeError, KeyError, StopIteration, TypeError) as error:
        raise UsageError(f"{path} is no kubeconfig: {error!r}") from error


def _default_kubeconfig(environment: Mapping[str, str]) -> str:
    home = Path(environment.get("HOME", "/"))
    path = environment.get("KUBECONFIG") or str(home / ".kube" / "config")
    if not any(Path(one).is_file() for one in path.split(":")):
        raise NotFound(f"there is no kubeconfig {path}", hint="name one with --kubeconfig")
    return path


def _listens(server: str) -> bool:
    address = urlsplit(server)
    try:
        with socket.create_connection((address.hostname, address.port), timeout=_PATIENCE):
            return True
    except OSError:
        return False

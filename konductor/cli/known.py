"""What is there to be named on a command line: files, parameters, contexts, codes, objects.

Nothing here fails: what cannot be read has no names.
"""

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from konductor.api.names import API_VERSION
from konductor.cluster.choose import local_cluster
from konductor.connection import Connection, json_kubeconfig
from konductor.errors import KonductorError

if TYPE_CHECKING:
    from konductor.dsl.syntax import Param

_LONGEST_PROGRAM = 200_000
"""Bytes that are read while a shell waits."""
_WITHIN = 0.1
"""Seconds in which a cluster must have answered: with koncli's own start 0.3 are not passed."""


class _TooLate(BaseException):
    """Nobody waits for a cluster any longer; what sends requests again does not handle this."""


def programs(begin: str) -> dict[str, str]:
    """Return the programs and folders whose path begins so."""
    return {path: "" for path in _paths(begin) if path.endswith(("/", ".kon"))}


def files(begin: str) -> dict[str, str]:
    """Return every file and folder whose path begins so."""
    return dict.fromkeys(_paths(begin), "")


def folders(begin: str) -> dict[str, str]:
    """Return the folders whose path begins so."""
    return {path: "" for path in _paths(begin) if path.endswith("/")}


def _paths(begin: str) -> Iterator[str]:
    """Yield paths as they are typed, a folder with a slash behind it."""
    head, slash, name = begin.rpartition("/")
    folder = Path(f"{head}{slash}" or ".").expanduser()
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            if path.name.startswith(name) and (not path.name.startswith(".") or name):
                yield f"{head}{slash}{path.name}{'/' * path.is_dir()}"


def parameters(words: Sequence[str], begin: str) -> dict[str, str]:
    """Return what `-p` may go on with: a parameter's ``name=``, and behind that its values.

    The parameters are those of the program among the words.
    """
    name, equals, value = begin.partition("=")
    if value.startswith("@"):
        return {f"{name}=@{path}": "" for path in _paths(value[1:])}
    found = _parameters_of(words)
    if equals:
        return {k: v for one in found if one.name.text == name for k, v in _values(one)}
    given = {word.partition("=")[0] for word in words}
    return {f"{one.name.text}=": one.doc for one in found if one.name.text not in given}


def _values(param: "Param") -> Iterator[tuple[str, str]]:
    """Yield each value of a parameter that has few, as ``name=value``, and which is the default."""
    from konductor.dsl.typename import type_from  # noqa: PLC0415  # only for this
    from konductor.dsl.types import Kind  # noqa: PLC0415  # likewise

    kind = type_from(param.type)
    values = ("true", "false") if kind.kind is Kind.BOOL else kind.members
    default = param.default.span.text.strip("\"'") if param.default is not None else None
    for value in values:
        yield f"{param.name.text}={value}", "the default" if value == default else ""


def _parameters_of(words: Sequence[str]) -> list["Param"]:
    """Return the parameters of the program among the words."""
    program = next((Path(word) for word in words if word.endswith(".kon")), None)
    with suppress(OSError):
        if program is not None and program.stat().st_size <= _LONGEST_PROGRAM:
            return list(_parameters(program.read_bytes()))
    return []


def _parameters(program: bytes) -> Iterator["Param"]:
    from konductor.dsl.parser import parse  # noqa: PLC0415  # only for this
    from konductor.dsl.source import Source  # noqa: PLC0415  # likewise
    from konductor.dsl.syntax import Param, Pipeline  # noqa: PLC0415  # likewise

    for statement in parse(Source.decode("", program)).file.statements:
        inner = statement.statements if isinstance(statement, Pipeline) else (statement,)
        yield from (one for one in inner if isinstance(one, Param))


def codes() -> dict[str, str]:
    """Return the codes of diagnostics with their titles."""
    from konductor.dsl.catalogue import ENTRIES  # noqa: PLC0415  # only for this

    return {code: entry.title for code, entry in ENTRIES.items()}


def contexts(environment: Mapping[str, str]) -> list[str]:
    """Return the contexts of the kubeconfigs that kubectl would read."""
    home = Path(environment.get("HOME", "/"))
    paths = environment.get("KUBECONFIG") or str(home / ".kube" / "config")
    return [name for path in paths.split(":") for name in _contexts(Path(path))]


def _contexts(path: Path) -> list[str]:
    import yaml  # noqa: PLC0415  # only for this

    reader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(path.read_bytes(), reader)  # noqa: S506  # safe, and in C
        return [str(one["name"]) for one in document["contexts"]]
    except (OSError, yaml.YAMLError, LookupError, TypeError):
        return []


def runs(environment: Mapping[str, str], words: Sequence[str]) -> dict[str, str]:
    """Return the runs in the cluster that is at hand, with their phases."""
    return _objects("runs", environment, words)


def barriers(environment: Mapping[str, str], words: Sequence[str]) -> dict[str, str]:
    """Return the barriers in the cluster that is at hand, with their phases."""
    return _objects("barriers", environment, words)


def _objects(plural: str, environment: Mapping[str, str], words: Sequence[str]) -> dict[str, str]:
    from konductor.hooks.client import Client  # noqa: PLC0415  # only for this

    mistakes = (KonductorError, OSError, ValueError, LookupError, TypeError)
    with suppress(_TooLate, *mistakes), _in_time():
        connection = _at_hand(environment, words)
        if connection is not None:
            client = Client(connection)
            listed = client.read(client.path(f"apis/{API_VERSION}", plural))
            return {
                one["metadata"]["name"]: one.get("status", {}).get("phase", "")
                for one in listed["items"]
            }
    return {}


@contextmanager
def _in_time() -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise _TooLate

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, _WITHIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _at_hand(environment: Mapping[str, str], words: Sequence[str]) -> Connection | None:
    """Return the connection to a cluster that can be asked at once: the local one, mostly.

    A kubeconfig that needs the official client is not read: that alone takes 0.3 s.
    """
    if "--context" in words or "--kubeconfig" in words:
        return None
    named = environment.get("KUBECONFIG")
    found = json_kubeconfig(Path(named), source=named) if named else local_cluster(environment)
    spaces = [value for option, value in pairwise(words) if option in ("-n", "--namespace")]
    return found._replace(namespace=spaces[-1]) if found and spaces else found

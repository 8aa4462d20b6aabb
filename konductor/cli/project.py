"""What ``konductor.toml`` says: module roots, and settings of the local cluster.

Where the cluster is (``context``) is read by `konductor.cluster.choose`, as hooks need it too.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from konductor.api.meta import Json
from konductor.cli.local_secret import LocalSecrets, Origin
from konductor.cluster.choose import project
from konductor.dsl.spelling import nearest
from konductor.errors import UsageError

_KNOWN = ("context", "modules", "defaults", "local")
_FLAGS = ("hooks", "hook-image", "view", "format", "strict", "namespace")
"""What ``[defaults]`` may hold: flags of the commands that take a program."""
_SWITCHES = frozenset({"strict"})
_KNOWN_LOCAL = ("images", "inherit_env", "secrets")
_ORIGINS = ("env", "file")


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """The table ``[local]``."""

    images: Json = field(default_factory=dict)
    inherit: tuple[str, ...] = ()
    secrets: LocalSecrets = field(default_factory=dict)
    base: str = ""
    """The folder of the file: its relative paths begin there."""


def local_settings(folder: Path) -> LocalSettings:
    """Return ``[local]`` of the nearest ``konductor.toml``.

    Raises:
        UsageError: the file is no TOML, or holds something else there.
    """
    document, path = project(folder)
    _refuse_unknown(document, _KNOWN, "", path)
    local = document.get("local", {})
    if not isinstance(local, dict):
        raise UsageError(f"`local` in {path} is no table")
    _refuse_unknown(local, _KNOWN_LOCAL, "local.", path)
    images, inherit = local.get("images", {}), local.get("inherit_env", [])
    if not isinstance(images, dict):
        raise UsageError(f"`local.images` in {path} is no table")
    if not isinstance(inherit, list) or not all(isinstance(name, str) for name in inherit):
        raise UsageError(f"`local.inherit_env` in {path} is no list of names")
    secrets = _secrets(local.get("secrets", {}), path)
    return LocalSettings(images, tuple(inherit), secrets, str(path.parent))


def _secrets(table: object, path: Path) -> LocalSecrets:
    if not isinstance(table, dict) or not all(isinstance(one, dict) for one in table.values()):
        raise UsageError(f"`local.secrets` in {path} is no table of tables")
    return {
        name: {key: _origin(f"local.secrets.{name}.{key}", one, path) for key, one in keys.items()}
        for name, keys in table.items()
    }


def _origin(key: str, value: object, path: Path) -> Origin:
    members = value if isinstance(value, dict) else {}
    _refuse_unknown(members, _ORIGINS, f"{key}.", path)
    if len(members) != 1 or not all(isinstance(one, str) and one for one in members.values()):
        raise UsageError(
            f"`{key}` in {path} does not say where its value is",
            hint='write `{ env = "VARIABLE" }` or `{ file = "path" }`',
        )
    return Origin(members.get("env", ""), members.get("file", ""))


def default_words(folder: Path, *flags: str) -> list[str]:
    """Return ``[defaults]`` as the words of a command line, those of them that a command takes.

    They stand before what the user typed, which so beats them, and the command's own parser holds
    them to what it takes.

    Raises:
        UsageError: the file is no TOML, or holds something else there.
    """
    document, path = project(folder)
    _refuse_unknown(document, _KNOWN, "", path)
    table = document.get("defaults", {})
    if not isinstance(table, dict):
        raise UsageError(f"`defaults` in {path} is no table")
    _refuse_unknown(table, _FLAGS, "defaults.", path)
    words: list[str] = []
    for name in flags:
        if name not in table:
            continue
        value, is_switch = table[name], name in _SWITCHES
        if not isinstance(value, bool if is_switch else str):
            wanted = "true or false" if is_switch else "a string"
            raise UsageError(f"`defaults.{name}` in {path} is not {wanted}")
        if is_switch:
            words += [f"--{name}"] * bool(value)
        else:
            words.append(f"--{name}={value}")  # one word, so that it is never taken for two
    return words


def read_options(parser: argparse.ArgumentParser, argv: Sequence[str]) -> argparse.Namespace:
    """Read a command line behind those of ``[defaults]`` that the command has a flag for.

    Raises:
        UsageError: the file or the command line is of no use.
    """
    known = parser._option_string_actions  # noqa: SLF001  # argparse shows them only so
    flags = [name for name in _FLAGS if f"--{name}" in known]
    return parser.parse_args([*default_words(Path.cwd(), *flags), *argv])


def module_root(folder: Path, name: str) -> Path:
    """Return the folder that ``@name/…`` stands for: ``[modules] name = "path"``.

    Raises:
        ValueError: there is no such root.
        UsageError: the file is no TOML, or holds something else there.
    """
    document, path = project(folder)
    _refuse_unknown(document, _KNOWN, "", path)
    roots = document.get("modules", {})
    if not isinstance(roots, dict) or not all(isinstance(one, str) for one in roots.values()):
        raise UsageError(f"`modules` in {path} is no table of folders")
    if name in roots:
        return path.parent / str(roots[name])
    similar = nearest(name, map(str, roots))
    hint = f"; did you mean `@{similar}`?" if similar else ""
    raise ValueError(f"`@{name}` is no module root: [modules] in {path} has none{hint}")


def _refuse_unknown(table: Json, known: tuple[str, ...], prefix: str, path: Path) -> None:
    for key in table:
        if key not in known:
            similar = nearest(key, known)
            hint = f"write `{prefix}{similar}`" if similar else f"there is {', '.join(known)}"
            raise UsageError(f"`{prefix}{key}` in {path} means nothing", hint=hint)

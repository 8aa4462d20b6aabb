"""``koncli uninstall``: takes the operator and the roles out of a cluster again."""

import argparse
import asyncio
from typing import TYPE_CHECKING, Final

from konductor.cli.arguments import Parser, cluster_options, connect
from konductor.cli.install import add_namespaces, refuse_local
from konductor.cli.output import tell
from konductor.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from konductor.connection import Connection
    from konductor.install.remove import Found, Users

_MOST: Final = 50


def main(argv: list[str]) -> int:
    """Remove what ``koncli install`` brought.

    Raises:
        KonductorError: the cluster refused.
    """
    options = _parser().parse_args(argv)
    if options.namespaced and options.crds:
        raise UsageError("--crds is for the whole cluster", hint="leave out --namespaced")
    if options.namespace:
        raise UsageError(
            "an installation is found by its labels, wherever it is",
            hint="leave out --namespace; `--namespaced NS` removes what is in NS alone",
        )
    connection = connect(options)
    refuse_local(connection, "uninstall")
    tell(f"{connection.source or connection.server}{' (dry run)' if options.dry_run else ''}")
    asyncio.run(_uninstall(connection, options))
    return ExitCode.DONE


async def _uninstall(connection: "Connection", options: argparse.Namespace) -> None:
    from konductor.cluster.http import HttpCluster  # noqa: PLC0415  # 0.3 s, not for --help
    from konductor.install import remove  # noqa: PLC0415  # likewise

    def say(found: "Found", outcome: str) -> None:
        place = f" in {found.namespace}" if found.namespace and outcome == "deleted" else ""
        print(f"{found} {outcome}{place}", flush=True)

    namespaces = tuple(dict.fromkeys(options.namespaced))
    async with HttpCluster(connection) as cluster:
        there = await remove.users(cluster, namespaces)
        if options.crds:
            _hold_confirmed(there, confirmed=options.delete_all_runs or options.dry_run)
        for place in there.unfinished[:_MOST]:
            tell(f"run {place} is not over: nobody will look after it")
        found = await remove.installed(cluster, namespaces)
        if not found:
            others = await remove.installers(cluster, namespaces)
            by = f", but {' and '.join(others)} installed one" if others else ""
            tell(f"nothing of `koncli install` is there{by}")
        await remove.remove(cluster, found, kinds=options.crds, dry_run=options.dry_run, say=say)


def _hold_confirmed(there: "Users", *, confirmed: bool) -> None:
    """Say what goes with the kinds, and go on only if that was asked for.

    Raises:
        UsageError: it was not.
    """
    lines = list(there.lines())
    for line in lines[:_MOST]:
        tell(f"lost: {line}")
    if len(lines) > _MOST:
        tell(f"lost: … and {len(lines) - _MOST} more")
    if not confirmed:
        raise UsageError(
            f"--crds deletes every run, barrier and arrival of the cluster: {there.count} objects",
            hint="add `--delete-all-runs` to say that they may go; nothing has been changed",
        )


def _parser() -> Parser:
    parser = Parser(
        prog="koncli uninstall",
        description="Take the operator and the roles out of a cluster. The kinds stay, with all\n"
        "runs and barriers, unless --crds says otherwise.",
        parents=[cluster_options()],
    )
    add_namespaces(parser, "--namespaced", "only what `install --namespaced NS` brought")
    parser.add_argument(
        "--crds", action="store_true", help="delete the kinds, too, and every object of them"
    )
    parser.add_argument(
        "--delete-all-runs", action="store_true", help="confirm what --crds deletes"
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would be deleted")
    return parser

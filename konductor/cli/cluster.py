"""``koncli cluster up|down|status|kubeconfig``: the local cluster that stays."""

import argparse
import os
from pathlib import Path

from konductor.cli.arguments import Parser
from konductor.connection import local_kubeconfig, state_folder
from konductor.errors import ExitCode, NotFound

_USE = """\
use it:   koncli run FILE, koncli barrier …
          kubectl --kubeconfig {kubeconfig} get barriers,jobs,pods
          export KUBECONFIG={kubeconfig}
end it:   koncli cluster down"""


def main(argv: list[str]) -> int:
    """Run one of the commands."""
    options = _parser().parse_args(argv)
    command = {"up": _up, "down": _down, "status": _status, "kubeconfig": _kubeconfig}
    return command[options.command](options)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="koncli cluster", description="The local cluster that stays.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="start it, unless it runs")
    up.add_argument(
        "-j",
        "--jobs",
        type=_positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="programs of stages that run at a time (default: the number of CPUs)",
    )
    commands.add_parser("down", help="end it and every program that runs in it")
    commands.add_parser("status", help="tell whether it runs; exit 6 if it does not")
    commands.add_parser("kubeconfig", help="print the path of its kubeconfig")
    return parser


def _up(options: argparse.Namespace) -> int:
    from konductor.cli.project import local_settings  # noqa: PLC0415  # not for the others
    from konductor.runner.local import process  # noqa: PLC0415  # likewise

    folder, kubeconfig = state_folder(os.environ), local_kubeconfig(os.environ)
    if pid := process.holder(folder):
        print(f"the local cluster runs already (process {pid})")
        print(_USE.format(kubeconfig=kubeconfig))
        return ExitCode.DONE
    here = Path.cwd()
    settings = local_settings(here)
    local = process.start(
        folder,
        process.Options(
            jobs=options.jobs,
            images=settings.images,
            inherit=settings.inherit,
            base=settings.base,
            work_folder=str(here),
            keep=True,
        ),
    )
    local.process.returncode = 0  # it is to outlive us: nothing to wait for
    print(f"the local cluster runs (process {local.pid}), its state is in {folder}")
    print(_USE.format(kubeconfig=local.kubeconfig))
    return ExitCode.DONE


def _down(_options: argparse.Namespace) -> int:
    from konductor.runner.local import process  # noqa: PLC0415  # not for `kubeconfig`

    pid = process.end(state_folder(os.environ))
    print(f"the local cluster (process {pid}) has ended" if pid else "no local cluster runs")
    return ExitCode.DONE


def _status(_options: argparse.Namespace) -> int:
    from konductor.runner.local import process  # noqa: PLC0415  # not for `kubeconfig`

    folder = state_folder(os.environ)
    pid = process.holder(folder)
    if pid is None:
        print("the local cluster does not run")
        return ExitCode.UNREACHABLE
    print(f"the local cluster runs (process {pid}), its state is in {folder}")
    return ExitCode.DONE


def _kubeconfig(_options: argparse.Namespace) -> int:
    path = local_kubeconfig(os.environ)
    if not path.is_file():
        raise NotFound("the local cluster does not run", hint="start it with `koncli cluster up`")
    print(path)
    return ExitCode.DONE


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"`{text}` is no number") from error
    if number < 1:
        raise argparse.ArgumentTypeError("-j must be at least 1")
    return number

"""The program ``koncli``: finds a command's module and runs it, and importing nothing else.

A hook starts in every pod, so what another command needs is not loaded for this one. Each module
has ``main(argv) -> int`` with the arguments after the command's name.
"""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple, NoReturn

from konductor.cli.leading import command_first, is_shared
from konductor.errors import ExitCode, KonductorError, UsageError
from konductor.garbage import no_garbage_collection

PROGRAM_ERROR = 70
"""A bug in koncli itself (EX_SOFTWARE of sysexits.h)."""
_BROKEN_PIPE = 141  # what a shell reports of a program that SIGPIPE ended


class Command(NamedTuple):
    """One command: where it lives and what ``koncli --help`` says of it."""

    module: str
    summary: str


COMMANDS = {
    "run": Command("konductor.cli.run", "run a pipeline and show it"),
    "watch": Command("konductor.cli.watch", "show a run that is there, and carry it on"),
    "check": Command("konductor.cli.check", "tell what is wrong with a pipeline"),
    "fmt": Command("konductor.cli.fmt", "lay out programs the one way there is"),
    "explain": Command("konductor.cli.explain", "tell what a code such as K0411 means"),
    "compile": Command("konductor.cli.compile", "print the Kubernetes objects of a pipeline"),
    "plan": Command("konductor.cli.plan", "tell what a run would do, and do nothing"),
    "graph": Command("konductor.cli.graph", "draw a pipeline's graph"),
    "params": Command("konductor.cli.params", "document a pipeline's parameters"),
    "lsp": Command("konductor.cli.lsp", "the language server, for editors"),
    "barrier": Command("konductor.cli.barrier", "create, watch, reach and reset barriers"),
    "status": Command("konductor.cli.status", "tell how a barrier stands, or all of them"),
    "cluster": Command("konductor.cli.cluster", "start, stop and look at the local cluster"),
    "install": Command("konductor.cli.install", "bring the operator into a cluster"),
    "uninstall": Command("konductor.cli.uninstall", "take it out again"),
    "operator": Command("konductor.cli.operator", "look after barriers and runs, in a cluster"),
    "hook": Command("konductor.cli.hook", "what pods run to wait for their stage and to arrive"),
    "completion": Command("konductor.cli.completion", "print what completes words in a shell"),
    "version": Command("konductor.cli.version", "print koncli's version"),
}


_SHORT_COMMANDS = ("barrier", "check", "completion", "hook", "status")
_COMPLETES = "_KONCLI_COMPLETE"
"""Set by a shell that asks which words fit; what was typed is in the environment, too."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = command_first(sys.argv[1:] if argv is None else argv)
    if _COMPLETES in os.environ:
        arguments = ["completion"]
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except KonductorError as error:
        _complain(error)
        code = error.exit_code
    except KeyboardInterrupt:
        print("koncli: interrupted", file=sys.stderr)
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough of it. Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _BROKEN_PIPE
    except ModuleNotFoundError as error:
        code = _tell_absence(error, arguments)
    except Exception:  # noqa: BLE001  # the last resort: a bug must not look like a failed run
        _report_bug()
        code = PROGRAM_ERROR
    if argv is None and arguments[:1] and arguments[0] in _SHORT_COMMANDS:
        _leave(int(code))
    return int(code)


def _leave(code: int) -> NoReturn:
    """End the process without taking it apart piece by piece, which costs a short command 10 ms.

    The standard library holds nothing here that would still have to be written.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_help())
        return ExitCode.DONE if arguments else ExitCode.USAGE
    name, *rest = arguments
    if name == "--version":
        name = "version"
    if name not in COMMANDS:
        raise _unknown(name)
    with no_garbage_collection():  # 5 ms of a hook
        command: Callable[[list[str]], int] = import_module(COMMANDS[name].module).main
    return command(rest)


def _help() -> str:
    width = max(map(len, COMMANDS)) + 2
    lines = (f"  {name:{width}}{command.summary}" for name, command in COMMANDS.items())
    return "\n".join(
        (
            "Usage: koncli COMMAND …",
            "",
            "A small pipeline language and a runner over Kubernetes barriers.",
            "",
            "Commands:",
            *lines,
            "",
            "koncli COMMAND --help tells more; koncli --version tells the version.",
        )
    )


def _unknown(name: str) -> UsageError:
    if is_shared(name):
        return UsageError("a command is missing", hint="`koncli --help` lists the commands")
    from konductor.dsl.spelling import nearest  # noqa: PLC0415  # only to complain

    near = nearest(name, COMMANDS)
    hint = f"write `koncli {near}`" if near else "`koncli --help` lists the commands"
    what = "option" if name.startswith("-") else "command"
    return UsageError(f"there is no {what} `{name}`", hint=hint)


def _complain(error: KonductorError) -> None:
    print(f"koncli: error: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"  hint: {error.hint}", file=sys.stderr)


def _tell_absence(error: ModuleNotFoundError, arguments: list[str]) -> int:
    """Say which package a command lacks, as koncli's image lacks what only people need."""
    package = str(error.name).partition(".")[0]
    if package in sys.stdlib_module_names or package == "konductor":
        _report_bug()
        return PROGRAM_ERROR
    command = " ".join(("koncli", *arguments[:1]))
    _complain(
        UsageError(
            f"`{command}` needs the package `{package}`, which is not installed here",
            hint="koncli's image holds the operator and the hooks; `pip install koncli` brings all",
        )
    )
    return ExitCode.USAGE


def _report_bug() -> None:
    import traceback  # noqa: PLC0415  # only for a bug

    print("koncli: this is a bug in koncli, please report it with what follows", file=sys.stderr)
    traceback.print_exc()


if __name__ == "__main__":
    sys.exit(main())

"""``koncli hook wait|arrive BARRIER …``: the hook containers of a pod, as processes.

The hook works in a thread of its own, so that TERM can be handled while it is blocked.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial

from konductor.cli.arguments import Parser
from konductor.connection import in_pod
from konductor.errors import ExitCode, UsageError
from konductor.hooks import sidecar, wait
from konductor.hooks.stop import Stop


def main(argv: list[str]) -> int:
    """Run a hook to its end and return the container's exit code.

    Raises:
        UsageError: this is no pod.
    """
    options = _parser().parse_args(argv)
    connection = in_pod(os.environ)
    if connection is None:
        raise UsageError(
            "a hook runs in a pod, with a service account's token",
            hint=f"elsewhere use `koncli barrier {options.hook}`",
        )
    term, codes = Stop(), list[int]()
    run: Callable[..., int] = wait.run
    if options.hook == "arrive":
        run = partial(sidecar.run, more=options.more)

    def work() -> None:
        code = run(
            options.barrier,
            connection=connection,
            environment=os.environ,
            output=sys.stdout,
            term=term,
            kill=Stop(),
        )
        codes.append(code)

    thread = threading.Thread(target=work)
    signal.signal(signal.SIGTERM, lambda *_: term.set())
    thread.start()
    thread.join()
    return codes[0] if codes else ExitCode.FAILED


def _parser() -> Parser:
    parser = Parser(prog="koncli hook", description=__doc__)
    parser.add_argument("hook", choices=("arrive", "wait"))
    parser.add_argument("barrier")
    parser.add_argument("more", nargs="*", help="further barriers to arrive at")
    return parser

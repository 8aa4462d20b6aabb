"""``koncli operator``: looks after the barriers and runs of a cluster, as a Deployment runs it."""

import argparse
import asyncio
import json
import logging
import secrets
import signal
import socket
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from konductor.cli.arguments import Parser, cluster_options, connect, duration
from konductor.connection import SERVICE_ACCOUNT, Connection
from konductor.errors import ExitCode, KonductorError

if TYPE_CHECKING:
    from konductor.operator.installed import Settings

_DAY = timedelta(hours=24)


def main(argv: list[str]) -> int:
    """Serve until TERM or Ctrl-C; then end in good order.

    Raises:
        KonductorError: no cluster is chosen, or the port is taken.
    """
    options = _parser().parse_args(argv)
    _set_up_logs(options)
    connection = connect(options)
    from konductor.operator.installed import Settings  # noqa: PLC0415  # kopf takes 0.3 s

    settings = Settings(
        lease_namespace=options.lease_namespace or _own_namespace(connection),
        holder=f"{socket.gethostname()}_{secrets.token_hex(8)}",
        namespace=options.namespace,
        host=options.host,
        port=options.port,
        arrival_ttl=options.arrival_ttl,
    )
    try:
        asyncio.run(_serve(connection, settings))
    except OSError as error:
        place = f"{options.host or '*'}:{options.port}"
        raise KonductorError(f"cannot serve on {place}: {error.strerror or error}") from error
    return ExitCode.DONE


async def _serve(connection: Connection, settings: "Settings") -> None:
    from konductor.operator.installed import Installed  # noqa: PLC0415  # not for --help

    installed = Installed(connection, settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, installed.stop.set)
    await installed.run()


def _own_namespace(connection: Connection) -> str:
    """Return the namespace that we run in: in a pod its own, else the context's."""
    file = SERVICE_ACCOUNT / "namespace"
    return file.read_text("utf-8").strip() if file.is_file() else connection.namespace


class _Lines(logging.Formatter):
    """One JSON object a line: time, level, logger, message and, where there is one, the error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        document = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            document["error"] = self.formatException(record.exc_info)
        return json.dumps(document, ensure_ascii=False)


def _set_up_logs(options: argparse.Namespace) -> None:
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(_Lines() if options.log_format == "json" else text)
    logging.basicConfig(level=options.log_level.upper(), handlers=[handler])


def _parser() -> Parser:
    parser = Parser(
        prog="koncli operator",
        description="Look after the barriers and runs of a cluster, until TERM.\n"
        "Without --namespace all namespaces are served.",
        parents=[cluster_options()],
    )
    parser.add_argument("--lease-namespace", default="", metavar="NS", help="where the lease is")
    parser.add_argument(
        "--arrival-ttl",
        type=duration,
        default=_DAY,
        metavar="DURATION",
        help="how long arrivals of an ended raw barrier stay (24h)",
    )
    parser.add_argument("--host", default="", help="the address of metrics and probes (all)")
    parser.add_argument("--port", type=int, default=8080, help="their port (8080)")
    levels = ("debug", "info", "warning", "error")
    parser.add_argument("--log-level", choices=levels, default="info", help="(info)")
    parser.add_argument(
        "--log-format",
        choices=("text", "json"),
        default="text" if sys.stderr.isatty() else "json",
        help="text on a terminal, else json",
    )
    return parser

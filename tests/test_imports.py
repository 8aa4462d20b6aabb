"""What each command imports: a hook starts in every pod, so it must not load what others need."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from konductor.cli.main import COMMANDS

HEAVY = {
    "aiohttp",
    "asyncio",
    "cel",
    "click",
    "cryptography",
    "kopf",
    "kubernetes",
    "lark",
    "logging",
    "networkx",
    "orjson",
    "rich",
    "subprocess",
    "tempfile",
    "urllib3",
    "uvloop",
    "yaml",
}
SPARED = {"dataclasses", "http.client", "inspect", "locale", "random", "shutil"}
_REPORT = """
import sys
from konductor.cli.main import main
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
print(code, *sorted(sys.modules), file=sys.stderr)
"""


def imports(*argv: str, environment: dict[str, str] | None = None) -> tuple[str, set[str]]:
    """Return a command's exit code and the modules it loaded."""
    ended = subprocess.run(
        [sys.executable, "-P", "-c", _REPORT, *argv],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"} | (environment or {}),
    )
    code, *modules = ended.stderr.splitlines()[-1].split()
    return code, set(modules)


class _Handler(BaseHTTPRequestHandler):
    """Answers each request with one barrier that is open, and takes each Arrival."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        barrier = {
            "metadata": {"name": "a", "namespace": "etl", "uid": "u", "resourceVersion": "1"},
            "spec": {"expected": 1},
            "status": {"phase": "Open"},
        }
        listed = {"metadata": {"resourceVersion": "1"}, "items": [barrier]}
        data = json.dumps(listed if "fieldSelector" in self.path else barrier).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _answer  # noqa: N815  # the names that http.server asks for


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        (tmp_path / "ca.pem").write_text("")
        address = f"http://127.0.0.1:{server.server_port}"
        document = {
            "current-context": "x",
            "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
            "clusters": [
                {"name": "x", "cluster": {"server": address, "certificate-authority": "ca.pem"}}
            ],
            "users": [{"name": "x", "user": {"token": "secret"}}],
        }
        (tmp_path / "kubeconfig").write_text(json.dumps(document))
        yield {"KUBECONFIG": str(tmp_path / "kubeconfig")}
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "argv",
    [
        ("barrier", "wait", "a"),
        ("barrier", "arrive", "a", "--id", "p"),
        ("barrier", "status", "a"),
        ("barrier", "status", "a", "-o", "json"),
    ],
)
def test_barrier_commands_load_the_standard_library_alone(
    environment: dict[str, str], argv: tuple[str, ...]
) -> None:
    code, modules = imports(*argv, environment=environment)
    assert code == "0"
    assert modules & HEAVY == set()
    assert foreign(modules) == {"konductor"}


def test_arriving_loads_no_part_of_the_standard_library_that_is_slow_and_spared(
    environment: dict[str, str],
) -> None:
    code, modules = imports("barrier", "arrive", "a", "--id", "p", environment=environment)
    assert code == "0"
    assert modules & SPARED == set()


def test_hooks_load_the_standard_library_alone() -> None:
    code, modules = imports("hook", "wait", "a")
    assert code == "2"
    assert modules & HEAVY == set()
    assert foreign(modules) == {"konductor"}


@pytest.mark.parametrize("argv", [(), ("--help",), ("--version",), ("version",)])
def test_program_itself_loads_no_command(argv: tuple[str, ...]) -> None:
    _, modules = imports(*argv)
    assert modules & HEAVY == set()
    assert not any(name.startswith("konductor.hooks") for name in modules)


@pytest.mark.parametrize("command", ["check", "compile"])
def test_language_commands_load_no_client(command: str) -> None:
    code, modules = imports(command, "/nowhere/at-all.kon")
    assert code == "5"
    assert modules & {"aiohttp", "asyncio", "kopf", "kubernetes", "lark", "networkx"} == set()


def test_every_command_exists() -> None:
    for name, command in COMMANDS.items():
        code, modules = imports(name, "--help")
        assert code == "0", name
        assert command.module in modules


def foreign(modules: set[str]) -> set[str]:
    """Return what is neither of Python nor of the way in which this checkout is installed."""
    roots = {name.partition(".")[0] for name in modules} - set(sys.stdlib_module_names)
    own_way = ("__editable__", "__main__", "__mp_main__", "_distutils_hack", "distutils")
    return {root for root in roots if not root.startswith(own_way)}

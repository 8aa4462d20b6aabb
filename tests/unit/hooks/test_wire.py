"""What may come over a connection, byte for byte."""

import socket
import threading
from collections.abc import Callable, Iterator
from io import BufferedReader, BytesIO

import pytest

from konductor.hooks.wire import Answer, Garbled, Line

OK = b"HTTP/1.1 200 OK\r\n"


class Quiet(Line):
    """A line that only notes that it is given back."""

    closed = False

    def close(self) -> None:
        self.closed = True


def answer(data: bytes) -> tuple[Answer, Quiet]:
    line = Quiet(("h", 1))
    return Answer(line, BufferedReader(BytesIO(data))), line


def test_sized_body_leaves_the_line_to_the_next_answer() -> None:
    found, line = answer(OK + b"Content-Length: 5\r\nDate: today\r\n\r\nhello" + OK)
    assert (found.status, found.headers["date"]) == (200, "today")
    assert found.read() == b"hello"
    assert found.read() == b""
    assert not line.closed


def test_chunks_come_as_they_are_sent() -> None:
    found, line = answer(
        OK
        + b"Transfer-Encoding: Chunked\r\n\r\n"
        + b"5;x=y\r\nhello\r\nA\r\n, everyone\r\n0\r\nT: t\r\n\r\n"
    )
    assert [found.read_some(), found.read_some(), found.read_some()] == [
        b"hello",
        b", everyone",
        b"",
    ]
    assert not line.closed


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200\nConnection: Close\n\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
    ],
)
def test_body_without_a_size_ends_with_the_line(head: bytes) -> None:
    found, line = answer(head + b"hello")
    assert found.read() == b"hello"
    assert line.closed


@pytest.mark.parametrize("more", [b"Connection: close\r\n", b""])
def test_answer_without_a_body_is_over_at_once(more: bytes) -> None:
    found, line = answer(b"HTTP/1.1 204 No Content\r\n" + more + b"\r\n")
    assert line.closed is bool(more)
    assert found.read() == b""


def test_information_comes_before_the_answer() -> None:
    found, _ = answer(b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n")
    assert found.status == 200


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the connection was closed"),
        (b"HTTP/1.1 200", "the answer was cut"),
        (b"SSH-2.0-x\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 ok\r\n\r\n", "`ok` is no number"),
        (OK + b"nonsense\r\n\r\n", "headers are none"),
        (OK + b"".join(b"x%d: y\r\n" % one for one in range(300)), "headers are none"),
        (OK + b"Content-Length: -5\r\n\r\nhello", "`-5` is no number"),
        (OK + b"Content-Length: 1_0\r\n\r\nhello", "`1_0` is no number"),
        (OK + b"Content-Length: 9\r\n\r\nhello", "the answer was cut"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "`xyz` is no number"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel", "the answer was cut"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n", "the connection was closed"),
        (OK + b"x: " + b"y" * 70_000, "the answer was cut"),
    ],
)
def test_what_is_no_answer_is_told(data: bytes, message: str) -> None:
    with pytest.raises(Garbled, match=message):
        answer(data)[0].read()


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[int, list[bytes]]]]:
    """Answer each request on one connection with the next of some bytes; give the port."""
    threads = []

    def start(*answers: bytes) -> tuple[int, list[bytes]]:
        listening = socket.create_server(("127.0.0.1", 0))
        asked: list[bytes] = []

        def work() -> None:
            with listening, listening.accept()[0] as sock:
                for one in answers:
                    asked.append(sock.recv(65536))
                    sock.sendall(one)

        threads.append(threading.Thread(target=work))
        threads[-1].start()
        return listening.getsockname()[1], asked

    yield start
    for thread in threads:
        thread.join()


def test_request_goes_as_one(serve: Callable[..., tuple[int, list[bytes]]]) -> None:
    port, asked = serve(OK + b"Content-Length: 2\r\n\r\n{}")
    line = Line(("127.0.0.1", port))
    line.connect()
    assert line.ask("POST", "/x", b"[]", {"A": "b"}).read() == b"{}"
    line.close()
    head = f"POST /x HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nA: b\r\nContent-Length: 2"
    assert asked == [f"{head}\r\n\r\n[]".encode()]


def test_header_of_two_lines_is_refused(serve: Callable[..., tuple[int, list[bytes]]]) -> None:
    port, asked = serve()
    line = Line(("127.0.0.1", port))
    line.connect()
    with pytest.raises(ValueError, match="more than one line"):
        line.ask("GET", "/x", None, {"Authorization": "Bearer a\nX: y"})
    line.close()
    assert asked == []


def test_proxy_passes_on_what_follows_its_answer(
    serve: Callable[..., tuple[int, list[bytes]]],
) -> None:
    port, asked = serve(
        b"HTTP/1.0 200 Connection established\r\n\r\n", OK + b"Content-Length: 0\r\n\r\n"
    )
    line = Line(("::1", 6443), proxy=("localhost", port))
    line.connect()
    assert line.ask("GET", "/", None, {}).status == 200
    line.close()
    assert asked[0] == b"CONNECT [::1]:6443 HTTP/1.1\r\nHost: [::1]:6443\r\n\r\n"


def test_proxy_that_refuses_is_told(serve: Callable[..., tuple[int, list[bytes]]]) -> None:
    port, _ = serve(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    line = Line(("example.test", 6443), proxy=("127.0.0.1", port))
    with pytest.raises(Garbled, match="the proxy answered 407"):
        line.connect()
    line.close()

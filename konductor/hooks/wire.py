"""One HTTP/1.1 connection, and the answers that come over it.

``http.client`` knows more than a hook needs, and takes 8 ms to say so: it reads headers with what
reads mail.
"""

import socket
import ssl
from collections.abc import Mapping
from io import BufferedReader

_LONGEST_LINE = 65536
_MOST_HEADERS = 200
_PIECE = 65536
_LAST_INFORMATION = 199
_OK = 200
_BODILESS = (204, 304)


class Garbled(OSError):
    """What came is no answer of an HTTP server, or was cut in the middle."""


class Line:
    """A connection to a server, through a proxy if there is one; it has one answer at a time."""

    def __init__(
        self,
        address: tuple[str, int],
        *,
        tls: ssl.SSLContext | None = None,
        name: str = "",
        proxy: tuple[str, int] | None = None,
    ) -> None:
        """Say where to; ``name`` is what the certificate is held to."""
        self.timeout: float | None = None
        """Seconds that connecting may take; later it is the socket's own that counts."""
        self.sock: socket.socket | None = None
        self._address = address
        self._tls = tls
        self._name = name
        self._proxy = proxy
        self._input: BufferedReader | None = None

    def connect(self) -> None:
        """Open the connection.

        Raises:
            OSError: it cannot be had.
        """
        host, port = self._proxy or self._address
        # As bytes, since Python looks text up in tables of Unicode: 1 ms.
        place: tuple[str, int] = (_ascii(host), port)  # type: ignore[assignment]  # bytes do, too
        self.sock = socket.create_connection(place, self.timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._proxy:
            self._tunnel(self.sock)
        if self._tls:
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=_ascii(self._name))
        self._input = self.sock.makefile("rb")

    def ask(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
    ) -> "Answer":
        """Send a request and return its answer, whose body is still to be read.

        Raises:
            OSError: the connection broke, or no answer came over it.
            ValueError: a header would not be one.
        """
        assert self.sock, "the line is not open"  # noqa: S101  # the caller's bug
        assert self._input  # noqa: S101  # they come together
        length = {} if body is None else {"Content-Length": str(len(body))}
        lines = [f"{method} {target} HTTP/1.1", f"Host: {_authority(self._address)}"]
        lines += [f"{name}: {value}" for name, value in {**headers, **length}.items()]
        if any("\n" in line or "\r" in line for line in lines):
            raise ValueError("a header has more than one line")
        head = "\r\n".join((*lines, "", "")).encode("latin-1")
        self.sock.sendall(head + (body or b""))
        return Answer(self, self._input)

    def close(self) -> None:
        """Give it back."""
        if self._input:
            self._input.close()
            self._input = None
        if self.sock:
            self.sock.close()
            self.sock = None

    def _tunnel(self, sock: socket.socket) -> None:
        """Have the proxy pass on all that follows."""
        where = _authority(self._address)
        sock.sendall(f"CONNECT {where} HTTP/1.1\r\nHost: {where}\r\n\r\n".encode("latin-1"))
        # Nothing behind the proxy's answer may be read ahead.
        with sock.makefile("rb", buffering=0) as unbuffered:
            status, _ = _read_head(unbuffered)
        if status != _OK:
            raise Garbled(f"the proxy answered {status}")


class Answer:
    """An answer: its head is read, its body is read bit by bit."""

    def __init__(self, line: Line, source: BufferedReader) -> None:
        """Read the head.

        Raises:
            OSError: the connection broke.
        """
        self.status, self.headers = _read_head(source)
        """The headers by their names in lower case."""
        self._line = line
        self._source = source
        self._chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        length = self.headers.get("content-length")
        self._sized = self._chunked or length is not None or self.status in _BODILESS
        self._left = 0 if self._chunked or length is None else _number(length, 10)
        self._over = self._sized and not self._chunked and not self._left
        self._finish_if_over()

    def read(self) -> bytes:
        """Return all of the body that has not been read yet."""
        return b"".join(iter(self.read_some, b""))

    def read_some(self) -> bytes:
        """Return what there is of the body, as soon as there is any; nothing at its end.

        Raises:
            OSError: the connection broke.
        """
        if self._chunked and not self._over and not self._left:
            self._begin_chunk()
        if self._over:
            return b""
        data = self._source.read1(min(_PIECE, self._left) if self._sized else _PIECE)
        if self._sized:
            self._take(len(data))
        self._over = self._over or not data
        self._finish_if_over()
        return data

    def _take(self, size: int) -> None:
        if not size:
            raise Garbled("the answer was cut")
        self._left -= size
        if self._chunked and not self._left:
            _read_line(self._source)  # the end of a chunk
        self._over = not self._chunked and not self._left

    def _begin_chunk(self) -> None:
        self._left = _number(_read_line(self._source).partition(";")[0], 16)
        if not self._left:
            while _read_line(self._source):
                """Trailers say nothing to us."""
            self._over = True
            self._finish_if_over()

    def _finish_if_over(self) -> None:
        """Leave the line to the next request, or close it if there can be none."""
        if self._over and (not self._sized or "close" in self.headers["connection"]):
            self._line.close()


def _read_head(source: BufferedReader | socket.SocketIO) -> tuple[int, dict[str, str]]:
    """Return status and headers of the answer that follows."""
    while True:
        version, status = _read_status(source)
        headers = {"connection": "" if version == "HTTP/1.1" else "close"}
        while line := _read_line(source):
            name, colon, value = line.partition(":")
            if not colon or len(headers) == _MOST_HEADERS:
                raise Garbled("the answer's headers are none")
            headers[name.lower()] = value.strip()
        headers["connection"] = headers["connection"].lower()
        if status > _LAST_INFORMATION:
            return status, headers


def _read_status(source: BufferedReader | socket.SocketIO) -> tuple[str, int]:
    version, _, rest = _read_line(source).partition(" ")
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        raise Garbled("what answers there does not speak HTTP/1.1")
    return version, _number(rest[:3], 10)


def _read_line(source: BufferedReader | socket.SocketIO) -> str:
    line = source.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise Garbled("the answer was cut" if line else "the connection was closed")
    return line.decode("latin-1").rstrip("\r\n")


def _number(text: str, base: int) -> int:
    try:
        if text.strip().isalnum():  # no signs, no underscores
            return int(text, base)
    except ValueError:
        pass
    raise Garbled(f"`{text[:20]}` is no number")


def _authority(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _ascii(host: str) -> bytes:
    return host.encode("ascii" if host.isascii() else "idna")

"""A proxy before the S3 server that counts requests and does harm to chosen ones.

Belongs here: passing requests on, counting, harming. Not here: what must come of it.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_HOST = "127.0.0.1"
_PIECES = 4
_LINE_END = b"\r\n"


@dataclass(frozen=True)
class Call:
    """A request, as far as the choice of harm needs it.

    Attributes:
        kind: LIST, or the method.
        key: the object, without the bucket; what a listing's keys begin with.
        number: the how-manieth request this is.
    """

    kind: str
    key: str
    number: int


@dataclass(frozen=True)
class Harm:
    """What happens to a request instead of, or after, what should.

    Attributes:
        status, code: the answer of an overloaded or failing store, instead of asking it.
        is_passed_on: whether the store gets the request all the same, and only its answer is lost.
        sent: the share of the answer's body that is sent before the connection is reset.
        seconds: what passes before the connection is reset, or between pieces of a slow body.
        is_slow: whether the answer's body comes in pieces, with pauses.
    """

    status: int = 0
    code: str = ""
    is_passed_on: bool = False
    sent: float | None = None
    seconds: float = 0.0
    is_slow: bool = False


FAILING = Harm(500, "InternalError")
OVERLOADED = Harm(503, "SlowDown")
RESET = Harm()
ANSWER_LOST = Harm(is_passed_on=True)
CUT_OFF = Harm(is_passed_on=True, sent=0.5)
SLOW = Harm(is_passed_on=True, is_slow=True, seconds=0.1)
# Longer than tests let a client wait: of nothing, or of the second half of a body.
HANGING = Harm(seconds=2.0)
STALLED = Harm(is_passed_on=True, sent=0.5, seconds=2.0)
THROTTLED = Harm(429, "TooManyRequests")
EXPIRED = Harm(400, "ExpiredToken")
FORBIDDEN = Harm(403, "AccessDenied")

Choice = Callable[[Call], Harm | None]


@dataclass
class Proxy:
    """A proxy that runs.

    Attributes:
        endpoint: where it answers.
        choose: which harm a request comes to; None for none.
        counted: requests by kind.
        harmed: requests that came to harm, by kind.
    """

    endpoint: str
    choose: Choice = lambda _: None
    counted: Counter[str] = field(default_factory=Counter)
    harmed: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def harming(self, choose: Choice) -> Iterator[None]:
        """Do harm for a while."""
        self.choose = choose
        try:
            yield
        finally:
            self.choose = lambda _: None

    def judge(self, method: str, target: str) -> Harm | None:
        """Count a request, and choose what becomes of it."""
        url = urlsplit(target)
        asked = parse_qs(url.query)
        kind = "LIST" if method == "GET" and "list-type" in asked else method
        with self._lock:
            self.counted[kind] += 1
            _, _, key = unquote(url.path).lstrip("/").partition("/")
            key = asked.get("prefix", [""])[0] if kind == "LIST" else key
            harm = self.choose(Call(kind, key, self.counted.total()))
            if harm:
                self.harmed[kind] += 1
            return harm


@contextlib.contextmanager
def proxy_before(endpoint: str, tls: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """Run a proxy before a server on this machine; it speaks TLS if it is told how.

    Signatures stay good: the host that was signed is passed on as it came.
    """
    host, port = urlsplit(endpoint).hostname, urlsplit(endpoint).port

    class Handler(_Handler):
        upstream = (str(host), int(port or 80))

    class Server(ThreadingHTTPServer):
        def get_request(self) -> tuple[socket.socket, Any]:
            met, address = super().get_request()
            return (tls.wrap_socket(met, server_side=True) if tls else met), address

    with Server((_HOST, 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        scheme = "https" if tls else "http"
        Handler.proxy = Proxy(f"{scheme}://{_HOST}:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield Handler.proxy
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    upstream: tuple[str, int]
    proxy: Proxy

    def _handle(self) -> None:
        body = self._body()
        harm = self.proxy.judge(self.command, self.path)
        if harm is None or harm.is_passed_on:
            status, headers, content = self._asked_upstream(body)
        if harm is None:
            self._answer(status, headers, content)
        elif harm.status:
            self._refuse(harm)
        elif harm.is_slow:
            self._answer(status, headers, content, pause=harm.seconds)
        else:
            if harm.sent is not None:
                self._answer(status, headers, content[: int(len(content) * harm.sent)])
            time.sleep(harm.seconds)
            self._reset()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _handle  # noqa: N815  # http.server's names

    def _body(self) -> bytes:
        """What the client sends, as it sends it: a body in chunks stays one in chunks."""
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        lines = []
        while True:
            lines.append(self.rfile.readline())
            if size := int(lines[-1].split(b";")[0], 16):
                lines.append(self.rfile.read(size + len(_LINE_END)))
                continue
            while lines[-1] != _LINE_END:  # trailers, up to an empty line
                lines.append(self.rfile.readline())
            return b"".join(lines)

    def _asked_upstream(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection(*self.upstream, timeout=60)
        with contextlib.closing(connection):
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "expect"):
                    connection.putheader(name, value)
            connection.endheaders()
            connection.send(body)
            answer: HTTPResponse = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()

    def _answer(
        self, status: int, headers: list[tuple[str, str]], content: bytes, pause: float = 0.0
    ) -> None:
        """Send an answer; its head is the whole one's, whatever of the content is given."""
        self.send_response_only(status)
        known = {name.lower() for name, _ in headers}
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding"):
                self.send_header(name, value)
        if "content-length" not in known and status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        pieces = _PIECES if pause else 1
        length = -(-len(content) // pieces) or 1
        for first in range(0, len(content), length):
            self.wfile.write(content[first : first + length])
            time.sleep(pause)

    def _refuse(self, harm: Harm) -> None:
        said = f"<Error><Code>{harm.code}</Code><Message>made for a test</Message></Error>".encode()
        content = b"" if self.command == "HEAD" else said
        headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(content)))]
        self._answer(harm.status, headers, content)

    def _reset(self) -> None:
        self.wfile.flush()
        linger = struct.pack("ii", 1, 0)  # closing sends a reset instead of a farewell
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
        """Say nothing."""

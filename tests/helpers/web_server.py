"""Web servers on this machine, among them such as fail."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from crossbreed.config.schema import HttpSource

HANG = b"(send no answer)"
CLOSE = b"(send the first half and hang up)"


class Server(ThreadingHTTPServer):
    """Serves `answers` by path, 404 for all else, and notes in `asked` what was asked for."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.asked: list[str] = []
        self.encoding = "identity"
        self.closing = threading.Event()

    @property
    def source(self) -> HttpSource:
        return HttpSource(kind="http", url=f"http://127.0.0.1:{self.server_address[1]}")


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = self.server.answers.get(self.path)
        if body is None:
            self.send_error(404)
            return
        if body is not HANG:
            promised = 2 * len(body) if body is CLOSE else len(body)
            self.send_response(200)
            self.send_header("Content-Length", str(promised))
            self.send_header("Content-Encoding", self.server.encoding)
            self.end_headers()
            self.wfile.write(body)
        if body is HANG:
            self.server.closing.wait()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


Serve = Callable[[dict[str, bytes]], Server]


@contextmanager
def servers() -> Iterator[Serve]:
    """Give a function that starts a server with some answers; all are stopped at the end."""
    running: list[Server] = []

    def start(answers: dict[str, bytes]) -> Server:
        server = Server(answers)
        running.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    yield start
    for server in running:
        server.closing.set()
        server.shutdown()
        server.server_close()


def closed_port() -> HttpSource:
    """Return a source that refuses connections."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return HttpSource(kind="http", url=f"http://127.0.0.1:{free.getsockname()[1]}")

"""The fake Bot API over HTTP on the loopback, one thread a connection.

``/bot<token>/<method>`` and ``/file/bot<token>/<path>`` are Telegram's; ``/__state``,
``/__calls`` and POST ``/__act`` (``{"do": "say", "args": {…}}``) are for tests.
"""

from __future__ import annotations

import contextlib
import json
import re
import select
import socket
import threading
import traceback
from collections.abc import Callable
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .api import Api, Reply, error_reply
from .courier import Courier
from .errors import NOT_FOUND, UNAUTHORIZED, ApiError
from .forms import parse_body
from .world import World

Control = Callable[[str, str, dict[str, Any]], Any]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _HttpServer

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            super().handle()

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._read_body())

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        raw: dict[str, Any] = dict(parse_qsl(parts.query, keep_blank_values=True))
        try:
            raw |= parse_body(self.headers.get("Content-Type", ""), body)
            reply = self.server.route(unquote(parts.path), raw, self.command, self.is_gone)
        except ApiError as error:
            reply = error_reply(error)
        except Exception:
            self.server.bugs.append(traceback.format_exc())
            reply = error_reply(ApiError(500, "Internal Server Error: a bug of the fake"))
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        if reply.status is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        head = {
            "Content-Type": reply.content_type,
            "Content-Length": str(len(reply.body)),
            **reply.headers,
        }
        lines = [f"HTTP/1.1 {reply.status} {responses.get(reply.status, '')}"]
        lines += [f"{name}: {value}" for name, value in head.items()]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + reply.body)  # in one packet

    def is_gone(self) -> bool:
        """Whether the client has hung up."""
        try:
            ready, _, _ = select.select([self.connection], [], [], 0)
            return bool(ready) and not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], route: Callable[..., Reply], bugs: list[str]
    ) -> None:
        self.connections: set[socket.socket] = set()
        self.route = route
        self.bugs = bugs
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        self.bugs.append(traceback.format_exc())


class ApiServer:
    """Listens for the bot; :meth:`down` and :meth:`up` play an outage on the same port."""

    def __init__(self, world: World, control: Control | None = None) -> None:
        self.world = world
        self.api = Api(world)
        self.control = control
        self.port = 0
        self.bugs: list[str] = []
        self._http: _HttpServer | None = None
        self._thread: threading.Thread | None = None
        self._courier = Courier(world, self.api.perform)

    def start(self, port: int = 0) -> None:
        self.port = port
        self.up()
        self._courier.start()

    def up(self) -> None:
        self._http = _HttpServer(("127.0.0.1", self.port), self.route, self.bugs)
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, name="bot-api"
        )
        self._thread.start()

    def down(self) -> None:
        """Stops listening and breaks all connections."""
        http, thread = self._http, self._thread
        if http is None or thread is None:
            return
        self._http = None
        http.shutdown()
        thread.join()
        with self.world.lock:
            self.world.polling.current, self.world.polling.abort_reason = None, ""
            self.world.touch()
        for connection in list(http.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        http.server_close()

    def stop(self) -> None:
        self.world.stopping.set()
        self.world.touch()
        self.down()
        self._courier.stop()

    def route(
        self, path: str, raw: dict[str, Any], verb: str, is_gone: Callable[[], bool]
    ) -> Reply:
        """The answer to a request."""
        if path.startswith("/__") and self.control is not None:
            result = self.control(verb, path.removeprefix("/__"), raw)
            return Reply(200, json.dumps(result, default=repr, ensure_ascii=False).encode())
        file = re.fullmatch(r"/file/bot([^/]+)/(.+)", path)
        if file:
            return self._file(*file.groups())
        call = re.fullmatch(r"/bot([^/]+)/(\w+)", path)
        if not call:
            return error_reply(ApiError(404, NOT_FOUND))
        if call.group(1) != self.world.token:
            return error_reply(ApiError(401, UNAUTHORIZED))
        return self.api.perform(call.group(2), raw, is_gone)

    def _file(self, token: str, path: str) -> Reply:
        if token != self.world.token:
            return error_reply(ApiError(401, UNAUTHORIZED))
        for file in list(self.world.files.values()):
            if file.path == path:
                return Reply(200, file.data, "application/octet-stream")
        return error_reply(ApiError(404, NOT_FOUND))

"""The simulator on a socket: HTTP/1.1 with kept connections, and connections that really break."""

import io
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from werkzeug.serving import BaseWSGIServer, DechunkedInput, WSGIRequestHandler, make_server

from allegro_module.simulator.faults import ConnectionBroken


class Connection(WSGIRequestHandler):
    """Werkzeug's handler closes each connection after one answer; clients of a real API keep theirs."""

    protocol_version = "HTTP/1.1"
    # Head and body leave in two packets at times; waiting between them would cost 40 ms an answer.
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(self._body(environ))
        environ["wsgi.input_terminated"] = True
        answer: list[Any] = []
        parts: list[bytes] = []
        try:
            parts.extend(self.server.app(environ, lambda *head: answer.extend(head[:2])))  # type: ignore[arg-type]
            body = b"".join(parts)
        except ConnectionBroken:
            self.close_connection = True
            if parts:
                self._send(answer[0], answer[1], b"".join(parts), dict(answer[1])["Content-Length"])
            return
        except Exception:
            traceback.print_exc()
            answer, body = ["500 Internal Server Error", []], b""
        self._send(answer[0], answer[1], body)

    def _body(self, environ: dict[str, Any]) -> bytes:
        """The whole body, so that the next request of this connection begins where it should."""
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if isinstance(environ["wsgi.input"], DechunkedInput):
            return environ["wsgi.input"].readall()
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _send(
        self, status: str, headers: list[tuple[str, str]], body: bytes, promised: str | None = None
    ) -> None:
        """`promised` is the length in the head where it is not that of the body."""
        code, _, reason = status.partition(" ")
        # Not send_response, which would add the Date of this machine to that of the simulated clock.
        self.send_response_only(int(code), reason)
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        if int(code) != 204:
            self.send_header("Content-Length", promised or str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: addresses of the OAuth server carry codes."""


def make(app: Any, host: str, port: int) -> BaseWSGIServer:
    return make_server(host, port, app, threaded=True, request_handler=Connection)


@contextmanager
def listening(app: Any, host: str, port: int) -> Iterator[str]:
    """Serve in a thread; gives the base address."""
    server = make(app, host, port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()

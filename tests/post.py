"""A mail server and a webhook of our own, on this machine: what they were given, and how they answer."""

from __future__ import annotations

import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class MailBox:
    """`refuses` answers 451 to whoever brings a letter."""

    url: str = ""
    refuses: bool = False
    letters: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    @property
    def subjects(self) -> list[str]:
        """Folding may have doubled a blank."""
        return [" ".join(letter["Subject"].split()) for letter in self.letters]

    @property
    def texts(self) -> list[str]:
        return [letter.get_content() for letter in self.letters]


@dataclass
class Hook:
    """`status` is what it answers."""

    url: str = ""
    status: int = 204
    events: list[dict[str, str]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[MailBox]:
    """Speaks as much SMTP as a letter needs."""
    box = MailBox()

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 mail.test")
            while line := self.rfile.readline().decode().strip():
                box.commands.append(line)
                verb = line.split()[0].upper()
                if verb == "QUIT":
                    self._say("221 bye")
                    return
                self._say(self._answer(verb))

        def _answer(self, verb: str) -> str:
            if verb == "EHLO":
                return "250-mail.test\r\n250 AUTH PLAIN"
            if verb == "AUTH":
                return "235 welcome"
            if verb == "MAIL" and box.refuses:
                return "451 come later"
            if verb != "DATA":
                return "250 fine"
            self._say("354 go on")
            lines = iter(self.rfile.readline, b".\r\n")
            box.letters.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
            return "250 taken"

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    with _served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)) as port:
        box.url = f"smtp://127.0.0.1:{port}"
        yield box


@contextmanager
def webhook_server() -> Iterator[Hook]:
    hook = Hook()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.events.append(json.loads(body))
            hook.agents.append(self.headers["User-Agent"])
            hook.paths.append(self.path)
            self.send_response(hook.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with _served(ThreadingHTTPServer(("127.0.0.1", 0), Answer)) as port:
        hook.url = f"http://127.0.0.1:{port}/hook/secret-part"
        yield hook


@contextmanager
def _served(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

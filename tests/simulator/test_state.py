"""What a state file keeps, and what happens to one that an earlier version wrote."""

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from allegro_module.simulator import Clock, Simulator, Standing, World
from tests.simulator.conftest import NOON, Caller, Remote, renewed, status_of

NEW_IN_THIS_VERSION = ("devices", "registrations", "limits", "attachments", "promotion")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state"


def reopened(file: Path) -> Simulator:
    return Simulator(World.load(file))


def test_codes_tokens_applications_and_sellers_outlive_a_restart(file: Path) -> None:
    before = Simulator(World(Clock(Standing(NOON))), file)
    remote, caller = Remote(before), Caller(before)
    tokens = caller.link()
    code = remote.post("/registration-codes")["code"]
    remote.post("/applications", client_id="c", client_secret="s", name="Sklep", kind="device")
    remote.post("/sellers/bursztyn_i_len", login="bursztyn")
    remote.post("/tokens/refuse", seller="bursztyn", times=1)

    after = reopened(file)

    assert after.world.applications["c"].is_for_devices
    assert after.world.registrations.is_good(code, NOON)
    assert [status_of(Caller(after), tokens) for _ in range(2)] == [401, 200]


def test_file_of_an_earlier_version_gains_what_is_new_and_loses_nothing(file: Path) -> None:
    world = World(Clock(Standing(NOON)))
    tokens = Caller(Simulator(world)).link()
    make_old(world)
    world.save(file)

    after = reopened(file)

    assert renewed(Caller(after), tokens).status_code == 200
    assert list(after.world.sellers)[-1] == "jantar_praha"
    assert "demo-device-id" in after.world.applications
    assert Client(after).get("/").status_code == 200


def make_old(world: World) -> None:
    """Take away what came with this version."""
    for name in NEW_IN_THIS_VERSION:
        delattr(world, name)
    del world.tokens.refusals
    del world.sellers["jantar_praha"]
    world.applications = {"demo-client-id": world.applications["demo-client-id"]}
    for name in ("grant_types", "scopes"):
        del world.applications["demo-client-id"].__dict__[name]


def test_file_from_before_price_lists_could_be_written_goes_on(file: Path) -> None:
    world = World(Clock(Standing(NOON)))
    for name in ("removed", "discontinued"):
        delattr(world.delivery, name)
    del world.limits.calls
    del world.limits.buckets
    del world.catalogue.changes
    del world.images.hosted
    for price_list in world.delivery.price_lists.values():
        del price_list.__dict__["is_fulfillment"]
    for name in ("next_item_rate", "list_last_modified", "command_seconds"):
        del world.switches.__dict__[name]
    world.save(file)

    after = reopened(file)

    caller = Caller(after)
    bearer = {"Authorization": f"Bearer {caller.link()['access_token']}"}
    rows = caller.get("/sale/shipping-rates", headers=bearer).json["shippingRates"]
    assert rows[0]["lastModified"]
    assert caller.get("/sale/matching-categories?name=kubek", headers=bearer).status_code == 200
    assert after.world.delivery.find_method("none") is None


class Stranger:
    """Something else that can be pickled."""


@pytest.mark.parametrize("content", [pickle.dumps(Stranger()), b"", b"no pickle", b"cnowhere\nThing\n."])
def test_file_that_cannot_be_read_is_refused_by_name(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    with pytest.raises(ValueError, match=str(file)):
        World.load(file)


def test_process_says_in_a_line_which_file_it_cannot_read(file: Path) -> None:
    file.write_bytes(b"no pickle")
    command = [sys.executable, "-m", "allegro_module.simulator", "--port", "1", "--state", str(file)]

    stopped: Any = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    assert stopped.returncode == 1
    assert str(file) in stopped.stderr
    assert "Traceback" not in stopped.stderr

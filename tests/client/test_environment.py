"""Which addresses belong to which environment."""

import pytest

from allegro_module.client.environment import environment


def test_production_and_sandbox_have_three_hosts_each() -> None:
    production, sandbox = environment("production"), environment("sandbox")

    assert production.auth_url == "https://allegro.pl"
    assert production.api_url == "https://api.allegro.pl"
    assert production.upload_url == "https://upload.allegro.pl"
    assert sandbox.auth_url == "https://allegro.pl.allegrosandbox.pl"
    assert sandbox.api_url == "https://api.allegro.pl.allegrosandbox.pl"
    assert sandbox.upload_url == "https://upload.allegro.pl.allegrosandbox.pl"


def test_the_simulator_is_everything_at_one_address() -> None:
    here = environment("simulator", "http://127.0.0.1:8123/")

    assert {here.auth_url, here.api_url, here.upload_url, here.web_url} == {"http://127.0.0.1:8123"}


def test_an_offer_has_a_page_for_buyers() -> None:
    assert environment("production").offer_url("7700") == "https://allegro.pl/oferta/7700"


@pytest.mark.parametrize("name", ["staging", "simulator", ""])
def test_an_environment_without_addresses_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name or "''"):
        environment(name)

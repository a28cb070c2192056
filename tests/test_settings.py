"""Wrong configuration stops the start with one message that names everything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allegro_module.sealing import new_key
from allegro_module.settings import DEFAULT_REDIS, WrongSettings, read_settings

GOOD = {
    "ALLEGRO_ENCRYPTION_KEYS": new_key(),
    "ALLEGRO_APP_NAME": "Bursztyn i Len",
    "ALLEGRO_APP_URL": "https://bursztyn.example/allegro",
}


def test_three_keys_are_enough() -> None:
    settings = read_settings(GOOD)

    assert settings.redis_url == DEFAULT_REDIS
    assert settings.refresh_tokens is True
    assert settings.simulator_url is None


def test_the_user_agent_has_the_form_that_allegro_demands() -> None:
    assert read_settings(GOOD).user_agent() == "Bursztyn-i-Len/0.1.0 (+https://bursztyn.example/allegro)"


def test_every_wrong_key_is_named_at_once() -> None:
    wrong = {
        "ALLEGRO_ENCRYPTION_KEYS": "not-a-key",
        "ALLEGRO_APP_URL": "bursztyn.example",
        "ALLEGRO_REFRESH_TOKENS": "perhaps",
        "ALLEGRO_CLOCK_OFFSET": "an hour",
        "ALLEGRO_SIMULATOR_URL": "localhost",
        "ALLEGRO_REDIS_URL": "http://:pass@localhost:6379",
    }

    with pytest.raises(WrongSettings) as stopped:
        read_settings(wrong)

    message = str(stopped.value)
    assert "pass" not in message
    assert [key for key in [*wrong, "ALLEGRO_APP_NAME"] if key not in message] == []
    assert len(stopped.value.complaints) == 7


def test_a_complaint_does_not_show_the_key_it_complains_about() -> None:
    with pytest.raises(WrongSettings) as stopped:
        read_settings({**GOOD, "ALLEGRO_ENCRYPTION_KEYS": f"{new_key()},secret-but-wrong"})

    assert "key 2" in str(stopped.value)
    assert "secret-but-wrong" not in str(stopped.value)


@pytest.mark.parametrize("blank", [" ", ",", " , "])
def test_keys_that_are_only_blanks_are_missing(blank: str) -> None:
    with pytest.raises(WrongSettings, match="ALLEGRO_ENCRYPTION_KEYS: there is no key in it"):
        read_settings({**GOOD, "ALLEGRO_ENCRYPTION_KEYS": blank})


def test_switches_and_offsets_are_read_from_text() -> None:
    settings = read_settings({**GOOD, "ALLEGRO_REFRESH_TOKENS": "false", "ALLEGRO_CLOCK_OFFSET": "-90"})

    assert settings.refresh_tokens is False
    assert settings.clock_offset == timedelta(seconds=-90)

"""Facts reach the host, and a host's failing receiver breaks nothing."""

from __future__ import annotations

import logging

import pytest

from allegro_module.domain.facts import ConnectionLost, Fact
from allegro_module.signals import announce, connection_lost


def test_a_receiver_gets_the_fact() -> None:
    got: list[Fact] = []

    def receive(sender: object, fact: Fact) -> None:
        got.append(fact)

    with connection_lost.connected_to(receive):
        announce(ConnectionLost("bursztyn", "refused"))

    assert got == [ConnectionLost("bursztyn", "refused")]


def test_a_receiver_that_raises_is_logged_and_the_next_one_still_hears(
    caplog: pytest.LogCaptureFixture,
) -> None:
    got: list[Fact] = []

    def raises(sender: object, fact: Fact) -> None:
        raise RuntimeError("host's defect")

    def receive(sender: object, fact: Fact) -> None:
        got.append(fact)

    with (
        caplog.at_level(logging.ERROR),
        connection_lost.connected_to(raises),
        connection_lost.connected_to(receive),
    ):
        announce(ConnectionLost("bursztyn", "refused"))

    assert len(got) == 1
    assert "host's defect" in caplog.text

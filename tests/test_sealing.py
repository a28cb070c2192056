"""Secrets rest sealed, and keys can be changed."""

from __future__ import annotations

import pytest

from allegro_module.sealing import Seal, SealBroken, new_key


def test_a_secret_comes_back_as_it_was() -> None:
    seal = Seal([new_key()])

    assert seal.open(seal.close("zażółć")) == "zażółć"


def test_a_sealed_secret_does_not_show_it() -> None:
    assert "hidden" not in Seal([new_key()]).close("hidden")


def test_an_older_key_still_opens() -> None:
    old, new = new_key(), new_key()

    assert Seal([new, old]).open(Seal([old]).close("token")) == "token"


def test_without_its_key_a_seal_is_broken() -> None:
    with pytest.raises(SealBroken):
        Seal([new_key()]).open(Seal([new_key()]).close("token"))

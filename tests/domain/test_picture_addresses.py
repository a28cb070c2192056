"""Addresses of pictures that Allegro is to fetch."""

from __future__ import annotations

import pytest

from allegro_module.domain.picture_addresses import address_problem, is_address


@pytest.mark.parametrize(
    "address",
    [
        "https://bursztyn.example/zdjecia/1.jpg",
        "https://img.xn--bursztyn-y0a.pl/a?w=1200&v=2",
        "https://cdn.bursztyn.pl:443/a.webp",
        "https://cdn2.4sklep.pl/%C5%82.png",
    ],
)
def test_address_with_a_public_domain_is_taken(address: str) -> None:
    assert address_problem(address) is None
    assert is_address(address)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "picture_address_empty"),
        ("http://bursztyn.pl/1.jpg", "picture_address_not_https"),
        ("bursztyn.pl/1.jpg", "picture_address_not_https"),
        ("javascript:alert(1)", "picture_address_not_https"),
        ("https://192.168.1.7/1.jpg", "picture_address_ip"),
        ("https://8.8.8.8/1.jpg", "picture_address_ip"),
        ("https://[::1]/1.jpg", "picture_address_ip"),
        ("https://2130706433/1.jpg", "picture_address_ip"),
        ("https://0x7f.1/1.jpg", "picture_address_ip"),
        ("https://user:secret@127.0.0.1/1.jpg", "picture_address_ip"),
        ("https://[zle/1.jpg", "picture_address_domain"),
        ("https://localhost/1.jpg", "picture_address_domain"),
        ("https://sklep.local/1.jpg", "picture_address_domain"),
        ("https://anna:haslo@bursztyn.pl/1.jpg", "picture_address_domain"),
        ("https://bursztyn.pl:8443/1.jpg", "picture_address_domain"),
        ("https://bursztyn.pl", "picture_address_domain"),
        ("https://bursztyn.pl/zdjęcie.jpg", "picture_address_characters"),
        ("https://bursztyn.pl/a b.jpg", "picture_address_characters"),
        ("https://bursztyn.pl/\u202egpj.exe", "picture_address_characters"),
        (f"https://bursztyn.pl/{'a' * 500}", "picture_address_too_long"),
    ],
)
def test_address_that_allegro_would_refuse_or_nobody_should_fetch_is_told(address: str, code: str) -> None:
    problem = address_problem(address)

    assert problem is not None
    assert (problem.code, problem.field) == (code, "image_address")

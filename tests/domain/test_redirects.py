"""Redirect URIs: what Allegro would not take is named with its line; differences count letter by letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allegro_module.domain.redirects import (
    Difference,
    Part,
    compare,
    is_loopback,
    nearest,
    problems_with,
    uris_of,
)

HERE = "https://panel.bursztyn-i-len.example/backend/allegro/config/callback"

labels = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
hosts = st.lists(labels, min_size=2, max_size=3).map(".".join)
ports = st.one_of(st.just(""), st.integers(1, 65535).map(lambda number: f":{number}"))
paths = st.lists(labels, max_size=3).map(lambda parts: "".join(f"/{part}" for part in parts))
uris = st.builds("https://{}{}{}{}".format, hosts, ports, paths, st.sampled_from(["", "/"]))


def codes(text: str, environment: str = "production") -> list[tuple[str, str]]:
    return [(each.params["line"], each.code) for each in problems_with(text, environment)]


@given(st.lists(uris, unique=True, max_size=4))
def test_whole_https_addresses_of_public_hosts_are_taken(found: list[str]) -> None:
    complaints = [code for _, code in codes("\n".join(found))]

    # „a.example” and „a.example/” are the same address in a browser.
    assert set(complaints) <= {"uri_twice"}


@given(st.text(max_size=60))
def test_whatever_is_typed_each_line_gets_at_most_one_complaint(text: str) -> None:
    for environment in ("production", "simulator"):
        lines = [line for line, _ in codes(text, environment)]

        assert len(lines) == len(set(lines))


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("/backend/callback", "uri_not_absolute"),
        ("panel.example/callback", "uri_not_absolute"),
        ("//panel.example/callback", "uri_not_absolute"),
        ("ftp://panel.example/callback", "uri_not_absolute"),
        ("https:///callback", "uri_not_absolute"),
        ("https://", "uri_not_absolute"),
        ("https://panel.example/callback#top", "uri_fragment"),
        ("https://*.example/callback", "uri_wildcard"),
        ("https://panel.example/call back", "uri_characters"),
        ("https://panel.example\\callback", "uri_characters"),
        ("https://bursztyn-i-łen.example/", "uri_characters"),
        ("https://anna:secret@panel.example/", "uri_login"),
        ("https://panel..example/", "uri_host"),
        ("https://-panel.example/", "uri_host"),
        ("https://0x7f000001/", "uri_host"),
        ("https://127.1/", "uri_host"),
        ("https://[::1/", "uri_host"),
        ("https://panel.example:0/", "uri_port"),
        ("https://panel.example:/", "uri_port"),
        ("https://panel.example:70000/", "uri_port"),
        ("https://panel.example/a/../callback", "uri_dots"),
        ("https://10.0.0.7/callback", "uri_private"),
        ("https://192.168.1.20:8000/callback", "uri_private"),
        ("https://172.16.0.1/callback", "uri_private"),
        ("https://169.254.169.254/callback", "uri_private"),
        ("https://0.0.0.0/callback", "uri_private"),
        ("https://[fd00::1]/callback", "uri_private"),
        ("https://[::ffff:10.0.0.1]/callback", "uri_private"),
        ("http://localhost:8000/callback", "uri_loopback"),
        ("https://[::1]:8000/callback", "uri_loopback"),
        ("https://panel.example/" + "a" * 500, "uri_too_long"),
    ],
)
def test_what_allegro_would_not_take_is_named(uri: str, code: str) -> None:
    assert codes(uri) == [("1", code)]


def test_complaints_count_the_lines_of_the_field() -> None:
    assert codes(f"\n{HERE}\n\n/callback\nhttp://shop.example/") == [
        ("4", "uri_not_absolute"),
        ("5", "uri_not_https"),
    ]


def test_without_https_is_a_warning_except_on_the_own_machine() -> None:
    found = problems_with("http://shop.example/", "production")

    assert [each.is_warning for each in found] == [True]
    assert codes("http://127.0.0.1:8000/callback", "sandbox") == []
    assert codes("http://localhost:8000/callback", "simulator") == []


@pytest.mark.parametrize(
    "twin",
    [HERE, HERE.upper().replace("/BACKEND/ALLEGRO/CONFIG/CALLBACK", "/backend/allegro/config/callback")],
)
def test_the_same_address_twice_names_both_lines(twin: str) -> None:
    found = problems_with(f"{HERE}\nhttps://other.example/\n{twin}", "production")

    assert [(each.code, each.params) for each in found] == [("uri_twice", {"line": "3", "first": "1"})]


def test_the_default_port_is_the_same_address() -> None:
    assert codes("https://a.example/x\nhttps://a.example:443/x") == [("2", "uri_twice")]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "shop.localhost", "127.0.0.53", "[::1]"])
def test_the_own_machine_has_many_names(host: str) -> None:
    assert is_loopback(host)
    assert not is_loopback("panel.example")


@given(uris, uris)
def test_two_addresses_differ_in_something_unless_they_are_the_same_letter_by_letter(
    one: str, other: str
) -> None:
    assert (compare(one, other) == ()) == (one == other)
    assert {each.part for each in compare(one, other)} == {each.part for each in compare(other, one)}


@pytest.mark.parametrize(
    ("registered", "difference"),
    [
        (HERE.replace("https", "http"), Difference(Part.SCHEME, "http", "https")),
        (
            HERE.replace("panel.", "www.panel."),
            Difference(Part.WWW, "www.panel.bursztyn-i-len.example", "panel.bursztyn-i-len.example"),
        ),
        (
            HERE.replace("panel.", "sklep."),
            Difference(Part.HOST, "sklep.bursztyn-i-len.example", "panel.bursztyn-i-len.example"),
        ),
        (HERE.replace(".example", ".example:8443"), Difference(Part.PORT, "8443", "")),
        (
            HERE + "/",
            Difference(
                Part.TRAILING_SLASH, "/backend/allegro/config/callback/", "/backend/allegro/config/callback"
            ),
        ),
        (
            HERE.replace("/callback", "/return"),
            Difference(Part.PATH, "/backend/allegro/config/return", "/backend/allegro/config/callback"),
        ),
        (HERE + "?shop=1", Difference(Part.REST, "?shop=1", "")),
    ],
)
def test_each_part_that_differs_is_told(registered: str, difference: Difference) -> None:
    assert compare(registered, HERE) == (difference,)


def test_a_capital_letter_is_a_difference() -> None:
    assert [each.part for each in compare(HERE.replace("https", "HTTPS"), HERE)] == [Part.SCHEME]


def test_the_nearest_registered_address_is_compared() -> None:
    near = HERE.replace("https", "http")

    assert nearest(["https://elsewhere.example/x", near], HERE) == near
    assert nearest([], HERE) is None


def test_empty_lines_and_blanks_are_nothing() -> None:
    assert uris_of(f"  \n {HERE} \r\n\n") == (HERE,)

"""Who gets in, forged requests, and the headers of our pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from allegro_module.db.alarms import CONNECTION_LOST, raise_alarm
from allegro_module.domain.accounts import LinkState
from allegro_module.domain.permissions import Permission
from allegro_module.web.security import OPEN_ENDPOINTS
from tests.web.conftest import NOW, ORDERS, SETTINGS, Host, a_linked_account, make_host


def rules_of_ours(app: Flask) -> list[str]:
    return [rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("allegro.")]


def token_of(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def test_every_view_names_its_permission(host: Host) -> None:
    unguarded = [
        endpoint
        for endpoint in rules_of_ours(host.app)
        if not isinstance(getattr(host.app.view_functions[endpoint], "allegro_permission", None), Permission)
    ]

    assert sorted(unguarded) == ["allegro.bootstrap", "allegro.static"]


@pytest.mark.parametrize(
    ("address", "permission"),
    [(SETTINGS, Permission.SETTINGS), (ORDERS, Permission.VIEW), (f"{SETTINGS}/callback", "settings")],
)
def test_a_page_answers_403_without_its_permission(
    host: Host, browser: FlaskClient, address: str, permission: str
) -> None:
    host.allowed.discard(str(permission))

    response = browser.get(address)

    assert response.status_code == 403
    assert "nie ma uprawnienia" in response.text


def test_the_403_page_tells_nothing_of_the_accounts(
    host: Host, session: Session, browser: FlaskClient
) -> None:
    a_linked_account(session, host)
    host.allowed.clear()

    page = browser.get(SETTINGS).text

    assert "bursztyn_i_len" not in page
    assert "Symulator" not in page


def test_a_seller_of_orders_may_look_but_not_change_settings(host: Host, browser: FlaskClient) -> None:
    host.allowed = {Permission.VIEW, Permission.HANDLE_ORDERS}

    page = browser.get(ORDERS).text

    assert "Ustawienia konta" not in page
    assert browser.post(f"{SETTINGS}/save", data={"client_id": "x"}).status_code == 403


LOOKS = {
    *("allegro.offers.index", "allegro.offers.preview", "allegro.offers.image", "allegro.schedule.index"),
    "allegro.offers.kept_image",
    *("allegro.orders.index", "allegro.orders.picture", "allegro.order.show", "allegro.order.image"),
    *("allegro.templates.image", "allegro.templates.product_image"),
}
CHANGES_SETTINGS = (
    *("allegro.connection.", "allegro.order_rules.", "allegro.schedule.", "allegro.price_lists."),
    *("allegro.terms.", "allegro.safety.", "allegro.defaults.", "allegro.templates.", "allegro.mapping."),
)
HANDLES_ORDERS = ("allegro.orders.", "allegro.order.", "allegro.prints.", "allegro.schedule.run_now")


def permission_wanted(endpoint: str) -> Permission:
    if endpoint in LOOKS:
        return Permission.VIEW
    if endpoint.startswith(HANDLES_ORDERS):
        return Permission.HANDLE_ORDERS
    return Permission.SETTINGS if endpoint.startswith(CHANGES_SETTINGS) else Permission.LIST_OFFERS


def requests_of(app: Flask) -> list[tuple[str, str, str]]:
    """Endpoint, method and an address of every page that asks for a permission."""
    addresses = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("allegro.") and rule.endpoint not in OPEN_ENDPOINTS:
            address = addresses.build(rule.endpoint, dict.fromkeys(rule.arguments, 1))
            methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            found += [(rule.endpoint, method, address) for method in methods]
    return found


@pytest.mark.parametrize("permission", list(Permission))
def test_each_permission_alone_opens_exactly_its_own_pages(host: Host, permission: Permission) -> None:
    host.allowed = {permission}
    browser = host.browser()

    opened = {
        (endpoint, method): browser.open(address, method=method).status_code != 403
        for endpoint, method, address in requests_of(host.app)
    }

    wrong = {
        request: is_open
        for request, is_open in opened.items()
        if is_open != (permission_wanted(request[0]) == permission)
    }
    assert wrong == {}
    assert any(opened.values())


PERMISSION_SETS = [
    {Permission.VIEW},
    {Permission.VIEW, Permission.LIST_OFFERS},
    {Permission.VIEW, Permission.LIST_OFFERS, Permission.HANDLE_ORDERS},
    set(Permission),
]


@pytest.mark.parametrize("allowed", PERMISSION_SETS)
@pytest.mark.parametrize("state", [LinkState.CONNECTED, LinkState.NEEDS_RECONNECT, LinkState.UNCONFIRMED])
def test_pages_lead_only_to_what_may_be_opened(
    host: Host, session: Session, allowed: set[str], state: LinkState
) -> None:
    account = a_linked_account(session, host, state=state)
    raise_alarm(session, account.id, CONNECTION_LOST, "", NOW)
    session.commit()
    host.allowed = allowed
    browser = host.browser()

    forbidden = [
        (address, target)
        for address in (SETTINGS, ORDERS, f"{SETTINGS}/offers", f"{SETTINGS}/offers/new")
        for target in targets_of(browser.get(address).text)
        if not may_open(host, *target)
    ]

    assert forbidden == []


def targets_of(page: str) -> set[tuple[str, str]]:
    links = re.findall(r'<a [^>]*href="([^"#?]+)', page)
    forms = re.findall(r'<form method="(\w+)"[^>]* action="([^"#?]+)', page)
    return {("GET", link) for link in links} | {(method.upper(), action) for method, action in forms}


def may_open(host: Host, method: str, address: str) -> bool:
    if not address.startswith(SETTINGS):
        return True
    endpoint, _ = host.app.url_map.bind("localhost").match(address, method)
    return endpoint in OPEN_ENDPOINTS or permission_wanted(endpoint) in host.allowed


@pytest.fixture(params=[True, False], ids=["host with CSRFProtect", "host without"])
def guarded(request: pytest.FixtureRequest, tmp_path: Path) -> Host:
    host = make_host(tmp_path, has_csrf_of_its_own=request.param)
    host.app.config["WTF_CSRF_ENABLED"] = True
    return host


def test_a_form_without_token_is_refused_and_changes_nothing(guarded: Host) -> None:
    browser = guarded.browser()

    response = browser.post(f"{SETTINGS}/save", data={"environment": "simulator", "client_id": "abc"})

    assert response.status_code == 400
    assert "Strona była otwarta zbyt długo" in response.text
    assert "abc" not in browser.get(SETTINGS).text


def test_a_form_with_its_token_is_taken(guarded: Host) -> None:
    browser = guarded.browser()
    token = token_of(browser.get(SETTINGS).text)

    response = browser.post(f"{SETTINGS}/save", data={"csrf_token": token, "client_id": ""})

    assert response.status_code == 422


def test_a_stale_token_is_renewed_for_scripts(guarded: Host) -> None:
    browser = guarded.browser()
    browser.get(SETTINGS)

    refused = browser.post(
        f"{SETTINGS}/save", data={"csrf_token": "stale"}, headers={"X-Allegro-Fragment": "1"}
    )
    again = browser.post(f"{SETTINGS}/save", data={"csrf_token": refused.headers["X-Allegro-Csrf"]})

    assert refused.status_code == 400
    assert 'id="al-messages"' in refused.text
    assert again.status_code == 422


def test_the_hosts_own_forms_are_not_touched_by_our_protection(tmp_path: Path) -> None:
    host = make_host(tmp_path)
    host.app.config["WTF_CSRF_ENABLED"] = True
    host.app.add_url_rule("/hook", "hook", lambda: "taken", methods=["POST"])

    assert host.browser().post("/hook").text == "taken"


def test_our_pages_forbid_inline_scripts_and_foreign_hosts(browser: FlaskClient) -> None:
    headers = browser.get(SETTINGS).headers

    rules = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == rules["font-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "https://*.allegroimg.com" in rules["img-src"]
    assert set(rules["form-action"].split()) == {
        "'self'",
        "https://allegro.pl",
        "https://allegro.pl.allegrosandbox.pl",
        "http://simulator.test",
    }
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_hosts_pages_keep_their_own_headers(host: Host) -> None:
    assert "Content-Security-Policy" not in host.browser().get("/product/PZ-0142/7").headers


def test_css_and_icons_are_served_to_whoever_asks(host: Host, browser: FlaskClient) -> None:
    host.allowed.clear()

    assert browser.get(f"{SETTINGS}/static/css/allegro.css").status_code == 200
    assert browser.get(f"{SETTINGS}/bootstrap/font/bootstrap-icons.min.css").status_code == 200
    assert browser.get(f"{SETTINGS}/bootstrap/../../secret").status_code == 404


def test_no_template_holds_inline_script_or_style() -> None:
    templates = Path(__file__).resolve().parents[2] / "templates"

    for path in templates.rglob("*.html"):
        text = path.read_text()
        assert " style=" not in text, path
        assert " onclick=" not in text and " onsubmit=" not in text and " onchange=" not in text, path
        for tag in text.split("<script")[1:]:
            assert "src=" in tag.split(">")[0] or "application/json" in tag.split(">")[0], path

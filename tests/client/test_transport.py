"""One request: what it carries, what each answer means, what is logged."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from allegro_module.client import AllegroClient
from allegro_module.client.errors import (
    AllegroError,
    Busy,
    NotConnected,
    Reason,
    Refused,
    Unavailable,
    Unexpected,
)
from allegro_module.client.transport import (
    BETA,
    FixedToken,
    Request,
    Transport,
    build_http_client,
    path_to,
)
from tests.client.conftest import HERE, PUBLIC, USER_AGENT, Remote, client_of, http_to

ME = {"id": "1", "login": "bursztyn_i_len"}
EXPIRED = {"error": "invalid_token", "error_description": "Access token expired: stale-token-value"}


@dataclass
class Renewable:
    """Gives `stale` first, `fresh` afterwards, and counts."""

    asked_for: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    limits: list[timedelta | None] = field(default_factory=list)

    def access_token(self) -> str:
        return "stale-token-value"

    def renewed(self, stale: str) -> str:
        self.asked_for.append(stale)
        return "fresh-token-value"

    def refused_again(self, fresh: str) -> None:
        self.refused.append(fresh)

    def over_limit(self, retry_after: timedelta | None) -> None:
        self.limits.append(retry_after)


def errors(*entries: dict[str, object]) -> dict[str, object]:
    return {"errors": list(entries)}


def transport_to(remote: Remote) -> Transport:
    return Transport(HERE, USER_AGENT, FixedToken("any-token"), http_to(remote))


def error_from(remote: Remote, request: Request) -> AllegroError:
    with pytest.raises(AllegroError) as raised:
        transport_to(remote).send(request)
    return raised.value


GET = Request("GET", "/me")
POST = Request("POST", "/sale/product-offers", body=b"{}")


def test_a_request_names_the_application_the_token_the_types_and_the_language(remote: Remote) -> None:
    remote.will_answer(200, {})

    transport_to(remote).send(POST)

    headers = remote.asked[0].headers
    assert headers["User-Agent"] == USER_AGENT
    assert headers["Authorization"] == "Bearer any-token"
    assert headers["Accept"] == headers["Content-Type"] == PUBLIC
    assert headers["Accept-Language"] == "pl-PL"


def test_a_request_without_a_body_has_no_content_type(remote: Remote) -> None:
    remote.will_answer(200, {})

    transport_to(remote).send(GET)

    assert "Content-Type" not in remote.asked[0].headers


def test_a_resource_in_beta_is_asked_for_its_own_type(remote: Remote) -> None:
    remote.will_answer(200, {})

    transport_to(remote).send(Request("GET", "/order/customer-returns", accept=BETA))

    assert remote.asked[0].headers["Accept"] == BETA


def test_ids_in_paths_cannot_lead_elsewhere(remote: Remote) -> None:
    remote.will_answer(200, {})

    transport_to(remote).send(Request("GET", path_to("/sale/offers/{}", "../me?x=1#y")))

    assert remote.asked[0].environ["PATH_INFO"] == "/sale/offers/../me?x=1#y"
    assert remote.asked[0].query_string == b""


def test_a_refused_token_is_renewed_once(remote: Remote) -> None:
    tokens = Renewable()
    remote.will_answer(401, EXPIRED).will_answer(200, ME)

    me = client_of(remote, tokens).account.me()

    assert me.login == "bursztyn_i_len"
    assert tokens.asked_for == ["stale-token-value"]
    assert [request.headers["Authorization"] for request in remote.asked] == [
        "Bearer stale-token-value",
        "Bearer fresh-token-value",
    ]


def test_a_body_is_sent_again_after_a_refused_token(remote: Remote) -> None:
    remote.will_answer(401, EXPIRED).will_answer(201, {})

    Transport(HERE, USER_AGENT, Renewable(), http_to(remote)).send(
        Request("POST", "/sale/images", body=b"picture", content_type="image/jpeg")
    )

    assert [request.get_data() for request in remote.asked] == [b"picture", b"picture"]


def test_a_token_refused_twice_means_not_connected(remote: Remote) -> None:
    tokens = Renewable()
    remote.will_answer(401, EXPIRED)

    with pytest.raises(NotConnected) as raised:
        client_of(remote, tokens).account.me()

    assert raised.value.reason is Reason.TOKEN_REFUSED
    assert len(remote.asked) == 2
    assert tokens.refused == ["fresh-token-value"]
    assert "token-value" not in str(raised.value)


@pytest.mark.parametrize(("headers", "wait"), [({}, None), ({"Retry-After": "7"}, timedelta(seconds=7))])
def test_the_source_of_tokens_hears_of_the_limit(
    remote: Remote, headers: dict[str, str], wait: timedelta | None
) -> None:
    tokens = Renewable()
    remote.will_answer(429, {}, headers)

    with pytest.raises(Unavailable):
        client_of(remote, tokens).account.me()

    assert tokens.limits == [wait]


def test_a_fixed_token_is_not_renewed(remote: Remote) -> None:
    remote.will_answer(401, EXPIRED)

    error = error_from(remote, GET)

    assert isinstance(error, NotConnected)
    assert len(remote.asked) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (403, Refused),
        (404, Refused),
        (410, Refused),
        (413, Refused),
        (422, Refused),
        (409, Busy),
        (408, Unavailable),
        (425, Unavailable),
        (429, Unavailable),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (504, Unavailable),
        (406, Unexpected),
        (415, Unexpected),
        (405, Unexpected),
        (418, Unexpected),
        (301, Unexpected),
        (303, Unexpected),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        errors({"code": "SomeCode", "message": "english", "userMessage": "po polsku"}),
        {"error": "some_code", "error_description": "english"},
        "<html>Bad gateway</html>",
        "",
    ],
    ids=["errors", "oauth", "html", "empty"],
)
def test_each_status_is_one_of_the_five_whatever_the_body(
    remote: Remote, status: int, kind: type[AllegroError], body: object
) -> None:
    remote.will_answer(status, body)

    error = error_from(remote, GET)

    assert type(error) is kind
    assert (error.method, error.path, error.status, error.trace_id) == ("GET", "/me", status, "trace-1")


def test_a_refusal_carries_all_objections(remote: Remote) -> None:
    remote.will_answer(
        422,
        errors(
            {
                "code": "MissingRequiredParameters",
                "message": "Missing",
                "path": "productSet[0].product.parameters",
                "userMessage": "Brakuje parametrów",
                "details": None,
                "metadata": {"missingParameterIds": ["11323", "245669"], "productId": None, "count": 2},
            },
            {"code": "SellerOrdersStoreUnprocessableEntityException", "message": None, "userMessage": None},
        ),
    )

    error = error_from(remote, POST)

    assert isinstance(error, Refused)
    assert [objection.text for objection in error.objections] == [
        "Brakuje parametrów",
        "SellerOrdersStoreUnprocessableEntityException",
    ]
    assert error.objections[0].path == "productSet[0].product.parameters"
    assert error.objections[0].metadata == {
        "missingParameterIds": "11323, 245669",
        "productId": "",
        "count": "2",
    }


@pytest.mark.parametrize("body", ["", "<html>", errors(), {"errors": None}, {"errors": "many"}, "[1]"])
def test_a_refusal_always_has_an_objection(remote: Remote, body: object) -> None:
    remote.will_answer(422, body)

    error = error_from(remote, POST)

    assert isinstance(error, Refused)
    assert [objection.code for objection in error.objections] == ["HTTP_422"]


def test_what_is_not_there_is_told_from_what_is_wrong(remote: Remote) -> None:
    remote.will_answer(404, errors({"code": "NotFound"})).will_answer(400, errors({"code": "Wrong"}))

    missing, wrong = error_from(remote, GET), error_from(remote, GET)

    assert isinstance(missing, Refused)
    assert missing.is_missing
    assert isinstance(wrong, Refused)
    assert not wrong.is_missing


@pytest.mark.parametrize(
    ("code", "message", "scope"),
    [
        ("AccessDenied", "Access is denied", "allegro:api:profile:read"),
        ("AccessDeniedException", "Required scope allegro:api:orders:read", "allegro:api:orders:read"),
        ("insufficient_scope", None, "allegro:api:profile:read"),
    ],
)
def test_a_missing_scope_means_connect_again(
    remote: Remote, code: str, message: str | None, scope: str | None
) -> None:
    remote.will_answer(403, errors({"code": code, "message": message}))

    error = error_from(remote, GET)

    assert isinstance(error, NotConnected)
    assert error.reason is Reason.SCOPE_MISSING
    assert error.scope == scope


def test_a_scope_named_in_a_header_is_told(remote: Remote) -> None:
    header = 'Bearer error="insufficient_scope", scope="allegro:api:orders:write"'
    remote.will_answer(403, {"error": "insufficient_scope"}, {"WWW-Authenticate": header})

    error = error_from(remote, GET)

    assert isinstance(error, NotConnected)
    assert error.scope == "allegro:api:orders:write"


def test_an_account_that_may_not_list_is_refused_rather_than_disconnected(remote: Remote) -> None:
    remote.will_answer(403, errors({"code": "OfferAccessDeniedException", "message": "Access is denied"}))

    assert isinstance(error_from(remote, POST), Refused)


def test_a_running_change_is_busy_under_any_status(remote: Remote) -> None:
    remote.will_answer(422, errors({"code": "OfferConflictException"}))

    assert isinstance(error_from(remote, POST), Busy)


def test_a_caller_may_read_a_status_itself(remote: Remote) -> None:
    remote.will_answer(409, {}, {"Location": "/sale/products/7"})
    request = Request("POST", "/sale/product-proposals", body=b"{}", own_answers=frozenset({409}))

    answer = transport_to(remote).send(request)

    assert (answer.status, answer.location) == (409, "/sale/products/7")


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({}, 60),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "soon"}, 60),
        (
            {"Retry-After": "Sat, 21 Nov 2026 10:02:00 GMT", "Date": "Sat, 21 Nov 2026 10:00:30 GMT"},
            90,
        ),
        ({"Retry-After": "Sat, 21 Nov 2026 10:02:00 GMT", "Date": "Sat, 21 Nov 2026 10:03:00 GMT"}, 60),
    ],
)
def test_over_the_limit_nothing_happened_and_the_pause_is_known(
    remote: Remote, headers: dict[str, str], pause: int
) -> None:
    remote.will_answer(429, "", headers)

    error = error_from(remote, POST)

    assert isinstance(error, Unavailable)
    assert error.retry_after == timedelta(seconds=pause)
    assert error.is_sure_nothing_happened


def test_a_date_to_wait_for_counts_from_our_clock_when_the_answer_has_none(remote: Remote) -> None:
    remote.will_answer(503, "", {"Retry-After": "Sat, 21 Nov 2026 10:02:00 GMT"})
    ten = datetime(2026, 11, 21, 10, tzinfo=UTC)

    with pytest.raises(Unavailable) as raised:
        Transport(HERE, USER_AGENT, FixedToken("t"), http_to(remote), lambda: ten).send(GET)

    assert raised.value.retry_after == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("broken", "surely_not_written"),
    [
        (httpx2.ConnectError("no route"), True),
        (httpx2.ConnectTimeout("slow"), True),
        (httpx2.PoolTimeout("full"), True),
        (httpx2.ProxyError("gone"), True),
        (httpx2.ReadTimeout("slow"), False),
        (httpx2.ReadError("reset"), False),
        (httpx2.WriteError("reset"), False),
        (httpx2.WriteTimeout("slow"), False),
        (httpx2.RemoteProtocolError("closed"), False),
        (ConnectionResetError("reset"), False),
        (TimeoutError("slow"), False),
    ],
)
def test_a_broken_connection_says_whether_a_write_may_have_happened(
    remote: Remote, broken: Exception, surely_not_written: bool
) -> None:
    remote.will_break(broken)

    written, read = error_from(remote, POST), error_from(remote, GET)

    assert isinstance(written, Unavailable)
    assert written.is_sure_nothing_happened is surely_not_written
    assert isinstance(read, Unavailable)
    assert read.is_sure_nothing_happened


def test_a_server_error_leaves_a_write_in_doubt(remote: Remote) -> None:
    remote.will_answer(504, errors({"code": "INTERNAL_SERVER_ERROR"}))

    written, read = error_from(remote, POST), error_from(remote, GET)

    assert isinstance(written, Unavailable)
    assert not written.is_sure_nothing_happened
    assert isinstance(read, Unavailable)
    assert read.is_sure_nothing_happened


@pytest.mark.parametrize("body", ["", "<html>", '{"id": "1", "log', '{"login": 7}', b"\xff\xfe{}", "[]"])
def test_an_unreadable_answer_is_unexpected(remote: Remote, body: bytes | str) -> None:
    remote.will_answer(200, body)

    with pytest.raises(Unexpected) as raised:
        client_of(remote).account.me()

    assert raised.value.path == "/me"


def test_an_answer_with_broken_packing_is_unexpected(remote: Remote) -> None:
    remote.will_answer(200, b"not gzip", {"Content-Encoding": "gzip"})

    assert isinstance(error_from(remote, GET), Unexpected)


def test_an_unexpected_answer_names_the_place_and_not_the_value(
    remote: Remote, remote_api: AllegroClient
) -> None:
    remote.will_answer(200, {"id": "1", "status": "BOUGHT", "lineItems": [{"id": "2", "quantity": "Nowak"}]})

    with pytest.raises(Unexpected) as raised:
        remote_api.orders.checkout_form("1")

    assert "$.lineItems[0]" in raised.value.detail
    assert "Nowak" not in str(raised.value)


def test_a_redirect_is_not_followed(remote: Remote) -> None:
    remote.will_answer(303, "", {"Location": "http://elsewhere.test/"})
    request = Request("GET", "/x", own_answers=frozenset({303}))

    answer = transport_to(remote).send(request)

    assert answer.location == "http://elsewhere.test/"
    assert len(remote.asked) == 1


def test_the_log_has_one_line_per_request_without_secrets(
    remote: Remote, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    remote.will_answer(401, EXPIRED).will_answer(200, {"matchingCategories": []})

    client_of(remote, Renewable()).categories.matching_categories("Jan Kowalski")

    lines = [record.getMessage() for record in caplog.records if record.name == "allegro_module.client"]
    assert [line.split(" ms ")[0].rsplit(" ", 1)[0] for line in lines] == [
        "GET /sale/matching-categories?name=… 401",
        "GET /sale/matching-categories?name=… 200",
    ]
    assert all(line.endswith("trace-id trace-1") for line in lines)
    assert "token-value" not in caplog.text


def test_the_log_tells_of_a_request_without_an_answer(
    remote: Remote, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    remote.will_break(httpx2.ReadTimeout("slow"))

    error_from(remote, Request("GET", "/order/events", [("limit", 10), ("from", "17")]))

    assert "GET /order/events?limit=10&from=17 ReadTimeout" in caplog.text


def test_a_token_is_not_shown_by_its_holder() -> None:
    assert "any-token" not in repr(FixedToken("any-token"))


def test_the_http_client_waits_five_seconds_to_connect_and_thirty_to_read() -> None:
    with build_http_client() as http:
        assert (http.timeout.connect, http.timeout.read) == (5.0, 30.0)
        assert http.follow_redirects is False

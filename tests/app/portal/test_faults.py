"""The client against a portal that shares nothing with the practice portal: every status with its request."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.domain.delivery_state import DeliveryState
from app.portal.client import PortalClient
from app.portal.credentials import fixed_password
from app.portal.errors import (
    Asked,
    PortalAddressError,
    PortalBusy,
    PortalChanged,
    PortalConflict,
    PortalError,
    PortalFault,
    PortalForbidsLogin,
    PortalHasNoWrite,
    PortalNotFound,
    PortalReadFailed,
    PortalRefusedLogin,
    PortalRefuses,
    PortalRejected,
    PortalUnreachable,
)
from app.portal.pacing import Pacer
from app.portal.problems import TABLE, ErrorAnswer, error_of
from tests.fakes.contract_portal import (
    GATEWAY,
    PASSWORD,
    SITE,
    USERNAME,
    ContractPortal,
    Fault,
    contract_portal,
)
from tests.fakes.portals import START, FakeClock, entry_for

Call = Callable[[PortalClient], Awaitable[Any]]
ENTRY = entry_for(GATEWAY)


@pytest.fixture
def running() -> Iterator[tuple[ContractPortal, str]]:
    with contract_portal() as made:
        yield made


def ask(url: str, call: Call, clock: FakeClock | None = None) -> Any:
    async def run() -> Any:
        used = clock or FakeClock()
        client = PortalClient(url, USERNAME, fixed_password(PASSWORD), clock=used, pacer=Pacer(used, 0.0))
        try:
            return await call(client)
        finally:
            await client.close()

    return asyncio.run(run())


def failing(url: str, call: Call, clock: FakeClock | None = None) -> PortalError:
    with pytest.raises(PortalError) as caught:
        ask(url, call, clock)
    return caught.value


CALLS: dict[Asked, tuple[str, Call]] = {
    Asked.LOGIN: ("POST /auth", lambda client: client.login()),
    Asked.SITES: ("GET /meter_info", lambda client: client.meters(SITE)),
    Asked.GATEWAYS: ("GET /gateway_info", lambda client: client.gateways(SITE)),
    Asked.CREATE: ("POST /meter_info", lambda client: client.create_meter(SITE, ENTRY, "key")),
    Asked.STORED: ("GET /meter_info", lambda client: client.get_meter(SITE, "m1")),
    Asked.CHANGE: ("PUT /meter_info", lambda client: client.update_meter(SITE, "m1", ENTRY, '"1"')),
    Asked.DELETE: ("DELETE /meter_info", lambda client: client.delete_meter(SITE, "m1")),
    Asked.READ: ("POST /meter_read", lambda client: client.read_meter(SITE, "m1")),
}
EXPECTED = [
    (Asked.LOGIN, (404, 405, 410, 501), PortalAddressError),
    (Asked.LOGIN, (400, 401, 403, 422), PortalRefusedLogin),
    (Asked.LOGIN, (408, 425), PortalBusy),
    (Asked.LOGIN, (402, 409, 423, 451), PortalForbidsLogin),
    (Asked.SITES, (400, 409, 422), PortalRefuses),
    (Asked.READ, (400, 418), PortalReadFailed),
    *((asked, (407,), PortalFault) for asked in Asked),
    (Asked.LOGIN, (500, 502, 504, 599, 418 + 100), PortalFault),
    (Asked.SITES, (404, 410), PortalNotFound),
    (Asked.SITES, (405, 501), PortalAddressError),
    (Asked.SITES, (403,), PortalRejected),
    (Asked.GATEWAYS, (404, 405, 501), PortalHasNoWrite),
    (Asked.CREATE, (404, 405, 501), PortalHasNoWrite),
    (Asked.CREATE, (409,), PortalConflict),
    (Asked.CREATE, (400, 413, 415, 422), PortalRejected),
    (Asked.CREATE, (408, 425, 429), PortalBusy),
    (Asked.CREATE, (500, 502, 503, 504, 507), PortalFault),
    (Asked.STORED, (404, 410), PortalNotFound),
    (Asked.CHANGE, (412, 428), PortalChanged),
    (Asked.CHANGE, (404, 410), PortalNotFound),
    (Asked.CHANGE, (405, 501), PortalHasNoWrite),
    (Asked.DELETE, (412,), PortalChanged),
    (Asked.READ, (405, 501), PortalReadFailed),
    (Asked.READ, (409, 422, 502, 503, 504), PortalReadFailed),
    (Asked.READ, (404,), PortalNotFound),
    (Asked.READ, (500,), PortalFault),
    *((asked, (301, 302, 303, 307, 308), PortalFault) for asked in Asked),
]


STATES = {
    PortalAddressError: DeliveryState.FAILED,
    PortalBusy: DeliveryState.QUEUED,
    PortalChanged: DeliveryState.CHANGED,
    PortalConflict: DeliveryState.FAILED,
    PortalForbidsLogin: DeliveryState.QUEUED,
    PortalRefuses: DeliveryState.FAILED,
    PortalFault: DeliveryState.QUEUED,
    PortalHasNoWrite: DeliveryState.BY_HAND,
    PortalNotFound: DeliveryState.FAILED,
    PortalReadFailed: DeliveryState.FAILED,
    PortalRefusedLogin: DeliveryState.QUEUED,
    PortalRejected: DeliveryState.REJECTED,
}
"""Of an upload that meets such an error."""


@pytest.mark.parametrize(("asked", "statuses", "error"), EXPECTED)
def test_a_status_is_read_together_with_the_request_it_answers(
    running: tuple[ContractPortal, str], asked: Asked, statuses: tuple[int, ...], error: type[PortalError]
) -> None:
    portal, url = running
    request, call = CALLS[asked]
    for status in statuses:
        portal.fail(request, *[Fault(status, {"detail": "words"})] * 4)
        found = failing(url, call)
        assert type(found) is error, f"{asked} {status}: {found}"
        assert found.passes is (error in (PortalBusy, PortalFault)), f"{asked} {status}"
        assert found.state is STATES[error], f"{asked} {status}"
        assert found.asked is asked, f"{asked} {status}"
        assert str(found.next_step), f"{asked} {status}: what now?"
        portal._faults.clear()


def test_every_row_of_the_table_is_reached() -> None:
    """A row that an earlier one covers would be a rule that nobody gets."""
    for number, row in enumerate(TABLE):
        earlier = TABLE[:number]
        open_cases = [
            (status, asked)
            for status in row.statuses
            for asked in row.asked
            if not any(status in each.statuses and asked in each.asked for each in earlier)
        ]
        assert open_cases, f"row {number}"


def test_a_firewalls_page_is_no_word_of_the_portal(running: tuple[ContractPortal, str]) -> None:
    """A 403 of a firewall once was "this account may not do that", and the upload was given up."""
    portal, url = running
    page = Fault(403, b"<!doctype html><title>Blocked</title>", {"Content-Type": "text/html"})
    portal.fail("POST /meter_info", page)
    error = failing(url, CALLS[Asked.CREATE][1])
    assert type(error) is PortalFault
    assert "firewall" in str(error)


def test_a_sign_in_page_with_status_200_is_told_as_one(running: tuple[ContractPortal, str]) -> None:
    portal, url = running
    portal.fail("GET /meter_info", Fault(200, b"<html>Hotel WLAN", {"Content-Type": "text/html"}))
    error = failing(url, CALLS[Asked.SITES][1])
    assert error.passes
    assert "web page" in str(error)
    assert "Hotel" not in str(error)


def test_a_site_that_is_gone_is_no_missing_write_part(running: tuple[ContractPortal, str]) -> None:
    portal, url = running
    portal.fail("POST /meter_info", Fault(404))
    portal.fail("GET /meter_info", Fault(404))
    error = failing(url, CALLS[Asked.CREATE][1])
    assert type(error) is PortalNotFound
    assert "this site any more" in str(error)


def test_an_address_without_its_path_is_offered_with_it(running: tuple[ContractPortal, str]) -> None:
    _portal, url = running
    error = failing(url.removesuffix("/api/v1"), CALLS[Asked.LOGIN][1])
    assert isinstance(error, PortalAddressError)
    assert error.better == url
    assert url in str(error)


@pytest.mark.parametrize("typed", ["/api/v1/auth", "/api", "/api/", "/login", "//API/../api/v1/x"])
def test_an_address_with_another_path_is_offered_with_the_right_one(
    running: tuple[ContractPortal, str], typed: str
) -> None:
    portal, url = running
    error = failing(url.removesuffix("/api/v1") + typed, CALLS[Asked.LOGIN][1])
    assert isinstance(error, PortalAddressError)
    assert error.better == url
    assert not any(path == "/auth" for _, path in portal.requests), "no password to a guess"


def test_a_web_site_in_the_portals_place_is_no_reason_not_to_look_for_it(
    running: tuple[ContractPortal, str],
) -> None:
    """Its pages answer whatever is asked, with 200."""
    portal, url = running
    portal.elsewhere = (200, b"<html>Welcome</html>")
    error = failing(url.removesuffix("/api/v1"), CALLS[Asked.LOGIN][1])
    assert isinstance(error, PortalAddressError)
    assert error.better == url


def test_an_address_that_leads_nowhere_offers_nothing(running: tuple[ContractPortal, str]) -> None:
    portal, url = running
    portal.gone = True
    error = failing(url.replace("/api/v1", "/elsewhere"), CALLS[Asked.LOGIN][1])
    assert isinstance(error, PortalAddressError)
    assert error.better == ""
    assert error.stops_account


SECRETS = (PASSWORD, "tk-")
LOGIN_FAULTS = (
    *(Fault(cut_at=cut) for cut in (0, 1, 20, 40, 60, 70)),
    *(
        Fault(status, {"detail": f"no {PASSWORD}", "errors": [{"field": "password", "reason": PASSWORD}]})
        for status in (400, 401, 403, 404, 409, 422, 429, 500, 503)
    ),
    Fault(body=[PASSWORD]),
    Fault(body={"access_token": f"tk-{PASSWORD}", "valid_until": PASSWORD}),
    Fault(body={"access_token": f"tk {PASSWORD}", "valid_until": {"$date": 9e12}}),
    Fault(200, f'{{"access_token": "tk-{PASSWORD}"'.encode()),
    Fault(302, PASSWORD.encode(), {"Location": f"https://other.example/?{PASSWORD}"}),
)


@pytest.mark.parametrize("fault", LOGIN_FAULTS, ids=range(len(LOGIN_FAULTS)))
def test_whatever_is_wrong_with_a_login_nothing_of_it_is_told(
    running: tuple[ContractPortal, str], fault: Fault
) -> None:
    portal, url = running
    portal.fail("POST /auth", *[fault] * 6)
    error: BaseException | None = failing(url, CALLS[Asked.LOGIN][1])
    told = ""
    while error is not None:
        told += f"{error} {error!r} {vars(error)}"
        error = error.__cause__ or error.__context__
    assert not [secret for secret in SECRETS if secret in told]


@pytest.mark.parametrize("cut", [0, 1, 10, 100])
def test_an_answer_that_is_cut_off_passes(running: tuple[ContractPortal, str], cut: int) -> None:
    portal, url = running
    portal.fail("GET /meter_info", Fault(cut_at=cut))
    portal.other_lines = [{"id": f"m{number}", "type": "heating"} for number in range(20)]
    error = failing(url, CALLS[Asked.SITES][1])
    assert type(error) is PortalUnreachable
    assert error.passes


def test_a_create_without_a_version_keeps_its_id(running: tuple[ContractPortal, str]) -> None:
    portal, url = running
    portal.fail("POST /meter_info", Fault(headers={"ETag": None}))
    stored = ask(url, CALLS[Asked.CREATE][1])
    assert stored.id in portal.meters
    assert stored.etag == ""


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("after_s", [7, 120])
def test_retry_after_is_seconds_or_a_date(
    running: tuple[ContractPortal, str], status: int, after_s: int
) -> None:
    portal, url = running
    date = (START + timedelta(seconds=after_s)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for text in (str(after_s), date):
        clock = FakeClock()
        portal.fail("GET /meter_info", *[Fault(status, {}, {"Retry-After": text})] * 4)
        error = failing(url, CALLS[Asked.SITES][1], clock)
        assert isinstance(error, PortalBusy)
        # Short waits are waited out at once, three times; the clock has moved by then.
        assert error.retry_after_s == pytest.approx(
            after_s, abs=after_s if after_s < 10 and text is date else 0.1
        )
        portal._faults.clear()


@pytest.mark.parametrize(
    ("text", "seconds"), [("", 1), ("soon", 1), ("-5", 1), ("9" * 400, 600), ("Thu, 99 Foo", 1), ("0", 1)]
)
def test_an_odd_retry_after_is_a_bounded_wait(text: str, seconds: int) -> None:
    answer = ErrorAnswer("portal.example", 429, retry_after=text, now=START)
    error = error_of(answer, Asked.SITES)
    assert isinstance(error, PortalBusy)
    assert error.retry_after_s == seconds


def test_one_odd_line_holds_up_no_site(running: tuple[ContractPortal, str]) -> None:
    portal, url = running
    portal.other_lines = [None, {"id": 17, "type": None}, {"name": "no id"}]
    ask(url, CALLS[Asked.CREATE][1])
    listed = ask(url, CALLS[Asked.SITES][1])
    assert [each.id for each in listed] == ["17", *portal.meters]
    assert listed.skipped == 2


def test_a_proxy_that_cannot_be_used_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "socks5://127.0.0.1:9")
    error = failing("https://portal.example/api/v1", CALLS[Asked.LOGIN][1])
    assert type(error) is PortalUnreachable
    assert "proxy" in str(error)


def test_the_whole_contract_is_served_by_a_portal_that_knows_nothing_of_this_program(
    running: tuple[ContractPortal, str],
) -> None:
    portal, url = running

    async def job(client: PortalClient) -> None:
        (site,) = await client.installations()
        (gateway,) = await client.gateways(site.site_id)
        created = await client.create_meter(site.site_id, ENTRY, "key")
        again = await client.create_meter(site.site_id, ENTRY, "key")
        assert (again.id, again.entry) == (created.id, ENTRY)
        changed = await client.update_meter(site.site_id, created.id, ENTRY, created.etag)
        with pytest.raises(PortalChanged):
            await client.update_meter(site.site_id, created.id, ENTRY, created.etag)
        with pytest.raises(PortalConflict) as conflict:
            await client.create_meter(site.site_id, ENTRY, "another")
        assert conflict.value.existing_id == created.id
        assert (await client.get_meter(site.site_id, created.id)).etag == changed.etag
        assert (await client.read_meter(site.site_id, created.id)).values["heat_energy_kwh"] == 37351
        await client.delete_meter(site.site_id, created.id)
        assert gateway.id == GATEWAY

    ask(url, job)
    assert portal.meters == {}
    assert json.dumps(portal.requests)

"""The client against a real HTTP portal: login, pace, faults, and nothing secret in any error."""

import asyncio
import datetime as dt
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.portal.client import PortalClient
from app.portal.credentials import GivenPassword, Secret, fixed_password
from app.portal.errors import (
    PortalAddressError,
    PortalBusy,
    PortalChanged,
    PortalConflict,
    PortalError,
    PortalFault,
    PortalHasNoWrite,
    PortalNotFound,
    PortalReadFailed,
    PortalRefusedLogin,
    PortalRejected,
    PortalUnreachable,
)
from app.portal.pacing import Pacer
from app.portal.transport import Request as PortalRequest
from app.portal.transport import Transport
from app.practice.http_server import HttpServer
from app.practice.portal import PracticePortal, ProblemError
from app.practice.portal_faults import PortalFault as Fault
from tests.fakes.portals import FakeClock, client_of, dripping, entry_for, gateway_of, practice_portal

Use = Callable[[PortalClient], Awaitable[object]]


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[PracticePortal]:
    with practice_portal(tmp_path) as running:
        yield running


def with_client(client: PortalClient, use: Use) -> object:
    async def run() -> object:
        try:
            return await use(client)
        finally:
            await client.close()

    return asyncio.run(run())


def test_the_published_part(portal: PracticePortal) -> None:
    async def use(client: PortalClient) -> None:
        sites = await client.installations()
        info = await client.installation_info(sites[0].site_id)
        assert (sites[0].site_id, info.name) == (portal.site_id, "Rue du Lac 12")
        meters = await client.meters(portal.site_id)
        assert [(meter.type, meter.prim_ad) for meter in meters][:2] == [
            ("electricity", "10"),
            ("electricity", "11"),
        ]

    with_client(client_of(portal), use)


def test_a_meter_is_created_changed_and_removed(portal: PracticePortal) -> None:
    entry = entry_for(gateway_of(portal))

    async def use(client: PortalClient) -> None:
        made = await client.create_meter(portal.site_id, entry, "key")
        assert made.entry == entry
        renamed = replace(entry, name="other")
        changed = await client.update_meter(portal.site_id, made.id, renamed, made.etag)
        assert (changed.id, changed.entry) == (made.id, renamed)
        assert changed.etag != made.etag
        assert await client.get_meter(portal.site_id, made.id) == changed
        with pytest.raises(PortalChanged):
            await client.update_meter(portal.site_id, made.id, entry, made.etag)
        await client.delete_meter(portal.site_id, made.id)
        with pytest.raises(PortalNotFound):
            await client.get_meter(portal.site_id, made.id)

    with_client(client_of(portal), use)


def test_the_same_key_creates_once_and_answers_alike(portal: PracticePortal) -> None:
    entry = entry_for(gateway_of(portal))

    async def use(client: PortalClient) -> None:
        first = await client.create_meter(portal.site_id, entry, "key")
        assert await client.create_meter(portal.site_id, entry, "key") == first
        with pytest.raises(PortalConflict) as conflict:
            await client.create_meter(portal.site_id, entry, "another")
        assert conflict.value.existing_id == first.id

    with_client(client_of(portal), use)


def test_a_refused_body_names_each_field(portal: PracticePortal) -> None:
    bad = replace(
        entry_for("nowhere"),
        name=" ",
        secondary_ad="92",
        reg="[{'unit': 'furlongs', 'dib': '04', 'vib': '06'}]",
    )
    with pytest.raises(PortalRejected) as caught:
        with_client(client_of(portal), lambda client: client.create_meter(portal.site_id, bad, "key"))
    assert {error.field for error in caught.value.fields} == {
        "name",
        "gateway_id",
        "additional_settings.secondary_ad",
        "additional_settings.reg",
    }
    assert "furlongs" in str(caught.value)


def test_a_token_that_ended_is_renewed_once(portal: PracticePortal) -> None:
    async def use(client: PortalClient) -> None:
        await client.installations()
        portal.expire_tokens()
        await client.installations()

    with_client(client_of(portal), use)
    assert portal.requests.count("POST /auth") == 2


def test_a_token_is_renewed_before_its_fifteen_minutes_end(tmp_path: Path) -> None:
    clock = FakeClock()
    with practice_portal(tmp_path, clock=clock) as portal:

        async def use(client: PortalClient) -> None:
            await client.installations()
            clock.seconds += 14 * 60
            await client.installations()
            clock.seconds += 60
            await client.installations()

        with_client(client_of(portal, clock), use)
        assert portal.requests.count("POST /auth") == 2
        assert portal.requests.count("GET /all_installations") == 3, "no request was wasted on a dead token"


def test_a_wrong_computer_clock_does_not_log_in_at_every_request(portal: PracticePortal) -> None:
    clock = FakeClock()
    clock.now = lambda: dt.datetime(2031, 1, 1, tzinfo=dt.UTC)  # type: ignore[method-assign]

    async def use(client: PortalClient) -> None:
        for _ in range(3):
            await client.installations()

    with_client(client_of(portal, clock), use)
    assert portal.requests.count("POST /auth") == 1


def test_a_token_that_is_never_taken_ends_in_a_refusal_not_in_a_loop(portal: PracticePortal) -> None:
    async def use(client: PortalClient) -> None:
        portal._check_token = _never  # type: ignore[method-assign]
        await client.installations()

    with pytest.raises(PortalRefusedLogin):
        with_client(client_of(portal), use)
    assert portal.requests.count("POST /auth") == 2


def _never(_request: Request) -> None:
    raise ProblemError(401, "Login needed")


def test_at_most_one_request_a_second(tmp_path: Path) -> None:
    # The portal refuses what comes faster, by the same clock.
    clock = FakeClock()
    with practice_portal(tmp_path, clock=clock, interval_s=1.0) as portal:
        paced = PortalClient(
            portal.api_url, portal.username, fixed_password(portal.password), clock=clock, pacer=Pacer(clock)
        )

        async def use(client: PortalClient) -> None:
            for _ in range(5):
                await client.installations()

        with_client(paced, use)
        assert portal.requests.count("GET /all_installations") == 5, "none was answered 429"
        assert clock.seconds == pytest.approx(5 * 1.05)


def test_requests_asked_for_at_once_leave_one_a_second() -> None:
    clock = FakeClock()

    async def run() -> list[float]:
        pacer = Pacer(clock, 1.0)

        async def leave() -> float:
            await pacer.turn()
            return clock.seconds

        return list(await asyncio.gather(*(leave() for _ in range(4))))

    assert asyncio.run(run()) == [0.0, 1.0, 2.0, 3.0]


def test_a_timer_that_fires_early_makes_no_request_early() -> None:
    clock = FakeClock()
    on_time = clock.sleep

    async def early(seconds: float) -> None:
        await on_time(seconds * 0.95 if seconds > 0.01 else seconds)

    clock.sleep = early  # type: ignore[method-assign]

    async def run() -> None:
        pacer = Pacer(clock, 1.0)
        await pacer.turn()
        await pacer.turn()

    asyncio.run(run())
    assert clock.seconds >= 1.0


def test_retry_after_is_honoured(portal: PracticePortal) -> None:
    clock = FakeClock()
    portal.faults.next(Fault.BUSY, times=2)
    with_client(client_of(portal, clock), lambda client: client.installations())
    assert clock.slept == [1.0, 1.0]


def test_a_portal_that_stays_busy_is_said_with_its_wait(portal: PracticePortal) -> None:
    portal.faults.set(Fault.BUSY, on=True)
    with pytest.raises(PortalBusy) as caught:
        with_client(client_of(portal), lambda client: client.installations())
    assert caught.value.retry_after_s == 1.0
    assert caught.value.passes


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.SERVER_ERROR, PortalFault),
        (Fault.DROP, PortalUnreachable),
        (Fault.DROP_AFTER, PortalUnreachable),
    ],
)
def test_faults_are_typed_and_pass(portal: PracticePortal, fault: Fault, error: type[PortalError]) -> None:
    portal.faults.set(fault, on=True)
    with pytest.raises(error) as caught:
        with_client(client_of(portal), lambda client: client.installations())
    assert caught.value.passes


def test_a_portal_without_the_write_part(portal: PracticePortal) -> None:
    portal.faults.set(Fault.NO_WRITE, on=True)

    async def use(client: PortalClient) -> None:
        with pytest.raises(PortalHasNoWrite):
            await client.gateways(portal.site_id)
        with pytest.raises(PortalHasNoWrite):
            await client.create_meter(portal.site_id, entry_for("g"), "key")
        assert await client.meters(portal.site_id), "the read part goes on"

    with_client(client_of(portal), use)


def test_a_gateway_that_cannot_read_is_told_in_the_portals_words(portal: PracticePortal) -> None:
    async def use(client: PortalClient) -> None:
        made = await client.create_meter(portal.site_id, entry_for(gateway_of(portal)), "key")
        await client.read_meter(portal.site_id, made.id)

    with pytest.raises(PortalReadFailed, match="Gateway does not answer"):
        with_client(client_of(portal), use)


def test_nobody_there() -> None:
    client = PortalClient("http://127.0.0.1:9/api/v1", "u", fixed_password("secret-9"), clock=FakeClock())
    with pytest.raises(PortalUnreachable) as caught:
        with_client(client, lambda each: each.installations())
    assert_no_secret(caught.value, "secret-9")


def test_a_password_typed_anew_is_tried_although_the_login_still_lasts(portal: PracticePortal) -> None:
    """Whoever types another password wants to know whether it is right, not whether the old one was."""
    passwords = fixed_password(portal.password)
    client = client_of(portal, passwords=passwords)

    async def use(client: PortalClient) -> None:
        await client.installations()
        await passwords.propose(client.account, GivenPassword(Secret("wrong")))
        with pytest.raises(PortalRefusedLogin):
            await client.installations()

    with_client(client, use)


def test_a_wrong_password_is_refused_and_shown_nowhere(portal: PracticePortal) -> None:
    client = client_of(portal, passwords=fixed_password("wrong-secret"))
    with pytest.raises(PortalRefusedLogin) as caught:
        with_client(client, lambda each: each.installations())
    assert_no_secret(caught.value, "wrong-secret")
    assert list(portal.requests) == ["POST /auth"], "a wrong password is not tried again by itself"


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.SERVER_ERROR])
def test_no_error_holds_the_password_or_the_token(portal: PracticePortal, fault: Fault) -> None:
    portal.faults.next(fault)
    client = client_of(portal)
    with pytest.raises(PortalError) as caught:
        with_client(client, lambda each: each.installations())
    assert_no_secret(caught.value, portal.password)
    token: list[str] = []

    async def use(each: PortalClient) -> None:
        token.append((await each._session.token()).text)
        portal.faults.next(fault)
        await each.installations()

    with pytest.raises(PortalError) as later:
        with_client(client, use)
    assert_no_secret(later.value, token[0])
    assert token[0] not in repr(client)
    assert portal.password not in repr(client._session)


def assert_no_secret(error: BaseException, secret: str) -> None:
    """Neither in the error nor in what is chained to it, the requests they carry included."""
    assert secret not in "".join(traceback.format_exception(error))
    chain: BaseException | None = error
    while chain is not None:
        assert not hasattr(chain, "_request"), "an error of httpx holds the request, and that the secret"
        assert secret not in repr(vars(chain))
        chain = chain.__cause__ or chain.__context__


@pytest.mark.parametrize(
    "url",
    [
        "",
        "portal",
        "ftp://portal/api",
        "http://portal.example/api/v1",
        "http://192.168.2.10/api",
        "https://user:pass@portal.example/api",
        "https://portal.example/api?x=1",
        "https://[half/api",
    ],
)
def test_no_password_goes_to_an_address_that_cannot_keep_it(url: str) -> None:
    with pytest.raises(PortalAddressError) as caught:
        PortalClient(url, "u", fixed_password("p"))
    assert "pass@" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("ftp://user:geheim@portal.example/api", "ftp://portal.example/api"),
        ("user:geheim://x@portal.example", "portal.example"),
        ("ftp://user:ge/heim?geheim#geheim@portal.example", "ftp://portal.example"),
        ("https://?password=geheim", "https://"),
        ("portal", "portal"),
    ],
)
def test_an_address_is_named_without_what_may_be_a_password(url: str, named: str) -> None:
    """People paste addresses with a password in them; the message may end in a screenshot or a log."""
    with pytest.raises(PortalAddressError) as caught:
        PortalClient(url, "u", fixed_password("p"))
    assert str(caught.value).startswith(f"“{named}” is no address")


@pytest.mark.parametrize(
    "url", ["https://portal.example/api/v1/", "http://localhost:8/api/v1", "http://[::1]:8"]
)
def test_addresses_that_can(url: str) -> None:
    assert PortalClient(url, "u", fixed_password("p")).account.base_url == url.rstrip("/")


@contextmanager
def serving(handler: Callable[[Request], Awaitable[Response]]) -> Iterator[str]:
    server = HttpServer(
        Starlette(routes=[Route("/{path:path}", handler, methods=["GET", "POST"])]), "odd portal"
    )
    url = server.start()
    try:
        yield url
    finally:
        server.stop()


@pytest.mark.parametrize(
    "answer",
    [
        Response("<html>hotel login</html>", media_type="text/html"),
        RedirectResponse("http://127.0.0.1:9/elsewhere"),
        Response(b"x" * (9 * 1024 * 1024)),
        Response("{}", media_type="application/json"),
        Response(status_code=204),
    ],
    ids=["a page", "a redirect", "without end", "an empty object", "nothing"],
)
def test_something_that_is_no_portal_is_a_fault(answer: Response) -> None:
    async def handler(_request: Request) -> Response:
        return answer

    with serving(handler) as url:
        client = PortalClient(url, "u", fixed_password("p"), clock=FakeClock())
        with pytest.raises(PortalFault):
            with_client(client, lambda each: each.installations())


def test_an_answer_that_drips_without_end_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece comes in time, so that no limit of a single read ends it: the delivery would hang."""
    monkeypatch.setattr("app.portal.transport._CONNECT_TIMEOUT_S", 0.3)

    async def ask(url: str) -> None:
        transport = Transport(url)
        try:
            await transport.send(PortalRequest("GET", "/x", timeout_s=0.3))
        finally:
            await transport.close()

    with dripping() as url, pytest.raises(PortalUnreachable, match="in time"):
        asyncio.run(ask(url))

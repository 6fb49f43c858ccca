"""The portal's client: one method a call of the contract, typed answers, typed errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from app.domain.payload import MeterEntry
from app.domain.site import Gateway, Installation
from app.message import Message
from app.portal import contract
from app.portal.address import better_addresses
from app.portal.contract import ListedMeter, MeterRead, StoredMeter, Token
from app.portal.credentials import Account, Passwords, Secret
from app.portal.errors import (
    Asked,
    PortalAddressError,
    PortalError,
    PortalFault,
    PortalHasNoWrite,
    PortalNotFound,
    PortalRefusedLogin,
)
from app.portal.pacing import Clock, Pacer, SystemClock
from app.portal.problems import ErrorAnswer, error_of
from app.portal.session import Session
from app.portal.transport import Answer, Request, Transport

_READ_TIMEOUT_S = 90.0
"""A gateway reads over the same slow bus as the installer, perhaps after others."""

_MOST_WAITS = 3
_LONGEST_WAIT_S = 10.0


class PortalApi(Protocol):
    """What the services need of a portal; every method raises :class:`app.portal.errors.PortalError`."""

    async def login(self) -> None:
        """Logs in now, so that a wrong password or address shows at once."""

    async def installations(self) -> tuple[Installation, ...]:
        """The account's sites; perhaps only their ids."""

    async def installation_info(self, site_id: str) -> Installation:
        """One site's particulars."""

    async def meters(self, site_id: str) -> tuple[ListedMeter, ...]:
        """The site's meters."""

    async def gateways(self, site_id: str) -> tuple[Gateway, ...]:
        """The site's gateways."""

    async def create_meter(self, site_id: str, entry: MeterEntry, idempotency_key: str) -> StoredMeter:
        """Creates a meter; a repeat with the same key gives the first answer and creates nothing."""

    async def get_meter(self, site_id: str, meter_id: str) -> StoredMeter:
        """The stored meter."""

    async def update_meter(self, site_id: str, meter_id: str, entry: MeterEntry, etag: str) -> StoredMeter:
        """Changes a meter if it still is the version of the tag."""

    async def delete_meter(self, site_id: str, meter_id: str) -> None:
        """Removes a meter."""

    async def read_meter(self, site_id: str, meter_id: str) -> MeterRead:
        """Asks the meter's gateway to read it now."""

    async def close(self) -> None:
        """Closes the connections."""


class PortalClient:
    """A :class:`PortalApi` over HTTP for one account: paced, logged in when needed, and once again on 401."""

    def __init__(
        self,
        base_url: str,
        username: str,
        passwords: Passwords,
        *,
        clock: Clock | None = None,
        pacer: Pacer | None = None,
    ) -> None:
        """Checks the address; nothing is sent yet.

        Args:
            base_url: e.g. ``https://api.climkit.io/api/v1``; http only to this very computer.
            username: of the interface's account.
            passwords: where the password comes from.
            clock: another one in tests.
            pacer: shared by all clients of one account, if there are several.

        Raises:
            PortalAddressError: no address that a password may be sent to.
        """
        self._clock = used_clock = clock or SystemClock()
        self._transport = Transport(base_url)
        self._pacer = pacer or Pacer(used_clock)
        self.account = Account(self._transport.base_url, username)
        self._session = Session(self.account, passwords, self._authenticate, used_clock)

    def __repr__(self) -> str:
        return f"PortalClient({self.account!r})"

    async def close(self) -> None:
        """Closes the connections; the client may be used again afterwards."""
        await self._transport.close()

    async def login(self) -> None:
        """Logs in now, so that a wrong password or address shows at once.

        Raises:
            PortalAddressError: there is no portal at the address; ``better`` names one where there is.
        """
        try:
            await self._session.token()
        except (PortalAddressError, PortalFault, PortalRefusedLogin) as error:
            # A page, a redirection, a refusal: what is beside a portal's address, or below it, says so too.
            looked_for = error.in_between or not isinstance(error, PortalFault)
            better = await self._better_address() if looked_for else ""
            if not better:
                raise
            raise PortalAddressError(
                Message(
                    "There is no portal interface at {address}, but there is one at {better}.",
                    {"address": self._transport.base_url, "better": better},
                ),
                Message("Use {better}.", {"better": better}),
                better=better,
            ) from error

    async def _better_address(self) -> str:
        """The same host's address at which a portal answers; asked without the login, and nowhere else."""
        for candidate in better_addresses(self._transport.base_url):
            transport = Transport(candidate)
            try:
                await self._pacer.turn()
                answer = await transport.send(Request("GET", contract.ALL_INSTALLATIONS))
            except PortalError:
                continue
            finally:
                await transport.close()
            # Who asks without a token is sent away by a portal, and by nothing else that has no such path.
            if answer.status in (401, 403) and not answer.is_page:
                return candidate
        return ""

    async def installations(self) -> tuple[Installation, ...]:
        """The account's sites; perhaps only their ids."""
        with _asking(Asked.SITES):
            answer = await self._call(Asked.SITES, "GET", contract.ALL_INSTALLATIONS)
            return contract.parse_installations(answer.body)

    async def installation_info(self, site_id: str) -> Installation:
        """One site's particulars."""
        with _asking(Asked.SITES):
            answer = await self._call(Asked.SITES, "GET", contract.installation_path(site_id))
            return contract.parse_installation(answer.body, site_id)

    async def meters(self, site_id: str) -> tuple[ListedMeter, ...]:
        """The site's meters."""
        with _asking(Asked.SITES):
            answer = await self._call(Asked.SITES, "GET", contract.meters_path(site_id))
            return contract.parse_meters(answer.body)

    async def gateways(self, site_id: str) -> tuple[Gateway, ...]:
        """The site's gateways."""
        with _asking(Asked.GATEWAYS):
            answer = await self._call(Asked.GATEWAYS, "GET", contract.gateways_path(site_id))
            return contract.parse_gateways(answer.body)

    async def create_meter(self, site_id: str, entry: MeterEntry, idempotency_key: str) -> StoredMeter:
        """Creates a meter; a repeat with the same key gives the first answer and creates nothing."""
        try:
            with _asking(Asked.CREATE):
                answer = await self._call(
                    Asked.CREATE,
                    "POST",
                    contract.meters_path(site_id),
                    body=contract.entry_body(entry),
                    headers={contract.IDEMPOTENCY_KEY: idempotency_key},
                )
                return _stored(answer)
        except PortalHasNoWrite:
            # Nothing there to create at: the interface lacks it, or the site itself is gone.
            try:
                await self.meters(site_id)
            except PortalNotFound as gone:
                raise PortalNotFound(
                    Message("The portal does not have this site any more."),
                    Message("Choose another site for the meter; its upload is kept."),
                ) from gone
            raise

    async def get_meter(self, site_id: str, meter_id: str) -> StoredMeter:
        """The stored meter."""
        with _asking(Asked.STORED):
            answer = await self._call(Asked.STORED, "GET", contract.meter_path(site_id, meter_id))
            return _stored(answer, meter_id)

    async def update_meter(self, site_id: str, meter_id: str, entry: MeterEntry, etag: str) -> StoredMeter:
        """Changes a meter if it still is the version of the tag; ``*`` is any version, where none has one."""
        with _asking(Asked.CHANGE):
            answer = await self._call(
                Asked.CHANGE,
                "PUT",
                contract.meter_path(site_id, meter_id),
                body=contract.entry_body(entry),
                headers={contract.IF_MATCH: etag},
            )
            return _stored(answer, meter_id)

    async def delete_meter(self, site_id: str, meter_id: str) -> None:
        """Removes a meter."""
        with _asking(Asked.DELETE):
            await self._call(Asked.DELETE, "DELETE", contract.meter_path(site_id, meter_id))

    async def read_meter(self, site_id: str, meter_id: str) -> MeterRead:
        """Asks the meter's gateway to read it now.

        Raises:
            PortalReadFailed: the gateway could not; the message has the portal's own words.
        """
        path = contract.read_path(site_id, meter_id)
        with _asking(Asked.READ):
            answer = await self._send_logged_in(Request("POST", path, timeout_s=_READ_TIMEOUT_S))
            return contract.parse_meter_read(self._checked(answer, Asked.READ).body)

    async def _authenticate(self, username: str, password: Secret) -> Token:
        body = contract.auth_body(username, password.reveal())
        with _asking(Asked.LOGIN):
            answer = await self._send_paced(Request("POST", contract.AUTH, body=body))
            return contract.parse_token(self._checked(answer, Asked.LOGIN).body)

    async def _call(
        self,
        asked: Asked,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        return self._checked(await self._send_logged_in(Request(method, path, headers or {}, body)), asked)

    def _checked(self, answer: Answer, asked: Asked) -> Answer:
        if 200 <= answer.status < 300:
            return answer
        raise error_of(self._error_answer(answer, asked), asked)

    def _error_answer(self, answer: Answer, asked: Asked | None = None) -> ErrorAnswer:
        # An answer to the login may repeat the password: nothing of it is told.
        told = contract.Problem() if asked is Asked.LOGIN else contract.parse_problem(answer.body)
        return ErrorAnswer(
            host=self._transport.host,
            status=answer.status,
            problem=told,
            retry_after=answer.headers.get(contract.RETRY_AFTER.lower(), ""),
            is_page=answer.is_page,
            now=self._clock.now(),
        )

    async def _send_logged_in(self, request: Request) -> Answer:
        for last_try in (False, True):
            token = await self._session.token()
            headers = {**request.headers, "Authorization": f"Bearer {token.text}"}
            answer = await self._send_paced(replace(request, headers=headers))
            if answer.status != 401:
                return answer
            self._session.drop(token)
            if last_try:
                break
        raise PortalRefusedLogin(Message("The portal refuses the login it has just given."))

    async def _send_paced(self, request: Request) -> Answer:
        if request.body is not None:
            request = replace(request, headers={**request.headers, "Content-Type": "application/json"})
        waited = 0
        while True:
            await self._pacer.turn()
            answer = await self._transport.send(request)
            asks_to_wait = answer.status == 503 and contract.RETRY_AFTER.lower() in answer.headers
            if answer.status != 429 and not asks_to_wait:
                return answer
            wait_s = self._error_answer(answer).retry_after_s
            self._pacer.hold(wait_s)
            waited += 1
            if waited > _MOST_WAITS or wait_s > _LONGEST_WAIT_S:
                return answer


def _stored(answer: Answer, meter_id: str = "") -> StoredMeter:
    return contract.parse_stored_meter(answer.body, answer.headers.get(contract.ETAG.lower()), meter_id)


@contextmanager
def _asking(asked: Asked) -> Iterator[None]:
    """Notes at an error what the portal was asked; the login within another request has noted its own."""
    try:
        yield
    except PortalError as error:
        if error.asked is None:
            error.asked = asked
        raise

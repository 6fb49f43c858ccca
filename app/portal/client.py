"""The portal's client: one method a call of the contract, typed answers, typed errors."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from app.domain.payload import MeterEntry
from app.domain.site import Gateway, Installation
from app.message import Message
from app.portal import contract
from app.portal.contract import ListedMeter, MeterRead, StoredMeter, Token
from app.portal.credentials import Account, Passwords, Secret
from app.portal.errors import PortalReadFailed, PortalRefusedLogin
from app.portal.pacing import Clock, Pacer, SystemClock
from app.portal.problems import ErrorAnswer, error_of
from app.portal.session import Session
from app.portal.transport import Answer, Request, Transport

_READ_TIMEOUT_S = 90.0
"""A gateway reads over the same slow bus as the installer, perhaps after others."""

_MOST_WAITS = 3
_LONGEST_WAIT_S = 10.0
_READ_PROBLEM_STATUS = frozenset({409, 422, 502, 503, 504})


class PortalApi(Protocol):
    """What the services need of a portal; every method raises :class:`app.portal.errors.PortalError`."""

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
        used_clock = clock or SystemClock()
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
        """Logs in now, so that a wrong password shows at once."""
        await self._session.token()

    async def installations(self) -> tuple[Installation, ...]:
        """The account's sites; perhaps only their ids."""
        answer = await self._call("GET", contract.ALL_INSTALLATIONS)
        return contract.parse_installations(answer.body)

    async def installation_info(self, site_id: str) -> Installation:
        """One site's particulars."""
        answer = await self._call("GET", contract.installation_path(site_id))
        return contract.parse_installation(answer.body, site_id)

    async def meters(self, site_id: str) -> tuple[ListedMeter, ...]:
        """The site's meters."""
        answer = await self._call("GET", contract.meters_path(site_id))
        return contract.parse_meters(answer.body)

    async def gateways(self, site_id: str) -> tuple[Gateway, ...]:
        """The site's gateways."""
        answer = await self._call("GET", contract.gateways_path(site_id), write_part=True)
        return contract.parse_gateways(answer.body)

    async def create_meter(self, site_id: str, entry: MeterEntry, idempotency_key: str) -> StoredMeter:
        """Creates a meter; a repeat with the same key gives the first answer and creates nothing."""
        answer = await self._call(
            "POST",
            contract.meters_path(site_id),
            body=contract.entry_body(entry),
            headers={contract.IDEMPOTENCY_KEY: idempotency_key},
            write_part=True,
        )
        return _stored(answer)

    async def get_meter(self, site_id: str, meter_id: str) -> StoredMeter:
        """The stored meter."""
        return _stored(await self._call("GET", contract.meter_path(site_id, meter_id)))

    async def update_meter(self, site_id: str, meter_id: str, entry: MeterEntry, etag: str) -> StoredMeter:
        """Changes a meter if it still is the version of the tag."""
        answer = await self._call(
            "PUT",
            contract.meter_path(site_id, meter_id),
            body=contract.entry_body(entry),
            headers={contract.IF_MATCH: etag},
        )
        return _stored(answer)

    async def delete_meter(self, site_id: str, meter_id: str) -> None:
        """Removes a meter."""
        await self._call("DELETE", contract.meter_path(site_id, meter_id))

    async def read_meter(self, site_id: str, meter_id: str) -> MeterRead:
        """Asks the meter's gateway to read it now.

        Raises:
            PortalReadFailed: the gateway could not; the message has the portal's own words.
        """
        path = contract.read_path(site_id, meter_id)
        answer = await self._send_logged_in(Request("POST", path, timeout_s=_READ_TIMEOUT_S))
        if answer.status in _READ_PROBLEM_STATUS:
            problem = contract.parse_problem(answer.body)
            if problem.words:
                raise PortalReadFailed(
                    Message(
                        "The gateway could not read the meter: {words}.",
                        {"words": problem.words},
                    )
                )
        return contract.parse_meter_read(self._checked(answer).body)

    async def _authenticate(self, username: str, password: Secret) -> Token:
        body = contract.auth_body(username, password.reveal())
        answer = await self._send_paced(Request("POST", contract.AUTH, body=body))
        if answer.status in (400, 403):
            raise error_of(ErrorAnswer(self._transport.host, 401, contract.Problem()))
        return contract.parse_token(self._checked(answer).body)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        write_part: bool = False,
    ) -> Answer:
        answer = await self._send_logged_in(Request(method, path, headers or {}, body))
        return self._checked(answer, write_part=write_part)

    def _checked(self, answer: Answer, *, write_part: bool = False) -> Answer:
        if 200 <= answer.status < 300:
            return answer
        raise error_of(self._error_answer(answer), nothing_there_means_no_write=write_part)

    def _error_answer(self, answer: Answer) -> ErrorAnswer:
        retry_after = answer.headers.get(contract.RETRY_AFTER.lower(), "")
        return ErrorAnswer(
            self._transport.host, answer.status, contract.parse_problem(answer.body), retry_after
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
            if answer.status != 429:
                return answer
            error_answer = self._error_answer(answer)
            self._pacer.hold(error_answer.retry_after_s)
            waited += 1
            if waited > _MOST_WAITS or error_answer.retry_after_s > _LONGEST_WAIT_S:
                raise error_of(error_answer)


def _stored(answer: Answer) -> StoredMeter:
    return contract.parse_stored_meter(answer.body, answer.headers.get(contract.ETAG.lower()))

"""What an error answer means: a status is read together with the request it answers, one row a meaning."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from app.message import Message
from app.portal.contract import Problem
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
    in_between,
)

_LONGEST_WAIT_S: Final = 600.0
_SHORTEST_WAIT_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """What an error answer said.

    Attributes:
        host: who answered.
        status: of HTTP.
        problem: what its body says; empty for a login, whose answer may repeat the password.
        retry_after: the header as it came.
        is_page: a web page came: not the portal itself speaks, but something before it.
        now: when it came, in UTC; None where nobody needs to know.
    """

    host: str
    status: int
    problem: Problem = Problem()  # noqa: RUF009 - frozen
    retry_after: str = ""
    is_page: bool = False
    now: datetime | None = None

    @property
    def words(self) -> str:
        """The portal's own words, else the status alone."""
        return self.problem.words or f"HTTP {self.status}"

    @property
    def retry_after_s(self) -> float:
        """How long the portal asks to wait, from 1 s to 10 minutes; 1 s where it does not say.

        ``Retry-After`` is a number of seconds or a date (RFC 9110, 10.2.3).
        """
        text = self.retry_after.strip()
        seconds = _SHORTEST_WAIT_S
        if text.isascii() and text.isdigit():
            # More digits than a year has seconds say no more than the longest wait.
            seconds = float(text[:9])
        elif text and self.now is not None:
            seconds = _seconds_until(text, self.now)
        return min(max(seconds, _SHORTEST_WAIT_S), _LONGEST_WAIT_S)


def _seconds_until(date: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return _SHORTEST_WAIT_S
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()


# --- the meanings ---------------------------------------------------------------------------------------


def _no_portal_here(answer: ErrorAnswer) -> PortalError:
    return PortalAddressError(
        Message(
            "There is no portal interface at this address of {host}; it often ends in /api/v1.",
            {"host": answer.host},
        )
    )


def _refused_login(_answer: ErrorAnswer) -> PortalError:
    return PortalRefusedLogin(
        Message(
            "The portal refuses the user name or the password; "
            "an account for the interface can differ from the portal's own login."
        )
    )


def _forbidden_login(answer: ErrorAnswer) -> PortalError:
    return PortalForbidsLogin(
        Message("The portal does not take this account's sign-in (HTTP {status}).", {"status": answer.status})
    )


def _refused(answer: ErrorAnswer) -> PortalError:
    return PortalRefuses(Message("The portal refuses what it was asked: {words}.", {"words": answer.words}))


def _proxy(_answer: ErrorAnswer) -> PortalError:
    return in_between(
        Message("The proxy of this network wants a sign-in of its own."),
        Message("Check the proxy's address, user name and password in the system's settings."),
    )


def _rejected(answer: ErrorAnswer) -> PortalError:
    reasons = "; ".join(
        f"{error.field}: {error.reason}" if error.field else error.reason for error in answer.problem.errors
    )
    return PortalRejected(
        Message("The portal does not accept the entry: {reasons}.", {"reasons": reasons or answer.words}),
        answer.problem.errors,
    )


def _forbidden(answer: ErrorAnswer) -> PortalError:
    return PortalRejected(
        Message("This account may not do that on the portal: {words}.", {"words": answer.words}),
        next_step=Message("Ask whoever runs the portal for the right, or sign in with another account."),
    )


def _not_found(answer: ErrorAnswer) -> PortalError:
    return PortalNotFound(Message("The portal does not have it: {words}.", {"words": answer.words}))


def _no_write(_answer: ErrorAnswer) -> PortalError:
    return PortalHasNoWrite(Message("This portal takes no meters through its interface; the entry is kept."))


def _no_read(_answer: ErrorAnswer) -> PortalError:
    return PortalReadFailed(
        Message("This portal cannot ask its gateways to READ through its interface."),
        Message("Use READ on the portal's page: gateway, Meters, Configured Meters."),
    )


def _read_failed(answer: ErrorAnswer) -> PortalError:
    return PortalReadFailed(
        Message("The gateway could not read the meter: {words}.", {"words": answer.words})
    )


def _conflict(answer: ErrorAnswer) -> PortalError:
    return PortalConflict(
        Message("The site already has a meter with this secondary address."), answer.problem.existing_id
    )


def _changed(_answer: ErrorAnswer) -> PortalError:
    return PortalChanged(Message("Somebody changed this meter on the portal meanwhile."))


def _busy(answer: ErrorAnswer) -> PortalError:
    return PortalBusy(
        Message("The portal is busy and asks to wait {seconds} s.", {"seconds": round(answer.retry_after_s)}),
        answer.retry_after_s,
    )


def _fault(answer: ErrorAnswer) -> PortalError:
    return PortalFault(
        Message(
            "The portal {host} has a fault of its own ({words}).",
            {"host": answer.host, "words": answer.words},
        )
    )


def _in_between(answer: ErrorAnswer) -> PortalError:
    return in_between(
        Message(
            "Something before the portal {host} answers in its place with a web page (HTTP {status}): "
            "a firewall, a proxy, or this network's own sign-in page.",
            {"host": answer.host, "status": answer.status},
        ),
        Message("Open any web page in the browser; what waits is sent by itself afterwards."),
    )


def _moved(answer: ErrorAnswer) -> PortalError:
    return in_between(
        Message(
            "The portal {host} sends to another address (HTTP {status}), which is not followed: "
            "perhaps this network wants a sign-in of its own first, or the portal has moved.",
            {"host": answer.host, "status": answer.status},
        ),
        Message("Open any web page in the browser; if the portal has moved, correct its address."),
    )


# --- status x request -----------------------------------------------------------------------------------

Meaning = Callable[[ErrorAnswer], PortalError]
ANY: Final = frozenset(Asked)
_WRITES: Final = frozenset({Asked.GATEWAYS, Asked.CREATE, Asked.CHANGE, Asked.DELETE})
_BODIES: Final = frozenset({Asked.CREATE, Asked.CHANGE})
_LOGIN: Final = frozenset({Asked.LOGIN})
_READ: Final = frozenset({Asked.READ})


@dataclass(frozen=True, slots=True)
class Row:
    """What some statuses mean as the answer to some requests."""

    statuses: frozenset[int]
    asked: frozenset[Asked]
    meaning: Meaning


def _row(statuses: tuple[int, ...] | range, asked: frozenset[Asked], meaning: Meaning) -> Row:
    return Row(frozenset(statuses), asked, meaning)


TABLE: Final = (
    _row((404, 405, 410, 501), _LOGIN, _no_portal_here),
    _row((400, 401, 403, 422), _LOGIN, _refused_login),
    _row((407,), ANY, _proxy),
    _row((405, 501), _READ, _no_read),
    _row((409, 422, 502, 503, 504), _READ, _read_failed),
    _row((401,), ANY, _refused_login),
    _row((403,), ANY, _forbidden),
    # A create's 404 may also mean that the site is gone: the client asks for its list before it says so.
    _row((404,), frozenset({Asked.GATEWAYS, Asked.CREATE}), _no_write),
    _row((404, 410), ANY, _not_found),
    _row((405, 501), _WRITES, _no_write),
    _row((405, 501), ANY, _no_portal_here),
    _row((408, 425, 429), ANY, _busy),
    _row((409,), frozenset({Asked.CREATE}), _conflict),
    _row((412, 428), frozenset({Asked.CHANGE, Asked.DELETE}), _changed),
    _row((400, 409, 413, 414, 415, 422), _BODIES, _rejected),
    _row(range(300, 400), ANY, _moved),
    _row(range(400, 500), _LOGIN, _forbidden_login),
    _row(range(400, 500), _READ, _read_failed),
    _row(range(400, 500), _BODIES, _rejected),
    _row(range(400, 500), ANY, _refused),
)
"""The first row that fits counts; what none names is a fault of the portal, and passes."""


def error_of(answer: ErrorAnswer, asked: Asked) -> PortalError:
    """The typed error of an error answer; it has the upload's state, the sentence and the next step.

    Args:
        answer: what the portal said.
        asked: what it was asked.
    """
    if answer.is_page and answer.status not in (404, 405, 501):
        meaning: Meaning = _in_between
    elif answer.status == 503 and answer.retry_after:
        meaning = _busy
    else:
        meaning = meaning_of(answer.status, asked)
    error = meaning(answer)
    error.asked = asked
    return error


def meaning_of(status: int, asked: Asked) -> Meaning:
    """The meaning of a status as the answer to a request."""
    return next((row.meaning for row in TABLE if status in row.statuses and asked in row.asked), _fault)

"""Which typed error an error answer is: one row a status."""

from collections.abc import Callable
from dataclasses import dataclass

from app.message import Message
from app.portal.contract import Problem
from app.portal.errors import (
    PortalBusy,
    PortalChanged,
    PortalConflict,
    PortalError,
    PortalFault,
    PortalHasNoWrite,
    PortalNotFound,
    PortalRefusedLogin,
    PortalRejected,
)

_LONGEST_WAIT_S = 600.0


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """What an error answer said."""

    host: str
    status: int
    problem: Problem
    retry_after: str = ""

    @property
    def words(self) -> str:
        """The portal's own words, else the status alone."""
        return self.problem.words or f"HTTP {self.status}"

    @property
    def retry_after_s(self) -> float:
        """How long the portal asks to wait: whole seconds; one where it does not say (or gives a date)."""
        text = self.retry_after.strip()
        seconds = float(text) if text.isascii() and text.isdigit() else 1.0
        return min(max(seconds, 1.0), _LONGEST_WAIT_S)


def _refused_login(_answer: ErrorAnswer) -> PortalError:
    return PortalRefusedLogin(
        Message(
            "The portal refuses the user name or the password; "
            "an account for the interface can differ from the portal's own login."
        )
    )


def _rejected(answer: ErrorAnswer) -> PortalError:
    reasons = "; ".join(
        f"{error.field}: {error.reason}" if error.field else error.reason for error in answer.problem.errors
    )
    return PortalRejected(
        Message(
            "The portal does not accept the entry: {reasons}.",
            {"reasons": reasons or answer.words},
        ),
        answer.problem.errors,
    )


def _forbidden(answer: ErrorAnswer) -> PortalError:
    return PortalRejected(
        Message("This account may not do that on the portal: {words}.", {"words": answer.words})
    )


def _not_found(answer: ErrorAnswer) -> PortalError:
    return PortalNotFound(Message("The portal does not have it: {words}.", {"words": answer.words}))


def _no_write(_answer: ErrorAnswer) -> PortalError:
    return PortalHasNoWrite(Message("This portal takes no meters through its interface; the entry is kept."))


def _conflict(answer: ErrorAnswer) -> PortalError:
    return PortalConflict(
        Message("The site already has a meter with this secondary address."), answer.problem.existing_id
    )


def _changed(_answer: ErrorAnswer) -> PortalError:
    return PortalChanged(Message("Somebody changed this meter on the portal meanwhile."))


def _busy(answer: ErrorAnswer) -> PortalError:
    return PortalBusy(
        Message(
            "The portal is busy and asks to wait {seconds} s.",
            {"seconds": round(answer.retry_after_s)},
        ),
        answer.retry_after_s,
    )


def _fault(answer: ErrorAnswer) -> PortalError:
    return PortalFault(
        Message(
            "The portal {host} has a fault of its own ({words}).",
            {"host": answer.host, "words": answer.words},
        )
    )


_BY_STATUS: dict[int, Callable[[ErrorAnswer], PortalError]] = {
    400: _rejected,
    401: _refused_login,
    403: _forbidden,
    404: _not_found,
    405: _no_write,
    409: _conflict,
    410: _not_found,
    412: _changed,
    422: _rejected,
    429: _busy,
    501: _no_write,
}


def error_of(answer: ErrorAnswer, *, nothing_there_means_no_write: bool = False) -> PortalError:
    """The typed error of an error answer.

    Args:
        answer: what the portal said.
        nothing_there_means_no_write: a 404 to this request says that the portal lacks the interface.
    """
    if answer.status == 404 and nothing_there_means_no_write:
        return _no_write(answer)
    client_fault = _rejected if 400 <= answer.status < 500 else _fault
    return _BY_STATUS.get(answer.status, client_fault)(answer)

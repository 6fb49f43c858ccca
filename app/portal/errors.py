"""What can go wrong with a portal, one class a cause; no error ever carries a password or a token."""

from dataclasses import dataclass

from app.message import Message


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of a rejected body and why, in the portal's own words."""

    field: str
    reason: str


class PortalError(Exception):
    """Base of the portal's errors.

    Attributes:
        message: the sentence for the person.
        passes: whether it can pass by itself, so that the same request may be tried again later.
    """

    passes = False

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class PortalUnreachable(PortalError):  # noqa: N818 - named for what happened
    """No answer: no network, no such host, nobody listens, a certificate that is not valid, a time-out."""

    passes = True


class PortalAddressError(PortalError):
    """The portal's address is none that a password may be sent to."""


class PortalRefusedLogin(PortalError):  # noqa: N818 - named for what happened
    """User name or password are wrong, or the token is refused even when it is new."""


class PortalNeedsLogin(PortalError):  # noqa: N818 - named for what happened
    """No password is known, and the person gave none."""


class PortalRejected(PortalError):  # noqa: N818 - named for what happened
    """The portal refuses the body (422, 400): what the person can correct, field by field."""

    def __init__(self, message: Message, fields: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message)
        self.fields = fields


class PortalConflict(PortalError):  # noqa: N818 - named for what happened
    """The site has a meter with this secondary address already (409)."""

    def __init__(self, message: Message, existing_id: str = "") -> None:
        super().__init__(message)
        self.existing_id = existing_id


class PortalChanged(PortalError):  # noqa: N818 - named for what happened
    """Somebody changed the meter on the portal since it was last seen (412)."""


class PortalNotFound(PortalError):  # noqa: N818 - named for what happened
    """What was asked for is not on the portal (404 or 410 on a read)."""


class PortalHasNoWrite(PortalError):  # noqa: N818 - named for what happened
    """The portal has no such interface (404, 405, 501 on a write): the meter is entered by hand."""


class PortalBusy(PortalError):  # noqa: N818 - named for what happened
    """Too many requests (429), also after waiting as the portal asked."""

    passes = True

    def __init__(self, message: Message, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PortalFault(PortalError):  # noqa: N818 - named for what happened
    """The portal failed (5xx), or answered something that is not its contract."""

    passes = True


class PortalReadFailed(PortalError):  # noqa: N818 - named for what happened
    """The gateway could not read the meter; the portal's own words say why."""


def garbled(where: str, expected: str, got: object) -> PortalFault:
    """An answer that is not the contract: what was expected and the beginning of what came."""
    return PortalFault(
        Message(
            "The portal's answer to {where} is not understood: expected {expected}, got {got}. "
            "Perhaps it is no portal, or it has changed.",
            {"where": where, "expected": expected, "got": repr(got)[:80]},
        )
    )

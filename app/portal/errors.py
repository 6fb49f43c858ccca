"""What can go wrong with a portal, one class a cause; no error ever carries a password or a token."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import ClassVar, Final

from app.domain.delivery_state import DeliveryState
from app.message import Message


class Asked(Enum):
    """What the portal was asked."""

    LOGIN = "login"
    SITES = "sites"
    """The account's sites, one site's particulars, its list of meters: the published part."""
    GATEWAYS = "gateways"
    CREATE = "create"
    STORED = "stored"
    CHANGE = "change"
    DELETE = "delete"
    READ = "read"


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
        state: of an upload that met it.
        next_step: what the person can do.
        asked: what the portal was asked; None where nothing was, or nobody noted it.
        in_between: not the portal spoke, but this network: a sign-in page, a firewall, a redirection.
    """

    passes: ClassVar[bool] = False
    state: ClassVar[DeliveryState] = DeliveryState.FAILED
    asked: Asked | None = None
    in_between: bool = False
    next_step: Message = Message("")

    def __init__(self, message: Message, next_step: Message | None = None) -> None:
        """Takes the sentence, and a next step where that of the class does not fit."""
        super().__init__(str(message))
        self.message = message
        if next_step is not None:
            self.next_step = next_step

    @property
    def stops_account(self) -> bool:
        """Whether no upload of the account gets further before the person did something about the login."""
        return False

    @property
    def concerns_account(self) -> bool:
        """Whether what holds for this upload holds for all of the account."""
        return False


class PortalUnreachable(PortalError):  # noqa: N818 - named for what happened
    """No answer: no network, no such host, nobody listens, a certificate that is not valid, a time-out."""

    passes = True
    state = DeliveryState.QUEUED
    concerns_account = True
    next_step = Message(
        "Nothing is lost: what waits is sent by itself once the portal answers. Check network and address."
    )


class PortalAddressError(PortalError):
    """The portal's address is none that a password may be sent to, or there is no portal at it.

    Attributes:
        better: the address at which a portal answers, where one was found.
    """

    next_step = Message("Correct the portal's address.")

    def __init__(self, message: Message, next_step: Message | None = None, *, better: str = "") -> None:
        super().__init__(message, next_step)
        self.better = better

    @property
    def stops_account(self) -> bool:
        """At a login: nothing of this account can go before the address is right."""
        return self.asked is Asked.LOGIN


class PortalRefusedLogin(PortalError):  # noqa: N818 - named for what happened
    """User name or password are wrong, or the token is refused even when it is new."""

    state = DeliveryState.QUEUED
    stops_account = True
    next_step = Message("Sign in again; what waits is kept.")


class PortalNeedsLogin(PortalError):  # noqa: N818 - named for what happened
    """No password is known, and the person gave none."""

    state = DeliveryState.QUEUED
    stops_account = True
    next_step = Message("Sign in; what waits is kept.")


class PortalForbidsLogin(PortalError):  # noqa: N818 - named for what happened
    """The portal does not take the sign-in, and says nothing against user name and password."""

    state = DeliveryState.QUEUED
    stops_account = True
    next_step = Message("Ask whoever runs the portal about this account, then sign in again.")


class PortalRefuses(PortalError):  # noqa: N818 - named for what happened
    """The portal refuses a question that has no entry in it."""

    next_step = Message("Try again; if it stays, tell the portal's support.")


class PortalRejected(PortalError):  # noqa: N818 - named for what happened
    """The portal refuses the body (422, 400): what the person can correct, field by field."""

    state = DeliveryState.REJECTED
    next_step = Message("Correct the named fields and upload again.")

    def __init__(
        self, message: Message, fields: tuple[FieldError, ...] = (), next_step: Message | None = None
    ) -> None:
        super().__init__(message, next_step)
        self.fields = fields


class PortalConflict(PortalError):  # noqa: N818 - named for what happened
    """The site has a meter with this secondary address already (409)."""

    next_step = Message("Open the meter that is there, or check the serial number.")

    def __init__(self, message: Message, existing_id: str = "") -> None:
        super().__init__(message)
        self.existing_id = existing_id


class PortalChanged(PortalError):  # noqa: N818 - named for what happened
    """Somebody changed the meter on the portal since it was last seen (412)."""

    state = DeliveryState.CHANGED
    next_step = Message("Compare both versions and choose which one stands.")


class PortalNotFound(PortalError):  # noqa: N818 - named for what happened
    """What was asked for is not on the portal (404 or 410 on a read)."""

    next_step = Message("Load the site's meters again.")


class PortalHasNoWrite(PortalError):  # noqa: N818 - named for what happened
    """The portal has no such interface (404, 405, 501 on a write): the meter is entered by hand."""

    state = DeliveryState.BY_HAND
    next_step = Message("Enter the meter by hand with the portal sheet; every field has its copy button.")


class PortalBusy(PortalError):  # noqa: N818 - named for what happened
    """Too many requests (429) or not just now (408, 425, 503), also after waiting as the portal asked."""

    passes = True
    state = DeliveryState.QUEUED
    concerns_account = True
    next_step = Message("It is tried again by itself in a moment.")

    def __init__(self, message: Message, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PortalFault(PortalError):  # noqa: N818 - named for what happened
    """The portal failed (5xx), or answered something that is not its contract."""

    passes = True
    state = DeliveryState.QUEUED
    next_step = Message("It is tried again by itself; if it stays, tell the portal's support.")

    @property
    def concerns_account(self) -> bool:
        """A login, or a network that lets nothing through, is the same for every upload."""
        return self.in_between or self.asked is Asked.LOGIN


MOST_EQUAL_FAULTS: Final = 5
"""So often the same fault is met by one upload, or by the login, before the person decides."""


def in_between(message: Message, next_step: Message) -> PortalFault:
    """A fault of what lies between this computer and the portal: it passes, however often it is met."""
    fault = PortalFault(message, next_step)
    fault.in_between = True
    return fault


class PortalReadFailed(PortalError):  # noqa: N818 - named for what happened
    """The gateway could not read the meter; the portal's own words say why."""

    next_step = Message("Check the register list and the meter's line to the gateway, then verify again.")


_PAGE_STARTS = (b"<", b"\xef\xbb\xbf<")


def garbled(where: str, expected: str, got: object) -> PortalFault:
    """An answer that is not the contract: what was expected and of what kind it is that came.

    Never its content: an answer to the login holds a token, and an error answer may repeat a password.
    """
    if isinstance(got, bytes) and got.lstrip().startswith(_PAGE_STARTS):
        return in_between(
            Message(
                "A web page came instead of the portal's answer to {where}: perhaps this network wants a "
                "sign-in of its own first, or something in between blocks the portal.",
                {"where": where},
            ),
            Message("Open any web page in the browser; what waits is sent by itself afterwards."),
        )
    return PortalFault(
        Message(
            "The portal's answer to {where} is not understood: expected {expected}, got {got}. "
            "Perhaps it is no portal, or it has changed.",
            {"where": where, "expected": expected, "got": kind_of(got)},
        )
    )


def kind_of(value: object) -> Message:
    """Of what kind a piece of an answer is, without a character of it."""
    match value:
        case None:
            return Message("nothing")
        case bool():
            return Message("true or false")
        case bytes():
            return Message("{count} bytes", {"count": len(value)}) if value else Message("an empty answer")
        case str():
            return Message("a text of {count} characters", {"count": len(value)})
        case list():
            return Message("a list")
        case dict():
            return Message("an object")
        case int() | Decimal():
            return Message("a number")
        case _:
            return Message("two values at once")

"""Every error as a person needs it: what happened, what to do next, and details that fold out."""

import re
from dataclasses import dataclass
from enum import Enum

from app.bus.errors import BusError, Cancelled, GarbledAnswer, PortError
from app.domain.errors import DomainError, EncryptedReadingError, UnusableReadingError
from app.mbus.errors import FrameError, MBusError
from app.message import Message
from app.portal.errors import PortalError, PortalRejected
from app.store.errors import StoreError


class Kind(Enum):
    """Whose trouble it is, for exit codes and icons."""

    INPUT = "input"
    PORT = "port"
    METER = "meter"
    PORTAL = "portal"
    STORE = "store"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Explanation:
    """An error for a person.

    Attributes:
        kind: whose trouble it is.
        code: a stable word for scripts, e.g. ``no_answer``.
        what: what happened and what it means.
        next_step: what to do; an empty message where the first sentence says it all.
        details: bytes and fields for whoever helps; never a secret.
    """

    kind: Kind
    code: str
    what: Message
    next_step: Message
    details: str = ""


_NOTHING = Message("")
_ENTER_KEY = Message("Enter the meter's key (32 hex digits); its supplier has it.")


def explain(error: BaseException) -> Explanation:
    """Turns any error into sentences; what nobody foresaw is named as the program's own fault."""
    code = _code(error)
    if isinstance(error, BusError):
        return _explain_bus(error, code)
    if isinstance(error, PortalError):
        return _explain_portal(error, code)
    if isinstance(error, StoreError):
        return Explanation(Kind.STORE, code, error.message, _NOTHING)
    if isinstance(error, EncryptedReadingError):
        return Explanation(Kind.METER, code, error.message, _ENTER_KEY)
    if isinstance(error, UnusableReadingError):
        raw = b"" if error.telegram is None else error.telegram.raw
        code = error.kind or code
        return Explanation(Kind.METER, code, error.message, error.next_step, raw.hex(" ").upper())
    if isinstance(error, DomainError):
        return Explanation(Kind.INPUT, code, error.message, _NOTHING)
    if isinstance(error, MBusError):
        words = error.words if isinstance(error, FrameError) else str(error)
        return Explanation(Kind.METER, code, Message("{reason}", {"reason": words}), _NOTHING)
    return Explanation(
        Kind.PROGRAM,
        "unexpected",
        Message("Something went wrong inside the program ({name}).", {"name": type(error).__name__}),
        Message("What you did is saved. Go on; if it happens again, send us the details."),
    )


def _explain_bus(error: BusError, code: str) -> Explanation:
    if isinstance(error, GarbledAnswer):
        code = error.diagnosis.value
    kind = Kind.PORT if isinstance(error, PortError | Cancelled) else Kind.METER
    return Explanation(kind, code, error.message, error.advice or _NOTHING, error.raw.hex(" ").upper())


def _explain_portal(error: PortalError, code: str) -> Explanation:
    details = ""
    if isinstance(error, PortalRejected):
        details = "\n".join(f"{field.field}: {field.reason}" for field in error.fields)
    return Explanation(Kind.PORTAL, code, error.message, error.next_step, details)


def _code(error: BaseException) -> str:
    """``NoAnswer`` -> ``no_answer``: class names are the stable words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower().removesuffix("_error")

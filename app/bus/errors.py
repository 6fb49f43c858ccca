"""Errors of the bus: what a port, a line or a meter did wrong, each with a sentence and the next step."""

from enum import Enum

from app.message import Message


class Diagnosis(Enum):
    """What is wrong on the bus, as far as the bytes tell; the values are stable words for scripts."""

    HEALTHY = "healthy"
    DEAD_BUS = "dead_bus"
    NOBODY_ANSWERS = "nobody_answers"
    WRONG_BAUD = "wrong_baud"
    WRONG_PARITY = "wrong_parity"
    COLLISION = "collision"
    NOISE = "noise"
    FRAME_SHORT = "frame_short"
    ECHO = "echo"
    PORT_LOST = "port_lost"
    WRONG_METER = "wrong_meter"
    NO_READING = "no_reading"
    OTHER_MASTER = "other_master"


class BusError(Exception):
    """Base of everything the bus raises.

    Attributes:
        message: what happened and what it means.
        advice: the next step, None where there is none to give.
        raw: the bytes that came, for the details that fold out.
    """

    def __init__(self, message: Message, *, advice: Message | None = None, raw: bytes = b"") -> None:
        super().__init__(f"{message} {advice}" if advice else str(message))
        self.message = message
        self.advice = advice
        self.raw = raw


class PortError(BusError):
    """Base of what is wrong with the port itself."""


class PortGone(PortError):  # noqa: N818 - the team's names say what happened
    """There is no such port (any more), or nothing listens at that address."""


class PortBusy(PortError):  # noqa: N818 - as above
    """Another program has the port."""


class PortForbidden(PortError):  # noqa: N818 - as above
    """The operating system does not let this user open the port."""


class PortUnusable(PortError):  # noqa: N818 - as above
    """What was typed is no port, or the port cannot do what was asked of it."""


class PortLost(PortError):  # noqa: N818 - as above
    """The port vanished while it was in use: unplugged, or the connection broke."""


class PortClosed(PortError):  # noqa: N818 - as above
    """Something was asked of a port that is not open."""


class Cancelled(BusError):  # noqa: N818 - as above
    """The person stopped it; nothing is wrong."""

    def __init__(self) -> None:
        super().__init__(Message("Stopped."))


class NoAnswer(BusError):  # noqa: N818 - as above
    """Nobody answered, whatever was tried."""


class NoTelegram(NoAnswer):
    """A meter confirmed that it was selected, and then sent nothing, whatever was tried."""


class GarbledAnswer(BusError):  # noqa: N818 - as above
    """Something came, but no telegram that can be trusted."""

    def __init__(
        self, message: Message, *, diagnosis: Diagnosis, advice: Message | None = None, raw: bytes = b""
    ) -> None:
        super().__init__(message, advice=advice, raw=raw)
        self.diagnosis = diagnosis


class Unproved(BusError):  # noqa: N818 - as above
    """A meter that was to be changed has not proved that it alone is meant; it was told nothing."""


class NotConfirmed(BusError):  # noqa: N818 - as above
    """A meter did not confirm a setting; it may or may not have taken it."""

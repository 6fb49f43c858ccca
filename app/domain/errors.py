"""Errors of the domain: what a person typed or a portal sent does not make sense."""

from app.mbus.records import Telegram
from app.message import Message


class DomainError(Exception):
    """Base of the domain's errors; ``message`` is the sentence for the person."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class SerialNumberError(DomainError):
    """What was typed is no serial number of a meter."""


class RegisterListError(DomainError):
    """A ``reg`` text that the gateway could not use."""


class EntryError(DomainError):
    """An entry that no gateway could use, or that no portal could take."""


class FactorError(DomainError):
    """A factor that was typed is no number, or none that the register list can carry."""


class UnusableReadingError(DomainError):
    """A meter answered, but not with a reading that the portal could be told.

    Attributes:
        next_step: what a person can do.
        kind: a stable word for why, see :class:`app.domain.answer.AnswerKind`; empty where none is known.
        telegram: the answer, for those who show it; None where it is not at hand.
    """

    next_step = Message("Read the meter again.")

    def __init__(
        self,
        message: Message,
        next_step: Message | None = None,
        *,
        kind: str = "",
        telegram: Telegram | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.telegram = telegram
        if next_step is not None:
            self.next_step = next_step


class NoIndexError(UnusableReadingError):
    """A meter answered with a reading, and none of its registers can be the index; the message says why.

    Attributes:
        again: whether another reading may bring one.
    """

    next_step = Message("")

    def __init__(self, message: Message, *, again: bool) -> None:
        super().__init__(message)
        self.again = again


class VocabularyError(DomainError):
    """The portal vocabulary file is damaged."""


class EncryptedReadingError(UnusableReadingError):
    """The meter answered, but encrypted, and its key is not known or does not fit."""


class MeterKeyError(DomainError):
    """What was given is no key of a meter; the message never repeats it."""

"""How far an upload is on its way to the portal."""

from enum import Enum
from typing import Final


class DeliveryState(Enum):
    """How far an upload came.

    ``REJECTED``, ``FAILED``, ``CHANGED`` and ``BY_HAND`` wait for the person; ``REPLACED`` gave way to a
    later upload of the same meter.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REJECTED = "rejected"
    FAILED = "failed"
    CHANGED = "changed"
    BY_HAND = "by_hand"
    DONE_BY_HAND = "done_by_hand"
    REPLACED = "replaced"


WAITING: Final = frozenset({DeliveryState.QUEUED, DeliveryState.SENDING})
"""States that need nobody: the delivery goes on by itself."""

FOR_THE_PERSON: Final = frozenset(
    {DeliveryState.REJECTED, DeliveryState.FAILED, DeliveryState.CHANGED, DeliveryState.BY_HAND}
)
"""States that need the person."""

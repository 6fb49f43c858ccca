"""What a master learns about its adapter and its meters, and remembers."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Final

from app.bus.timing import answer_window, shortest_delay
from app.mbus.addresses import SecondaryAddress

DEFAULT_LATENCY_S: Final = 0.03
"""What an adapter is granted until it has been measured."""

JITTER_S: Final = 0.01
"""What a measured latency is granted on top."""

LATENCY_MAX_S: Final = 2.2

_PRIMARY: Final = "primary "


@dataclass(frozen=True, slots=True)
class AdapterMemory:
    """What is known of an adapter.

    Attributes:
        latency_max_s: the latency is not higher than this, since an answer or an echo came that soon; None
            when nothing has come yet.
        latency_min_s: the latency is not lower than this, since meters that keep the standard's window
            seemed to miss it by so much; what proves the latency to be lower counts more.
        echoes: whether it repeats what is sent.
        gap_s: the longest pause seen inside an answer.
    """

    latency_max_s: float | None = None
    latency_min_s: float = 0.0
    echoes: bool = False
    gap_s: float = 0.0

    @property
    def latency_s(self) -> float:
        """What an answer window must grant this adapter."""
        granted = max(DEFAULT_LATENCY_S, self.latency_min_s + JITTER_S)
        if self.latency_max_s is not None:
            granted = min(granted, self.latency_max_s + JITTER_S)
        return min(granted, LATENCY_MAX_S)

    def after_answer(self, delay_s: float, baud: int, *, clean: bool = True) -> "AdapterMemory":
        """What is known after an answer came ``delay_s`` after its request.

        A late answer may be the meter's or the adapter's fault: the adapter's until a prompt one comes.

        Args:
            delay_s: from the computed end of the request to the first byte of the answer.
            baud: in Bd.
            clean: whether it was surely the answer and nothing came before it: noise may come at once.
        """
        most = max(0.0, delay_s - shortest_delay(baud)) if clean else LATENCY_MAX_S
        least = max(0.0, delay_s - answer_window(baud))
        return replace(
            self,
            latency_max_s=most if self.latency_max_s is None else min(self.latency_max_s, most),
            latency_min_s=max(self.latency_min_s, least),
        )


@dataclass(frozen=True, slots=True)
class MeterMemory:
    """What is known of a meter.

    Attributes:
        slow: it answered only within the second, longer window.
        select_fcb: it is selected with 73 instead of 53.
        first_fcb: the first request after a selection is 7B (True) or 5B.
        baud: at which it answered last, in Bd; None when it never did.
    """

    slow: bool = False
    select_fcb: bool = False
    first_fcb: bool = True
    baud: int | None = None


class BusMemory:
    """All that is remembered; kept for a session, and across sessions as text."""

    def __init__(self) -> None:
        self.adapter = AdapterMemory()
        self._meters: dict[str, MeterMemory] = {}

    def meter(self, address: SecondaryAddress | int) -> MeterMemory:
        """What is known of the meter at an address."""
        return self._meters.get(memory_key(address), MeterMemory())

    def remember(self, address: SecondaryAddress | int, meter: MeterMemory) -> None:
        """Keeps what was learned of a meter."""
        self._meters[memory_key(address)] = meter

    def to_text(self) -> str:
        """What holds on any site as JSON, for the settings: a primary address is another meter elsewhere."""
        return json.dumps(
            {
                "adapter": asdict(self.adapter),
                "meters": {
                    key: asdict(meter) for key, meter in self._meters.items() if not key.startswith(_PRIMARY)
                },
            }
        )

    @classmethod
    def from_text(cls, text: str) -> "BusMemory":
        """Reads what :meth:`to_text` wrote; what cannot be read is learned anew."""
        memory = cls()
        try:
            stored = json.loads(text)
            memory.adapter = AdapterMemory(**stored["adapter"])
            memory._meters = {key: MeterMemory(**meter) for key, meter in stored["meters"].items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()
        return memory


def memory_key(address: SecondaryAddress | int) -> str:
    """One meter has one key, however much of its secondary address was given."""
    if isinstance(address, int):
        return f"{_PRIMARY}{address}"
    return address.text if "F" in address.identification else address.identification

"""What a master learns about its adapter and its meters, in a form that can be kept."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from app.bus.timing import shortest_delay
from app.mbus.addresses import SecondaryAddress

VERSION: Final = 1
"""Of the form in which it is kept."""

LATENCY_LOCAL_S: Final = 0.02
LATENCY_NETWORK_S: Final = 1.2
"""What an adapter is granted until it has been measured: the commonest USB chips hand over every 16 ms, a
converter in a network may be far."""

_MARGIN_S: Final = 0.04
_MARGIN_SHARE: Final = 0.15
"""What a measured latency is granted on top: it is not the same each time."""


@dataclass(frozen=True, slots=True)
class AdapterMemory:
    """What is known of an adapter.

    Attributes:
        latency_s: the longest way of an answer seen, None before there was one; the meter's own delay may be
            a part of it.
        echoes: whether it repeats what is sent.
        gap_s: the longest pause seen inside an answer.
    """

    latency_s: float | None = None
    echoes: bool = False
    gap_s: float = 0.0

    def granted_s(self, *, network: bool) -> float:
        """What an answer window must grant this adapter: patient at first, then as measured."""
        if self.latency_s is None:
            return LATENCY_NETWORK_S if network else LATENCY_LOCAL_S
        granted = self.latency_s * (1 + _MARGIN_SHARE) + _MARGIN_S
        return min(granted, LATENCY_NETWORK_S) if network else max(granted, LATENCY_LOCAL_S)

    def after_answer(self, delay_s: float, baud: int) -> "AdapterMemory":
        """What is known after an answer began ``delay_s`` after the computed end of its request."""
        latency = min(max(0.0, delay_s - shortest_delay(baud)), LATENCY_NETWORK_S)
        return replace(self, latency_s=max(self.latency_s or 0.0, latency))


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
    """All that is remembered: of one adapter, and of each meter by its full address."""

    def __init__(self) -> None:
        self.adapter = AdapterMemory()
        self._meters: dict[SecondaryAddress | int, MeterMemory] = {}

    def meter(self, address: SecondaryAddress | int) -> MeterMemory:
        """What is known of the meter at an address; of a part of an address, if it fits one meter only."""
        known = self._meters.get(address)
        if known is None and isinstance(address, SecondaryAddress) and "F" not in address.identification:
            fitting = [
                meter
                for other, meter in self._meters.items()
                if isinstance(other, SecondaryAddress) and address.matches(other)
            ]
            known = fitting[0] if len(fitting) == 1 else None
        return known or MeterMemory()

    def remember(self, address: SecondaryAddress | int, meter: MeterMemory) -> None:
        """Keeps what was learned of a meter."""
        self._meters[address] = meter

    def to_data(self) -> dict[str, Any]:
        """What holds on any site, as plain data; a primary address is another meter elsewhere."""
        meters = {
            address.text: asdict(meter)
            for address, meter in self._meters.items()
            if isinstance(address, SecondaryAddress)
        }
        return {"version": VERSION, "adapter": asdict(self.adapter), "meters": meters}

    @classmethod
    def from_data(cls, data: object) -> "BusMemory":
        """Reads what :meth:`to_data` made; what cannot be read is learned anew."""
        memory = cls()
        if not isinstance(data, dict) or data.get("version") != VERSION:
            return memory
        try:
            memory.adapter = AdapterMemory(**data["adapter"])
            memory._meters = {
                SecondaryAddress.parse(text): MeterMemory(**meter) for text, meter in data["meters"].items()
            }
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()
        return memory

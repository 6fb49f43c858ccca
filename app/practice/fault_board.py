"""The faults of the practice bus as switches with words, for whoever trains or tests on it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from app.mbus.addresses import SecondaryAddress
from app.mbus.manufacturer import letters_to_code
from app.message import Message
from app.practice.building import DOCUMENTED_METER
from app.practice.bus_server import PracticeBus
from app.practice.faults import NO_FAULTS, Echo, Faults

_TWINS: Final = "twins"
_OTHER_MAKER: Final = letters_to_code("KAM")
_OTHER_VERSION: Final = 11


@dataclass(frozen=True, slots=True)
class FaultSwitch:
    """One fault that can be switched.

    Attributes:
        key: its stable name.
        words: what is wrong.
    """

    key: str
    words: Message


@dataclass(frozen=True, slots=True)
class _Fault:
    key: str
    words: Message
    change: Callable[[Faults], Faults]


_FAULTS: Final = (
    _Fault("dead", Message("Bus without power"), lambda faults: replace(faults, dead=True)),
    _Fault("unplugged", Message("Adapter unplugged"), lambda faults: replace(faults, unplugged=True)),
    _Fault("slow", Message("Slow meters (1.5 s)"), lambda faults: replace(faults, slow_s=1.5)),
    _Fault("lost_answers", Message("Lost answers (20 %)"), lambda faults: replace(faults, lost_answers=0.2)),
    _Fault("lost_bytes", Message("Lost bytes (30 %)"), lambda faults: replace(faults, lost_bytes=0.3)),
    _Fault("noise", Message("Noise (30 %)"), lambda faults: replace(faults, noise=0.3)),
    _Fault(
        "echo",
        Message("Echo of the level converter"),
        lambda faults: replace(faults, echo=Echo.FULL),
    ),
    _Fault("partial_echo", Message("Partial echo"), lambda faults: replace(faults, echo=Echo.PARTIAL)),
    _Fault(
        "garbled_collisions", Message("Garbled collisions"), lambda faults: replace(faults, jitter_s=0.02)
    ),
    _Fault("slow_adapter", Message("Slow adapter (0.2 s)"), lambda faults: replace(faults, latency_s=0.2)),
    _Fault(
        "other_baud",
        Message("Meters at 9600 Bd"),
        lambda faults: replace(faults, meter_baud=9600),
    ),
)


class FaultBoard:
    """Switches faults of a practice bus while it runs.

    Args:
        bus: the bus.
    """

    def __init__(self, bus: PracticeBus) -> None:
        self._bus = bus
        self._on: set[str] = set()

    @property
    def switches(self) -> tuple[FaultSwitch, ...]:
        """What can be switched."""
        twins = FaultSwitch(
            _TWINS, Message("Two meters with the number {number}", {"number": DOCUMENTED_METER})
        )
        return (*(FaultSwitch(fault.key, fault.words) for fault in _FAULTS), twins)

    @property
    def on(self) -> frozenset[str]:
        """The keys of the faults that are on."""
        return frozenset(self._on)

    def switch(self, key: str, *, on: bool) -> None:
        """Switches one fault.

        A second meter is on the bus for masters that connect from then on.
        """
        if on:
            self._on.add(key)
        else:
            self._on.discard(key)
        self._apply()

    def clear(self) -> None:
        """Mends everything."""
        self._on.clear()
        self._apply()

    def _apply(self) -> None:
        faults = NO_FAULTS
        for fault in _FAULTS:
            if fault.key in self._on:
                faults = fault.change(faults)
        self._bus.faults = faults
        self._set_twins(present=_TWINS in self._on)

    def _set_twins(self, *, present: bool) -> None:
        building = self._bus.building
        first = building.meter(DOCUMENTED_METER)
        twin = SecondaryAddress(DOCUMENTED_METER, _OTHER_MAKER, _OTHER_VERSION, first.address.medium)
        others = [meter for meter in building.meters if meter.address != twin]
        building.meters[:] = [*others, replace(first, address=twin)] if present else others

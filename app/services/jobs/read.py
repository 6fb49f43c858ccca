"""Reading one meter by the serial number on its label: from what is typed to the telegram on screen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.bus.readout import Readout
from app.domain.errors import SerialNumberError
from app.domain.meter import SerialNumber
from app.domain.typed_number import lines_of
from app.message import Message
from app.services.adapter import LineSource
from app.services.commissioning import number_of, read_meter
from app.services.events import Event
from app.services.tasks import TaskScope

if TYPE_CHECKING:
    import asyncio


@dataclass(frozen=True, slots=True)
class TypedSerial:
    """What the serial field shows beneath itself while a person types.

    Attributes:
        address: the secondary address; empty while there is none.
        note: what was assumed, or why it is no serial number; None when there is nothing to say.
        valid: whether it can be read.
    """

    address: str
    note: Message | None
    valid: bool


def typed_serial(text: str) -> TypedSerial:
    """Judges what was typed so far: any form that a number has on a label, or an address."""
    if not text.strip():
        return TypedSerial("", None, valid=False)
    try:
        serial = SerialNumber.parse(text)
    except SerialNumberError as error:
        return TypedSerial("", error.message, valid=False)
    return TypedSerial(serial.secondary_address.text, serial.note, valid=True)


def list_pasted(text: str) -> Message | None:
    """What is said of a list of numbers that was pasted where one number has room; None if it is none."""
    lines = lines_of(text)
    if len(lines) < 2 or not any(typed_serial(line).valid for line in lines[:_LINES_LOOKED_AT]):
        return None
    return typed_serial(text).note


_LINES_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class MeterRead:
    """What came of a reading: the number, which an open one has got by now, and the answer."""

    number: SerialNumber
    readout: Readout


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """A meter that could not be read, and why."""

    number: SerialNumber
    error: BaseException


class ReadJob:
    """One reading at a time; a second wish while one runs is not heard, a stop is.

    Args:
        tasks: holds what runs.
        line: gives the master.

    Attributes:
        busy_changed: :attr:`busy` is another now.
        reading_started: of which meter.
        meter_read: what came of it.
        reading_failed: what came instead.
        reading_stopped: of which meter.
    """

    def __init__(self, tasks: TaskScope, line: LineSource) -> None:
        self.busy_changed: Event[ReadJob] = Event()
        self.reading_started: Event[SerialNumber] = Event()
        self.meter_read: Event[MeterRead] = Event()
        self.reading_failed: Event[ReadFailure] = Event()
        self.reading_stopped: Event[SerialNumber] = Event()
        self._tasks = tasks
        self._line = line
        self._task: asyncio.Task[Readout | None] | None = None
        self._serial: SerialNumber | None = None
        self._typed = False
        self._failure: ReadFailure | None = None

    @property
    def busy(self) -> bool:
        """Whether a reading runs."""
        return self._task is not None

    @property
    def serial(self) -> SerialNumber | None:
        """The meter read last, or being read."""
        return self._serial

    @property
    def typed(self) -> bool:
        """Whether a person typed or scanned that number, as from a label."""
        return self._typed

    @property
    def failure(self) -> ReadFailure | None:
        """Which meter could not be read last, and why; None since another reading began."""
        return self._failure

    def read(self, text: str, *, typed: bool = True) -> bool:
        """Reads the meter; says whether the text was a number and nothing else ran.

        Args:
            text: a number in any form.
            typed: whether a person typed or scanned it, as from a label.
        """
        if self.busy or not typed_serial(text).valid:
            return False
        number = SerialNumber.parse(text)
        # An address was copied from somewhere, and a part of a number is on no label.
        return self.read_number(number, typed=typed and number.address is None and not number.is_open)

    def read_number(self, number: SerialNumber, *, typed: bool = False) -> bool:
        """Reads the meter of a number; says whether nothing else ran."""
        if self.busy:
            return False
        self._serial, self._typed, self._failure = number, typed, None
        self.reading_started.emit(number)
        self._task = self._tasks.spawn(self._read(number), "read meter", self._on_done)
        self.busy_changed.emit(self)
        return True

    def read_again(self) -> bool:
        """Reads the same meter once more."""
        return self._serial is not None and self.read_number(self._serial, typed=self._typed)

    def stop(self) -> None:
        """Stops; the line is usable again at once."""
        if self._task is not None:
            self._task.cancel()

    async def _read(self, serial: SerialNumber) -> Readout | None:
        try:
            async with self._line.in_use() as master:
                readout = await read_meter(master, serial)
            serial = number_of(serial, readout)
        except Exception as error:  # noqa: BLE001 - shown as a sentence, whatever it was
            self._failure = ReadFailure(serial, error)
            self.reading_failed.emit(self._failure)
            return None
        self.meter_read.emit(MeterRead(serial, readout))
        return readout

    def _on_done(self, task: "asyncio.Task[Readout | None]") -> None:
        self._task = None
        self.busy_changed.emit(self)
        if task.cancelled() and self._serial is not None:
            self.reading_stopped.emit(self._serial)

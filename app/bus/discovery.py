"""The serial ports of this machine, named as a person knows them, and how they come and go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from serial.tools import list_ports


@dataclass(frozen=True, slots=True)
class SerialPort:
    """A serial port.

    Attributes:
        url: what opens it (``COM5``, ``/dev/ttyUSB0``).
        name: maker, product and port, e.g. ``Relay MicroMaster (COM5)``.
        manufacturer: as the adapter tells, empty if it does not.
        product: as the adapter tells, empty if it does not.
        serial_number: of the adapter, empty if it has none.
        vid: USB vendor, None for a built-in port.
        pid: USB product, None for a built-in port.
    """

    url: str
    name: str
    manufacturer: str = ""
    product: str = ""
    serial_number: str = ""
    vid: int | None = None
    pid: int | None = None

    @property
    def key(self) -> str | None:
        """``VID:PID:serial``, by which an adapter is known on whichever port; None if built in."""
        if self.vid is None or self.pid is None:
            return None
        return f"{self.vid:04X}:{self.pid:04X}:{self.serial_number}"


@dataclass(frozen=True, slots=True)
class PortChanges:
    """What came and what went between two looks."""

    came: tuple[SerialPort, ...] = ()
    gone: tuple[SerialPort, ...] = ()


def list_serial_ports() -> tuple[SerialPort, ...]:
    """The ports now; adapters on USB first. Takes some milliseconds: call it off the window's thread."""
    ports = [
        describe_port(
            info.device,
            manufacturer=info.manufacturer,
            product=info.product,
            description=info.description,
            serial_number=info.serial_number,
            vid=info.vid,
            pid=info.pid,
        )
        for info in list_ports.comports()
    ]
    return tuple(sorted(ports, key=lambda port: (port.vid is None, len(port.url), port.url)))


def describe_port(
    url: str,
    *,
    manufacturer: str | None = None,
    product: str | None = None,
    description: str | None = None,
    serial_number: str | None = None,
    vid: int | None = None,
    pid: int | None = None,
) -> SerialPort:
    """Makes a name of what the system tells of a port."""
    short = url.removeprefix("/dev/")
    words = product or _told(description, short)
    if manufacturer and words and not words.lower().startswith(manufacturer.lower()):
        words = f"{manufacturer} {words}"
    return SerialPort(
        url=url,
        name=f"{words} ({short})" if words else short,
        manufacturer=manufacturer or "",
        product=product or "",
        serial_number=serial_number or "",
        vid=vid,
        pid=pid,
    )


def diff_ports(before: Sequence[SerialPort], after: Sequence[SerialPort]) -> PortChanges:
    """What came and what went; an adapter that changed its place did both."""
    return PortChanges(
        came=tuple(port for port in after if port not in before),
        gone=tuple(port for port in before if port not in after),
    )


def find_adapter(key: str, ports: Iterable[SerialPort]) -> SerialPort | None:
    """The adapter known by ``VID:PID:serial``, wherever it is plugged in now.

    Adapters without a serial number are alike: then it is only found if it is the only one of its kind.
    """
    alike = [port for port in ports if port.key == key]
    return alike[0] if len(alike) == 1 else None


def _told(description: str | None, short: str) -> str:
    """What a description says beside the port itself; Windows ends it with the port in brackets."""
    if not description or description == "n/a":
        return ""
    words = description.removesuffix(f"({short})").strip()
    return "" if words == short else words

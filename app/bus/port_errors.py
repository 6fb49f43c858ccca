"""Turns what pyserial and the operating system say about a port into typed errors with the next step."""

import errno
import getpass
import sys
from pathlib import Path
from urllib.parse import urlsplit

from app.bus.errors import PortBusy, PortError, PortForbidden, PortGone, PortLost, PortUnusable
from app.message import Message

_THIEVES = ("brltty", "ModemManager")
"""Programs that grab serial adapters by themselves on Linux desktops."""

_GONE = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO})
_BUSY = frozenset({errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})


_NETWORK = ("socket", "rfc2217")


def is_network(url: str) -> bool:
    """Whether a port is a converter in a network."""
    scheme, found, _ = url.partition("://")
    return bool(found) and scheme.lower() in _NETWORK


def check_network_address(url: str) -> None:
    """Refuses a converter in the network whose host or port number is missing or is none.

    Raises:
        PortUnusable: pyserial itself would try to connect, or fail with a sentence about Python.
    """
    if not is_network(url):
        return
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname and parts.port)
    except ValueError:
        whole = False
    if not whole:
        raise PortUnusable(
            Message(
                "{port} does not name a converter: its host or its port number (1 to 65535) is missing or "
                "wrong.",
                {"port": url},
            ),
            advice=Message("Type it as socket://192.168.1.50:10001, with the converter's own port number."),
        )


def opening_error(url: str, error: Exception) -> PortError:
    """Why a port could not be opened."""
    if isinstance(error, ValueError):
        return _unusable(url, error)
    if "://" in url:
        return _unreachable(url, error)
    code = _code(error)
    if code in _GONE:
        return PortGone(
            Message("There is no port {port}.", {"port": url}),
            advice=Message("Plug the adapter in, or choose another port."),
        )
    if code in _BUSY or (code in _FORBIDDEN and sys.platform == "win32"):
        # Windows answers "access denied" when another program has the port.
        return _busy(url)
    if code in _FORBIDDEN:
        return _forbidden(url)
    return _unusable(url, error)


def losing_error(url: str, error: Exception) -> PortLost:
    """Why a port that was open cannot be used any more."""
    thieves = running_thieves()
    if thieves and "://" not in url:
        return PortLost(
            Message(
                "The port {port} vanished while it was in use; {program} is running and may have taken it.",
                {"port": url, "program": ", ".join(thieves)},
            ),
            advice=Message(
                "Plug the adapter in again; stop {program} if this repeats.", {"program": thieves[0]}
            ),
            raw=str(error).encode(),
        )
    if "://" in url:
        return PortLost(
            Message("The connection to {port} broke.", {"port": url}),
            advice=Message("Check the network and the adapter, then read again."),
            raw=str(error).encode(),
        )
    return PortLost(
        Message("The port {port} vanished while it was in use.", {"port": url}),
        advice=Message("Plug the adapter in again; nothing that was read is lost."),
        raw=str(error).encode(),
    )


def running_thieves(processes: Path = Path("/proc")) -> tuple[str, ...]:
    """Programs now running that take serial adapters for themselves; none where that cannot be told."""
    found = set()
    for name_file in processes.glob("[0-9]*/comm"):
        try:
            name = name_file.read_text(encoding="utf-8").strip()
        except OSError:
            continue
        if name in _THIEVES:
            found.add(name)
    return tuple(sorted(found))


def _code(error: Exception) -> int | None:
    """The errno of an error; on Windows pyserial gives it only in its text."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    text = str(error)
    for word, code in (("FileNotFoundError", errno.ENOENT), ("PermissionError", errno.EACCES)):
        if word in text:
            return code
    first = error.args[0] if error.args else None
    return first if isinstance(first, int) else None


def _unusable(url: str, error: Exception) -> PortUnusable:
    return PortUnusable(
        Message("{port} cannot be used as a port ({reason}).", {"port": url, "reason": str(error)}),
        advice=Message("Type a port such as COM5, /dev/ttyUSB0, socket://host:port or rfc2217://host:port."),
    )


def _unreachable(url: str, error: Exception) -> PortError:
    text = str(error)
    if "expected a string in the form" in text or "not in range" in text:
        return _unusable(url, error)
    return PortGone(
        Message("Nothing answers at {port} ({reason}).", {"port": url, "reason": text}),
        advice=Message(
            "Check that the adapter is on and in the same network, and its address and port number."
        ),
    )


def _busy(url: str) -> PortBusy:
    thieves = running_thieves()
    if thieves:
        return PortBusy(
            Message(
                "Another program has the port {port}; {program} is running and takes adapters by itself.",
                {"port": url, "program": ", ".join(thieves)},
            ),
            advice=Message("Stop {program}, then try again.", {"program": thieves[0]}),
        )
    return PortBusy(
        Message("Another program has the port {port}.", {"port": url}),
        advice=Message("Close the other program that reads meters, then try again."),
    )


def _forbidden(url: str) -> PortForbidden:
    return PortForbidden(
        Message("This user may not open the port {port}.", {"port": url}),
        advice=Message(
            "Run this once, then log out and in again: {command}", {"command": permission_command(url)}
        ),
    )


def permission_command(device: str) -> str:
    """The line that lets this user open a serial device on Linux."""
    return f"sudo usermod -aG {_group(device)} {getpass.getuser()}"


def _group(device: str) -> str:
    try:
        return Path(device).group()
    except (OSError, KeyError, NotImplementedError):
        return "dialout"

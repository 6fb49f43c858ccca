"""What the master sends: the requests of EN 13757-2 and the procedures of EN 13757-3, as frames."""

from datetime import datetime
from typing import Final

from app.mbus.addresses import BROADCAST_SILENT, PRIMARY_MAX, SELECTED_METER, SecondaryAddress
from app.mbus.errors import EncodeError
from app.mbus.frames import LongFrame, ShortFrame

FCB: Final = 0x20
"""The frame count bit of the C field: toggled with every new request, kept on a repetition."""

SND_NKE: Final = 0x40
SND_UD: Final = 0x53
REQ_UD1: Final = 0x5A
REQ_UD2: Final = 0x5B
RSP_UD: Final = 0x08

CI_APPLICATION_RESET: Final = 0x50
CI_DATA_SEND: Final = 0x51
CI_SELECT: Final = 0x52

BAUD_CI: Final = {
    300: 0xB8,
    600: 0xB9,
    1200: 0xBA,
    2400: 0xBB,
    4800: 0xBC,
    9600: 0xBD,
    19200: 0xBE,
    38400: 0xBF,
}
"""The CI field that switches a meter to a baud rate."""


def snd_nke(address: int) -> ShortFrame:
    """Resets the link layer of a meter; answered by an acknowledgement."""
    return ShortFrame(SND_NKE, address)


def req_ud2(address: int, fcb: bool) -> ShortFrame:  # noqa: FBT001 - the bit's name says what True means
    """Asks a meter for its data (class 2)."""
    return ShortFrame(REQ_UD2 | (FCB if fcb else 0), address)


def req_ud1(address: int, fcb: bool) -> ShortFrame:  # noqa: FBT001 - the bit's name says what True means
    """Asks a meter for its alarms (class 1)."""
    return ShortFrame(REQ_UD1 | (FCB if fcb else 0), address)


def snd_ud(address: int, ci: int, data: bytes = b"", *, fcb: bool = False) -> LongFrame:
    """Sends user data to a meter; answered by an acknowledgement."""
    return LongFrame(SND_UD | (FCB if fcb else 0), address, ci, data)


def select(secondary: SecondaryAddress, fcb: bool = False) -> LongFrame:  # noqa: FBT001, FBT002 - as above
    """Selects the meters that a secondary address fits; they then answer at address FD."""
    return snd_ud(SELECTED_METER, CI_SELECT, secondary.to_bytes(), fcb=fcb)


def select_enhanced(
    secondary: SecondaryAddress,
    fabrication_number: str,
    fcb: bool = False,  # noqa: FBT001, FBT002 - as above
) -> LongFrame:
    """Selects by secondary address and fabrication number, for meters that share an address.

    Args:
        secondary: as for :func:`select`.
        fabrication_number: eight digits, ``F`` is the wildcard of one.
        fcb: with C = 73 instead of 53.

    Raises:
        EncodeError: the fabrication number is not eight digits.
    """
    try:
        digits = SecondaryAddress(fabrication_number).to_bytes()[:4]
    except EncodeError as error:
        raise EncodeError(f"a fabrication number has 8 digits, got {fabrication_number!r}") from error
    return snd_ud(SELECTED_METER, CI_SELECT, secondary.to_bytes() + b"\x0c\x78" + digits, fcb=fcb)


def deselect() -> ShortFrame:
    """Ends the selection; answered by an acknowledgement of the meter that was selected."""
    return snd_nke(SELECTED_METER)


def application_reset(address: int, subcode: int | None = None) -> LongFrame:
    """Resets the application layer of a meter, with a subcode to choose what it sends from then on."""
    return snd_ud(address, CI_APPLICATION_RESET, b"" if subcode is None else bytes((subcode,)))


def set_primary_address(address: int, new: int) -> LongFrame:
    """Gives a meter another primary address (0 to 250).

    Raises:
        EncodeError: the new address cannot be a meter's.
    """
    if not 0 <= new <= PRIMARY_MAX:
        raise EncodeError(f"a primary address is 0 to {PRIMARY_MAX}, got {new}")
    return snd_ud(address, CI_DATA_SEND, bytes((0x01, 0x7A, new)))


def set_identification(address: int, identification: str) -> LongFrame:
    """Gives a meter another identification number of eight digits.

    Raises:
        EncodeError: the identification is not eight decimal digits.
    """
    if not (len(identification) == 8 and identification.isascii() and identification.isdigit()):
        raise EncodeError(f"an identification has 8 digits, got {identification!r}")
    return snd_ud(address, CI_DATA_SEND, b"\x0c\x79" + SecondaryAddress(identification).to_bytes()[:4])


def set_date_time(address: int, moment: datetime) -> LongFrame:
    """Sets a meter's clock to the minute (data type F).

    Raises:
        EncodeError: the year is not 1981 to 2099.
    """
    if not 1981 <= moment.year <= 2099:
        raise EncodeError(f"data type F knows the years 1981 to 2099, got {moment.year}")
    year = moment.year % 100
    data = bytes(
        (
            0x04,
            0x6D,
            moment.minute,
            moment.hour,
            moment.day | (year & 0x07) << 5,
            moment.month | (year & 0x78) << 1,
        )
    )
    return snd_ud(address, CI_DATA_SEND, data)


def set_baud_rate(address: int, baud: int) -> LongFrame:
    """Switches a meter to another baud rate, in Bd.

    Raises:
        EncodeError: the standard has no code for that rate, or the meter would not confirm it.
    """
    if baud not in BAUD_CI:
        raise EncodeError(f"a baud rate is one of {', '.join(map(str, BAUD_CI))}, got {baud}")
    if address == BROADCAST_SILENT:
        raise EncodeError("a baud rate is set for one meter that can confirm it, not for address FF")
    return snd_ud(address, BAUD_CI[baud])

"""How the practice gateway reads a telegram: a small decoder of its own, bytes in, values by DIB and VIB out.

It is written from EN 13757-3 and shares nothing with this program's codec, so that a verification in practice
compares two decoders, as it does at a real site. It behaves as the gateway's library does: values in base
units (Wh, J, m³, W, m³/h, °C, ...), powers of ten among the VIFEs applied; CI 73 and 76 and encrypted
telegrams refused; the first telegram of an answer only.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

_LONG_START, _STOP = 0x68, 0x16
_HEADER_SIZES: Final = {0x72: 12, 0x7A: 4, 0x78: 0}
_FILLER, _MAKERS_OWN, _MAKERS_OWN_MORE, _GLOBAL_READOUT = 0x2F, 0x0F, 0x1F, 0x7F
_SECURITY_MODE: Final = 0x1F
_EXTENDED, _TEXT_VIF, _MAKERS_VIF = 0x80, 0x7C, 0x7F
_TABLE_FB, _TABLE_FD = 0xFB, 0xFD

_SIZES: Final = (0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, None, 6, 0)
"""Bytes of data by the low half of the DIF; None where the next byte says (LVAR)."""
_REAL, _VARIABLE, _FIRST_BCD = 0x05, 0x0D, 0x09

_PRIMARY: Final = {
    0x00: -3, 0x08: 0, 0x10: -6, 0x18: -3, 0x28: -3, 0x30: 0, 0x38: -6, 0x40: -7, 0x48: -9, 0x50: -3,
}  # fmt: skip
"""The power of ten of the first of eight codes: energy in Wh and J, volume, mass, power, flows."""
_PRIMARY_OF_FOUR: Final = {0x58: -3, 0x5C: -3, 0x60: -3, 0x64: -3, 0x68: -3}
"""Temperatures and pressure."""
_SECOND: Final = {0x00: 5, 0x08: 8, 0x10: 2, 0x18: 5, 0x28: 5, 0x30: 8}
"""Behind FB: MWh, GJ, 100 m³, 100 t, MW, GJ/h; two codes each."""


class GatewayRefusesError(Exception):
    """The telegram is none that the gateway's library takes; the text says why, as its log would."""


@dataclass(frozen=True, slots=True)
class GatewayValue:
    """One record as the gateway has it.

    Attributes:
        dib: upper-case hex.
        vib: upper-case hex.
        value: in the base unit; None where it is no number.
    """

    dib: str
    vib: str
    value: Fraction | None


def gateway_values(raw: bytes) -> tuple[GatewayValue, ...]:
    """The records of the first telegram in an answer.

    Args:
        raw: all frames as they came over the wire.

    Raises:
        GatewayRefusesError: it takes no such telegram.
    """
    if len(raw) < 9 or raw[0] != _LONG_START or raw[3] != _LONG_START or raw[1] != raw[2]:
        raise GatewayRefusesError("Message is not a long frame")
    end = 4 + raw[1]
    if len(raw) < end + 2 or raw[end + 1] != _STOP or sum(raw[4:end]) & 0xFF != raw[end]:
        raise GatewayRefusesError("Wrong checksum or length")
    ci = raw[6]
    if ci not in _HEADER_SIZES:
        raise GatewayRefusesError(f"Unable to decode message with this CI Field: {ci:02X}")
    size = _HEADER_SIZES[ci]
    # The rest of the configuration field tells the number of blocks, access and hops of plain telegrams too.
    if size and raw[7 + size - 1] & _SECURITY_MODE:
        raise GatewayRefusesError("Encrypted message, and no key is configured")
    return tuple(_records(raw[7 + size : end]))


def _records(data: bytes) -> Iterator[GatewayValue]:
    at = 0
    while at < len(data):
        dif = data[at]
        if dif == _FILLER:
            at += 1
            continue
        if dif in (_MAKERS_OWN, _MAKERS_OWN_MORE, _GLOBAL_READOUT):
            return
        dib_end = _after_extensions(data, at)
        vib_end, text_size = _after_vib(data, dib_end)
        size = _SIZES[dif & 0x0F]
        start = vib_end + text_size
        if size is None:
            size = _variable_size(data, start)
            start += 1
        if start + size > len(data):
            raise GatewayRefusesError("A record runs beyond the end of the message")
        vib = data[dib_end:start] if dif & 0x0F != _VARIABLE else data[dib_end : start - 1]
        yield GatewayValue(
            data[at:dib_end].hex().upper(), vib.hex().upper(), _value(dif, vib, data[start : start + size])
        )
        at = start + size


def _after_extensions(data: bytes, at: int) -> int:
    while at < len(data) and data[at] & _EXTENDED:
        at += 1
    return at + 1


def _after_vib(data: bytes, at: int) -> tuple[int, int]:
    """Where the VIF and its VIFEs end, and how many bytes of text follow (length and characters)."""
    if at >= len(data):
        raise GatewayRefusesError("A record has no VIF")
    end = _after_extensions(data, at)
    if data[at] & 0x7F == _TEXT_VIF and end < len(data):
        return end, 1 + data[end]
    return end, 0


def _variable_size(data: bytes, at: int) -> int:
    if at >= len(data):
        raise GatewayRefusesError("A record runs beyond the end of the message")
    length = data[at]
    if length <= 0xBF:
        return length
    return (length & 0x0F) if length < 0xF0 else 0


def _value(dif: int, vib: bytes, data: bytes) -> Fraction | None:
    coding, power = dif & 0x0F, _power(vib)
    if power is None or not data or coding == _VARIABLE:
        return None
    if coding == _REAL:
        number = struct.unpack("<f", data)[0]
        # Neither infinity nor "not a number" is one.
        return Fraction(number) * Fraction(10) ** power if number - number == 0 else None
    number = _digits(data) if coding >= _FIRST_BCD else int.from_bytes(data, "little", signed=True)
    return None if number is None else number * Fraction(10) ** power


def _digits(data: bytes) -> int | None:
    digits = data[::-1].hex()
    sign = 1
    if digits[0] == "f":
        sign, digits = -1, digits[1:]
    return sign * int(digits) if digits.isdecimal() else None


def _power(vib: bytes) -> int | None:
    """The power of ten that the VIB scales by; None for what is no measured number here."""
    vif, vifes = vib[0], vib[1:]
    if vif in (_TABLE_FB, _TABLE_FD):
        if vif == _TABLE_FD or not vifes:
            return None
        code, vifes = vifes[0] & 0x7F, vifes[1:]
        first = _SECOND.get(code & 0x78)
        power = None if first is None or code & 0x06 else first + (code & 0x01)
    else:
        code = vif & 0x7F
        eight, four = _PRIMARY.get(code & 0x78), _PRIMARY_OF_FOUR.get(code & 0x7C)
        power = eight + (code & 0x07) if eight is not None else None if four is None else four + (code & 0x03)
    return None if power is None else power + _corrections(vifes)


def _corrections(vifes: bytes) -> int:
    """The powers of ten among the VIFEs (70 to 77, 7D)."""
    power = 0
    for vife in vifes:
        code = vife & 0x7F
        if 0x70 <= code <= 0x77:
            power += (code & 0x07) - 6
        elif code == 0x7D:
            power += 3
        elif code == _MAKERS_VIF:
            break
    return power

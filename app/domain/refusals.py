"""What the gateway can never serve, and what is only doubtful, of a whole telegram and of one record.

The gateway's library (jMBus) looks for a register by DIB and VIB in what it decodes itself; where it decodes
nothing, no register list helps.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from app.domain.meaning import Meaning
from app.mbus.application import LAYOUTS
from app.mbus.records import Flag, Function, Number, Record, Telegram
from app.mbus.security import protected_size
from app.message import Message, joined

_FIXED: Final = Message(
    "This meter answers in the old fixed structure, which has no DIB and VIB: the gateway cannot "
    "read it by a register list."
)
_REFUSED_CI: Final[Mapping[int, Message]] = {
    0x73: _FIXED,
    0x77: _FIXED,
    0x76: Message(
        "This meter sends its highest bytes first (CI 76), which the gateway refuses. See whether "
        "the meter can be set to the usual order (CI 72)."
    ),
}
_ENCRYPTED: Final = Message(
    "This meter encrypts, and the portal's entry has no place for its key: the gateway cannot read "
    "it. Ask the supplier to switch encryption off on the wire."
)
AFTER_FIRST: Final = Message(
    "This register comes after the meter's first telegram; whether the gateway reads more than "
    "the first is not known. Verification will show it."
)
_FRAME_OVERHEAD: Final = 6
_LONG_START: Final = 0x68
_DATA_AT: Final = 7
_GATEWAY_NUMBER: Final = re.compile(r"value:(-?\d+(?:\.\d+)?(?:E-?\d+)?)(?:,|$)")
_PRECISION: Final = Decimal("1e-9")
"""What the gateway's arithmetic in doubles may lose."""


def telegram_refusal(telegram: Telegram) -> Message | None:
    """Why the gateway can read no register of a telegram at all; None where it can."""
    refused = _REFUSED_CI.get(telegram.ci or 0)
    if refused is not None:
        return refused
    dropped = next((record for record in telegram.records if _is_dropped(telegram, record)), None)
    if dropped is None:
        return None
    return Message(
        "The gateway's library drops this meter's whole telegram, because it does not know the record "
        "with DIB {dib} and VIB {vib}: no register list will work.",
        {"dib": dropped.dib_hex, "vib": dropped.vib_hex},
    )


def telegram_doubt(telegram: Telegram) -> Message | None:
    """What keeps the gateway from reading a meter that the laptop, which has its key, could read."""
    return _ENCRYPTED if is_protected(telegram) else None


def is_protected(telegram: Telegram) -> bool:
    """Whether the first telegram came encrypted, whether or not a key opened it here."""
    header, layout = telegram.header, LAYOUTS.get(telegram.ci or 0)
    if header is None or layout is None or len(header.signature) < 2 or not telegram.raw:
        return False
    data = telegram.raw[_DATA_AT + layout.header_size : _first_size(telegram.raw) - 2]
    return protected_size(header, data) is not None


def record_refusal(record: Record, meaning: Meaning) -> Message | None:
    """Why no register list could bring a record, whatever its quantity; None where one could."""
    if not record.dib or not record.vib:
        return _FIXED
    if meaning.error:
        return Message(
            "The meter marks this record as faulty ({words}); a sound one has another VIB, and a register "
            "list with this one would never find it. Read the meter again.",
            {"words": _extensions(record) or record.vib_hex},
        )
    return None


def record_doubts(record: Record, meaning: Meaning, telegram: Telegram) -> tuple[Message, ...]:
    """What to know before a record is given to the portal as the reading of now; empty where it is that."""
    doubts = []
    if meaning.function is Function.ERROR:
        doubts.append(Message("This is the value during an error, not the reading of now."))
    elif meaning.function is not Function.INSTANTANEOUS:
        doubts.append(Message("This is a maximum or minimum, not the reading of now."))
    if meaning.storage:
        values = {"storage": meaning.storage}
        doubts.append(Message("This is a stored value (storage {storage}), not the reading of now.", values))
    if meaning.maker:
        doubts.append(
            Message(
                "A code of the maker's own ({code}) changes what this register means; "
                "only the maker's description says how.",
                {"code": f"FF{meaning.maker}" if meaning.maker != "FF" else "FF"},
            )
        )
    if meaning.other:
        words = _extensions(record) or ", ".join(meaning.other)
        doubts.append(Message("This register is not the plain reading: {words}.", {"words": words}))
    if is_after_first(telegram, record):
        doubts.append(AFTER_FIRST)
    misread = gateway_misreads(record)
    if misread is not None:
        doubts.append(misread)
    return tuple(doubts)


def _extensions(record: Record) -> Message | None:
    """The VIFEs in words; None where there are none."""
    return joined([Message(word) for word in record.extensions]) if record.extensions else None


def gateway_misreads(record: Record) -> Message | None:
    """What the gateway's library makes of a record where that is another number, else None."""
    if not isinstance(record.value, Number) or Flag.GATEWAY_DIFFERS not in record.flags:
        return None
    text = record.gateway_text
    found = _GATEWAY_NUMBER.search(text)
    if found is None:
        if not text:
            return None
        return Message("The gateway's library does not read a number here.")
    right, shown = record.value.to_decimal(), Decimal(found[1])
    if abs(right - shown) <= abs(right) * _PRECISION:
        return None
    return Message(
        "The gateway's library reads {shown} here where the meter says {right}.",
        {"shown": Number(*_parts(shown)), "right": record.value},
    )


def is_after_first(telegram: Telegram, record: Record) -> bool:
    """Whether a record came in a later one of several telegrams of one reading."""
    return bool(telegram.raw) and record.offset >= _first_size(telegram.raw)


def _first_size(raw: bytes) -> int:
    """Bytes of the first frame; all of them where it is not a long one."""
    return raw[1] + _FRAME_OVERHEAD if len(raw) > 1 and raw[0] == _LONG_START else len(raw)


def _is_dropped(telegram: Telegram, record: Record) -> bool:
    """Whether the gateway cannot go on at a record of the first telegram."""
    decoded = bool(telegram.raw and record.vib)
    return decoded and not is_after_first(telegram, record) and not record.gateway_text


def _parts(number: Decimal) -> tuple[int, int]:
    sign, digits, exponent = number.as_tuple()
    mantissa = int("".join(map(str, digits)))
    return -mantissa if sign else mantissa, int(exponent)

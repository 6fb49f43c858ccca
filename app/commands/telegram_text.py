"""A telegram as the headless commands print it: as a JSON object, and in lines for a person."""

from collections.abc import Iterator

from app.mbus.addresses import UNKNOWN_OCTET, SecondaryAddress
from app.mbus.data_header import secondary_address
from app.mbus.fixed import status_of
from app.mbus.manufacturer import manufacturer_name, medium_name, status_words
from app.mbus.records import Header, Record, Telegram
from app.mbus.value_text import value_text
from app.mbus.vib import quantity

_SAYS_LITTLE = ("NOT_SUPPORTED", "RESERVED", "USER_DEFINED")


def telegram_object(telegram: Telegram) -> dict[str, object]:
    """What ``mbus-tool decode --json`` prints for one line of input."""
    error = telegram.error
    return {
        "ok": error is None,
        "error": None if error is None else {"kind": error.kind.value, "message": error.message},
        "frame": telegram.frame,
        "control": _octet(telegram.control),
        "address": telegram.address,
        "ci": _octet(telegram.ci),
        "header": None if telegram.header is None else _header_object(telegram.header),
        "secondary_address": _address_object(telegram),
        "records": [_record_object(record) for record in telegram.records],
        "manufacturer_data": telegram.manufacturer_data.hex().upper(),
        "more_records_follow": telegram.more_records_follow,
        "incomplete": telegram.incomplete,
    }


def telegram_text(telegram: Telegram) -> str:
    """The same for a person to read, several lines."""
    return "\n".join(_lines(telegram)) + "\n"


def _octet(value: int | None) -> str | None:
    return None if value is None else f"{value:02X}"


def _header_object(header: Header) -> dict[str, object]:
    """Null where the header does not tell: a short one names nobody, a fixed structure no maker."""
    address = secondary_address(header)
    measures = header.medium != UNKNOWN_OCTET
    return {
        "identification": header.identification if address.has_number else None,
        "manufacturer": header.manufacturer or None,
        "version": address.version,
        "medium": _octet(header.medium) if measures else None,
        "medium_name": medium_name(header.medium) if measures else None,
        "access_number": header.access_number,
        "status": _octet(header.status),
        "signature": header.signature.hex().upper(),
    }


def _address(telegram: Telegram) -> SecondaryAddress | None:
    """Who answers, or whom a selection means; None where no digit of a number is told."""
    address = telegram.selection
    if address is None and telegram.header is not None:
        address = secondary_address(telegram.header)
    return address if address is not None and address.has_number else None


def _address_object(telegram: Telegram) -> dict[str, str] | None:
    """With ``exact`` only where maker, version and medium are told too."""
    address = _address(telegram)
    if address is None:
        return None
    wildcard = SecondaryAddress(address.identification).text
    return ({"exact": address.text} if address.is_exact else {}) | {"wildcard": wildcard}


def _record_object(record: Record) -> dict[str, object]:
    told = {
        "index": record.index,
        "offset": record.offset,
        "length": record.length,
        "dib": record.dib_hex,
        "vib": record.vib_hex,
        "description": record.description,
        "function": record.function.value,
        "storage": record.storage,
        "tariff": record.tariff,
        "subunit": record.subunit,
        "value": value_text(record),
        "unit": record.unit,
        "extensions": list(record.extensions),
        "flags": list(record.flags),
        "gateway_text": record.gateway_text,
    }
    return told if record.text is None else told | {"text": record.text}


def printable(text: str) -> str:
    """A meter's own text with its control characters told instead of obeyed by the terminal."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def _lines(telegram: Telegram) -> Iterator[str]:
    if telegram.error is not None:
        yield f"ERROR ({telegram.error.kind.value}): {telegram.error.message}"
    if telegram.frame is not None:
        fields = (
            ("C", _octet(telegram.control)),
            ("address", telegram.address),
            ("CI", _octet(telegram.ci)),
        )
        shown = "".join(f", {name} {value}" for name, value in fields if value is not None)
        yield f"{telegram.frame} frame{shown}"
    if telegram.header is not None:
        yield from _header_lines(telegram.header, status_of(telegram))
    address = _address(telegram)
    if address is not None:
        yield f"secondary address {address.text}"
    yield from map(_record_line, telegram.records)
    if telegram.manufacturer_data:
        yield f"manufacturer data {telegram.manufacturer_data.hex().upper()}"
    if telegram.more_records_follow:
        yield "more records follow in the next telegram"


def _header_lines(header: Header, status: int) -> Iterator[str]:
    if header.identification:
        name = manufacturer_name(header.manufacturer)
        maker = f", {header.manufacturer}" + (f" ({name})" if name else "") if header.manufacturer else ""
        version = f", version {header.version}" if header.manufacturer else ""
        yield f"meter {header.identification}{maker}{version}, {medium_name(header.medium)}"
    words = ", ".join(map(str, status_words(status, header.manufacturer))) or "no error"
    yield f"access number {header.access_number}, status {header.status:02X} ({words})"


def _record_line(record: Record) -> str:
    numbers = (("storage", record.storage), ("tariff", record.tariff), ("subunit", record.subunit))
    place = "".join(f" {name} {number}" for name, number in numbers if number)
    value = value_text(record)
    unit = f" {record.unit}" if record.unit else ""
    shown = record.text or "no value" if value is None else printable(value) + unit
    notes = (*record.extensions, *record.flags)
    remark = f"  [{', '.join(notes)}]" if notes else ""
    codes = f"{record.dib_hex:<10} {record.vib_hex:<12}"
    name = record.description
    if name in _SAYS_LITTLE and record.vib:
        name += f" ({printable(quantity(record.vib))})"
    return f"{record.index:>3}  {codes} {name} {record.function.value}{place}: {shown}{remark}"

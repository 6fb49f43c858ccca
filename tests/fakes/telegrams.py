"""Decoded telegrams made by hand, so that the domain is tested without the codec."""

from app.domain.portal_units import Vocabulary
from app.mbus.records import Function, Header, Number, Record, Telegram, Value
from app.services.commissioning import load_vocabulary


def vocabulary() -> Vocabulary:
    return load_vocabulary()


def record(
    dib: str,
    vib: str,
    description: str,
    value: Value,
    unit: str | None = None,
    *,
    index: int = 0,
    function: Function = Function.INSTANTANEOUS,
    storage: int = 0,
    tariff: int = 0,
    subunit: int = 0,
    extensions: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
) -> Record:
    return Record(
        index=index,
        offset=19,
        length=6,
        dib=bytes.fromhex(dib),
        vib=bytes.fromhex(vib),
        data=b"\x00\x00\x00\x00",
        description=description,
        function=function,
        storage=storage,
        tariff=tariff,
        subunit=subunit,
        value=value,
        unit=unit,
        extensions=extensions,
        flags=flags,
        gateway_text="",
    )


def telegram(
    *records: Record,
    identification: str = "94158192",
    medium: int = 0x04,
    status: int = 0,
    manufacturer: str = "LUG",
    version: int = 4,
) -> Telegram:
    header = Header(
        identification=identification,
        manufacturer=manufacturer,
        version=version,
        medium=medium,
        access_number=12,
        status=status,
        signature=b"\x00\x00",
    )
    numbered = tuple(
        Record(**{**{name: getattr(item, name) for name in Record.__slots__}, "index": index})
        for index, item in enumerate(records)
    )
    return Telegram(raw=b"", frame="long", control=8, address=1, ci=0x72, header=header, records=numbered)


def heat_telegram(**header: object) -> Telegram:
    """The documentation's heat meter: its seven registers, and others around them."""
    return telegram(
        record("0C", "78", "FABRICATION_NO", Number(94158192)),
        record("04", "06", "ENERGY", Number(37351, 3), "Wh"),
        record("04", "13", "VOLUME", Number(812430, -3), "m³"),
        record("04", "2B", "POWER", Number(2150), "W"),
        record("04", "3B", "VOLUME_FLOW", Number(176, -3), "m³/h"),
        record("02", "5B", "FLOW_TEMPERATURE", Number(524, -1), "°C"),
        record("02", "5F", "RETURN_TEMPERATURE", Number(419, -1), "°C"),
        record("02", "61", "TEMPERATURE_DIFFERENCE", Number(1050, -2), "K"),
        record("44", "06", "ENERGY", Number(36902, 3), "Wh", storage=1),
        **header,  # type: ignore[arg-type]
    )

"""What meters answer: practice meters are built on it, so it must say exactly what it is told to."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from app.mbus.addresses import SecondaryAddress
from app.mbus.dif import DataField, Dib
from app.mbus.encode import (
    RecordToSend,
    encode_record,
    encode_response,
    encode_responses,
    make_header,
    plain_text_vib,
)
from app.mbus.errors import EncodeError
from app.mbus.records import Flag, Function, Number
from app.mbus.response import decode

HEADER = make_header(SecondaryAddress.parse("92811594A7320404"), access_number=12)
NOON = datetime(2024, 2, 29, 12, 30)  # noqa: DTZ001 - a meter knows no zone


def hexed(*arguments, **named) -> str:
    return encode_record(*arguments, **named).hex().upper()


@pytest.mark.parametrize(
    ("dib", "vib", "value", "wire"),
    [
        (Dib(DataField.INT32), "06", Number(37351, 3), "0406E7910000"),
        (Dib(DataField.INT32), "13", Decimal("54.321"), "041331D40000"),
        (Dib(DataField.INT16), "5B", -3, "025BFDFF"),
        (Dib(DataField.BCD8), "78", 94158192, "0C7892811594"),
        (Dib(DataField.BCD4), "5A", Decimal("-22.7"), "0A5A27F2"),
        (Dib(DataField.REAL32), "5B", 92, "055B0000B842"),
        (Dib(DataField.INT64), "06", Decimal(-1000), "0706FFFFFFFFFFFFFFFF"),
        (Dib(DataField.INT16, storage=1), "6C", date(2014, 3, 13), "426CCD13"),
        (Dib(DataField.INT32), "6D", NOON, "046D1E0C1D32"),
        (Dib(DataField.INT24), "6D", time(11, 11, 5), "036D050B0B"),
        (Dib(DataField.VARIABLE), "FD0B", "WTT16", "0DFD0B053631545457"),
        (Dib(DataField.INT8, Function.MAXIMUM, storage=2, tariff=1), "FD17", 255, "9111FD17FF"),
        (Dib(DataField.NONE), "06", None, "0006"),
        (Dib(DataField.INT16), "06", None, "02060080"),
        (Dib(DataField.INT32), "8679", Decimal("8000.01"), "04867908000000"),
        (Dib(DataField.INT16), "86FC11", None, "0286FC11FFFF"),
        (Dib(DataField.BCD4), "06", None, "0A06FFFF"),
        (Dib(DataField.REAL32), "06", None, "05060000C07F"),
        (Dib(DataField.VARIABLE), "06", None, "0D06E0"),
        (Dib(DataField.INT16), "6C", None, "026CFFFF"),
        (Dib(DataField.INT32), "6D", None, "046D80000000"),
        (Dib(DataField.VARIABLE), "06", 123000, "0D06C22301"),
        (Dib(DataField.VARIABLE), "06", -12000, "0D06D112"),
        (Dib(DataField.INT16), "FB68", 1, "02FB680010"),
        (Dib(DataField.INT8), "FD17", 255, "01FD17FF"),
        (Dib(DataField.INT32), "86FBFB7D", 1002000, "0486FBFB7D01000000"),
        (Dib(DataField.INT16), "FD3B", b"\x01\x02", "02FD3B0102"),
        (b"\x84\x00", "8674", Number(2, 4), "84008674D0070000"),
    ],
)
def test_record_bytes(dib, vib, value, wire):
    assert hexed(dib, bytes.fromhex(vib), value) == wire


def test_summer_time_is_a_bit_of_the_hour():
    assert hexed(Dib(DataField.INT32), b"\x6d", NOON, flags=(Flag.SUMMER_TIME,)) == "046D1E8C1D32"


@pytest.mark.parametrize(
    ("dib", "vib", "value", "words"),
    [
        (Dib(DataField.INT8), "2B", 128, "does not fit into 1 bytes"),
        (Dib(DataField.INT8), "2B", -128, "means in 1 bytes that there is no value"),
        (Dib(DataField.INT32), "06", 37351001, "no whole number"),
        (Dib(DataField.BCD2), "2B", 100, "does not fit into 2 decimal digits"),
        (Dib(DataField.BCD2), "2B", -10, "does not fit into 1 decimal digits"),
        (Dib(DataField.REAL32), "2B", Number(1, 39), "too large for a REAL32"),
        (Dib(DataField.NONE), "2B", 1, "no room for the number"),
        (Dib(DataField.VARIABLE), "2B", 10**18, "more than 18 digits"),
        (Dib(DataField.INT8), "86FC11", 255000, "means in 1 bytes that there is no value"),
        (Dib(DataField.INT8), "FD17", None, "every data of INT8 is valid"),
        (Dib(DataField.INT32), "2B", Decimal("NaN"), "finite"),
        (Dib(DataField.INT32), "2B", "text", "no room for a text"),
        (Dib(DataField.VARIABLE), "2B", "€", "ISO 8859-1"),
        (Dib(DataField.VARIABLE), "2B", "x" * 192, "at most 191"),
        (Dib(DataField.INT32), "2B", b"\x01", "has 4 bytes, got 1"),
        (Dib(DataField.INT32), "6C", date(2024, 1, 1), "no room for"),
        (Dib(DataField.INT16), "6C", date(2081, 1, 1), "1981 to 2080"),
        (Dib(DataField.INT48), "6D", NOON.replace(year=1996), "2000 to 2099"),
        (Dib(DataField.INT32, storage=1 << 41), "06", 0, "more than 10 DIFEs"),
        (Dib(DataField.INT32, tariff=-1), "06", 0, "not negative"),
    ],
)
def test_what_has_no_room_is_refused(dib, vib, value, words):
    with pytest.raises(EncodeError, match=words):
        encode_record(dib, bytes.fromhex(vib), value)


def test_largest_numbers_of_ten_difes():
    dib = Dib(DataField.INT8, storage=(1 << 41) - 1, tariff=(1 << 20) - 1, subunit=(1 << 10) - 1)
    assert Dib.parse(dib.to_bytes()) == dib
    assert len(dib.to_bytes()) == 11


def test_plain_text_unit():
    assert plain_text_vib("%RH", 0x74).hex().upper() == "FC0348522574"
    assert plain_text_vib("C").hex().upper() == "7C0143"
    with pytest.raises(EncodeError, match="ISO 8859-1"):
        plain_text_vib("€")
    with pytest.raises(EncodeError, match="at most 127"):
        plain_text_vib("x" * 128)


def test_response_is_read_back_as_it_was_told():
    records = [
        RecordToSend(Dib(DataField.BCD8), b"\x78", 94158192),
        RecordToSend(Dib(DataField.INT32), b"\x06", Number(37351, 3)),
    ]
    raw = encode_response(HEADER, records, address=1, manufacturer_data=b"\x01\x02")
    telegram = decode(raw)
    assert telegram.error is None
    assert (telegram.address, telegram.ci, telegram.header) == (1, 0x72, HEADER)
    assert telegram.header.identification == "94158192"
    assert [str(record.value) for record in telegram.records] == ["94158192", "37351000"]
    assert telegram.manufacturer_data == b"\x01\x02"
    assert encode_response(telegram.header, telegram.records, address=1, manufacturer_data=b"\x01\x02") == raw


def test_long_answer_is_cut_into_frames_that_join_again():
    records = [RecordToSend(Dib(DataField.INT32, storage=n), b"\x06", Number(n, 3)) for n in range(1, 80)]
    frames = encode_responses(HEADER, records)
    assert len(frames) == 3
    assert [decode(frame).more_records_follow for frame in frames] == [True, True, False]
    joined = decode(b"".join(frames))
    assert joined.error is None
    assert [record.storage for record in joined.records] == list(range(1, 80))
    assert [record.index for record in joined.records] == list(range(79))
    assert all(joined.raw[r.offset : r.offset + r.length] == r.dib + r.vib + r.data for r in joined.records)


def test_meter_address_has_no_wildcards():
    with pytest.raises(EncodeError, match="no wildcards"):
        make_header(SecondaryAddress.parse("92811594FFFFFFFF"))

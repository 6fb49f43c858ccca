"""Real telegrams beside the project: each is complete, and every value right or flagged."""

import struct
from datetime import date, datetime
from fractions import Fraction

import pytest

from app.mbus.data_header import secondary_address
from app.mbus.dif import DataField
from app.mbus.encode import encode_response
from app.mbus.records import Flag, Number
from app.mbus.response import decode_hex
from tests.fakes.shared_vectors import telegrams

REFUSALS = {107: "checksum", 210: "truncated"}
# The meter sends the date of a maximum, which the decoders that were asked took for the maximum.
DATES_TAKEN_FOR_NUMBERS = {"AD6F", "BB6F", "DA6F", "DE6F"}

wellformed = [p for p in telegrams() if p.values[0] is None or p.values[0]["wellformed"]]
malformed = [p for p in telegrams() if p.values[0] is None or not p.values[0]["wellformed"]]


def comparable(value):
    if isinstance(value, Number):
        return float(value.to_decimal())
    if isinstance(value, datetime):
        return value.isoformat()
    return value.isoformat() + "T00:00:00" if isinstance(value, date) else value


@pytest.mark.parametrize("vector", wellformed)
def test_telegram_agrees_with_every_expected_field(vector):
    telegram = decode_hex(vector["hex"])
    expected = vector.get("expect")
    if not expected:
        return
    header = telegram.header
    assert header.identification == expected["identification"]
    assert header.manufacturer == expected["manufacturer"]
    assert (header.version, header.access_number, header.status) == (
        expected["version"],
        expected["access_number"],
        expected["status"],
    )
    assert secondary_address(header).text == expected["secondary_address"]
    assert telegram.manufacturer_data.hex().upper() == expected["manufacturer_data"]
    assert telegram.more_records_follow is expected["more_records_follow"]
    assert len(telegram.records) == len(expected["records"])
    for record, wanted in zip(telegram.records, expected["records"], strict=True):
        assert (record.dib_hex, record.vib_hex) == (wanted["dib"], wanted["vib"])
        assert record.function.value == wanted["function"]
        assert (record.storage, record.tariff, record.subunit) == (
            wanted["storage"],
            wanted["tariff"],
            wanted["subunit"],
        )
        assert record.description == wanted["description"]
        assert telegram.raw[record.offset : record.offset + record.length].hex().upper() == (
            record.dib_hex + record.vib_hex + record.data.hex().upper()
        )
        if record.value is None:
            assert record.flags, "a value that is missing says why"
        elif "value" in wanted and record.vib_hex not in DATES_TAKEN_FOR_NUMBERS:
            value = comparable(record.value)
            assert value == (
                wanted["value"] if isinstance(value, str) else pytest.approx(wanted["value"], rel=1e-6)
            )
            assert record.unit == (wanted["unit"] or None)


@pytest.mark.parametrize("vector", malformed)
def test_malformed_frame_is_refused_with_its_reason(vector):
    error = decode_hex(vector["hex"]).error
    assert error is not None
    assert error.kind.value == REFUSALS[vector["id"]]


@pytest.mark.parametrize("vector", wellformed)
def test_answer_encodes_to_the_bytes_it_was_decoded_from(vector):
    telegram = decode_hex(vector["hex"])
    if telegram.ci != 0x72 or telegram.error is not None or "2F" in vector["hex"][38:]:
        return
    more, own = telegram.more_records_follow, telegram.manufacturer_data
    assert telegram.raw == encode_response(
        telegram.header,
        telegram.records,
        address=telegram.address,
        control=telegram.control,
        more_records_follow=more,
        manufacturer_data=own if own or vector["hex"][-6:-4] == "0F" else None,
    )


def test_no_number_of_a_real_telegram_lost_its_exactness():
    vectors = [p.values[0] for p in wellformed if p.values[0] is not None]
    if not vectors:
        pytest.skip("no shared vectors")
    records = [
        record
        for vector in vectors
        for record in decode_hex(vector["hex"]).records
        if isinstance(record.value, Number) and Flag.UNSUPPORTED not in record.flags
    ]
    assert len(records) > 300
    for record in records:
        if record.dib and record.dib[0] & 0x0F == DataField.REAL32.value:
            sent = Fraction(struct.unpack("<f", record.data)[0])
            said = Fraction(record.value.to_decimal())
            assert any(said == sent * Fraction(10) ** power for power in range(-12, 13))
        else:
            assert len(str(abs(record.value.mantissa))) <= 19

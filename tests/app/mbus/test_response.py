"""Any bytes become a telegram: whole, joined, or refused with the reason and what still stands."""

import copy
import pickle
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mbus.addresses import SecondaryAddress
from app.mbus.data_header import secondary_address
from app.mbus.dif import DataField, Dib
from app.mbus.encode import RecordToSend, encode_response, make_header
from app.mbus.errors import FrameErrorKind
from app.mbus.fixed import status_of
from app.mbus.frames import LongFrame
from app.mbus.records import Header, Number, Record
from app.mbus.response import decode, decode_hex, join

ENERGY = RecordToSend(Dib(DataField.INT32), b"\x06", Number(37351, 3))
VOLUME = RecordToSend(Dib(DataField.INT32), b"\x13", Number(54321, -3))
HEADER = make_header(SecondaryAddress.parse("92811594A7320404"), access_number=12)
OTHER = make_header(SecondaryAddress.parse("93811594A7320404"), access_number=12)
ANSWER = encode_response(HEADER, [ENERGY, VOLUME], address=1)
KIND = FrameErrorKind


def frame(ci: int, data: str, control: int = 0x08) -> bytes:
    return LongFrame(control, 1, ci, bytes.fromhex(data)).to_bytes()


def said(telegram) -> list[str]:
    return [str(record.value) for record in telegram.records]


def test_answer_is_taken_apart():
    telegram = decode(ANSWER)
    assert (telegram.frame, telegram.control, telegram.address, telegram.ci) == ("long", 0x08, 1, 0x72)
    assert telegram.error is None
    assert said(telegram) == ["37351000", "54.321"]
    assert [record.offset for record in telegram.records] == [19, 25]
    assert secondary_address(telegram.header).text == "92811594A7320404"


def test_top_bit_of_the_manufacturer_is_kept_in_the_address():
    raw = bytearray(ANSWER)
    raw[12] |= 0x80
    raw[-2] = (raw[-2] + 0x80) & 0xFF
    header = decode(bytes(raw)).header
    assert header.manufacturer == "LUG"
    assert secondary_address(header).text == "92811594A7B20404"


def test_address_of_a_header_made_by_hand():
    header = Header("94158192", "LUG", 4, 4, 0, 0, b"\x00\x00")
    assert secondary_address(header).text == "92811594A7320404"


@pytest.mark.parametrize(
    ("wire", "kind"),
    [
        ("E5", "ack"),
        ("10 5B 01 5C 16", "short"),
        ("68 03 03 68 53 01 BB 0F 16", "control"),
        ("68 06 06 68 53 FE 51 01 7A 08 25 16", "long"),
    ],
)
def test_frames_without_an_answer_are_shown_as_what_they_are(wire, kind):
    telegram = decode_hex(wire)
    assert telegram.frame == kind
    assert telegram.error is None
    assert telegram.header is None


def test_selection_of_the_master_tells_whom_it_means():
    telegram = decode(frame(0x52, "92811594FFFFFFFF 0C78FF3F1200", control=0x53))
    assert telegram.selection == SecondaryAddress.parse("92811594FFFFFFFF")
    assert telegram.records[0].description == "FABRICATION_NO"
    turned = decode(frame(0x56, "94158192FFFFFFFF", control=0x53))
    assert turned.selection == telegram.selection
    assert decode(frame(0x52, "928115", control=0x53)).error.kind is KIND.TRUNCATED


@pytest.mark.parametrize(
    ("ci", "data", "values"),
    [
        (0x78, "0406E7910000", ["37351000"]),
        (0x7A, "0C 00 0000 0406E7910000", ["37351000"]),
        (0x76, "94158192 32A7 04 04 0C 00 0000 0406000091E7", ["37351000"]),
        (0x51, "0406E7910000", ["37351000"]),
        (0x55, "0406000091E7", ["37351000"]),
        (0x5A, "0C 00 0000 0406E7910000", ["37351000"]),
        (0x5B, "92811594A7320404 0C 00 0000 0406E7910000", ["37351000"]),
    ],
)
def test_each_ci_field_is_read_by_its_own_layout(ci, data, values):
    telegram = decode(frame(ci, data))
    assert telegram.error is None
    assert telegram.is_reading
    assert telegram.no_reading is None
    assert said(telegram) == values


@pytest.mark.parametrize(("ci", "data"), [(0x50, "10"), (0xA0, "0102"), (0xB8, "")])
def test_what_a_master_sends_needs_no_records(ci, data):
    telegram = decode(frame(ci, data, control=0x73))
    assert (telegram.error, telegram.is_answer, telegram.is_reading) == (None, False, False)
    assert telegram.no_reading.kind is KIND.NO_RECORDS


@pytest.mark.parametrize("control", [0x08, 0x18, 0x28, 0x38])
@pytest.mark.parametrize("ci", range(0xA0, 0xB8))
def test_answer_of_the_makers_own_kind_is_no_reading(ci, control):
    telegram = decode(frame(ci, "0D01020304", control=control))
    assert telegram.error.kind is KIND.MANUFACTURER
    assert f"(CI {ci:02X})" in telegram.error.message
    assert telegram.manufacturer_data == bytes.fromhex("0D01020304")
    assert not telegram.is_reading


@pytest.mark.parametrize(
    ("ci", "data"),
    [
        (0x71, "01"),
        (0x72, "92811594A7320404 0C 00 0000"),
        (0x72, "92811594A7320404 0C 00 0000 2F2F"),
        (0x72, "92811594A7320404 0C 00 0000 0F 0102"),
        (0x74, "0C 00 0000 01"),
        (0x75, "92811594A7320404 0C 00 0000 01"),
        (0x78, ""),
        (0x7A, "0C 00 0000"),
        (0xB9, "01"),
    ],
)
def test_answer_without_a_record_is_no_reading(ci, data):
    telegram = decode(frame(ci, data))
    assert telegram.error.kind is KIND.NO_RECORDS
    assert not telegram.is_reading
    assert telegram.no_reading is telegram.error


@pytest.mark.parametrize("raw", [b"\xe5", bytes.fromhex("105B015C16"), b""])
def test_what_is_no_answer_is_no_reading(raw):
    assert not decode(raw).is_reading
    assert decode(raw).no_reading is not None


def test_frame_without_a_record_among_others_costs_nothing():
    empty = encode_response(HEADER, [])
    for raw in (ANSWER + empty, empty + ANSWER):
        telegram = decode(raw)
        assert (telegram.error, telegram.is_reading, telegram.incomplete) == (None, True, False)
    assert decode(empty + empty).error.kind is KIND.NO_RECORDS


def test_answer_is_incomplete_where_a_part_of_it_is_missing_or_spoilt():
    first = encode_response(HEADER, [ENERGY], more_records_follow=True)
    spoilt = bytearray(encode_response(HEADER, [VOLUME]))
    spoilt[-2] ^= 1
    assert decode(first).incomplete
    assert decode(first + first).incomplete
    assert decode(first + bytes(spoilt)).incomplete
    assert not decode(first + encode_response(HEADER, [VOLUME])).incomplete
    assert not decode(bytes(spoilt)).incomplete


@pytest.mark.parametrize(
    ("ci", "data", "address"),
    [
        (0x73, "20094523 01 00 0569 31650000 23910600", "20094523FFFFFFFF"),
        (0x77, "23450920 01 00 6905 00006531 00069123", "20094523FFFFFFFF"),
        (0x7A, "0C 00 0000 0406E7910000", "FFFFFFFFFFFFFFFF"),
        (0x6E, "0C 00 0000 06", "FFFFFFFFFFFFFFFF"),
        (0x72, "20094523 FFFF FF 04 0C 00 0000", "20094523FFFFFF04"),
    ],
)
def test_header_without_a_maker_has_an_address_with_wildcards(ci, data, address):
    header = decode(frame(ci, data)).header
    assert header.manufacturer == ""
    assert secondary_address(header).text == address


def test_mode_2_header_is_not_misread():
    telegram = decode(frame(0x76, "94158192 32A7 04 04 0C 00 1234"))
    header = telegram.header
    assert (header.identification, header.manufacturer) == ("94158192", "LUG")
    assert secondary_address(header).text == "92811594A7320404"
    assert header.signature == b"\x34\x12"


def test_short_header_names_nobody():
    header = decode(frame(0x7A, "0C 10 0000")).header
    assert (header.identification, header.access_number, header.status) == ("", 12, 0x10)


@pytest.mark.parametrize(
    ("ci", "data", "words"),
    [
        (0x70, "", "00: unspecified error"),
        (0x70, "08", "08: application too busy"),
        (0x70, "0B0102", "0B: reserved (further bytes 0102)"),
        (0x6E, "0C 00 0000 06", "06: more than 10 VIFEs"),
        (0x6F, "92811594A7320404 0C 00 0000 10", "10: access denied"),
    ],
)
def test_application_errors_are_told_in_words(ci, data, words):
    assert not decode(frame(ci, data)).is_reading
    error = decode(frame(ci, data)).error
    assert error.kind is KIND.APPLICATION
    assert words in error.message


def test_unknown_ci_field_is_told_with_its_bytes():
    error = decode(frame(0x79, "0102")).error
    assert error.kind is KIND.APPLICATION
    assert "CI field 79" in error.message
    assert "0102" in error.message


@pytest.mark.parametrize(("ci", "data"), [(0x72, "9281"), (0x72, ""), (0x7A, "0C00"), (0x73, "92811594")])
def test_cut_off_header_is_refused(ci, data):
    assert decode(frame(ci, data)).error.kind is KIND.TRUNCATED


def test_fixed_structure_with_decimal_counters():
    telegram = decode(frame(0x73, "78563412 0A 00 E9 7E 01000000 35010000"))
    header = telegram.header
    assert (header.identification, header.access_number, header.medium) == ("12345678", 10, 0x07)
    first, second = telegram.records
    assert (first.description, str(first.value), first.unit) == ("VOLUME", "0.001", "m³")
    assert (second.description, str(second.value), second.storage) == ("VOLUME", "0.135", 1)
    assert (first.offset, first.length, second.offset) == (15, 4, 19)
    assert first.gateway_text == ""


def test_fixed_structure_with_binary_counters_stored_at_a_fixed_date():
    telegram = decode(frame(0x73, "78563412 0A 03 05 3F FEFFFFFF 00000080"))
    first, second = telegram.records
    assert (str(first.value), first.unit, first.storage) == ("-2000", "Wh", 1)
    assert (second.value, second.unit) == (None, None)
    assert telegram.header.status == 0x03


def test_bits_of_a_fixed_structure_that_tell_its_coding_are_no_error():
    assert status_of(decode(frame(0x73, "78563412 0A 03 05 3F 01000000 01000000"))) == 0
    assert status_of(decode(frame(0x73, "78563412 0A 0B 05 3F 01000000 01000000"))) == 0x08
    assert status_of(decode(frame(0x7A, "0C 03 0000 0406E7910000"))) == 0x03
    assert status_of(decode(b"\xe5")) == 0


def test_fixed_structure_of_mode_2_and_its_undefined_unit():
    telegram = decode(frame(0x77, "12345678 0A 00 7E E9 00000001 00000135"))
    assert [str(record.value) for record in telegram.records] == ["0.001", "0.135"]
    assert "unsupported" in decode(frame(0x73, "78563412 0A 00 3A 00 01000000 01000000")).records[0].flags


@pytest.mark.parametrize(
    ("data", "kind", "counters"),
    [("78563412 0A 00 05 05 01000000 020000", KIND.TRUNCATED, 1),
     ("78563412 0A 00 05 05 01000000 02000000 03", KIND.LENGTH, 2),
     ("78563412 0A 00 05 05", KIND.TRUNCATED, 0)],
)  # fmt: skip
def test_fixed_structure_of_the_wrong_length_keeps_its_whole_counters(data, kind, counters):
    telegram = decode(frame(0x73, data))
    assert telegram.error.kind is kind
    assert len(telegram.records) == counters


def test_wrong_checksum_still_shows_the_records():
    raw = ANSWER[:-2] + bytes((ANSWER[-2] ^ 1, 0x16))
    telegram = decode(raw)
    assert telegram.error.kind is KIND.CHECKSUM
    assert said(telegram) == ["37351000", "54.321"]


@pytest.mark.parametrize(
    ("raw", "kind", "records"),
    [
        (b"", KIND.EMPTY, 0),
        (b"\x00\x01", KIND.START, 0),
        (ANSWER[:3], KIND.TRUNCATED, 0),
        (ANSWER[:30], KIND.TRUNCATED, 1),
        (ANSWER[:-1], KIND.TRUNCATED, 2),
        (ANSWER[:-1] + b"\x17", KIND.STOP, 2),
        (ANSWER + b"\x00\x01", KIND.LENGTH, 2),
        (ANSWER[:1] + bytes((ANSWER[1] + 1,)) + ANSWER[2:], KIND.LENGTH, 2),
        (ANSWER[:1] + bytes((ANSWER[1] - 1,)) * 2 + ANSWER[3:], KIND.LENGTH, 2),
        (ANSWER[:1] + bytes((ANSWER[1] + 9,)) * 2 + ANSWER[3:], KIND.LENGTH, 2),
        (ANSWER[:1] + bytes((ANSWER[1] - 1,)) * 2 + ANSWER[3:-2] + b"\x00\x16", KIND.LENGTH, 1),
        (b"\x10\x5b\x01\x5d\x16", KIND.CHECKSUM, 0),
        (b"\x10\x5b", KIND.TRUNCATED, 0),
        (ANSWER + ANSWER[:10], KIND.TRUNCATED, 2),
        (ANSWER + b"\x10\x5b\x01\x5d\x16", KIND.CHECKSUM, 2),
    ],
)
def test_spoilt_frame_is_refused_and_what_it_still_says_is_kept(raw, kind, records):
    telegram = decode(raw)
    assert telegram.error.kind is kind
    assert len(telegram.records) == records
    assert telegram.raw == raw


@pytest.mark.parametrize(
    ("text", "words"),
    [("68 0G", "got 'G' as character 4"), ("683", "got 3 digits"), ("٦٨", "got '٦' as character 1")],
)
def test_what_is_no_hex_is_told_with_its_place(text, words):
    telegram = decode_hex(text)
    assert telegram.error.kind is KIND.HEX
    assert words in telegram.error.message


def test_frames_of_one_answer_are_joined_with_running_places():
    first = encode_response(HEADER, [ENERGY], more_records_follow=True)
    second = encode_response(HEADER, [VOLUME], manufacturer_data=b"\x01")
    telegram = decode(first + second)
    assert telegram.error is None
    assert [record.index for record in telegram.records] == [0, 1]
    assert telegram.records[1].offset == len(first) + 19
    assert telegram.raw == first + second
    assert (telegram.more_records_follow, telegram.manufacturer_data) == (False, b"\x01")


def test_frames_of_different_meters_are_not_passed_off_as_one():
    telegram = decode(ANSWER + encode_response(OTHER, [VOLUME]))
    assert telegram.error.kind is KIND.APPLICATION
    assert "different meters" in telegram.error.message


def test_request_and_acknowledgement_around_an_answer_give_way_to_it():
    request = bytes.fromhex("105B015C16")
    telegram = decode(request + ANSWER + b"\xe5")
    assert (telegram.frame, telegram.error) == ("long", None)
    assert telegram.records[0].offset == len(request) + 19
    assert decode(b"\xe5\xe5").frame == "ack"


def test_frame_without_a_header_joins_the_one_in_front():
    telegram = join(decode(ANSWER), decode(frame(0x78, "0406E7910000")))
    assert telegram.error is None
    assert len(telegram.records) == 3


@given(st.binary(max_size=300))
def test_any_bytes_give_a_telegram(raw):
    telegram = decode(raw)
    assert telegram.raw == raw
    assert telegram.error is not None or telegram.frame is not None


def test_decoded_record_is_frozen_equal_and_hashes_like_a_plain_one():
    decoded = decode(ANSWER).records[0]
    plain = Record(*(getattr(decoded, name) for name in Record.__slots__))
    assert type(plain) is not type(decoded)
    assert decoded == plain
    assert plain == decoded
    assert hash(decoded) == hash(plain)
    assert decoded != replace(plain, index=9)
    assert decoded != "a record"
    assert len({decoded, plain, decode(ANSWER).records[0]}) == 1
    for name in ("value", "dib"):
        with pytest.raises(FrozenInstanceError):
            setattr(decoded, name, None)


def test_decoded_record_is_changed_copied_and_sent_as_a_plain_one():
    decoded = decode(ANSWER).records[0]
    assert replace(decoded, index=7).index == 7
    assert replace(decoded, index=7).gateway_text == decoded.gateway_text
    assert pickle.loads(pickle.dumps(decoded)) == decoded
    assert copy.deepcopy(decoded) == decoded
    assert "ENERGY" in repr(decoded)


def test_number_with_absurdly_many_zeros_is_told_in_short():
    assert str(Number(1, 5000)) == "1E+5000"
    assert str(Number(-12, -5000)) == "-12E-5000"
    assert Number(1, 10**6).to_decimal().adjusted() == 10**6
    assert str(Number(1, 300)) == "1" + "0" * 300

"""Encoding and decoding are each other's inverse, for every DIF, VIF and VIFE there is."""

from datetime import date, datetime, time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.mbus.addresses import SecondaryAddress
from app.mbus.dif import SIZES, DataField, Dib
from app.mbus.encode import encode_record, encode_response, make_header, plain_text_vib
from app.mbus.encode_values import encode_value
from app.mbus.errors import EncodeError
from app.mbus.lvar import SIZES as LVAR_SIZES
from app.mbus.records import Flag, Function, Number
from app.mbus.response import decode
from app.mbus.vif import EXTENDED_WITHOUT_CODE, PLAIN_TEXT

HEADER = make_header(SecondaryAddress.parse("92811594A7320404"))
KNOWN_LVAR = [lvar for lvar in range(256) if (LVAR_SIZES[lvar] or 0) <= 60 and LVAR_SIZES[lvar] is not None]

code = st.integers(0, 127)
primary = code.filter(lambda c: c != PLAIN_TEXT and c not in EXTENDED_WITHOUT_CODE).map(lambda c: bytes((c,)))
behind_fb = code.map(lambda c: bytes((0xFB, c)))
behind_fd = code.filter(lambda c: c != 0x7D).map(lambda c: bytes((0xFD, c)))
behind_fd_fd = code.map(lambda c: bytes((0xFD, 0xFD, c)))
plain = st.text(st.characters(max_codepoint=255), max_size=8).map(plain_text_vib)
vifs = st.one_of(primary, behind_fb, behind_fd, behind_fd_fd, plain)


@st.composite
def vibs(draw):
    """A VIF with up to ten VIFEs, the extension bits set as they must be."""
    vif = bytearray(draw(vifs))
    vifes = draw(st.lists(code, max_size=10))
    if not vifes:
        return bytes(vif)
    vif[0 if vif[0] & 0x7F == PLAIN_TEXT else -1] |= 0x80
    return bytes(vif) + bytes(vife | 0x80 for vife in vifes[:-1]) + bytes(vifes[-1:])


dibs = st.builds(
    Dib,
    st.sampled_from(DataField),
    st.sampled_from(Function),
    st.one_of(st.integers(0, 3), st.integers(0, (1 << 41) - 1)),
    st.one_of(st.just(0), st.integers(0, (1 << 20) - 1)),
    st.one_of(st.just(0), st.integers(0, (1 << 10) - 1)),
)


@st.composite
def raw_records(draw):
    """A DIB, a VIB and any data that fits them."""
    dib, vib = draw(dibs), draw(vibs())
    size = SIZES[dib.data_field.value]
    if size is None:
        lvar = draw(st.sampled_from(KNOWN_LVAR))
        return (
            dib,
            vib,
            bytes((lvar,)) + draw(st.binary(min_size=LVAR_SIZES[lvar], max_size=LVAR_SIZES[lvar])),
        )
    return dib, vib, draw(st.binary(min_size=size, max_size=size))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(raw_records(), max_size=3), st.booleans(), st.binary(max_size=5))
def test_telegram_encodes_to_the_bytes_it_was_decoded_from(parts, more, own):
    sent = [encode_record(dib, vib, data) for dib, vib, data in parts]
    raw = encode_response(HEADER, sent, address=3, more_records_follow=more, manufacturer_data=own)
    telegram = decode(raw)
    assert (telegram.error is None) == bool(parts)
    assert telegram.raw == raw
    for record, (dib, vib, data) in zip(telegram.records, parts, strict=True):
        assert (record.dib, record.vib, record.data) == (dib.to_bytes(), vib, data)
        assert (record.storage, record.tariff, record.subunit) == (dib.storage, dib.tariff, dib.subunit)
        assert record.function is dib.function
        assert isinstance(record.gateway_text, str)
    again = encode_response(
        telegram.header,
        telegram.records,
        address=telegram.address,
        more_records_follow=telegram.more_records_follow,
        manufacturer_data=telegram.manufacturer_data,
    )
    assert again == raw


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(raw_records())
def test_value_that_was_decoded_encodes_to_the_same_value(part):
    dib, vib, data = part
    record = decode(encode_response(HEADER, [encode_record(dib, vib, data)])).records[0]
    if record.value is None or Flag.UNSUPPORTED in record.flags:
        return
    if isinstance(record.value, Number) and dib.data_field is DataField.VARIABLE and len(data) > 10:
        return
    if isinstance(record.value, (str, bytes)):
        wire = data if isinstance(record.value, bytes) else encode_value(dib.data_field, vib, record.value)
    else:
        try:
            wire = encode_value(dib.data_field, vib, record.value, flags=record.flags)
        except EncodeError:
            # A maker's century (1900 to 1980) that four bytes cannot tell without their two bits.
            assert isinstance(record.value, (date, datetime, time)) or dib.data_field is DataField.VARIABLE
            return
    again = decode(encode_response(HEADER, [dib.to_bytes() + vib + wire])).records[0]
    assert same(again.value, record.value)
    if Flag.GATEWAY_DIFFERS not in record.flags:
        assert again.flags == record.flags
    if isinstance(record.value, Number) and dib.data_field.value in range(1, 8):
        assert again.data == data or record.value.mantissa == 0


def same(one, other) -> bool:
    if isinstance(one, Number) and isinstance(other, Number):
        return one.to_decimal() == other.to_decimal()
    return one == other


@pytest.mark.parametrize("data_field", [f for f in DataField if f.value in range(1, 8)])
@given(vibs(), st.integers(-(10**6), 10**6))
def test_number_that_was_sent_arrives(data_field, vib, number):
    try:
        wire = encode_record(Dib(data_field), vib, number)
    except EncodeError:
        return
    record = decode(encode_response(HEADER, [wire])).records[0]
    if isinstance(record.value, Number) and data_field is not DataField.REAL32:
        assert record.value.to_decimal() == number

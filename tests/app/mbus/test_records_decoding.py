"""What records say: each data type, each VIF table, each VIFE, by hand-made records with known meaning."""

from fractions import Fraction

import pytest

from app.mbus.data_records import CACHES, parse_records
from app.mbus.errors import FrameErrorKind
from app.mbus.record_header import CACHE_MAX, RecordHeaderCache, make_record_header
from app.mbus.records import Number
from app.mbus.value_coding import real
from app.mbus.value_text import value_text
from app.mbus.vib import Vib, quantity

DIFFERS = "gateway_differs"


def parse(data: str, *, commanded: bool = False, turned: bool = False):
    return parse_records(bytes.fromhex(data), 0, 0, CACHES[commanded, turned])


def only(data: str, **options):
    found = parse(data, **options)
    assert found.error is None
    (record,) = found.records
    return record


# Record, then value (- for none), unit (- for none), and flags without the gateway's difference.
VALUES = """
01 2B 7F                    127  W -
01 2B FF                    -1  W -
01 2B 80                    -  W no_data
02 5B FDFF                  -3  °C -
02 5B 0080                  -  °C no_data
03 13 FFFF7F                8388.607  m³ -
04 06 E7910000              37351000  Wh -
04 06 00000080              -  Wh no_data
06 13 FFFFFFFFFF7F          140737488355.327  m³ -
06 13 0000000000            TRUNCATED
07 13 FFFFFFFFFFFFFF7F      9223372036854775.807  m³ -
07 13 0000000000000080      -  m³ no_data
05 5B 0000B842              92  °C -
05 5A 2B4BAC41              2.15367031097412109375  °C -
05 06 00000000              0  Wh -
05 2B 00000080              0  W -
05 2B FFFF7F7F              340282346638528859811704183484516925440  W -
05 2B 0000C07F              -  W nan
05 2B 0100807F              -  W nan
05 2B 0000807F              -  W overflow
05 2B 000080FF              -  W overflow
09 2B 42                    42  W -
0A 5A 2702                  22.7  °C -
0A 5A 27F2                  -22.7  °C -
0B 3B 563412                123.456  m³/h -
0C 78 92811594              94158192  - -
0C 78 9281159A              -  - bcd_error
0C 2B FFFFFFFF              -  W bcd_error
0E 06 563412907856          567890123456000  Wh -
00 06                       -  Wh no_data
08 06                       -  Wh no_data
42 6C CD13                  2014-03-13  - -
42 6C FFFF                  -  - invalid_date
04 6D 0B0BCD13              2014-03-13T11:11  - -
04 6D 0B8BCD13              2014-03-13T11:11  - summer_time
04 6D 8B8BCD13              -  - invalid_date summer_time
03 6D 050B0B                11:11:05  - -
06 6D 050B0BCD1300          2014-03-13T11:11:05  - -
06 6D 450B0BCD1300          2014-03-13T11:11:05  - summer_time
04 FD30 0B0BCD13            2014-03-13T11:11  - -
02 FD70 CD13                2014-03-13  - -
03 FD65 050B0B              11:11:05  - -
0E ED00 010101000000        10101  - unsupported
01 6D 01                    1  - unsupported
02 FD17 0080                32768  - -
01 FD1A FF                  255  - -
01 7A FE                    254  - -
04 86FC11 FFFFFF7F          2147483647000  Wh -
04 86FC11 FFFFFFFF          -  Wh no_data
04 86FC12 FFFFFFFF          4294967295000  Wh -
02 FD72 0102                0102  - unsupported
02 FD3B 0102                0102  - -
04 FD19 01020304            01020304  - -
04 78 00000080              2147483648  - -
04 78 FEFFFFFF              4294967294  - -
04 78 FFFFFFFF              -  - no_data
07 79 00000000000000F0      17293822569102704640  - -
01 FD08 FF                  255  - -
02 FD09 FFFF                65535  - -
02 FD0A FFFF                65535  - -
02 FD0B 0080                32768  - -
01 FD0E FE                  254  - -
01 FD0E FF                  -  - no_data
04 FD11 000000F0            4026531840  - -
03 FD16 000080              8388608  - -
02 FD1C 0096                38400  - -
02 FD20 FFFE                65279  - -
01 FD22 80                  128  - -
01 FD60 80                  128  - -
02 FD61 FFFF                -  - no_data
01 FD66 80                  128  - -
04 FD67 00000080            2147483648  - -
02 FD75 0080                32768  - -
0C FD60 78563412            12345678  - -
02 FD8BFC12 FFFF            65535  - -
42 6C FFF5                  -  - periodic
02 6C 2100                  -  - invalid_date
04 6D 0B8BCD1F              -  - periodic summer_time
06 6D 050B0BEDF300          -  - periodic
03 6D 3F3F1F                -  - periodic
02 6C EDF2                  -  - periodic
02 6C FEF2                  -  - invalid_date
02 FB68 0010                1  - -
02 FB6E 0100                0.000244140625  - -
02 FB69 0100                1  W -
0D FD0B 053631545457        WTT16  - -
0D FD0B 0520203154 54       TT1  - -
0D FD0B 01FC                ü  - -
0D FD0B 00                  -EMPTY-  - -
0D 06 C23412                1234000  Wh -
0D 06 C2341A                -  Wh bcd_error
0D 06 D23412                -1234000  Wh -
0D 06 D2341A                -  Wh bcd_error
0D 06 C0                    -  Wh no_data
0D 06 E0                    -  Wh no_data
0D 06 E2FEFF                65534000  Wh -
0D 06 E2FFFF                -  Wh no_data
0D FD3B E20102              0102  - -
0D 6D E20102                0102  - unsupported
0D 861F E20102              0102  Wh unsupported
0D 861E E20102              0102  Wh unsupported
0D 8613 E20102              0102  Wh unsupported
0D FD00 F0 01000000000000000000000000000000  0.001  - -
0D 06 FA0102                FA0102  Wh unsupported
04 6F 01000000              1  - unsupported
04 FB06 01000000            1  - unsupported
04 FDFD02 01000000          1  mo -
04 FDFD03 01000000          1  a -
04 FDFD7F 01000000          1  - unsupported
04 7B 01000000              1  - unsupported
04 7D 01000000              1  - unsupported
04 FB0C 01000000            100000  cal -
04 FD01 01000000            0.01  - -
04 FF72 01000000            1  - -
34 06 01000000              1000  Wh error_state
04 8615 01000000            -  Wh record_error:15 no_data
04 8616 01000000            -  Wh record_error:16 overflow
04 8617 01000000            -  Wh record_error:17 underflow
04 8618 01000000            -  Wh record_error:18
04 8602 01000000            1000  Wh record_error:02
04 8676 01000000            1000  Wh -
04 8670 01000000            0.001  Wh -
04 867D 01000000            1000000  Wh -
04 867B 01000000            1001  Wh -
04 8678 01000000            1000.001  Wh -
04 86FB7D 01000000          1001000  Wh -
04 86FD7B 01000000          1000001  Wh -
04 86FBFB7D 01000000        1002000  Wh -
05 867B 00000000            1  Wh -
05 867B 0000C07F            -  Wh nan
04 FB807B 01000000          1100000  Wh -
04 FBB772 A5000000          16.5  VA -
02 FDBA73 1400              0.02  - -
04 BD6E 0B0BCD13            2014-03-13T11:11  - -
02 BB6A CD13                2014-03-13  - -
04 BB50 10000000            16  s -
04 BB5F 10000000            16  d -
04 BB66 10000000            16  h -
04 BB41 FEFFFFFF            4294967294  - -
04 8600 01000000            1000  Wh -
04 8608 01000000            1000  Wh unsupported
04 8611 01000000            1000  Wh unsupported
04 8612 01000000            1000  Wh -
04 8614 01000000            1000  Wh -
04 861B 01000000            1000  Wh unsupported
04 861C 01000000            1000  Wh record_error:1C
02 FD971D 0100              1  - -
04 BB41 10000000            16  - -
04 BB40 10000000            0.016  m³/h -
04 863D 01000000            1  - unsupported
04 FA3D 01000000            1  - -
04 A828 01000000            0.001  W -
04 AB7C 01000000            1  W unsupported
04 ABFC0D 01000000          1  W unsupported
04 AB19 01000000            1  W unsupported
"""


@pytest.mark.parametrize("row", VALUES.strip().splitlines())
def test_value_unit_and_flags(row):
    if row.endswith("TRUNCATED"):
        assert parse(row.removesuffix("TRUNCATED")).error.kind is FrameErrorKind.TRUNCATED
        return
    wire, _, rest = row.partition("  ")
    value, unit, *flags = rest.split()
    record = only(wire)
    expected = {"-": None, "-EMPTY-": ""}.get(value, value)
    assert value_text(record) == expected
    assert record.unit == (None if unit == "-" else unit)
    assert [flag for flag in record.flags if flag != DIFFERS] == [f for f in flags if f != "-"]


# Where the gateway's line misleads, and where it does not.
@pytest.mark.parametrize(
    ("wire", "differs"),
    [
        ("04 06 E7910000", False),
        ("0A 5A 2702", False),
        ("05 5A 2B4BAC41", False),
        ("04 6D 0B0BCD13", False),
        ("0D FD0B 053631545457", False),
        ("00 06", False),
        ("05 2B 0000C07F", False),
        ("04 863B 01000000", False),
        ("8440 06 01000000", False),
        ("06 6D 050B0BCD1300", True),
        ("03 6D 050B0B", True),
        ("42 6C FFFF", True),
        ("42 6C 3FAC", True),
        ("0C 2B FFFFFFFF", True),
        ("01 2B 80", True),
        ("07 13 0000008000000000", True),
        ("07 13 00000080FFFFFFFF", False),
        ("02 FD17 0080", True),
        ("02 FD17 0070", False),
        ("08 FD17", False),
        ("06 FD17 000000800000", True),
        ("04 867B 01000000", True),
        ("04 FF72 01000000", True),
        ("04 FF22 01000000", False),
        ("04 8615 01000000", True),
        ("04 FB0C 01000000", True),
        ("02 FDBA73 1400", False),
        ("04 FD01 01000000", True),
        ("04 BB6F 0B0BCD13", True),
        ("04 BB50 10000000", True),
        ("0D FD0B 01FC", True),
        ("0D 06 C23412", True),
        ("0D 06 E20102", True),
        ("04 7B 01000000", True),
        ("02 FD70 CD13", True),
    ],
)
def test_gateway_differs_exactly_where_its_line_misleads(wire, differs):
    assert (DIFFERS in only(wire).flags) is differs


@pytest.mark.parametrize(
    ("vib", "words"),
    [
        ("863B", ["accumulation only of positive contributions"]),
        ("ABFC01", ["at phase L1"]),
        ("ABFC94 74", ["direction: from communication partner to meter", "multiplied by 10^-2"]),
        ("ABFC7F", ["reserved 7F"]),
        ("AB10", ["reserved 10"]),
        ("AB7C", ["reserved 7C"]),
        ("FDC8FC05", ["between phases L1 and L2"]),
        ("FB8275", ["multiplied by 10^-1"]),
        ("ABFF01", ["manufacturer specific", "01"]),
        ("FF9300", ["93", "00"]),
        ("84FFF200", ["manufacturer specific", "F2", "00"]),
        ("A840", ["lower limit value"]),
        ("A849", ["number of exceeds of upper limit"]),
        ("A84F", ["date and time of end of last upper limit exceed"]),
        ("A85D", ["duration of last upper limit exceed"]),
        ("A865", ["duration of last"]),
        ("A86C", ["value during upper limit exceed"]),
        ("A839", ["start date and time of"]),
        ("A87E", ["future value"]),
        ("A87B", ["plus 10^0 of the unit"]),
        ("FC03485225 F4 3B", ["multiplied by 10^-2", "accumulation only of positive contributions"]),
        ("06", []),
    ],
)  # fmt: skip
def test_extensions_in_words_in_their_order(vib, words):
    assert list(make_record_header(b"\x04", bytes.fromhex(vib)).extensions) == words


def test_every_vife_has_words_behind_every_vif_table():
    for first in ("86", "FB80", "FD80", "FDFD80", "FC0141"):
        for code in range(128):
            vib = bytes.fromhex(first) + bytes((code,))
            assert make_record_header(b"\x04", vib).extensions[0]


def test_errors_of_a_record_are_exactly_the_codes_of_the_standard():
    errors = [*range(0x01, 0x08), *range(0x0B, 0x10), *range(0x15, 0x19), 0x1C]
    for code in range(0x20):
        record = only(f"04 86{code:02X} 01000000")
        assert ([f for f in record.flags if f.startswith("record_error")] != []) is (code in errors)
        assert record.extensions[0].startswith("error: ") is (code in errors)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0x00, "no error"),
        (0x09, "reserved 09"),
        (0x12, "average value"),
        (0x13, "inverse compact profile"),
        (0x14, "relative deviation"),
        (0x1D, "standard conform data content"),
        (0x1E, "compact profile with register numbers"),
        (0x1F, "compact profile"),
    ],
)
def test_what_else_stands_among_the_errors_is_told_in_words(code, words):
    assert only(f"04 86{code:02X} 01000000").extensions == (words,)


def test_codes_that_mean_errors_mean_actions_when_the_master_sends_them():
    record = only("04 8600 01000000", commanded=True)
    assert record.extensions == ("action: write (replace)",)
    assert record.flags == ()
    assert only("04 861F 01000000", commanded=True).extensions == ("action: reserved 1F",)


def test_plain_text_unit_is_its_quantity():
    assert Vib.parse(bytes.fromhex("FC0348522574")).quantity == "%RH"
    assert quantity(bytes.fromhex("FD3A")) == "dimensionless"
    assert quantity(b"") == ""


def test_storage_tariff_and_subunit_of_ten_difes_do_not_overflow():
    record = only("C4 FFFFFFFFFFFFFFFFFF7F 06 01000000")
    assert (record.storage, record.tariff, record.subunit) == ((1 << 41) - 1, (1 << 20) - 1, (1 << 10) - 1)
    assert "unsupported" not in record.flags


def test_too_many_difes_or_vifes_are_flagged_and_still_read():
    record = only("84 8080808080808080808000 06 01000000")
    assert record.flags == ("unsupported",)
    assert record.value == Number(1, 3)
    record = only("04 86 " + "BB" * 10 + "3B 01000000")
    assert record.flags == ("unsupported",)
    assert record.value == Number(1, 3)
    assert len(record.extensions) == 11


@pytest.mark.parametrize(
    ("vifes", "flag"),
    [
        ("FD" * 40 + "7D", "overflow"),
        ("F0" * 30 + "70", "underflow"),
        ("FD" * 40 + "7B", "overflow"),
        ("FB" + "FD" * 40 + "7B", "overflow"),
        ("FB" + "F0" * 20 + "7B", "underflow"),
        ("FB" + ("FD" * 30 + "FB") * 3 + "7B", "overflow"),
        ("F8" * 230 + "78", None),
        (("FD" * 2 + "F0") * 60 + "7D", None),
    ],
)
@pytest.mark.parametrize("data", ["01000000", "FFFFFF7F", "00000000"])
def test_scale_beyond_all_measure_is_no_value_and_nobody_computes_it(vifes, flag, data):
    record = only(f"04 86{vifes} {data}")
    assert "unsupported" in record.flags
    assert (record.value is None) is (flag is not None)
    assert flag is None or flag in record.flags
    assert len(str(record.value)) < 400
    assert record.gateway_text.startswith("DIB:04")


@pytest.mark.parametrize(
    ("wire", "shown"),
    [
        ("04 FD" + "FD" * 110 + "7D 01000000", "scaled value:Infinity,"),
        ("04 86" + "FD" * 120 + "7D 01000000", "scaled value:Infinity,"),
        ("04 86" + "FD" * 120 + "7D FEFFFFFF", "scaled value:-Infinity,"),
        ("04 86" + "FD" * 120 + "7D 00000000", "scaled value:NaN,"),
        ("04 86" + "F0" * 120 + "70 01000000", "scaled value:0.0,"),
        ("05 86" + "FD" * 120 + "7D 0000803F", "scaled value:Infinity,"),
        ("0C 86" + "FD" * 120 + "7D 01000000", "scaled value:Infinity,"),
    ],
)
def test_gateway_text_survives_any_chain_of_vifes(wire, shown):
    assert shown in only(wire).gateway_text + ","


def test_filler_manufacturer_data_and_more_records():
    found = parse("2F2F 04 06 01000000 2F 1F 0102")
    assert [record.offset for record in found.records] == [2]
    assert (found.manufacturer_data, found.more_records_follow) == (b"\x01\x02", True)
    assert parse("0F").more_records_follow is False


def test_global_readout_is_a_record_of_one_byte():
    first, second = parse("7F 04 06 01000000", commanded=True).records
    assert (first.dib_hex, first.length, first.value, first.flags) == ("7F", 1, None, ("no_data",))
    assert (second.index, second.offset) == (1, 1)


@pytest.mark.parametrize("dif", ["3F", "6F", "8F", "AF"])
def test_reserved_special_dif_keeps_the_rest_and_is_flagged(dif):
    first, rest = parse(f"04 06 01000000 {dif} 0102").records
    assert first.value == Number(1, 3)
    assert (rest.dib_hex, rest.data, rest.value) == (dif, b"\x01\x02", b"\x01\x02")
    assert "unsupported" in rest.flags
    assert parse(dif).records[0].value is None


@pytest.mark.parametrize(
    "cut",
    ["04", "84", "8484", "04 86", "04 06", "04 06 010203", "04 7C", "04 7C 05 41", "04 FC 01 41",
     "04 FD", "0D 06", "0D 06 05 41", "04 7C 01"],
)  # fmt: skip
def test_cut_off_record_is_told_and_what_was_before_stands(cut):
    found = parse("04 06 01000000" + cut)
    assert len(found.records) == 1
    assert found.error.kind is FrameErrorKind.TRUNCATED
    assert cut.replace(" ", "") in found.error.message


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        ("04 06 000091E7", "37351000"),
        ("0C 78 94158192", "94158192"),
        ("05 5B 42B80000", "92"),
        ("42 6C 13CD", "2014-03-13"),
        ("0D FD0B 055754543136", "WTT16"),
    ],
)
def test_mode_2_sends_the_most_significant_byte_first(wire, value):
    record = only(wire, turned=True)
    assert value_text(record) == value
    assert record.flags == (DIFFERS,)
    assert record.gateway_text == ""


def test_periodic_date_of_mode_2_is_told_in_words():
    assert only("42 6C F5FF", turned=True).text == "every year on 31 May"
    assert only("42 6C FFF5").text == "every year on 31 May"
    assert only("42 6C CD13").text is None
    assert only("04 06 01000000").text is None


def test_memory_of_heads_is_bounded():
    headers = RecordHeaderCache()
    for number in range(CACHE_MAX + 10):
        headers.learn(b"\x04", b"\xfc\x02" + number.to_bytes(2, "big") + b"\x3b")
    assert headers.get(b"\x04\xfc\x02\x00\x00\x3b") is None
    assert headers.get(b"\x04\xfc\x02" + (CACHE_MAX + 9).to_bytes(2, "big") + b"\x3b") is not None


def test_the_smallest_binary_number_is_exact_too():
    value, flags = real(0, ())(bytes.fromhex("01000000"))
    assert Fraction(value.to_decimal()) == Fraction(1, 2**149)
    assert flags == ()

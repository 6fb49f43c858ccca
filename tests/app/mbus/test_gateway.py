"""The gateway's line to the letter: a technician compares it with what the gateway shows."""

import struct

import pytest

from app.mbus.java import double_text, int32, string_of
from app.mbus.record_header import make_record_header
from app.mbus.records import Flag
from tests.fakes.shared_vectors import gateway_print_format

TABLES = {"primary": "", "FB": "FB", "FD": "FD", "VIFE_on_energy_06": "86"}


@pytest.mark.parametrize("table", TABLES)
def test_every_vif_is_printed_as_the_gateway_prints_it(table):
    printed = 0
    for code, row in gateway_print_format()[table].items():
        if "to_string" in row:
            header = make_record_header(b"\x04", bytes.fromhex(TABLES[table] + code))
            assert header.gateway.line(b"\x01\x00\x00\x00") == row["to_string"]
            assert header.description == row["descr"]
            printed += 1
        elif "error" in row:
            assert make_record_header(b"\x04", bytes.fromhex(code)).gateway.line(b"\x01\x00\x00\x00") == ""
    assert printed >= 125


def line(dib: str, vib: str, data: str) -> str:
    text = make_record_header(bytes.fromhex(dib), bytes.fromhex(vib)).gateway.line(bytes.fromhex(data))
    return text.split(" -> ")[-1]


# DIB, VIB, data, and what stands behind "descr:".
PRINTED = """
04 06 E7910000 ENERGY, function:INST_VAL, scaled value:3.7351E7, unit:WATT_HOUR, Wh
0C 78 78034911 FABRICATION_NO, function:INST_VAL, value:11490378
09 FD0E 02 FIRMWARE_VERSION, function:INST_VAL, value:02
0A 5A 2702 FLOW_TEMPERATURE, function:INST_VAL, scaled value:22.700000000000003, unit:DEGREE_CELSIUS, °C
0A 5B 27F2 FLOW_TEMPERATURE, function:INST_VAL, value:-227, unit:DEGREE_CELSIUS, °C
3C 2B BDEBDDDD POWER, function:ERROR_VAL, value:====>;;=, unit:WATT, W
0B 3B BDEBFD VOLUME_FLOW, function:INST_VAL, scaled value:-145.223, unit:CUBIC_METRE_PER_HOUR, m³/h
05 5B 2B4BAC41 FLOW_TEMPERATURE, function:INST_VAL, scaled value:21.53670310974121, unit:DEGREE_CELSIUS, °C
05 2B 0000C07F POWER, function:INST_VAL, scaled value:NaN, unit:WATT, W
42 6C 0000 DATE, function:INST_VAL, storage:1, value:Tue Nov 30 00:00:00 UTC 1999
04 6D 0B0BCD13 DATE_TIME, function:INST_VAL, value:Thu Mar 13 11:11:00 UTC 2014
04 6D 0B4BCD13 DATE_TIME, function:INST_VAL, value:Tue Mar 13 11:11:00 UTC 2114
06 6D 050B0BCD1300 DATE_TIME, function:INST_VAL, value:Fri Mar 13 11:11:05 UTC 2015
06 ED74 050B0BCD1300 DATE_TIME, function:INST_VAL, scaled value:null
03 6D 050B0B DATE_TIME, function:INST_VAL, value:723717
07 13 0000008000000000 VOLUME, function:INST_VAL, scaled value:-2147483.648, unit:CUBIC_METRE, m³
0D FD0B 053631545457 PARAMETER_SET_ID, function:INST_VAL, value:WTT16
0D FD0B 01FC PARAMETER_SET_ID, function:INST_VAL, value:\ufffd
02 FC0348522574 2215 USER_DEFINED :%RH, function:INST_VAL, scaled value:54.1
02 7C01B0 0100 USER_DEFINED :\uffb0, function:INST_VAL, value:1
00 06 - ENERGY, function:INST_VAL, value:NONE, unit:WATT_HOUR, Wh
C420 FF72 01000000 MANUFACTURER_SPECIFIC, function:INST_VAL, storage:1, tariff:2, scaled value:1.0E-4
8440 06 00000000 ENERGY, function:INST_VAL, subunit:1, scaled value:0.0, unit:WATT_HOUR, Wh
04 86FD06 01000000 ENERGY, function:INST_VAL, scaled value:1000000.0, unit:WATT_HOUR, Wh
04 86FC74 01000000 ENERGY, function:INST_VAL, scaled value:1000.0, unit:WATT_HOUR, Wh
"""


@pytest.mark.parametrize("row", PRINTED.strip().splitlines())
def test_each_data_type_is_printed_with_the_gateways_own_arithmetic(row):
    dib, vib, data, printed = row.split(" ", 3)
    text = make_record_header(bytes.fromhex(dib), bytes.fromhex(vib)).gateway.line(
        bytes.fromhex(data.strip("-"))
    )
    assert text == f"DIB:{dib}, VIB:{vib} -> descr:{printed}"


@pytest.mark.parametrize(("dib", "vib", "data"), [("0D", "06", "C101"), ("04", "7B", "01000000")])
def test_nothing_is_printed_where_the_gateway_drops_the_telegram(dib, vib, data):
    header = make_record_header(bytes.fromhex(dib), bytes.fromhex(vib))
    assert header.gateway.line(bytes.fromhex(data)) == ""
    assert Flag.GATEWAY_DIFFERS in header.reader(bytes.fromhex(data))[1]


def test_storage_number_overflows_as_in_the_gateway():
    dib = bytes.fromhex("84") + b"\x80" * 7 + b"\x0f"
    header = make_record_header(dib, b"\x06")
    assert header.storage == 0xF << 29
    assert "storage" not in header.gateway.line(bytes(4))
    assert Flag.GATEWAY_DIFFERS in header.reader(bytes(4))[1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (0.00012345, "1.2345E-4"),
        (1.5e-7, "1.5E-7"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (-37351000.0, "-3.7351E7"),
        (123456789.125, "1.23456789125E8"),
        (1e22, "1.0E22"),
        (1.25e300, "1.25E300"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_double_is_printed_as_java_prints_it(value, text):
    assert double_text(value) == text


def test_java_int_wraps():
    assert int32(0xF << 29) == -(1 << 29)
    assert int32(struct.unpack("<i", b"\xff\xff\xff\x7f")[0]) == (1 << 31) - 1


@pytest.mark.parametrize("lvar", ["F8", "C1", "DF", "FF"])
def test_gateway_loses_its_place_in_other_data_of_variable_length(lvar):
    assert string_of(bytes.fromhex(lvar) + b"\x01\x02\x03\x04") is None

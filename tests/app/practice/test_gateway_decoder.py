"""The practice gateway's own decoder beside the program's codec: they agree without knowing each other."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from app.mbus.records import Flag, Number
from app.mbus.response import decode
from app.practice.building import practice_building
from app.practice.gateway import reading
from app.practice.gateway_decoder import GatewayRefusesError, gateway_values
from tests.fakes.shared_vectors import telegrams

WITH = "'factor': 0.001, "
MEASURED = {"ENERGY", "VOLUME", "POWER", "VOLUME_FLOW", "FLOW_TEMPERATURE", "RETURN_TEMPERATURE"}
MEASURED |= {"TEMPERATURE_DIFFERENCE"}


def agrees(raw: bytes) -> int:
    """Compares both decoders' numbers of one answer; returns how many there were."""
    telegram = decode(raw)
    try:
        theirs = gateway_values(raw)
    except GatewayRefusesError:
        return 0
    compared = 0
    for record, value in zip(telegram.records, theirs, strict=False):
        assert (value.dib, value.vib) == (record.dib_hex, record.vib_hex)
        plain = record.description in MEASURED and Flag.GATEWAY_DIFFERS not in record.flags
        if plain and isinstance(record.value, Number):
            assert value.value == Fraction(record.value.to_decimal()), record
            compared += 1
    return compared


@pytest.mark.parametrize("vector", telegrams())
def test_both_read_the_public_telegrams_alike(vector: dict[str, str]) -> None:
    agrees(bytes.fromhex(vector["hex"]))


DATA = {
    "01": "07",
    "02": "9CFF",
    "03": "010203",
    "04": "66080000",
    "05": "0000A041",
    "06": "010203040506",
    "07": "0102030405060708",
    "09": "42",
    "0A": "3412",
    "0B": "5634F2",
    "0C": "78563412",
    "0E": "665544332211",
}
VIBS = (
    "03",
    "06",
    "0E",
    "13",
    "2B",
    "2E",
    "3B",
    "44",
    "4A",
    "5B",
    "5F",
    "61",
    "FB00",
    "FB09",
    "FB29",
    "8674",
)
VIBS += ("867D", "863B", "FB8D3C")


@pytest.mark.parametrize("dib", DATA)
@pytest.mark.parametrize("vib", VIBS)
def test_both_read_every_coding_and_unit_alike(dib: str, vib: str) -> None:
    assert agrees(frame("72", "92811594A732040401000000", dib + vib + DATA[dib])) in (0, 1)


def test_the_comparison_compares() -> None:
    assert agrees(frame("72", "92811594A732040401000000", "0406660800000413660800000A5B3412")) == 3


def frame(ci: str, header: str, records: str) -> bytes:
    body = bytes.fromhex("0801" + ci + header + records)
    return bytes((0x68, len(body), len(body), 0x68)) + body + bytes((sum(body) & 0xFF, 0x16))


@pytest.mark.parametrize("ci", [0x73, 0x76, 0x70, 0xB7])
def test_what_the_library_refuses_is_refused(ci: int) -> None:
    raw = frame(f"{ci:02X}", "", "00" * 16)
    with pytest.raises(GatewayRefusesError, match="CI Field"):
        gateway_values(raw)


@pytest.mark.parametrize(
    ("configuration", "refused"), [("0000", False), ("1000", False), ("00C0", False), ("1005", True)]
)
def test_only_a_security_mode_makes_a_telegram_encrypted(configuration: str, refused: bool) -> None:
    raw = frame("72", "92811594A73204040100" + configuration, "040666080000")
    if refused:
        with pytest.raises(GatewayRefusesError, match="Encrypted"):
            gateway_values(raw)
    else:
        assert [each.value for each in gateway_values(raw)] == [Fraction(2150000)]


def test_both_read_every_meter_of_the_practice_building_alike() -> None:
    meters = practice_building(now=datetime(2026, 11, 25, 9, 0, tzinfo=UTC)).meters
    assert min(agrees(meter.telegrams()[0]) for meter in meters) > 0


@pytest.mark.parametrize("cut", range(12))
def test_a_frame_that_is_cut_is_refused(cut: int) -> None:
    with pytest.raises(GatewayRefusesError):
        gateway_values(bytes.fromhex("6806066808017204060100008c16")[:cut])


@pytest.mark.parametrize(
    ("converts", "factor", "shown"),
    [(False, "", "2150"), (False, WITH, "2.15"), (True, "", "2.15"), (True, WITH, "2.15")],
)
def test_a_portal_may_convert_watts_itself(converts: bool, factor: str, shown: str) -> None:
    raw = frame("72", "92811594A732040401000000", "042B66080000")
    reg = f"[{{'unit': 'power_kw', {factor}'dib': '04', 'vib': '2B'}}]"
    values = reading(raw, reg, datetime.now(UTC), converts_watts=converts)
    assert values["power_kw"] == Decimal(shown)
    assert values["valid"] is True

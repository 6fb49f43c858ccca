"""The answer as a whole, and the register list: what the gateway can serve, given as what it is."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.checks import CheckState
from app.domain.meter import MeterType
from app.domain.registers import RegisterKey
from app.domain.selection import Preferences, Selection, Tick
from app.mbus.response import decode, decode_hex
from app.mbus.security import MeterKeys
from app.practice.building import practice_building
from tests.fakes.checked import checks_of, heat, looks, outcome, said
from tests.fakes.meters import encrypted_meter

KEY = bytes(range(16))
OK, LOOK, UNKNOWN = CheckState.OK, CheckState.LOOK, CheckState.NOT_AVAILABLE
MOST_SIGNIFICANT_FIRST = (
    "683E3E6808017623450933010651045A000000026C2A490E0A0003340650310C13005067858C1013003827990A3B0000"
    "0A2D00000A5A02690A5E02280C2200060422C916"
)
DOCUMENTED = Preferences()


def ticks(*each: tuple[str, str, str, str | None]) -> Selection:
    return Selection(
        tuple(
            Tick(RegisterKey(dib, vib), unit, None if factor is None else Decimal(factor))
            for dib, vib, unit, factor in each
        )
    )


# The answer ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        pytest.param("680808680802B70D01020304D816", "its maker's own kind (CI B7)", id="CI B7"),
        pytest.param("6804046808007009 8116", "wait until tomorrow", id="too many readouts"),
        pytest.param("6804046808007008 8016", "Wait some seconds", id="too busy"),
        pytest.param("68030368080172 7B16", "Read it again", id="a header that is missing"),
    ],
)
def test_an_answer_that_is_no_reading_is_named_with_a_next_step(frame, words):
    checks = checks_of(decode_hex(frame), label="23450954")
    assert words in looks(checks)["answer"]
    assert not [check for check in checks if check.state is OK]


def test_a_spoilt_telegram_is_worth_a_look_whatever_can_be_read_of_it():
    telegram = said(*heat())
    spoilt = decode(telegram.raw[:-2] + b"\x00\x16")
    assert "checksum" in looks(checks_of(spoilt))["answer"]


@pytest.mark.parametrize("changes", [{"more_records_follow": True}, {"incomplete": True}])
def test_telegrams_that_were_not_read_are_worth_a_look(changes):
    assert "registers may be missing" in looks(checks_of(replace(said(*heat()), **changes)))["complete"]
    assert "complete" not in looks(checks_of(said(*heat())))


@pytest.mark.parametrize(
    ("frame", "label", "words"),
    [
        pytest.param(
            "6813136808057320094523010005693165000023910600D016", "23450920", "fixed structure", id="CI 73"
        ),
        pytest.param(MOST_SIGNIFICANT_FIRST, "33094523", "CI 76", id="CI 76"),
    ],
)
def test_what_the_gateway_cannot_serve_is_told_before_the_upload(frame, label, words):
    found = looks(checks_of(decode_hex(frame), label=label))
    assert words in found["gateway"]
    assert "index" not in found, "one fault is told once"


@pytest.mark.parametrize("keys", [MeterKeys(), MeterKeys(default=KEY)], ids=["no key", "the right key"])
def test_an_encrypted_meter_can_be_read_here_and_not_by_the_gateway(keys):
    telegram = decode(b"".join(encrypted_meter(KEY).telegrams()), keys)
    assert "no place for its key" in looks(checks_of(telegram))["gateway"]
    assert "gateway" not in looks(checks_of(said(*heat())))


def test_a_register_behind_the_first_telegram_is_a_doubt_and_no_fault():
    telegram = decode(b"".join(practice_building().meter("66100915").telegrams()))
    late = next(each for each in telegram.records if each.vib_hex == "2B" and each.dib_hex == "14")
    peak = (late.dib_hex, late.vib_hex, "power_kw", "0.001")
    selection = ticks(("04", "06", "heat_energy_kwh", "0.001"), peak)
    checks = checks_of(telegram, label="66100915", selection=selection)
    assert outcome(checks, "gateway")[0] is UNKNOWN
    assert "14 2B" in outcome(checks, "gateway")[1]
    assert outcome(checks_of(telegram, label="66100915", useful=False), "gateway")[0] is None


# The register list ---------------------------------------------------------------------------------------


def test_a_unit_twice_is_told_with_both_registers():
    selection = ticks(("04", "06", "heat_energy_kwh", "0.001"), ("44", "06", "heat_energy_kwh", "0.001"))
    found = looks(checks_of(said(*heat(), ("44 06", 36_902_000)), selection=selection))
    assert "04 06, 44 06" in found["unit_twice"]
    assert "unit_twice" not in looks(checks_of(said(*heat())))


def test_two_records_that_the_list_cannot_tell_apart_are_told():
    twice = (*heat(), ("04 06", 1_204_000))
    assert "DIB 04 and VIB 06" in looks(checks_of(said(*twice)))["ambiguous"]
    other = (*heat(), ("0C 78", 1), ("0C 78", 2))
    assert "ambiguous" not in looks(checks_of(said(*other))), "only what is ticked matters"


@pytest.mark.parametrize(
    ("records", "medium", "unit", "is_wrong"),
    [
        pytest.param(("04 06", "04 863C"), 0x0D, "04 06 cold_energy_kwh", True, id="plain energy as cold"),
        pytest.param(("04 06", "04 863C"), 0x0D, "04 863C cold_energy_kwh", False, id="cold as cold"),
        pytest.param(("04 06", "04 863C"), 0x0D, "04 863C heat_energy_kwh", True, id="cold as heat"),
        pytest.param(("04 863B", "04 863C"), 0x0D, "04 863B cold_energy_kwh", True, id="marked heat as cold"),
        pytest.param(("04 863B", "04 863C"), 0x04, "04 863B heat_energy_kwh", False, id="heat as heat"),
        pytest.param(("04 06",), 0x0C, "04 06 cold_energy_kwh", True, id="heat at the inlet as cold"),
        pytest.param(("04 06",), 0x0A, "04 06 cold_energy_kwh", False, id="a cooling meter"),
    ],
)  # fmt: skip
def test_heat_is_not_given_as_cold_and_cold_not_as_heat(records, medium, unit, is_wrong):
    dib, vib, key = unit.split()
    telegram = said(
        *((head, 5_000_000 + 1000 * at) for at, head in enumerate(records)), medium=medium, maker="AXI"
    )
    meter_type = MeterType.COOLING if key.startswith("cold") else MeterType.HEATING
    checks = checks_of(telegram, meter_type=meter_type, selection=ticks((dib, vib, key, "0.001")))
    assert ("combined" in looks(checks)) is is_wrong


def test_a_stored_value_or_a_tariff_given_as_the_reading_of_now_is_told():
    records = (*heat(), ("54 2B", 9000), ("8410 06", 1_000_000))
    peak = ticks(("04", "06", "heat_energy_kwh", "0.001"), ("54", "2B", "power_kw", "0.001"))
    assert "54 2B" in looks(checks_of(said(*records), selection=peak))["meaning"]
    tariff = ticks(("8410", "06", "heat_energy_kwh", "0.001"))
    assert "tariff 1" in looks(checks_of(said(*records), selection=tariff))["meaning"]
    assert "meaning" not in looks(checks_of(said(*heat())))


def test_the_documented_power_without_a_factor_is_told_with_both_values():
    found = looks(checks_of(said(*heat()), preferences=DOCUMENTED))
    assert found == {
        "factor:2": "power_kw: The portal will read 2150 kW where the meter says 2.15 kW, "
        "unless it converts W itself."
    }


def test_at_0_the_factor_is_explained_without_numbers_that_prove_nothing():
    found = looks(checks_of(said(*heat(power=0, flow=0)), preferences=DOCUMENTED))
    assert found == {
        "factor:2": "power_kw: The factor does not turn W into kW; the portal will show wrong values "
        "unless it converts W itself."
    }
    assert not looks(checks_of(said(*heat(power=0, flow=0))))


@pytest.mark.parametrize("power", [("04 2D", 18_000), ("05 2E", Decimal(18_000)), ("0C 2F", 20_000)])
def test_no_value_is_told_with_an_exponent(power):
    sentence = looks(checks_of(said(*heat(power=power)), preferences=DOCUMENTED))["factor:2"]
    assert "000 kW where the meter says" in sentence
    assert "E+" not in sentence


def test_a_wrong_factor_of_the_index_is_told():
    for factor in (None, "1", "0.01"):
        found = looks(checks_of(said(*heat()), selection=ticks(("04", "06", "heat_energy_kwh", factor))))
        assert "37351 kWh" in found["factor:0"]
    right = ticks(("04", "06", "heat_energy_kwh", "0.001"))
    assert not looks(checks_of(said(*heat()), selection=right))


def test_an_index_that_is_not_ticked_is_told():
    assert "not ticked" in looks(checks_of(said(*heat()), selection=Selection()))["index"]

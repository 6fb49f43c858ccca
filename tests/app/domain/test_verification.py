"""READ beside the physical values: a factor a thousand times off is never equal, whatever the entry says."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.checks import Check, CheckState
from app.domain.errors import RegisterListError
from app.domain.named_ratio import NAMED_RATIOS, ratio_text
from app.domain.open_points import open_points
from app.domain.payload import RegEntry, format_reg
from app.domain.verification import GatewayReading, Verdict, Verification, VerificationState, verify
from app.mbus.records import Function, Number, Record, Telegram, Value
from app.message import Message
from app.services.commissioning import load_vocabulary
from tests.fakes.portals import entry_for

VOCABULARY = load_vocabulary()


def record(dib: str, vib: str, value: Value, description: str = "ENERGY", unit: str | None = "Wh") -> Record:
    return Record(
        index=0,
        offset=0,
        length=0,
        dib=bytes.fromhex(dib),
        vib=bytes.fromhex(vib),
        data=b"",
        description=description,
        function=Function.INSTANTANEOUS,
        storage=0,
        tariff=0,
        subunit=0,
        value=value,
        unit=unit,
        extensions=(),
        flags=(),
        gateway_text="",
    )


ENERGY = record("04", "06", Number(37351, 3))
JOULES = record("04", "0E", Number(37351, 6), unit="J")
WATER = record("0C", "13", Number(123456, -3), "VOLUME", "m³")
POWER = record("04", "2B", Number(2150), "POWER", "W")
COARSE_POWER = record("04", "2E", Number(2, 3), "POWER", "W")
FLOW = record("04", "3B", Number(84, -3), "VOLUME_FLOW", "m³/h")
FLOW_TEMPERATURE = record("02", "5B", Number(67), "FLOW_TEMPERATURE", "°C")
REAL_TEMPERATURE = record("05", "5B", Number(221089324951171875, -16), "FLOW_TEMPERATURE", "°C")
UNITS = {
    "ENERGY": "heat_energy_kwh",
    "VOLUME": "vol_m3",
    "POWER": "power_kw",
    "VOLUME_FLOW": "vol_flow_m3_h",
    "FLOW_TEMPERATURE": "flow_temp",
}


def verified(
    of: Record,
    portal: str | None,
    *,
    minutes: float = 1,
    beside: tuple[Record, ...] = (),
    factor: str | None = None,
) -> Verification:
    """What follows when the portal shows this for a register, so many minutes after the reading."""
    unit = UNITS[of.description]
    reg = format_reg((RegEntry(unit, None if factor is None else Decimal(factor), of.dib_hex, of.vib_hex),))
    values = {} if portal is None else {unit: Decimal(portal)}
    return verify(
        replace(entry_for("g"), reg=reg),
        Telegram(b"", records=(of, *beside)),
        GatewayReading("now", valid=True, values=values),
        VOCABULARY,
        timedelta(minutes=minutes),
    )


def verdict(of: Record, portal: str | None, **options: object) -> tuple[Verdict, str]:
    (only,) = verified(of, portal, **options).registers  # type: ignore[arg-type]
    return only.verdict, "" if only.ratio is None else ratio_text(only.ratio)


@pytest.mark.parametrize(
    ("of", "portal"),
    [
        (ENERGY, "37351"),
        (JOULES, "10375.277777777777777777777777777777777777777777777777777778"),
        (JOULES, "10375.27777777778"),  # a portal that computes in doubles
        (WATER, "123.456"),
        (POWER, "2.15"),
        (FLOW_TEMPERATURE, "67"),
        (REAL_TEMPERATURE, "22.10893"),
    ],
)
def test_the_physical_value_is_equal(of: Record, portal: str) -> None:
    assert verdict(of, portal) == (Verdict.EQUAL, "")


@pytest.mark.parametrize(
    ("of", "portal", "ratio"),
    [
        (ENERGY, "37351000", "1000"),
        (ENERGY, "37.351", "1/1000"),
        (ENERGY, "134463.6", "3.6"),
        (JOULES, "37351", "3.6"),
        (JOULES, "37351000000", "3600000"),
        (POWER, "2150", "1000"),
        (POWER, "2199", "1000"),  # and it has moved a little meanwhile
        (WATER, "123456", "1000"),
        (WATER, "1.23456", "1/100"),
        (FLOW, "1.1", None),
        (FLOW, "5.04", "60"),
        (FLOW, "0.0014", "1/60"),
        (ENERGY, "37352000", "1000"),  # counted on by one kilowatt hour
    ],
)
def test_a_wrong_factor_is_named_by_its_ratio(of: Record, portal: str, ratio: str | None) -> None:
    expected = (Verdict.DIFFERS, "") if ratio is None else (Verdict.FACTOR, ratio)
    assert verdict(of, portal) == expected


def test_the_entrys_own_factor_is_no_part_of_it() -> None:
    """It was once: the documented power_kw of every heat meter, 2150 kW for 2.15, was verified and green."""
    for factor in (None, "1", "0.001", "1000"):
        assert verdict(POWER, "2150", factor=factor) == (Verdict.FACTOR, "1000")
        assert verdict(POWER, "2.15", factor=factor) == (Verdict.EQUAL, "")


@pytest.mark.parametrize(
    ("factor", "portal", "right"),
    [(None, "2150", "0.001"), ("1", "2150", "0.001"), ("0.0001", "0.215", "0.001")],
)
def test_the_factor_that_makes_it_right(factor: str | None, portal: str, right: str) -> None:
    (only,) = verified(POWER, portal, factor=factor).registers
    assert only.right_factor == Decimal(right)


@pytest.mark.parametrize("of", [ENERGY, WATER, POWER, FLOW, FLOW_TEMPERATURE])
def test_zero_on_both_sides_proves_no_factor(of: Record) -> None:
    assert verdict(replace(of, value=Number(0)), "0")[0] is Verdict.NOT_COMPARABLE_YET


@pytest.mark.parametrize(
    ("of", "portal", "minutes", "expected"),
    [
        (ENERGY, "37352", 1, Verdict.EQUAL),  # its last digit
        (ENERGY, "37353", 10, Verdict.EQUAL),
        (ENERGY, "37350", 1, Verdict.DIFFERS),  # no counter runs back
        (ENERGY, "39000", 1, Verdict.DIFFERS),
        (ENERGY, "39000", 60 * 24, Verdict.NOT_COMPARABLE_YET),
        (ENERGY, "30000", 60 * 24, Verdict.DIFFERS),
        (FLOW_TEMPERATURE, "68", 1, Verdict.EQUAL),
        (FLOW_TEMPERATURE, "45", 1, Verdict.DIFFERS),  # the return, given as the flow
        (FLOW_TEMPERATURE, "45", 10, Verdict.NOT_COMPARABLE_YET),
        (POWER, "2.3", 1, Verdict.EQUAL),
        (POWER, "3.3", 1, Verdict.DIFFERS),
        (POWER, "3.3", 10, Verdict.NOT_COMPARABLE_YET),
        (POWER, "0", 1, Verdict.NOT_COMPARABLE_YET),  # a valve closed
        (COARSE_POWER, "3", 1, Verdict.EQUAL),  # one step of whole kilowatts
    ],
)
def test_how_far_two_readings_may_lie_apart(
    of: Record, portal: str, minutes: float, expected: Verdict
) -> None:
    beside = (POWER,) if of is ENERGY else ()
    assert verdict(of, portal, minutes=minutes, beside=beside)[0] is expected


def test_a_small_counter_that_may_have_grown_to_it_is_not_equal() -> None:
    """0.2 m³ and 2.0 m³: a factor of ten, or two cubic metres drawn in a quarter of an hour; nobody knows."""
    small = replace(WATER, value=Number(200, -3))
    assert verdict(small, "2.0", minutes=14)[0] is Verdict.NOT_COMPARABLE_YET


def test_what_read_lacks_is_missing_and_what_the_meter_lacks_is_not_proved() -> None:
    assert verdict(ENERGY, None)[0] is Verdict.MISSING
    assert verdict(replace(ENERGY, value=None), "37351")[0] is Verdict.NOT_COMPARABLE_YET
    assert verdict(replace(ENERGY, unit="var"), "37351")[0] is Verdict.NOT_COMPARABLE_YET


def test_a_list_that_cannot_be_read_is_an_error() -> None:
    reading = GatewayReading("now", valid=True, values={})
    with pytest.raises(RegisterListError):
        verify(replace(entry_for("g"), reg="nonsense"), Telegram(b""), reading, VOCABULARY, timedelta())


def test_an_empty_list_and_a_reading_that_is_not_valid_verify_nothing() -> None:
    reading = GatewayReading("now", valid=False, values={"heat_energy_kwh": Decimal(37351)})
    telegram = Telegram(b"", records=(ENERGY,))
    invalid = verify(entry_for("g"), telegram, reading, VOCABULARY, timedelta())
    empty = verify(replace(entry_for("g"), reg="[]"), telegram, reading, VOCABULARY, timedelta())
    for each in (invalid, empty):
        assert each.problem is not None
        assert each.state(0) is VerificationState.UPLOADED


@pytest.mark.parametrize(
    ("portal", "points", "state"),
    [
        ("37351", 0, VerificationState.VERIFIED),
        ("37351", 2, VerificationState.OPEN),
        ("37351000", 0, VerificationState.LOOK),
        ("37351000", 2, VerificationState.LOOK),
        (None, 0, VerificationState.LOOK),
    ],
)
def test_the_state_of_a_meter(portal: str | None, points: int, state: VerificationState) -> None:
    assert verified(ENERGY, portal).state(points) is state


def test_evidence_settles_a_doubt_about_a_factor_and_no_other() -> None:
    doubt = Check("factor:3", CheckState.LOOK, Message("2150 kW?"))
    swapped = Check("temperatures", CheckState.LOOK, Message("swapped?"))
    fine = Check("serial", CheckState.OK, Message("fine"))
    checks = (doubt, swapped, fine)
    assert open_points(checks) == (doubt, swapped)
    assert open_points(checks, verified(POWER, "2.15")) == (swapped,)
    assert open_points(checks, verified(POWER, "2150")) == (doubt, swapped)


VALUES = st.integers(min_value=1, max_value=10**8)


@given(
    VALUES,
    st.sampled_from([ENERGY, JOULES, WATER, POWER, FLOW, FLOW_TEMPERATURE]),
    st.sampled_from(NAMED_RATIOS),
)
def test_no_wrong_factor_is_ever_equal(mantissa: int, of: Record, ratio: Fraction) -> None:
    value = Number(mantissa, of.value.exponent)  # type: ignore[union-attr]
    unit = VOCABULARY.units[UNITS[of.description]]
    right = Fraction(value.to_decimal()) * unit.factors[of.unit or ""]
    wrong = right * ratio
    shown = Decimal(wrong.numerator) / Decimal(wrong.denominator)
    found, _ = verdict(replace(of, value=value), str(shown), minutes=0)
    step = Fraction(10) ** value.exponent * unit.factors[of.unit or ""]
    if abs(wrong - right) > 3 * step:
        assert found is not Verdict.EQUAL
    exact = Decimal(right.numerator) / Decimal(right.denominator)
    assert verdict(replace(of, value=value), str(exact), minutes=0)[0] is Verdict.EQUAL


@given(
    st.integers(min_value=1, max_value=10**6),
    st.integers(min_value=0, max_value=100),
    st.sampled_from([ENERGY, JOULES, WATER]),
    st.sampled_from([each for each in NAMED_RATIOS if each > 1]),
    st.sampled_from([0, 1, 5, 14]),
)
def test_no_wrong_factor_is_equal_because_a_counter_may_grow(
    mantissa: int, grown: int, of: Record, ratio: Fraction, minutes: int
) -> None:
    """A new meter at 5 kWh that counts one more, shown 3.6 times as high, may not pass for a grown one."""
    value = Number(mantissa, of.value.exponent)  # type: ignore[union-attr]
    to_portal = VOCABULARY.units[UNITS[of.description]].factors[of.unit or ""]
    wrong = Fraction(Number(mantissa + grown, value.exponent).to_decimal()) * to_portal * ratio
    with localcontext() as context:
        context.prec = 60
        shown = Decimal(wrong.numerator) / Decimal(wrong.denominator)
    found, _ = verdict(replace(of, value=value), f"{shown:f}", minutes=minutes)
    assert found is not Verdict.EQUAL


@pytest.mark.parametrize(
    ("of", "portal"),
    [
        (FLOW_TEMPERATURE, "40.2"),  # the return: 67 is no 1.667 times of it
        (FLOW_TEMPERATURE, "18.6"),
        (replace(WATER, value=Number(100, -3)), "0.36"),
        (POWER, "1.29"),
        (replace(WATER, value=Number(30123, -3)), "108.443"),
    ],
)
def test_another_register_is_not_taken_for_a_wrong_factor(of: Record, portal: str) -> None:
    beside = (replace(FLOW, value=Number(0, -3)),)
    assert verdict(of, portal, beside=beside)[0] is not Verdict.FACTOR


@pytest.mark.parametrize(
    ("of", "portal", "expected"),
    [
        (JOULES, "10375.278", (Verdict.EQUAL, "")),  # rounded by whoever shows it
        (JOULES, "10375.277", (Verdict.DIFFERS, "")),
        (JOULES, "10.3753", (Verdict.FACTOR, "1/1000")),
        (POWER, "2.2", (Verdict.EQUAL, "")),
        (WATER, "123", (Verdict.DIFFERS, "")),  # litres are lost
    ],
)
def test_a_portal_may_round_but_not_lose_what_the_meter_tells(
    of: Record, portal: str, expected: tuple[Verdict, str]
) -> None:
    assert verdict(of, portal) == expected

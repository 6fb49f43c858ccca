"""READ beside the laptop's values: equal, apart as living values are, or wrong and named."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.domain.errors import RegisterListError
from app.domain.payload import RegEntry
from app.mbus.records import Function, Number, Record, Telegram, Value
from app.portal.contract import MeterRead
from app.services.verification import Verdict, Verification, compare, register_value
from tests.fakes.portals import START, entry_for


def record(
    dib: str, vib: str, value: Value, description: str = "ENERGY", unit: str | None = "Wh", index: int = 0
) -> Record:
    return Record(
        index=index,
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
POWER = record("04", "2B", Number(2150), "POWER", "W")
FLOW_TEMPERATURE = record("02", "5B", Number(67), "FLOW_TEMPERATURE", "°C")
TELEGRAM = Telegram(b"", records=(ENERGY, POWER, FLOW_TEMPERATURE))

REG = (
    "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}, "
    "{'unit': 'power_kw', 'dib': '04', 'vib': '2B'}, {'unit': 'flow_temp', 'dib': '02', 'vib': '5B'}]"
)
EQUAL = {"heat_energy_kwh": "37351", "power_kw": "2150", "flow_temp": "67"}


def verified(minutes: int = 1, *, valid: bool = True, reg: str = REG, **values: str) -> Verification:
    read = MeterRead(
        "now", valid, {name: Decimal(value) for name, value in {**EQUAL, **values}.items() if value}
    )
    now = START + timedelta(minutes=minutes)
    return compare(replace(entry_for("g"), reg=reg), TELEGRAM, START, read, now)


def verdicts(verification: Verification) -> list[Verdict]:
    return [each.verdict for each in verification.registers]


def test_equal_to_the_digit() -> None:
    verification = verified()
    assert verdicts(verification) == [Verdict.EQUAL] * 3
    assert verification.ok
    assert verification.equal
    assert [each.laptop for each in verification.registers] == [Decimal(37351), Decimal(2150), Decimal(67)]


def test_the_noise_of_a_double_is_no_difference() -> None:
    assert verified(heat_energy_kwh="37351.00000000001").equal


def test_a_counter_may_have_grown_and_it_is_said() -> None:
    verification = verified(heat_energy_kwh="37353")
    grown = verification.registers[0]
    assert grown.verdict is Verdict.GROWN
    assert grown.difference == 2
    assert "counted 2 between" in str(grown.reason)
    assert verification.ok
    assert not verification.equal


@pytest.mark.parametrize("portal", ["37350", "37361", "37446", "38351", "30000"])
def test_a_counter_that_fell_or_leapt_is_wrong(portal: str) -> None:
    verification = verified(heat_energy_kwh=portal)
    assert verdicts(verification)[0] is Verdict.DIFFERENT
    assert not verification.ok
    assert portal in str(verification.registers[0].reason)


@pytest.mark.parametrize(("minutes", "portal", "ok"), [(14, "37354", True), (14, "37355", False)])
def test_a_counter_may_grow_more_in_more_time(minutes: int, portal: str, *, ok: bool) -> None:
    """2.33 kWh in 14 minutes at the 10 kW that any meter may begin to count, and its last digit."""
    assert verified(minutes=minutes, heat_energy_kwh=portal).ok is ok


def grown(counter: Record, *others: Record, by: int, factor: str = "1") -> Verdict:
    """What follows when a counter shows so much more after ten minutes."""
    telegram = Telegram(b"", records=(counter, *others))
    reg = f"[{{'unit': 'x', 'factor': {factor}, 'dib': '{counter.dib_hex}', 'vib': '{counter.vib_hex}'}}]"
    value = register_value(telegram, RegEntry("x", Decimal(factor), counter.dib_hex, counter.vib_hex))[1]
    assert value is not None
    read = MeterRead("now", valid=True, values={"x": value + by})
    now = START + timedelta(minutes=10)
    (only,) = compare(replace(entry_for("g"), reg=reg), telegram, START, read, now).registers
    return only.verdict


JOULES = replace(ENERGY, value=Number(37351, 6), unit="J")
WATER = replace(record("0C", "13", Number(123456, -3), "VOLUME", "m³"))
STRONG = replace(POWER, value=Number(60_000))
FLOW = record("0B", "3B", Number(12, 0), "VOLUME_FLOW", "m³/h")
SLOW_FLOW = record("0B", "48", Number(1, -3), "VOLUME_FLOW_EXT", "m³/s")


@pytest.mark.parametrize(
    ("counter", "others", "most", "factor"),
    [
        (ENERGY, (), 17, "0.001"),  # 100 kW for ten minutes, and the last digit
        (JOULES, (), 16, "2.77777777777778E-7"),
        (ENERGY, (POWER,), 2, "0.001"),  # three times 2.15 kW is below 10 kW
        (ENERGY, (STRONG,), 31, "0.001"),  # three times 60 kW
        (ENERGY, (FLOW, replace(STRONG, storage=1)), 17, "0.001"),  # another quantity, another day
        (WATER, (), 1, "1"),  # 10 m³/h
        (WATER, (FLOW,), 6, "1"),
        (WATER, (SLOW_FLOW,), 1, "1"),  # three times 3.6 m³/h
    ],
)
def test_a_counter_grows_no_faster_than_its_own_power_or_flow(
    counter: Record, others: tuple[Record, ...], most: int, factor: str
) -> None:
    """Else the meter next door passes for this one, and the flat gets its neighbour's bill."""
    assert grown(counter, *others, by=most, factor=factor) is Verdict.GROWN
    assert grown(counter, *others, by=most + 1, factor=factor) is Verdict.DIFFERENT


def test_an_old_reading_tells_no_meter_from_another() -> None:
    later = verified(minutes=16, heat_energy_kwh="37352")
    assert "16 minutes old" in str(later.problem)
    assert not later.ok
    assert verified(minutes=16).equal, "equal to the digit is equal at any age"


def test_an_empty_list_is_not_verified() -> None:
    """Nothing differs where nothing is compared; it must not pass for a meter that is right."""
    verification = verified(reg="[]")
    assert "empty" in str(verification.problem)
    assert not verification.ok
    assert not verification.equal


def test_a_living_value_may_have_moved() -> None:
    verification = verified(flow_temp="67.4", power_kw="2180")
    assert verdicts(verification) == [Verdict.EQUAL, Verdict.MOVED, Verdict.MOVED]
    assert verification.ok


def test_a_living_value_that_is_another_register_is_wrong() -> None:
    assert verdicts(verified(flow_temp="22"))[2] is Verdict.DIFFERENT


@pytest.mark.parametrize(("portal", "ratio"), [("2.15", "0.001"), ("2150000", "1000")])
def test_a_factor_that_is_off_is_named(portal: str, ratio: str) -> None:
    power = verified(power_kw=portal).registers[1]
    assert power.verdict is Verdict.DIFFERENT
    assert f"exactly {ratio} times" in str(power.reason)


def test_a_register_that_read_lacks() -> None:
    verification = verified(power_kw="")
    assert verdicts(verification)[1] is Verdict.NOT_ON_PORTAL
    assert "power_kw" in str(verification.registers[1].reason)
    assert not verification.ok


def test_a_register_that_the_telegram_lacks() -> None:
    reg = "[{'unit': 'power_kw', 'dib': '04', 'vib': '2C'}]"
    (only,) = verified(reg=reg).registers
    assert (only.verdict, only.laptop, only.difference) == (Verdict.NOT_ON_METER, None, None)


def test_a_reading_the_gateway_calls_invalid_is_not_taken() -> None:
    verification = verified(valid=False)
    assert verification.problem is not None
    assert not verification.ok


def test_zero_is_zero() -> None:
    telegram = Telegram(b"", records=(replace(POWER, value=Number(0)),))
    entry = replace(entry_for("g"), reg="[{'unit': 'power_kw', 'dib': '04', 'vib': '2B'}]")
    for portal, verdict in (("0", Verdict.EQUAL), ("0.0", Verdict.EQUAL), ("3", Verdict.DIFFERENT)):
        read = MeterRead("", valid=True, values={"power_kw": Decimal(portal)})
        assert verdicts(compare(entry, telegram, START, read, START)) == [verdict]


def test_a_gateway_takes_the_first_record_of_a_pair_and_multiplies_exactly() -> None:
    telegram = Telegram(b"", records=(replace(ENERGY, value=Number(7, -3)), ENERGY))
    entry = RegEntry("heat_energy_kwh", Decimal("2.77777777777778E-7"), "04", "06")
    assert register_value(telegram, entry)[1] == Decimal("1.944444444444446E-9")
    assert register_value(telegram, replace(entry, vib="07")) == (None, None)


def test_a_record_without_a_number_has_no_value() -> None:
    telegram = Telegram(b"", records=(replace(ENERGY, value=None),))
    read = MeterRead("", valid=True, values={})
    entry = entry_for("g")
    assert verdicts(compare(entry, telegram, START, read, START)) == [Verdict.NOT_ON_METER]


def test_a_list_nobody_can_read_is_an_error() -> None:
    with pytest.raises(RegisterListError):
        verified(reg="[5]")

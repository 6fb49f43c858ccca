"""Whether a portal converts watts itself is settled by what it shows, and by nothing else."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.payload import RegEntry
from app.domain.portal_habit import PortalHabit, portal_habit
from app.domain.verification import RegisterComparison, Verdict, Verification
from tests.app.domain.test_verification import ENERGY, POWER, verified

CONVERTS, AS_SENT = PortalHabit.CONVERTS_WATTS, PortalHabit.TAKES_AS_SENT


@pytest.mark.parametrize(
    ("factor", "shown", "habit"),
    [
        (None, "2150", AS_SENT),
        (None, "2.15", CONVERTS),
        ("0.001", "2.15", AS_SENT),
        ("0.001", "0.00215", CONVERTS),
        ("1", "2150", AS_SENT),
        ("0.01", "21.5", AS_SENT),  # the list's own mistake says nothing against it
        (None, "21.5", None),
        (None, "7", None),
        (None, "0", None),
        (None, None, None),
    ],
)
def test_what_the_portal_shows_tells_what_it_does(
    factor: str | None, shown: str | None, habit: PortalHabit | None
) -> None:
    assert portal_habit(verified(POWER, shown, factor=factor)) is habit


def test_a_power_of_nothing_and_a_register_without_watts_prove_nothing() -> None:
    still = replace(POWER, value=replace(POWER.value, mantissa=0))  # type: ignore[type-var]
    assert portal_habit(verified(still, "0")) is None
    assert portal_habit(verified(ENERGY, "37351")) is None


def test_powers_that_contradict_one_another_prove_nothing() -> None:
    def shown(vib: str, ratio: int) -> RegisterComparison:
        return replace(verified(POWER, str(ratio * Decimal("2.15"))).registers[0], entry=entry(vib))

    def entry(vib: str) -> RegEntry:
        return RegEntry("power_kw", None, "04", vib)

    assert portal_habit(Verification("now", (shown("2B", 1), shown("2E", 1)))) is CONVERTS
    assert portal_habit(Verification("now", (shown("2B", 1), shown("2E", 1000)))) is None
    assert shown("2E", 1000).verdict is Verdict.FACTOR


def test_the_factor_that_follows_from_it() -> None:
    assert AS_SENT.power_factor == Decimal("0.001")
    assert CONVERTS.power_factor is None
    assert "needs the factor 0.001" in str(AS_SENT.sentence)
    assert "needs no factor" in str(CONVERTS.sentence)

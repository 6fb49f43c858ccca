"""All checks, in the order in which a person would make them."""

from collections.abc import Callable
from typing import Final

from app.domain.checks import answer, counter, dial, flow, identity, register_list, state, thermal
from app.domain.checks.outcome import Check
from app.domain.checks.subject import Subject

CHECKS: Final[tuple[Callable[[Subject], list[Check]], ...]] = (
    answer.check_answer,
    answer.check_header,
    identity.check_serial,
    answer.check_complete,
    answer.check_gateway,
    identity.check_medium,
    state.check_status,
    state.check_error_flags,
    counter.check_index,
    counter.check_counter,
    thermal.check_sensors,
    thermal.check_temperatures,
    thermal.check_difference,
    flow.check_direction,
    flow.check_power,
    state.check_clock,
    state.check_battery,
    state.check_readouts,
    counter.check_invalid,
    dial.check_dial,
    register_list.check_ambiguous,
    register_list.check_units,
    register_list.check_meanings,
    register_list.check_factors,
    identity.check_twice,
)


def run_checks(subject: Subject) -> tuple[Check, ...]:
    """Runs every check that means something for the meter's type; nothing a meter says makes it raise."""
    return tuple(check for run in CHECKS for check in run(subject))

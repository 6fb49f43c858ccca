"""What the checks leave open once a meter is on the portal."""

from collections.abc import Iterable

from app.domain.checks import Check, CheckState
from app.domain.verification import Verdict, Verification

_FACTOR = "factor:"
"""Begins the code of a doubt about a register's factor; the record's index follows."""


def open_points(checks: Iterable[Check], verification: Verification | None = None) -> tuple[Check, ...]:
    """The checks that are worth a look and that nothing has settled.

    A doubt about a factor is settled by evidence: where the portal shows every value as the meter says it, it
    converts as it should.

    Args:
        checks: of the meter.
        verification: of the meter, None before it was verified.
    """
    shown = verification is not None and all(
        each.verdict is not Verdict.FACTOR for each in verification.registers
    )
    proved = shown and verification is not None and verification.equal
    return tuple(
        check
        for check in checks
        if check.state is CheckState.LOOK and not (proved and check.code.startswith(_FACTOR))
    )

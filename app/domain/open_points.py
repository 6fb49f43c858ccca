"""What the checks leave open once a meter is on the portal."""

from collections.abc import Iterable

from app.domain import checks as of_checks
from app.domain.checks import Check
from app.domain.verification import Verification

_FACTOR = "factor"


def open_points(checks: Iterable[Check], verification: Verification | None = None) -> tuple[Check, ...]:
    """The checks that are worth a look, and that neither a person nor evidence has settled.

    A doubt about a factor is settled by evidence: where the portal shows every value as the meter says it, it
    converts as it should.

    Args:
        checks: of the meter, accepted ones as such.
        verification: of the meter, None before it was verified.
    """
    proved = verification is not None and verification.equal
    return tuple(check for check in of_checks.open_points(checks) if not (proved and check.kind == _FACTOR))

"""What can be checked before a meter goes to the portal: each ok, worth a look, or not available, and why."""

from app.domain.checks.dial import parse_reading
from app.domain.checks.outcome import Acceptance, Check, CheckState, open_points, with_acceptances
from app.domain.checks.subject import Subject
from app.domain.checks.table import CHECKS, run_checks

__all__ = [
    "CHECKS",
    "Acceptance",
    "Check",
    "CheckState",
    "Subject",
    "open_points",
    "parse_reading",
    "run_checks",
    "with_acceptances",
]

"""How far a meter is, row by row of the table, and words for every row."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.domain.delivery_state import DeliveryState
from app.domain.meter import MeterType
from app.domain.payload import MeterEntry, RegEntry, format_reg
from app.domain.progress import (
    Progress,
    ProgressFacts,
    UploadFacts,
    VerificationFacts,
    next_step,
    progress_of,
    state_word,
)
from app.domain.verification import RegisterComparison, Verdict, Verification

AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
INDEX = RegEntry("heat_energy_kwh", Decimal("0.001"), "04", "06")
OTHER = RegEntry("vol_m3", None, "04", "13")


def entry(*registers: RegEntry, place: str = "") -> MeterEntry:
    reg = format_reg(registers or (INDEX,))
    return MeterEntry(
        f"CH - 94158192{place}", MeterType.HEATING, "", "g", "", "", 2400, "", "92811594FFFFFFFF", reg
    )


def verified(
    verdict: Verdict = Verdict.EQUAL, *registers: RegEntry, after: timedelta = timedelta(minutes=1)
) -> VerificationFacts:
    rows = tuple(
        RegisterComparison(each, Decimal(1), Decimal(1), "kWh", verdict) for each in registers or (INDEX,)
    )
    return VerificationFacts(AT + after, Verification("", rows))


def sent(state: DeliveryState = DeliveryState.SENT, **of) -> UploadFacts:
    return UploadFacts(state, entry(**of), AT)


READ = {"answered": True, "read": True}
NOW = {**READ, "decided": True, "entry": entry()}
ON = {**NOW, "upload": sent()}

ROWS = {
    "nothing known": ({}, Progress.ON_LIST),
    "a place decided before reading": ({"decided": True}, Progress.ON_LIST),
    "answered without a reading": ({"answered": True}, Progress.NO_READING),
    "encrypted": ({"answered": True, "read": True, "locked": True}, Progress.LOCKED),
    "read": ({**READ, "entry": entry()}, Progress.READ),
    "decided": (NOW, Progress.DECIDED),
    "queued": ({**NOW, "upload": sent(DeliveryState.QUEUED)}, Progress.WAITING),
    "sending": ({**NOW, "upload": sent(DeliveryState.SENDING)}, Progress.WAITING),
    "refused": ({**NOW, "upload": sent(DeliveryState.REJECTED)}, Progress.FAILED),
    "failed": ({**NOW, "upload": sent(DeliveryState.FAILED)}, Progress.FAILED),
    "changed there": ({**NOW, "upload": sent(DeliveryState.CHANGED)}, Progress.CHANGED_THERE),
    "by hand": ({**NOW, "upload": sent(DeliveryState.BY_HAND)}, Progress.BY_HAND),
    "replaced": ({**NOW, "upload": sent(DeliveryState.REPLACED)}, Progress.DECIDED),
    "withdrawn": ({**NOW, "upload": sent(DeliveryState.WITHDRAWN)}, Progress.DECIDED),
    "arrived": (ON, Progress.ON_PORTAL),
    "entered by hand": ({**NOW, "upload": sent(DeliveryState.DONE_BY_HAND)}, Progress.ON_PORTAL),
    "verified": ({**ON, "verification": verified()}, Progress.VERIFIED),
    "an open check": ({**ON, "verification": verified(), "looks": ("clock",)}, Progress.VERIFIED_OPEN),
    "a factor proved": ({**ON, "verification": verified(), "looks": ("factor",)}, Progress.VERIFIED),
    "a factor wrong": ({**ON, "verification": verified(Verdict.FACTOR)}, Progress.LOOK),
    "another value": ({**ON, "verification": verified(Verdict.DIFFERS)}, Progress.LOOK),
    "a value missing": ({**ON, "verification": verified(Verdict.MISSING)}, Progress.LOOK),
    "nothing proved": ({**ON, "verification": verified(Verdict.NOT_COMPARABLE_YET)}, Progress.ON_PORTAL),
    "changed here": ({**ON, "entry": entry(INDEX, OTHER)}, Progress.CHANGED_SINCE),
    "renamed here": ({**ON, "entry": entry(place=" - 203")}, Progress.CHANGED_SINCE),
    "changed here after a verification": (
        {**ON, "entry": entry(OTHER), "verification": verified()},
        Progress.CHANGED_SINCE,
    ),
    "changed by hand here": (
        {**NOW, "entry": entry(OTHER), "upload": sent(DeliveryState.DONE_BY_HAND)},
        Progress.CHANGED_SINCE,
    ),
    "not read here, but on the portal": ({"upload": sent()}, Progress.ON_PORTAL),
    "verified before this upload arrived": (
        {**ON, "verification": verified(after=timedelta(minutes=-1))},
        Progress.ON_PORTAL,
    ),
    "verified with another list": (
        {**ON, "verification": verified(Verdict.EQUAL, INDEX, OTHER)},
        Progress.ON_PORTAL,
    ),
}


@pytest.mark.parametrize(("facts", "progress"), ROWS.values(), ids=ROWS)
def test_every_row_of_the_table(facts: dict, progress: Progress) -> None:
    assert progress_of(ProgressFacts(**facts)) is progress


def test_every_state_is_reached_and_has_words() -> None:
    assert {progress for _facts, progress in ROWS.values()} == set(Progress)
    words = [str(state_word(each)) for each in Progress]
    assert len(set(words)) == len(words), "two states that are said alike are one for the person"
    assert all(str(next_step(each)) for each in Progress)


@pytest.mark.parametrize("state", DeliveryState)
def test_every_state_of_an_upload_is_some_progress(state: DeliveryState) -> None:
    assert progress_of(ProgressFacts(**NOW, upload=sent(state))) in Progress

"""A meter made of what is stored: the same facts give the same meter, and nobody's decision is overruled."""

from dataclasses import replace

import pytest

from app.domain.commissioned import MeterFacts, MeterReading, Neighbours, Rules, commission
from app.domain.delivery_state import DeliveryState
from app.domain.draft import MeterDraft, new_draft
from app.domain.meter import MeterType
from app.domain.progress import Progress, UploadFacts
from app.domain.selection import Preferences
from app.domain.summary import from_text, rules_stamp, stamp_of, summarise, to_text
from app.mbus.addresses import SecondaryAddress
from app.mbus.response import decode
from app.services.commissioning import load_vocabulary
from tests.fakes.field_cases import field_cases, telegrams_of
from tests.fakes.meters import encrypted_meter
from tests.fakes.odd_answers import NO_READINGS
from tests.fakes.practice_telegrams import INDEX_ALONE, MOMENT, telegram

RULES = Rules(load_vocabulary())
SERIAL = "94158192"
READING = MeterReading(telegram(SERIAL), MOMENT, 2400)


def decided(**changes: object) -> MeterDraft:
    draft = new_draft(SERIAL, READING.telegram, RULES.vocabulary, RULES.preferences, baudrate=2400)
    return replace(draft, **changes)


def test_a_meter_just_read_is_proposed_with_its_index_and_that_is_no_decision() -> None:
    meter = commission(MeterFacts(SERIAL, READING), RULES)
    assert meter.entry is not None
    assert meter.entry.reg == INDEX_ALONE
    assert meter.progress is Progress.READ
    assert not meter.facts.decided


def test_an_untouched_draft_follows_the_next_reading_and_a_decision_does_not() -> None:
    odd = decided(type=MeterType.WATER, place="Cellar")
    untouched = commission(MeterFacts(SERIAL, READING, odd), RULES)
    assert (untouched.draft.type, untouched.draft.place) == (MeterType.HEATING, "Cellar")
    kept = commission(MeterFacts(SERIAL, READING, odd, decided=True), RULES)
    assert kept.draft == odd
    assert kept.progress is Progress.DECIDED


def test_what_was_typed_before_the_first_reading_is_kept_and_the_registers_are_proposed() -> None:
    planned = MeterDraft(SERIAL, MeterType.HEATING, place="OG 2 links", baudrate=0)
    before = commission(MeterFacts(SERIAL, None, planned, decided=True), RULES)
    assert (before.draft, before.entry, before.progress) == (planned, None, Progress.ON_LIST)
    after = commission(MeterFacts(SERIAL, READING, planned, decided=True), RULES)
    assert (after.draft.place, after.draft.baudrate) == ("OG 2 links", 2400)
    assert after.entry.reg == INDEX_ALONE


def test_what_did_not_change_is_taken_over_and_the_rest_is_as_if_made_anew() -> None:
    first = commission(MeterFacts(SERIAL, READING, decided(), decided=True), RULES)
    uploaded = replace(first.facts, upload=UploadFacts(DeliveryState.SENT, first.entry))
    second = commission(uploaded, RULES, before=first)
    assert second.checks is first.checks
    assert second == commission(uploaded, RULES)
    changed = replace(uploaded, draft=decided(place="203"))
    third = commission(changed, RULES, before=second)
    assert third.registers is first.registers
    assert third == commission(changed, RULES)
    assert third.progress is Progress.CHANGED_SINCE


def test_a_twin_makes_the_address_exact_and_is_a_point_to_look_at() -> None:
    other = SecondaryAddress.parse("92811594A7320406")
    twin = Neighbours(namesakes=("94158192 in 204",), addresses=(other,))
    meter = commission(MeterFacts(SERIAL, READING), RULES, twin)
    assert meter.entry.secondary_ad == "92811594A7320404"
    assert meter.note is not None
    assert "twice" in meter.looks


@pytest.mark.parametrize("raw", [row[0] for row in NO_READINGS.values()], ids=NO_READINGS)
def test_an_answer_without_a_reading_is_none(raw: bytes) -> None:
    meter = commission(MeterFacts(SERIAL, MeterReading(decode(raw), MOMENT)), RULES)
    assert (meter.progress, meter.entry) == (Progress.NO_READING, None)


def test_an_encrypted_telegram_waits_for_its_key_and_nothing_has_changed_since_the_upload() -> None:
    raw = b"".join(encrypted_meter(bytes(16), SERIAL).telegrams())
    locked = MeterReading(decode(raw), MOMENT)
    facts = MeterFacts(SERIAL, locked, decided(), decided=True)
    assert commission(facts, RULES).progress is Progress.LOCKED
    entry = commission(MeterFacts(SERIAL, READING, decided(), decided=True), RULES).entry
    uploaded = replace(facts, upload=UploadFacts(DeliveryState.SENT, entry))
    assert commission(uploaded, RULES).progress is Progress.ON_PORTAL


@pytest.mark.parametrize("case", field_cases())
def test_a_summary_says_of_every_telegram_of_the_field_what_the_meter_says(case: dict) -> None:
    for raw in telegrams_of(case):
        meter = commission(MeterFacts(SERIAL, MeterReading(decode(raw), MOMENT)), RULES)
        summary = summarise(meter)
        assert from_text(to_text(summary, "stamp"), "stamp") == summary
        assert summary.looks == meter.looks


def test_a_summary_holds_only_for_what_it_was_made_of() -> None:
    meter = commission(MeterFacts(SERIAL, READING, decided(), decided=True), RULES)
    rules = rules_stamp(RULES, "1.0")
    stamp = stamp_of(rules, 7, meter.facts.draft)
    text = to_text(summarise(meter), stamp)
    assert from_text(text, stamp) == summarise(meter)
    others = {
        "reading": stamp_of(rules, 8, meter.facts.draft),
        "draft": stamp_of(rules, 7, decided(place="203")),
        "settings": stamp_of(
            rules_stamp(replace(RULES, preferences=Preferences(water_as_volume=True)), "1.0"),
            7,
            meter.facts.draft,
        ),
        "program": stamp_of(rules_stamp(RULES, "1.1"), 7, meter.facts.draft),
    }
    assert {name: from_text(text, other) for name, other in others.items()} == dict.fromkeys(others)
    for spoilt in (None, "", "[", f'["{stamp}", 3]', f'["{stamp}", {{}}]', text[:-9]):
        assert from_text(spoilt, stamp) is None


def test_the_only_gateway_of_a_site_is_no_decision() -> None:
    rules = replace(RULES, gateway_id="only")
    meter = commission(MeterFacts(SERIAL, READING), rules)
    assert (meter.entry.gateway_id, meter.progress) == ("only", Progress.READ)
    chosen = commission(MeterFacts(SERIAL, READING, decided(gateway_id="g"), decided=True), rules)
    assert chosen.entry.gateway_id == "g"


def test_without_a_number_there_is_nothing_to_commission() -> None:
    meter = commission(MeterFacts("", READING), RULES)
    assert (meter.draft, meter.entry, meter.checks) == (None, None, ())

"""A simulated meter behaves on the link layer as the standard says, and as its quirks say."""

import pytest

from app.mbus import requests
from app.mbus.addresses import SecondaryAddress
from app.mbus.frames import Ack
from app.mbus.response import decode
from app.practice.meters import MeterLink, Quirks, ResetNeed
from tests.fakes.meters import fixed_meter, refusing_meter, simple_meter, value_of

NUMBER = "94158192"
EXACT = simple_meter(NUMBER).address
E5 = b"\xe5"
FD = 0xFD


def link(**options) -> MeterLink:
    return MeterLink(simple_meter(NUMBER, primary=5, **options))


def selected(**options) -> MeterLink:
    meter = link(**options)
    assert meter.answer(requests.select(EXACT)) == E5
    return meter


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        (EXACT, True),
        (SecondaryAddress(NUMBER), True),
        (SecondaryAddress("FFFFFFF2"), True),
        (SecondaryAddress("FFFFFFF3"), False),
        (SecondaryAddress(NUMBER, medium=7), False),
    ],
)
def test_it_answers_a_selection_that_fits_and_only_then_at_fd(address, fits):
    meter = link()
    assert meter.answer(requests.select(address)) == (E5 if fits else None)
    assert (meter.answer(requests.req_ud2(FD, True)) is not None) is fits


def test_another_selection_deselects_it():
    meter = selected()
    assert meter.answer(requests.select(SecondaryAddress("11111111"))) is None
    assert meter.answer(requests.req_ud2(FD, True)) is None


@pytest.mark.parametrize(("frame", "said"), [(requests.deselect(), E5), (requests.snd_nke(0xFF), None)])
def test_a_reset_of_all_deselects_it(frame, said):
    meter = selected()
    assert meter.answer(frame) == said
    assert meter.answer(requests.req_ud2(FD, True)) is None


def test_the_same_fcb_repeats_the_same_bytes_and_the_other_brings_new_ones():
    meter = selected()
    first = meter.answer(requests.req_ud2(FD, True))
    assert meter.answer(requests.req_ud2(FD, True)) == first
    second = meter.answer(requests.req_ud2(FD, False))
    assert second != first
    assert second[15] == first[15] + 1, "the access number counts answers"


def test_telegrams_follow_one_another_and_begin_anew():
    meter = selected(telegrams=2)
    first, second, third = (meter.answer(requests.req_ud2(FD, bit)) for bit in (True, False, True))
    assert first[15] == second[15]
    assert third[15] == first[15] + 1
    meter.answer(requests.select(EXACT))
    assert meter.answer(requests.req_ud2(FD, True))[15] == first[15] + 2


def test_by_primary_and_broadcast_address():
    meter = link()
    for address in (5, 0xFE):
        assert meter.answer(requests.snd_nke(address)) == E5
        assert meter.answer(requests.req_ud2(address, True)) is not None
    assert meter.answer(requests.req_ud2(6, True)) is None
    assert meter.answer(requests.req_ud1(5, True)) == E5
    assert meter.answer(Ack()) is None


def test_enhanced_selection():
    meter = link(fabrication_number="00001234")
    assert meter.answer(requests.select_enhanced(EXACT, "FFFFFF34")) == E5
    assert meter.answer(requests.select_enhanced(EXACT, "FFFFFF35")) is None
    assert meter.answer(requests.select_enhanced(SecondaryAddress("11111111"), "FFFFFFFF")) is None
    assert link(quirks=Quirks(enhanced=False)).answer(requests.select_enhanced(EXACT, "FFFFFFFF")) is None


def test_quirks():
    wants_73 = link(quirks=Quirks(select_fcb=True))
    assert wants_73.answer(requests.select(EXACT)) is None
    assert wants_73.answer(requests.select(EXACT, fcb=True)) == E5
    wants_5b = selected(quirks=Quirks(first_fcb=False))
    assert wants_5b.answer(requests.req_ud2(FD, True)) is None
    assert wants_5b.answer(requests.req_ud2(FD, False)) is not None
    forgetful = selected(telegrams=2, quirks=Quirks(ignores_fcb=True))
    assert forgetful.answer(requests.req_ud2(FD, True)) != forgetful.answer(requests.req_ud2(FD, True))


def test_settings():
    meter = link()
    assert meter.answer(requests.set_identification(5, "12345678")) == E5
    assert meter.meter.address.identification == "12345678"
    assert meter.answer(requests.set_primary_address(5, 9)) == E5
    assert meter.meter.primary == 9
    assert meter.answer(requests.set_baud_rate(9, 300)) == E5
    assert meter.meter.baud == 300
    assert meter.answer(requests.application_reset(9)) == E5
    assert meter.meter.resets == [None]
    assert meter.answer(requests.snd_ud(9, 0x5C)) is None
    assert meter.answer(requests.snd_ud(9, 0x51, b"\x0f")) == E5


def test_a_selection_with_a_wrong_control_field_is_not_taken():
    assert link().answer(requests.snd_ud(5, requests.CI_SELECT, EXACT.to_bytes())) is None
    assert link().answer(requests.snd_ud(FD, requests.CI_SELECT, b"\x01")) is None


def test_a_meter_that_acknowledges_and_sends_nothing():
    mute = selected(quirks=Quirks(mute=True))
    assert mute.answer(requests.req_ud2(FD, True)) is None
    assert mute.answer(requests.snd_nke(5)) == E5


@pytest.mark.parametrize("address", [5, 0xFE, 0xFF])
def test_a_meter_that_takes_no_selection_before_its_link_was_reset(address):
    meter = link(quirks=Quirks(needs_reset=ResetNeed.SELECTION))
    assert meter.answer(requests.select(EXACT)) is None
    assert meter.answer(requests.snd_nke(FD)) is None, "FD reaches only who is selected"
    meter.answer(requests.snd_nke(address))
    assert meter.answer(requests.select(EXACT)) == E5
    assert meter.answer(requests.req_ud2(FD, True)) is not None


def test_a_meter_that_sends_no_telegram_before_its_link_was_reset():
    meter = selected(quirks=Quirks(needs_reset=ResetNeed.DATA, needs_reset_again=True))
    assert meter.answer(requests.req_ud2(FD, True)) is None
    assert meter.answer(requests.snd_nke(FD)) == E5
    for again in (False, True):
        if again:
            assert meter.answer(requests.select(SecondaryAddress("11111111"))) is None
            assert meter.answer(requests.select(EXACT)) == E5
            assert meter.answer(requests.req_ud2(FD, True)) is None, "somebody else was selected meanwhile"
            meter.answer(requests.snd_nke(0xFF))
        assert meter.answer(requests.select(EXACT)) == E5
        assert meter.answer(requests.req_ud2(FD, True)) is not None


def test_a_meter_that_has_to_prepare_its_telegram_acknowledges_until_it_is_ready():
    meter = selected(quirks=Quirks(busy_s=2.0))
    request = requests.req_ud2(FD, True)
    assert [meter.answer(request, moment) for moment in (10.0, 10.4, 11.9)] == [E5] * 3
    telegram = meter.answer(request, 12.1)
    assert len(telegram) == 60
    assert meter.answer(request, 12.5) == telegram, "the same FCB, the same bytes"
    assert meter.answer(requests.req_ud2(FD, False), 200.0) == E5, "too late: it prepares anew"


@pytest.mark.parametrize(
    ("quirks", "taken"),
    [
        (Quirks(), {"exact", "wildcards"}),
        (Quirks(wildcard_fields=True), {"wildcards"}),
        (Quirks(ignores_fields=True), {"exact", "wildcards", "other"}),
    ],
)
def test_how_a_meter_takes_maker_version_and_medium(quirks, taken):
    asked = {
        "exact": EXACT,
        "wildcards": SecondaryAddress(NUMBER),
        "other": SecondaryAddress(NUMBER, 0x1111, 4, 4),
    }
    meter = link(quirks=quirks)
    assert {name for name, address in asked.items() if meter.answer(requests.select(address))} == taken


def test_a_meter_that_takes_any_fabrication_number():
    meter = link(fabrication_number="00001234", quirks=Quirks(ignores_record=True))
    assert meter.answer(requests.select_enhanced(EXACT, "99999999")) == E5
    assert meter.answer(requests.select_enhanced(SecondaryAddress("11111111"), "FFFFFFFF")) is None


def test_a_meter_that_goes_on_where_it_was_left_until_its_link_is_reset():
    meter = selected(telegrams=3, quirks=Quirks(resumes=True))
    part = [meter.answer(requests.req_ud2(FD, True))]
    meter.answer(requests.select(SecondaryAddress("11111111")))
    meter.answer(requests.select(EXACT))
    part.append(meter.answer(requests.req_ud2(FD, True)))
    assert part[0] != part[1]
    meter.answer(requests.snd_nke(0xFF))
    meter.answer(requests.select(EXACT))
    again = meter.answer(requests.req_ud2(FD, True))
    assert volume_bytes(again) == volume_bytes(part[0])
    assert volume_bytes(part[1]) != volume_bytes(part[0])


def volume_bytes(frame):
    place = frame.index(b"\x04\x13")
    return frame[place : place + 6]


def test_a_meter_that_changes_what_it_is_asked_to_repeat():
    meter = selected(quirks=Quirks(remakes=True))
    assert meter.answer(requests.req_ud2(FD, True)) != meter.answer(requests.req_ud2(FD, True))


def test_meters_of_other_kinds_say_what_they_should():
    fixed = decode(fixed_meter(NUMBER).telegrams()[0])
    assert (fixed.ci, fixed.header.identification, fixed.header.manufacturer) == (0x73, NUMBER, "")
    assert fixed.records[0].value.mantissa == value_of(NUMBER)
    assert fixed.records[0].description == "VOLUME"
    error = refusing_meter(NUMBER, after=1)
    assert decode(error.telegrams()[0]).records
    assert decode(error.telegrams()[0]).ci == 0x70
    assert all(decode(simple_meter(endless=True).telegrams()[0]).more_records_follow for _ in range(3))

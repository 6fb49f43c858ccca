"""One telegram may be several meters: heat and cold, circuits, and what hangs on pulse inputs."""

import pytest

from app.domain.addressing import gateway_address, is_second_device
from app.domain.meter import MeterType
from app.domain.proposals import proposals
from app.mbus.addresses import SecondaryAddress
from app.mbus.data_header import secondary_address
from app.mbus.response import decode
from app.services.commissioning import load_vocabulary
from tests.fakes.built_telegrams import IDENTIFICATION, built
from tests.fakes.field_cases import field_cases, telegrams_of

VOCABULARY = load_vocabulary()
SHORT = SecondaryAddress(IDENTIFICATION)


def told(reading):
    return [
        (each.type.value, each.part, each.index.key.dib if each.index else None, each.is_certain)
        for each in proposals(reading, VOCABULARY)
    ]


def test_a_meter_for_heat_and_cooling_is_two_meters():
    assert told(built(("04", "06"), ("04", "863C"), medium=0x0D)) == [
        ("heating", 0, "04", True),
        ("cooling", 0, "04", True),
    ]


def test_the_one_that_was_asked_for_comes_first():
    reading = built(("04", "06"), ("04", "863C"), medium=0x0D)
    found = proposals(reading, VOCABULARY, MeterType.COOLING)
    assert [each.type for each in found] == [MeterType.COOLING, MeterType.HEATING]
    assert [each.index.key.vib for each in found] == ["863C", "06"]


def test_pulse_inputs_are_meters_of_their_own_and_are_asked():
    assert told(built(("04", "06"), ("04", "13"), ("8440", "13"), ("848040", "13"), ("C440", "13"))) == [
        ("heating", 0, "04", True),
        ("water", 1, "8440", False),
        ("water", 2, "848040", False),
    ]


def test_the_pulse_inputs_that_one_maker_calls_tariffs_are_found():
    reading = built(("0C", "06"), ("8C10", "13"), ("8C20", "13"), maker="APA", version=66)
    assert told(reading)[1:] == [("water", 1, "8C10", False), ("water", 2, "8C20", False)]


def test_circuits_are_told_by_their_energies_and_their_volumes_are_no_inputs():
    reading = built(("8400", "863B"), ("8400", "863C"), ("8440", "863B"), ("8440", "863C"), ("8440", "13"))
    assert told(reading) == [
        ("heating", 0, "8400", True),
        ("cooling", 0, "8400", True),
        ("heating", 1, "8440", False),
        ("cooling", 1, "8440", False),
    ]


def test_an_adapter_that_counts_nothing_itself_is_its_inputs():
    assert told(built(("8440", "13"), ("848040", "13"), medium=0x07)) == [
        ("water", 1, "8440", False),
        ("water", 2, "848040", False),
    ]


def test_tariffs_and_reverse_flow_are_no_meters():
    assert told(built(("04", "13"), ("8410", "13"), ("8440", "933C"), medium=0x07)) == [
        ("water", 0, "04", True)
    ]


def test_without_anything_the_reason_stands_in_its_place():
    (only,) = proposals(built(("04", "5B")), VOCABULARY)
    assert only.index is None
    assert "sends no energy" in str(only.question)


def other(medium=0x0A, identification=IDENTIFICATION, maker="LUG"):
    reading = built(("04", "06"), maker=maker, medium=medium, identification=identification)
    return secondary_address(reading.header)


def test_the_number_alone_is_the_address_where_it_is_unique():
    header = built(("04", "06")).header
    own = secondary_address(header)
    choice = gateway_address(IDENTIFICATION, header, (own, SHORT, other(identification="94158193")))
    assert (choice.address, choice.note) == (SHORT, None)


def test_all_digits_are_the_address_where_another_answers_to_the_number():
    header = built(("04", "06")).header
    choice = gateway_address(IDENTIFICATION, header, (other(),))
    assert choice.address == secondary_address(header)
    assert other().text in str(choice.note)


def test_a_meter_that_does_not_tell_its_address_is_told_to_collide():
    choice = gateway_address(IDENTIFICATION, None, (other(),))
    assert choice.address == SHORT
    assert "cannot tell them apart" in str(choice.note)


@pytest.mark.parametrize("case", field_cases("one number, two meters"))
def test_two_meters_of_one_number_get_two_addresses(case):
    readings = [decode(raw) for raw in telegrams_of(case)]
    own = [secondary_address(reading.header) for reading in readings]
    chosen = [gateway_address(each.header.identification, each.header, own).address for each in readings]
    assert chosen == own
    assert len({address.text for address in chosen}) == len(readings)
    assert is_second_device(*own, VOCABULARY.cold)


@pytest.mark.parametrize(
    ("maker", "number", "one"),
    [
        ("LSE", "94158193", True),
        ("QDS", "94158193", True),
        ("LUG", "94158193", False),
        ("LUG", "94158192", True),
    ],
)
def test_the_cold_part_of_a_meter_is_known_by_its_makers_way(maker, number, one):
    heat, cold = other(0x04, maker=maker), other(0x0A, number, maker)
    assert is_second_device(heat, cold, VOCABULARY.cold) is one
    assert is_second_device(cold, heat, VOCABULARY.cold) is one


def test_two_heat_meters_or_two_makers_are_never_one():
    assert not is_second_device(other(0x04), other(0x0C), VOCABULARY.cold)
    assert not is_second_device(other(0x04), other(0x0A, maker="KAM"), VOCABULARY.cold)


def test_a_heat_meter_that_a_person_takes_for_cooling_is_one_meter():
    found = proposals(built(("04", "06"), ("04", "13")), VOCABULARY, MeterType.COOLING)
    assert [each.type for each in found] == [MeterType.COOLING]

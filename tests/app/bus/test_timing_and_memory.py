"""The times of the standard, and what is remembered of adapters and meters."""

import json

import pytest

from app.bus import timing
from app.bus.memory import (
    LATENCY_LOCAL_S,
    LATENCY_NETWORK_S,
    AdapterMemory,
    BusMemory,
    MeterMemory,
)
from app.mbus.addresses import SecondaryAddress

LUG = SecondaryAddress("94158192", 0x32A7, 4, 4)
KAM = SecondaryAddress("94158192", 0x2C2D, 4, 4)


def test_the_windows_of_the_standard_at_2400_baud():
    assert timing.answer_window(2400) == pytest.approx(0.1875)
    assert timing.shortest_delay(2400) == pytest.approx(0.004583, abs=1e-6)
    assert timing.idle_time(2400) == pytest.approx(0.01375)
    assert timing.wire_time(240, 2400) == pytest.approx(1.1)
    assert timing.wire_time(240, 2400, bits_per_byte=10) == pytest.approx(1.0)


def test_an_adapter_is_granted_much_until_it_has_been_measured_and_a_far_one_more():
    assert AdapterMemory().granted_s(network=False) == LATENCY_LOCAL_S
    assert AdapterMemory().granted_s(network=True) == LATENCY_NETWORK_S


def test_a_network_converter_is_granted_what_was_measured_with_a_margin():
    near = AdapterMemory().after_answer(0.1, 2400)
    assert 0.1 < near.granted_s(network=True) < 0.2
    assert near.after_answer(0.4, 2400).granted_s(network=True) > 0.4, "the longest way counts, not the last"
    assert near.after_answer(0.4, 2400).after_answer(0.1, 2400).granted_s(network=True) > 0.4


def test_one_late_answer_never_grants_more_than_the_patience_it_began_with():
    assert AdapterMemory().after_answer(9.0, 2400).granted_s(network=True) == LATENCY_NETWORK_S


def test_what_was_learned_survives_as_plain_data():
    memory = BusMemory()
    memory.adapter = AdapterMemory(latency_s=0.02, echoes=True, gap_s=0.4)
    memory.remember(LUG, MeterMemory(slow=True, baud=300))
    memory.remember(7, MeterMemory(first_fcb=False))
    again = BusMemory.from_data(json.loads(json.dumps(memory.to_data())))
    assert again.adapter == memory.adapter
    assert again.meter(LUG) == MeterMemory(slow=True, baud=300)
    assert again.meter(7) == MeterMemory(), "elsewhere another meter has that primary address"
    assert again.meter(8) == MeterMemory()


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"version": 2, "adapter": {}, "meters": {}},
        {"version": 1},
        {"version": 1, "adapter": {"other": 1}, "meters": {}},
        {"version": 1, "adapter": {}, "meters": {"no address": {}}},
        {"version": 1, "adapter": {}, "meters": []},
        {"version": 1, "adapter": 3, "meters": {}},
    ],
)
def test_a_damaged_memory_is_learned_anew(data):
    memory = BusMemory.from_data(data)
    assert memory.adapter == AdapterMemory()
    assert memory.meter(LUG) == MeterMemory()


def test_two_makes_with_one_serial_are_remembered_apart():
    """A slow meter must not make its fast namesake slow."""
    memory = BusMemory()
    memory.remember(LUG, MeterMemory(slow=True))
    memory.remember(KAM, MeterMemory(baud=300))
    assert memory.meter(LUG).slow
    assert not memory.meter(KAM).slow
    assert memory.meter(SecondaryAddress("94158192")) == MeterMemory(), "which of them is not told"


def test_a_meter_is_known_again_by_its_serial_alone_where_nobody_shares_it():
    memory = BusMemory()
    memory.remember(LUG, MeterMemory(slow=True))
    assert memory.meter(SecondaryAddress("94158192")).slow
    assert not memory.meter(SecondaryAddress("FFFFFF92")).slow

"""The times of the standard, and what is remembered of adapters and meters."""

import pytest

from app.bus import timing
from app.bus.memory import (
    DEFAULT_LATENCY_S,
    JITTER_S,
    LATENCY_MAX_S,
    AdapterMemory,
    BusMemory,
    MeterMemory,
)
from app.mbus.addresses import SecondaryAddress


def test_the_windows_of_the_standard_at_2400_baud():
    assert timing.answer_window(2400) == pytest.approx(0.1875)
    assert timing.shortest_delay(2400) == pytest.approx(0.004583, abs=1e-6)
    assert timing.idle_time(2400) == pytest.approx(0.01375)
    assert timing.wire_time(240, 2400) == pytest.approx(1.1)
    assert timing.wire_time(240, 2400, bits_per_byte=10) == pytest.approx(1.0)


def test_the_least_time_of_a_read_counts_bytes_and_answers():
    # Selection 17 bytes, E5, request 5 bytes, telegram of 100 bytes; two answers.
    assert timing.wire_minimum(17 + 1 + 5 + 100, 2, 2400) == pytest.approx(123 * 11 / 2400 + 0.12)


def test_an_adapter_is_granted_a_default_until_it_has_been_measured():
    assert AdapterMemory().latency_s == DEFAULT_LATENCY_S


def test_a_prompt_answer_proves_a_prompt_adapter():
    adapter = AdapterMemory().after_answer(0.009, 2400)
    assert adapter.latency_s < DEFAULT_LATENCY_S


def test_late_answers_widen_the_window_but_not_without_end():
    adapter = AdapterMemory().after_answer(0.3875, 2400)
    assert adapter.latency_s == pytest.approx(0.2 + JITTER_S)
    assert AdapterMemory().after_answer(9.0, 2400).latency_s == LATENCY_MAX_S


def test_a_prompt_answer_proves_that_it_was_the_meter_that_was_slow():
    adapter = AdapterMemory().after_answer(1.5, 2400).after_answer(0.02, 2400)
    assert adapter.latency_s < DEFAULT_LATENCY_S


def test_what_was_learned_survives_as_text():
    memory = BusMemory()
    memory.adapter = AdapterMemory(latency_max_s=0.02, echoes=True)
    memory.remember(SecondaryAddress("94158192"), MeterMemory(slow=True, baud=300))
    memory.remember(7, MeterMemory(first_fcb=False))
    again = BusMemory.from_text(memory.to_text())
    assert again.adapter == memory.adapter
    assert again.meter(SecondaryAddress("94158192")) == MeterMemory(slow=True, baud=300)
    assert again.meter(7) == MeterMemory(), "elsewhere another meter has that primary address"
    assert again.meter(8) == MeterMemory()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"adapter": {"other": 1}, "meters": {}}', '{"adapter": 3}']
)
def test_a_damaged_memory_is_learned_anew(text):
    assert BusMemory.from_text(text).adapter == AdapterMemory()


def test_a_meter_is_known_again_however_much_of_its_address_was_given():
    memory = BusMemory()
    memory.remember(SecondaryAddress("94158192"), MeterMemory(slow=True))
    assert memory.meter(SecondaryAddress("94158192", 1, 2, 3)).slow
    assert not memory.meter(SecondaryAddress("FFFFFF92")).slow

"""The search strategy against meters that are only addresses: complete, terminating, few probes."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mbus.addresses import SecondaryAddress
from app.mbus.probes import fits
from app.mbus.search import EVERYBODY, Finding, FoundMeter, Probe, Reply, Search, SearchPlan

LUG = 0x32A7
OTHER = 0x5A57


def heat(number: str) -> FoundMeter:
    return FoundMeter(SecondaryAddress(number, LUG, 4, 4), "00000000")


class World:
    """Answers probes as a bus would; ``loss`` is the share of answers that get lost on the way."""

    def __init__(self, meters, *, loss=0.0, seed=0, single_loss=0.0, answers_everything=False):
        self.answers_everything = answers_everything
        self.meters = meters
        self.loss = loss
        self.single_loss = single_loss
        self.random = Random(seed)
        self.asked = []

    def answer(self, probe: Probe) -> Reply:
        self.asked.append(probe)
        there = [meter for meter in self.meters if self._hears(probe, meter)]
        if not there or self.random.random() < self.loss:
            return Reply(Finding.SILENCE)
        lost = 0
        while self.random.random() < self.loss:
            lost += 1
            if lost == 3:
                return Reply(Finding.MUTE, lost=lost)
        heard = [meter for meter in there if self.random.random() >= self.single_loss] or there[:1]
        if len(heard) > 1:
            return Reply(Finding.COLLISION, lost=lost)
        return Reply(Finding.METER, heard[0], lost)

    def _hears(self, probe, meter):
        if probe.fabrication_number is not None and meter.fabrication_number is None:
            return self.answers_everything and probe.address.matches(meter.address)
        return fits(probe, meter)


def run(search: Search, world: World, limit: int = 20_000) -> None:
    for _ in range(limit):
        probe = search.next()
        if probe is None:
            return
        assert search.next() == probe, "asking what is next must not change it"
        search.report(world.answer(probe))
    pytest.fail("the search does not end")


def found_by(meters, plan=None, **world) -> Search:
    search = Search(plan)
    run(search, World(meters, **world))
    return search


def test_one_probe_decides_a_bench_with_one_meter_and_three_an_empty_bus():
    assert found_by([]).probes == 3
    single = found_by([heat("94158192")])
    assert single.probes == 1
    assert single.found == (heat("94158192"),)


@pytest.mark.parametrize("finding", [Finding.COLLISION, Finding.MUTE])
@pytest.mark.parametrize("before", [0, 3])
def test_a_line_on_which_everything_answers_and_nobody_can_be_read_ends_the_search(finding, before):
    """Else a stuck or babbling line would be asked for all hundred million numbers."""
    search = Search()
    world = World([heat(str(94158192 + step)) for step in range(before)])
    while len(search.found) < before:
        search.report(world.answer(search.next()))
    for _ in range(200):
        if search.next() is None:
            break
        search.report(Reply(finding))
    assert search.next() is None
    assert search.hopeless


def test_silence_now_and_then_does_not_keep_a_stuck_line_going():
    search = Search()
    random = Random(1)
    for _ in range(3000):
        if search.next() is None:
            break
        search.report(Reply(Finding.SILENCE if random.random() < 0.2 else Finding.COLLISION))
    assert search.hopeless


@pytest.mark.parametrize("step", [1, 7919])
def test_two_hundred_and_fifty_meters_are_no_stuck_line(step):
    meters = [heat(f"{step * number:08}") for number in range(250)]
    search = found_by(meters)
    assert len(search.found) == 250
    assert not search.hopeless


def test_consecutive_numbers_split_at_their_last_digit():
    # A delivery of 12: one round of last digits, and one more for each digit that two of them share.
    search = found_by([heat(str(94158186 + step)) for step in range(12)])
    assert len(search.found) == 12
    # ...98 and ...99 are asked because ...88 and ...89 could cover them.
    assert search.probes == 1 + 10 + 2 * 10 + 2
    assert search.unresolved == ()


def test_numbers_that_end_alike_split_at_the_digit_in_which_the_known_ones_differ():
    meters = [heat(f"{number}0000000") for number in range(1, 8)]
    plan = SearchPlan(known=(meters[0].address, meters[1].address))
    assert len(found_by(meters, plan).found) == 7
    assert found_by(meters, plan).probes <= 13 < found_by(meters).probes


def test_known_meters_are_asked_first_and_found_once():
    meters = [heat("94158192"), heat("94158193")]
    world = World(meters)
    search = Search(SearchPlan(known=(SecondaryAddress("94158193"), SecondaryAddress("11111111"))))
    run(search, world)
    assert world.asked[0].address.identification == "94158193"
    assert world.asked[1].address.identification == "11111111"
    assert sorted(meter.address.identification for meter in search.found) == ["94158192", "94158193"]


def test_what_is_found_guides_the_order():
    # Both children of a shared last digit lie in decades that are already known: they are asked first.
    world = World([heat(number) for number in ("94158181", "94158192", "94158186", "94158196")])
    run(Search(), world)
    asked = [probe.address.identification for probe in world.asked]
    assert asked.index("FFFFFF86") < asked.index("FFFFFF06")


def test_equal_numbers_are_split_by_manufacturer_version_and_medium():
    one = FoundMeter(SecondaryAddress("12345678", LUG, 4, 4))
    for other in (
        SecondaryAddress("12345678", OTHER, 4, 4),
        SecondaryAddress("12345678", LUG, 5, 4),
        SecondaryAddress("12345678", LUG, 4, 7),
        SecondaryAddress("12345678", LUG, 200, 4),
        SecondaryAddress("12345678", LUG, 4, 0x44),
    ):
        both = [one, FoundMeter(other)]
        search = found_by(both, SearchPlan(makers=(OTHER, LUG)))
        assert set(search.found) == set(both)
        assert search.unresolved == ()


def test_equal_addresses_are_split_by_fabrication_number():
    address = SecondaryAddress("12345678", LUG, 4, 4)
    twins = [FoundMeter(address, "00000071"), FoundMeter(address, "00000072")]
    search = found_by(twins, SearchPlan(makers=(LUG,)))
    assert set(search.found) == set(twins)


def test_a_meter_keeps_the_fabrication_number_by_which_it_was_selected():
    class Tacit(World):
        """Meters that can be selected by their fabrication number, but do not tell it."""

        def answer(self, probe):
            reply = super().answer(probe)
            return replace(reply, meter=reply.meter and replace(reply.meter, fabrication_number=None))

    address = SecondaryAddress("12345678", LUG, 4, 4)
    twins = [FoundMeter(address, "00000071"), FoundMeter(address, "00000072")]
    search = Search(SearchPlan(makers=(LUG,)))
    for _ in range(400):
        probe = search.next()
        if probe is None:
            break
        search.report(Tacit(twins).answer(probe))
    assert [meter.fabrication_number for meter in search.found] == ["FFFFFFF1", "FFFFFFF2"]


def test_meters_equal_in_everything_are_told_as_unresolved():
    address = SecondaryAddress("12345678", LUG, 4, 4)
    twin = FoundMeter(address, "00000071")
    search = found_by([twin, twin], SearchPlan(makers=(LUG,)))
    assert search.found == ()
    assert search.unresolved
    assert all(probe.address.identification == "12345678" for probe in search.unresolved)


def test_meters_that_ignore_the_fabrication_number_do_not_keep_the_search_for_ever():
    twin = FoundMeter(SecondaryAddress("12345678", LUG, 4, 4))
    search = found_by([twin, twin], SearchPlan(makers=(LUG,)), answers_everything=True)
    assert search.unresolved
    assert search.probes < 1000


def test_a_meter_covered_by_its_neighbour_is_found_all_the_same():
    class Covering(World):
        """...86 and ...96 answer at the same moment, and what arrives is the telegram of ...86 alone."""

        def answer(self, probe):
            there = [meter for meter in self.meters if self._hears(probe, meter)]
            if {meter.address.identification[-2:] for meter in there} == {"86", "96"}:
                return Reply(Finding.METER, heat("94158186"))
            return super().answer(probe)

    search = Search()
    run(search, Covering([heat(str(94158186 + step)) for step in range(12)]))
    assert len(search.found) == 12


def test_hex_digits_are_found_in_a_second_pass_only():
    meters = [heat("94158192"), heat("9415819A"), heat("9415819B"), heat("941581B2")]
    assert len(found_by(meters).found) < 4
    assert set(found_by(meters, SearchPlan(hex_digits=True)).found) == set(meters)


def test_nothing_outside_the_wanted_address_is_asked():
    meters = [heat("94158192"), FoundMeter(SecondaryAddress("94158192", OTHER, 1, 7))]
    search = found_by(meters, SearchPlan(within=SecondaryAddress("FFFFFFFF", medium=7)))
    assert search.found == (meters[1],)
    assert search.probes == 1


def test_a_meter_that_answers_selections_only_is_told_as_unresolved():
    search = Search()
    while (probe := search.next()) is not None:
        there = probe.address.matches(SecondaryAddress("94158192", LUG, 4, 4))
        search.report(Reply(Finding.MUTE if there else Finding.SILENCE))
    assert [probe.address.identification for probe in search.unresolved] == ["94158192"] * len(
        search.unresolved
    )
    assert search.unresolved


def test_a_late_answer_that_nobody_stands_behind_is_forgotten():
    search = Search()
    search.report(Reply(Finding.MUTE))
    while search.next() is not None:
        search.report(Reply(Finding.SILENCE))
    assert search.unresolved == ()
    assert search.found == ()


def test_a_disturbed_telegram_is_read_again_instead_of_split_for_ever():
    search = Search(SearchPlan(known=(SecondaryAddress("94158192"),)))
    search.report(Reply(Finding.COLLISION))
    world = World([heat("94158192")])
    run(search, world)
    assert search.found == (heat("94158192"),)
    assert search.unresolved == ()
    assert search.disturbances == 1, "what looked like several was one"
    assert search.times_to_ask == 1, "a disturbance is no reason to disbelieve silence"


def test_silence_is_believed_at_once_on_a_good_line_and_never_on_a_bad_one():
    search = Search()
    assert search.times_to_ask == 1
    search.next()
    search.report(Reply(Finding.COLLISION, lost=2))
    assert search.times_to_ask > 3


def test_what_is_to_be_done_and_what_was_asked_in_vain_is_told():
    search = Search()
    assert search.pending == 1
    root = search.next()
    search.report(Reply(Finding.SILENCE))
    assert search.silences(root) == 1
    search.next()
    search.report(Reply(Finding.COLLISION))
    assert search.silences(root) == 0
    assert search.pending == 10


def test_doubt_asks_all_silent_addresses_again():
    meters = [heat("94158192"), heat("94158193")]
    search = found_by(meters)
    before = search.probes
    assert search.next() is None
    search.doubt()
    run(search, World([*meters, heat("94158195")]))
    assert search.probes == before + 8
    assert len(search.found) == 3


def test_one_of_two_heard_alone_on_a_bad_line_is_noticed():
    search = Search()
    one, other = heat("94158192"), heat("94158193")
    search.report(Reply(Finding.METER, one, lost=1))
    assert search.next() == Probe(EVERYBODY), "asked once more, since an answer was lost"
    search.report(Reply(Finding.METER, other))
    run(search, World([one, other]))
    assert set(search.found) == {one, other}


def test_a_meter_that_falls_silent_when_it_is_confirmed_stays_found():
    search = Search()
    for reply in (Reply(Finding.METER, heat("94158192"), lost=1), Reply(Finding.SILENCE)):
        search.next()
        search.report(reply)
    assert search.next() is None
    assert search.found == (heat("94158192"),)


NUMBERS = st.integers(0, 99_999_999).map(lambda number: f"{number:08d}")
CONSECUTIVE = st.tuples(st.integers(0, 99_999_900), st.integers(1, 30)).map(
    lambda batch: {f"{batch[0] + step:08d}" for step in range(batch[1])}
)


@settings(deadline=None, max_examples=60)
@given(st.sets(NUMBERS, max_size=15) | CONSECUTIVE, st.integers(0, 2**32))
def test_every_meter_is_found_on_a_good_line(numbers, seed):
    meters = [heat(number) for number in sorted(numbers)]
    search = found_by(meters, seed=seed)
    assert set(search.found) == set(meters)
    assert search.unresolved == ()


@settings(deadline=None, max_examples=40)
@given(CONSECUTIVE, st.integers(0, 2**32))
def test_a_line_that_loses_answers_never_invents_a_meter_and_always_ends(numbers, seed):
    meters = [heat(number) for number in sorted(numbers)]
    search = found_by(meters, seed=seed, loss=0.2, single_loss=0.05)
    assert set(search.found) <= set(meters)


def test_of_many_meters_on_a_line_that_loses_a_fifth_all_are_found():
    meters = [heat(str(94158186 + step)) for step in range(12)] + [
        heat(str(30201000 + 7 * n)) for n in range(28)
    ]
    missed = sum(40 - len(found_by(meters, seed=seed, loss=0.2).found) for seed in range(20))
    assert missed == 0

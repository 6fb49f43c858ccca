"""The search strategy against meters that are only addresses: complete, terminating, few probes."""

from dataclasses import dataclass, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mbus.addresses import SecondaryAddress
from app.mbus.probes import Finding, FoundMeter, Probe, Reply, SearchPlan, best_position, fits
from app.mbus.search import NOBODY, Search

LUG = 0x32A7
OTHER = 0x5A57
AT_S = 0.06


def heat(number: str) -> FoundMeter:
    return FoundMeter(SecondaryAddress(number, LUG, 4, 4), "00000000")


@dataclass(frozen=True)
class Habit:
    """How a meter differs from others: which C field it takes, whether it is late, what it sends."""

    fcb: bool | None = None
    late: bool = False
    says: Finding = Finding.METER


ORDINARY = Habit()


class World:
    """Answers probes as a bus would; each meter acknowledges at a time of its own.

    Args:
        meters: who is there.
        habits: of those that differ.
        loss: share of answers that get lost on the way, each meter's for itself.
        in_step: all acknowledge at the same moment, so that several sound like one.
        enhanced: they know the selection by fabrication number.
        stuck: something answers whoever is asked.
    """

    def __init__(self, meters, habits=None, *, loss=0.0, seed=0, in_step=False, enhanced=True, stuck=False):
        self.meters, self.habits = list(meters), habits or {}
        self.loss, self.in_step, self.enhanced, self.stuck = loss, in_step, enhanced, stuck
        self.random = Random(seed)
        self.asked: list[Probe] = []

    def answer(self, probe: Probe) -> Reply:
        self.asked.append(probe)
        if self.stuck:
            return Reply(Finding.SEVERAL, delays_s=(AT_S, 0.1))
        there = [(place, meter) for place, meter in enumerate(self.meters) if self.hears(probe, meter)]
        heard = [(place, meter) for place, meter in there if self.random.random() >= self.loss]
        late = [meter for _, meter in heard if self.habit(meter).late] if probe.patient else []
        prompt = [(place, meter) for place, meter in heard if not self.habit(meter).late]
        if probe.first_answer and probe.patient:
            prompt = heard
        exclusive = probe.compares and any(self.habit(meter).fcb is probe.fcb for _, meter in there)
        reply = replace(self._reply(probe, prompt), is_exclusive=exclusive)
        return replace(reply, late=len(late), late_meter=late[0] if len(late) == 1 else None)

    def habit(self, meter) -> Habit:
        return self.habits.get(meter.address.identification, ORDINARY)

    def hears(self, probe, meter):
        if self.habit(meter).fcb not in (None, probe.fcb):
            return False
        if probe.fabrication_number is not None and not self.enhanced:
            return False
        return fits(probe, meter)

    def _reply(self, probe, heard) -> Reply:
        if not heard:
            return Reply(Finding.SILENCE)
        times = tuple(AT_S if self.in_step else AT_S + 0.05 * place % 0.11 for place, _ in heard)
        if probe.first_answer:
            return Reply(Finding.ACKNOWLEDGED)
        if len(heard) > 1:
            one = self.in_step
            finding = Finding.ACKNOWLEDGED if one and probe.selects_only else Finding.SEVERAL
            return Reply(finding, delays_s=times[:1] if one else times)
        if probe.selects_only:
            return Reply(Finding.ACKNOWLEDGED, delays_s=times)
        meter = heard[0][1]
        says = self.habit(meter).says
        known = meter if says is Finding.METER else None
        # In step a telegram comes after the very time of the acknowledgement.
        telegram_s = times[0] + (0 if self.in_step else 0.004)
        return Reply(says, known, delays_s=times, telegram_delay_s=telegram_s, lost=self._lost())

    def _lost(self) -> int:
        lost = 0
        while self.random.random() < self.loss and lost < 2:
            lost += 1
        return lost


def run(search: Search, world: World, limit: int = 20_000) -> None:
    for _ in range(limit):
        probe = search.next()
        if probe is None:
            return
        assert search.next() == probe, "asking what is next must not change it"
        search.report(world.answer(probe))
    pytest.fail("the search does not end")


def found_by(meters, plan=None, habits=None, **world) -> Search:
    search = Search(plan)
    run(search, World(meters, habits, **world))
    return search


def asked(world: World) -> list[str]:
    return [probe.address.identification for probe in world.asked]


# The root -------------------------------------------------------------------------------------------------


def test_an_empty_bus_is_believed_after_both_c_fields_a_reset_and_a_long_wait():
    world = World([])
    search = Search()
    run(search, world)
    first, other, last = world.asked
    assert (first.fcb, first.patient) == (False, False)
    assert (other.fcb, other.patient, other.resets) == (True, True, True)
    assert (last.fcb, last.patient, last.resets) == (False, True, True)


def test_a_meter_alone_is_found_by_the_first_probe_and_the_census_asks_nobody_else():
    world = World([heat("94158192")])
    search = Search()
    run(search, world)
    assert search.found == (heat("94158192"),)
    assert {probe.address.identification for probe in world.asked} <= {"FFFFFFFF", "94158192"}


def test_the_census_listens_long_once_and_nobody_waits_long_again():
    world = World([heat(str(94158186 + step)) for step in range(12)])
    run(Search(), world)
    assert sum(probe.patient for probe in world.asked) == 1


@pytest.mark.parametrize("in_step", [False, True])
@pytest.mark.parametrize("fcb", [False, True])
def test_a_meter_that_takes_one_c_field_only_is_found_among_those_that_take_both(fcb, in_step):
    meters = [heat(number) for number in ("94158192", "94158193", "30417501", "30417512")]
    habits = {"30417501": Habit(fcb=fcb)}
    assert set(found_by(meters, habits=habits, in_step=in_step).found) == set(meters)


def test_meters_that_each_take_another_c_field_are_all_found():
    meters = [heat(number) for number in ("94158192", "94158193", "30417501")]
    habits = {"94158193": Habit(fcb=True), "30417501": Habit(fcb=False)}
    assert set(found_by(meters, habits=habits).found) == set(meters)


def test_the_other_c_field_costs_nothing_below_everybody():
    meters = [heat(str(94158186 + step)) for step in range(12)]
    world = World(meters)
    run(Search(), world)
    assert not any(probe.fcb for probe in world.asked if probe.address.identification != "FFFFFFFF")


# Late meters ----------------------------------------------------------------------------------------------


def test_one_late_meter_is_found_at_the_root_and_no_other_address_is_waited_for_long():
    meters = [heat(number) for number in ("94158192", "94158193", "30417501")]
    world = World(meters, {"30417501": Habit(late=True)})
    search = Search()
    run(search, world)
    assert set(search.found) == set(meters)
    patient = [probe for probe in world.asked if probe.patient]
    assert all(fits(probe, heat("30417501")) for probe in patient), "only where it answers itself"


def test_late_meters_among_prompt_ones_are_split_with_the_long_window():
    meters = [heat(number) for number in ("94158192", "94158193", "30417501", "30417502", "71503344")]
    habits = {number: Habit(late=True) for number in ("30417501", "30417502", "71503344")}
    assert set(found_by(meters, habits=habits).found) == set(meters)


def test_where_all_are_late_nobody_is_searched_with_the_short_window():
    meters = [heat(str(30417500 + step)) for step in range(8)]
    world = World(meters, {meter.address.identification: Habit(late=True) for meter in meters})
    search = Search()
    run(search, world)
    assert set(search.found) == set(meters)
    assert all(probe.patient for probe in world.asked[1:])


# Digits ---------------------------------------------------------------------------------------------------


def test_consecutive_numbers_split_at_their_last_digit():
    # A delivery of 12: one round of last digits, and one more for each digit that two of them share.
    world = World([heat(str(94158186 + step)) for step in range(12)])
    search = Search()
    run(search, world)
    assert len(search.found) == 12
    digits = [probe for probe in world.asked if "F" in probe.address.identification]
    assert len(digits) == 2 + 10 + 2 * 10
    assert search.unresolved == ()


def test_meters_of_several_deliveries_are_told_apart_by_the_digits_of_their_deliveries():
    """Meters that share their last digit are of different deliveries: the first digits tell them apart."""
    others = ["30417541", "30417542", "71503341", "71503342"]
    assert best_position("FFFFFFF3", others) == 5
    assert best_position("FFFFFFFF", []) == 7
    assert best_position("94158192", others) == -1


def test_what_the_list_knows_guides_the_order():
    meters = [heat(f"{number}0000000") for number in range(1, 8)]
    plan = SearchPlan(known=(meters[0].address, meters[1].address))
    assert len(found_by(meters, plan).found) == 7
    assert found_by(meters, plan).probes < found_by(meters).probes


def test_likely_digits_are_asked_first_and_the_others_in_one_sweep_at_the_end():
    meters = [heat(number) for number in ("94158181", "94158191", "94158182", "94158192")]
    search, world = Search(), World(meters)
    while len(search.found) < 4:
        assert not search.checking_again
        search.report(world.answer(search.next()))
    assert "FFFFFF02" not in asked(world), "nobody has that digit there"
    run(search, world)
    assert search.checking_again
    assert "FFFFFF02" in asked(world)


def test_branches_done_are_told_and_end_at_all_of_them():
    search, world = Search(), World([heat(str(94158186 + step)) for step in range(12)])
    shares = []
    while search.next() is not None:
        search.report(world.answer(search.next()))
        shares.append((search.branches_done, search.branches))
    assert shares == sorted(shares), "what is done never becomes less"
    assert shares[-1] == (10, 10)


def test_hex_digits_are_found_on_wish_only():
    meters = [heat("94158192"), heat("9415819A"), heat("9415819B"), heat("941581B2")]
    assert len(found_by(meters).found) < 4
    assert set(found_by(meters, SearchPlan(hex_digits=True)).found) == set(meters)


def test_nothing_outside_the_wanted_address_is_asked():
    meters = [heat("94158192"), FoundMeter(SecondaryAddress("94158192", OTHER, 1, 7))]
    search = found_by(meters, SearchPlan(within=SecondaryAddress("FFFFFFFF", medium=7)))
    assert search.found == (meters[1],)


# What is known and expected -------------------------------------------------------------------------------


def test_known_meters_are_asked_first_and_found_once():
    world = World([heat("94158192"), heat("94158193")])
    search = Search(SearchPlan(known=(SecondaryAddress("94158193"), SecondaryAddress("11111111"))))
    run(search, world)
    assert asked(world)[:2] == ["94158193", "11111111"]
    assert sorted(meter.address.identification for meter in search.found) == ["94158192", "94158193"]


def test_of_the_known_list_only_nobody_else_is_asked_and_who_is_silent_is_asked_three_ways():
    world = World([heat("94158192"), heat("94158193")])
    known = (SecondaryAddress("94158193"), SecondaryAddress("11111111"))
    search = Search(SearchPlan(known=known, only_known=True))
    run(search, world)
    assert [meter.address.identification for meter in search.found] == ["94158193"]
    silent = [probe for probe in world.asked if probe.address.identification == "11111111"]
    assert [(probe.fcb, probe.patient, probe.resets) for probe in silent] == [
        (False, False, False),
        (True, False, False),
        (True, True, True),
    ]
    assert set(asked(world)) == {"94158193", "11111111"}


@pytest.mark.parametrize("expected", [1, 5, 12])
def test_as_many_meters_as_are_expected_end_the_search(expected):
    meters = [heat(str(94158186 + step)) for step in range(12)]
    search = found_by(meters, SearchPlan(expected=expected))
    assert len(search.found) == expected
    assert found_by(meters, SearchPlan(expected=20)).next() is None, "fewer are there: all has been asked"


# Several meters in step -----------------------------------------------------------------------------------


def test_a_meter_covered_by_its_neighbour_is_found_all_the_same():
    class Covering(World):
        """...86 and ...96 answer at the same moment, and what arrives is the telegram of ...86 alone."""

        def answer(self, probe):
            there = {meter.address.identification[-2:] for meter in self.meters if self.hears(probe, meter)}
            if there == {"86", "96"} and not probe.selects_only:
                self.asked.append(probe)
                return Reply(Finding.METER, heat("94158186"), delays_s=(AT_S,), telegram_delay_s=AT_S)
            return super().answer(probe)

    search = Search()
    run(search, Covering([heat(str(94158186 + step)) for step in range(12)], in_step=True))
    assert len(search.found) == 12


def test_a_telegram_that_is_the_sum_of_two_is_no_meter():
    """In step 13 and 23 add up to the telegram of 03, with a right checksum; nobody has that address."""

    class Adding(World):
        def answer(self, probe):
            there = {meter.address.identification for meter in self.meters if self.hears(probe, meter)}
            if there == {"94158113", "94158123"} and not probe.selects_only:
                self.asked.append(probe)
                return Reply(Finding.METER, heat("94158103"), delays_s=(AT_S,), telegram_delay_s=AT_S)
            return super().answer(probe)

    meters = [heat("94158113"), heat("94158123")]
    search = Search()
    run(search, Adding(meters, in_step=True))
    assert set(search.found) == set(meters)


# One number, several meters -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        SecondaryAddress("12345678", OTHER, 4, 4),
        SecondaryAddress("12345678", LUG, 4, 7),
        SecondaryAddress("12345678", LUG, 5, 4),
    ],
)
def test_equal_numbers_are_split_by_what_meters_of_this_bus_differ_in(other):
    one = FoundMeter(SecondaryAddress("12345678", LUG, 4, 4))
    model = FoundMeter(replace(other, identification="87654321"))
    meters = [one, FoundMeter(other), model]
    search = found_by(meters, enhanced=False)
    assert set(search.found) == set(meters)
    assert search.unresolved == ()


def test_makers_nobody_on_this_bus_has_are_tried_on_wish_only():
    meters = [FoundMeter(SecondaryAddress("12345678", maker, 4, 4)) for maker in (0x1111, 0x2222)]
    told = found_by(meters, enhanced=False)
    assert told.found == ()
    assert [each.finding for each in told.unresolved] == [Finding.SEVERAL]
    plan = SearchPlan(makers=(0x1111, 0x2222), budget_s=None)
    assert set(found_by(meters, plan, enhanced=False).found) == set(meters)


def test_equal_addresses_are_split_by_fabrication_number():
    address = SecondaryAddress("12345678", LUG, 4, 4)
    twins = [FoundMeter(address, "00000071"), FoundMeter(address, "00000082")]
    search = found_by(twins)
    assert set(search.found) == set(twins)
    assert search.unresolved == ()


def test_meters_equal_in_everything_are_named_within_a_budget():
    twin = FoundMeter(SecondaryAddress("12345678", LUG, 4, 4), "00000071")

    class Slowly(World):
        def answer(self, probe):
            return replace(super().answer(probe), elapsed_s=0.3)

    search = Search()
    world = Slowly([twin, twin])
    run(search, world)
    assert [each.probe.address.identification for each in search.unresolved] == ["12345678"]
    at_number = [probe for probe in world.asked if probe.address.identification == "12345678"]
    assert len(at_number) * 0.3 < 3 * search.plan.budget_s


def test_who_ignores_fabrication_numbers_is_recognised_by_two_probes():
    class Ignoring(World):
        def hears(self, probe, meter):
            return super().hears(replace(probe, fabrication_number=None), meter)

    twin = FoundMeter(SecondaryAddress("12345678", LUG, 4, 4))
    world = Ignoring([twin, twin])
    search = Search()
    run(search, world)
    assert search.unresolved
    assert sum(probe.fabrication_number is not None for probe in world.asked) <= 2


# Meters that do not say who they are ----------------------------------------------------------------------


@pytest.mark.parametrize("finding", [Finding.MUTE, Finding.REFUSAL, Finding.BROKEN])
def test_a_meter_that_cannot_be_read_is_named_by_its_number_and_only_its_branch_followed(finding):
    meters = [heat("94158192"), heat("30417501")]
    world = World(meters, {"30417501": Habit(says=finding)})
    search = Search()
    run(search, world)
    (unresolved,) = search.unresolved
    assert unresolved.probe.address.identification == "30417501"
    assert unresolved.finding is finding
    assert len(world.asked) < 2 + 10 + 7 * 10


def test_a_meter_without_a_number_in_its_telegram_is_found_by_following_its_branch():
    search = found_by([heat("30417501")], habits={"30417501": Habit(says=Finding.UNNAMED)})
    assert search.found == (FoundMeter(SecondaryAddress("30417501")),)
    assert search.unresolved == ()


def test_a_mute_meter_that_takes_no_digit_is_named_as_it_was_asked():
    class WildcardsOnly(World):
        def hears(self, probe, meter):
            return probe.address.identification == "FFFFFFFF"

    search = Search()
    run(search, WildcardsOnly([heat("30417501")], {"30417501": Habit(says=Finding.UNNAMED)}))
    assert [each.probe.address.identification for each in search.unresolved] == ["FFFFFFFF"]


# The line itself ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("finding", [Finding.SEVERAL, Finding.MUTE, Finding.UNNAMED, Finding.ACKNOWLEDGED])
def test_a_line_on_which_everything_answers_ends_the_search(finding):
    """Else a stuck or babbling line would be asked for all hundred million numbers."""
    search = Search()
    for _ in range(100):
        if search.next() is None:
            break
        search.report(Reply(finding, delays_s=(AT_S, 0.1)))
    assert search.next() is None
    assert search.is_line_disturbed


def test_silence_now_and_then_does_not_keep_a_stuck_line_going():
    search, random = Search(), Random(1)
    for _ in range(3000):
        if search.next() is None:
            break
        search.report(Reply(Finding.SILENCE if random.random() < 0.2 else Finding.SEVERAL))
    assert search.next() is None


@pytest.mark.parametrize("step", [1, 7919])
def test_two_hundred_and_fifty_meters_are_no_stuck_line(step):
    meters = [heat(f"{step * number:08}") for number in range(250)]
    search = found_by(meters)
    assert len(search.found) == 250
    assert not search.is_line_disturbed


def test_on_a_good_line_hardly_anybody_is_asked_who_does_not_exist():
    world = World([heat(str(94158186 + step)) for step in range(12)])
    run(Search(), world)
    assert sum(probe.address == NOBODY for probe in world.asked) <= 1


# Losses ---------------------------------------------------------------------------------------------------


def test_silence_is_believed_at_once_on_a_good_line_and_not_on_one_that_loses():
    search = Search()
    assert search.times_to_ask == 1
    search.report(Reply(Finding.SEVERAL, lost=2))
    assert search.times_to_ask > 3


def test_more_acknowledged_than_found_is_a_loss():
    """Three acknowledge at an address, and of its digits only two are heard: the third is asked for again."""

    class Forgetful(World):
        def answer(self, probe):
            reply = super().answer(probe)
            last = probe.address.identification[-1] == "5" and self.asked.count(probe) == 1
            return Reply(Finding.SILENCE) if last else reply

    meters = [heat(number) for number in ("94158192", "94158193", "94158195")]
    search = Search()
    run(search, Forgetful(meters))
    assert set(search.found) == set(meters)


def test_a_disturbed_telegram_is_read_again_instead_of_split_for_ever():
    search = Search(SearchPlan(known=(SecondaryAddress("94158192"),)))
    search.report(Reply(Finding.SEVERAL, delays_s=(AT_S,)))
    run(search, World([heat("94158192")]))
    assert search.found == (heat("94158192"),)
    assert search.unresolved == ()
    assert search.disturbances == 1, "what looked like several was one"


def test_a_meter_that_falls_silent_when_it_is_confirmed_stays_found():
    search = Search()
    search.report(Reply(Finding.METER, heat("94158192"), lost=1))
    search.report(Reply(Finding.ACKNOWLEDGED))
    for _ in range(50):
        if search.next() is None:
            break
        search.report(Reply(Finding.SILENCE))
    assert search.found == (heat("94158192"),)


NUMBERS = st.integers(0, 99_999_999).map(lambda number: f"{number:08d}")
CONSECUTIVE = st.tuples(st.integers(0, 99_999_900), st.integers(1, 30)).map(
    lambda batch: {f"{batch[0] + step:08d}" for step in range(batch[1])}
)
HABITS = st.sampled_from(
    [
        ORDINARY,
        ORDINARY,
        Habit(fcb=True),
        Habit(fcb=False),
        Habit(late=True),
        Habit(says=Finding.MUTE),
        Habit(says=Finding.UNNAMED),
    ]
)


@settings(deadline=None, max_examples=80)
@given(st.sets(NUMBERS, max_size=15) | CONSECUTIVE, st.booleans())
def test_every_meter_is_found_on_a_good_line(numbers, in_step):
    meters = [heat(number) for number in sorted(numbers)]
    search = found_by(meters, in_step=in_step)
    assert set(search.found) == set(meters)
    assert search.unresolved == ()


@settings(deadline=None, max_examples=120)
@given(st.dictionaries(NUMBERS | st.sampled_from(["94158192", "94158193", "94158182"]), HABITS, max_size=8))
def test_every_meter_whatever_its_habits_is_found_or_named(habits):
    meters = [heat(number) for number in sorted(habits)]
    search = found_by(meters, habits=habits)
    told = {each.probe.address.identification for each in search.unresolved}
    found = {meter.address.identification for meter in search.found}
    mute = {number for number, habit in habits.items() if habit.says is Finding.MUTE}
    assert found == set(habits) - mute
    assert mute <= told


@settings(deadline=None, max_examples=40)
@given(CONSECUTIVE, st.integers(0, 2**32))
def test_a_line_that_loses_answers_never_invents_a_meter_and_always_ends(numbers, seed):
    meters = [heat(number) for number in sorted(numbers)]
    search = found_by(meters, seed=seed, loss=0.2)
    assert set(search.found) <= set(meters)


def test_of_many_meters_on_a_line_that_loses_a_fifth_hardly_any_is_missed():
    meters = [heat(str(94158186 + step)) for step in range(12)] + [
        heat(str(30201000 + 7 * n)) for n in range(28)
    ]
    missed = sum(40 - len(found_by(meters, seed=seed, loss=0.2).found) for seed in range(20))
    assert missed <= 2

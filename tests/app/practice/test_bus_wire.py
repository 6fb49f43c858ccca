"""The wire: each meter in its own time, deaf in its own way, and adapters as they are."""

from dataclasses import replace
from itertools import accumulate, pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mbus import requests
from app.mbus.addresses import SecondaryAddress
from app.practice.faults import NO_FAULTS, Echo, Faults, Poller, Spoilt
from app.practice.meters import MeterLink, Quirks
from app.practice.pace import LONGEST_S, SHORTEST_S, Hearing, own_delay_s, own_hearing
from app.practice.wire import Wire
from tests.fakes.meters import simple_meter

BAUD = 2400
BYTE_S = 11 / BAUD
EVERYBODY = requests.select(SecondaryAddress("FFFFFFFF")).to_bytes()
REQUEST = requests.req_ud2(0xFD, True).to_bytes()
SELECT_S = len(EVERYBODY) * BYTE_S
NUMBERS = [f"{94158000 + 37 * step:08d}" for step in range(400)]


class Listener:
    """A wire, and what has come over it, byte by byte with its moment."""

    def __init__(self, *meters, faults=NO_FAULTS, seed=0):
        self.faults = faults
        self.wire = Wire([MeterLink(meter) for meter in meters], BAUD, lambda: self.faults, Random(seed))
        self.came = []

    def send(self, moment, data):
        self.listen(moment)
        self.wire.receive(moment, data)

    def listen(self, until):
        while (due := self.wire.next_due) is not None and due <= until:
            self.came += [(due, byte) for byte in self.wire.take(due)]
        self.came += [(until, byte) for byte in self.wire.take(until)]

    @property
    def data(self):
        return bytes(byte for _, byte in self.came)


def meter(delay_s, number="94158192", **settings):
    settings = {"jitter_s": 0, "hearing": Hearing.DEAF_SENDING, **settings}
    return simple_meter(number, response_delay_s=delay_s, **settings)


def test_meters_spread_over_what_the_standard_allows_and_stay_as_they_are():
    addresses = [SecondaryAddress(number, 0x32A7, 4, 4) for number in NUMBERS]
    delays = [own_delay_s(address, BAUD) for address in addresses]
    assert SHORTEST_S <= min(delays) < 0.02
    assert 0.145 < max(delays) <= LONGEST_S
    assert len(set(delays)) > 390
    assert delays == [own_delay_s(address, BAUD) for address in addresses]
    for baud in (300, 9600, 38400):
        for address in addresses:
            assert 11 / baud <= own_delay_s(address, baud) < 330 / baud + 0.05, "within the standard's window"
    habits = [own_hearing(address) for address in addresses]
    assert all(habits.count(habit) > 80 for habit in Hearing)


def test_an_answer_comes_after_the_request_and_the_meters_own_delay():
    listener = Listener(meter(0.042))
    listener.send(10.0, EVERYBODY)
    listener.listen(12)
    assert listener.came == [(pytest.approx(10 + SELECT_S + 0.042 + BYTE_S), 0xE5)]


def test_two_meters_with_delays_of_their_own_are_both_heard():
    listener = Listener(meter(0.03), meter(0.06, "30417501"))
    listener.send(10.0, EVERYBODY)
    listener.listen(12)
    assert listener.data == b"\xe5\xe5"


@pytest.mark.parametrize(
    ("hearing", "delay", "answers"),
    [
        # The request for data falls upon the acknowledgement that is under way: nobody hears it.
        (Hearing.DEAF_SENDING, 0.022, 1),
        (Hearing.DEAF_PREPARING, 0.022, 1),
        (Hearing.CANCELS, 0.022, 1),
        # It comes while the meter still thinks: it answers both, only the first, only the second.
        (Hearing.DEAF_SENDING, 0.12, 1 + 60),
        (Hearing.DEAF_PREPARING, 0.12, 1),
        (Hearing.CANCELS, 0.12, 60),
    ],
)
def test_a_meter_is_deaf_in_its_own_way(hearing, delay, answers):
    listener = Listener(meter(delay, hearing=hearing))
    listener.send(10.0, EVERYBODY)
    listener.send(10 + SELECT_S + 0.02, REQUEST)
    listener.listen(12)
    assert len(listener.data) == answers


def test_a_meter_that_begins_to_answer_in_the_middle_of_a_request_misses_it_unless_it_gives_up():
    begins = 0.02 + 2.5 * BYTE_S
    for hearing, answers in ((Hearing.DEAF_SENDING, 1), (Hearing.CANCELS, 60)):
        listener = Listener(meter(begins, hearing=hearing))
        listener.send(10.0, EVERYBODY)
        listener.send(10 + SELECT_S + 0.02, REQUEST)
        listener.listen(12)
        assert len(listener.data) == answers


@pytest.mark.parametrize(
    ("echo", "heard"),
    [
        (Echo.NONE, b"\xe5" * 2),
        (Echo.FULL, EVERYBODY + b"\xe5" + REQUEST + b"\xe5"),
        (Echo.BLANKED, b"\xe5" * 2),
    ],
)
def test_echo_of_the_converter(echo, heard):
    listener = Listener(
        meter(0.03, quirks=Quirks(mute=True)), meter(0.15, "30417501"), faults=Faults(echo=echo)
    )
    listener.wire._links[1]._data = lambda fcb: None
    listener.send(10.0, EVERYBODY)
    listener.send(10 + SELECT_S + 0.04, REQUEST)
    listener.listen(12)
    assert listener.data == heard


def test_a_partial_echo_lacks_its_beginning():
    listener = Listener(faults=Faults(echo=Echo.PARTIAL))
    listener.send(10.0, EVERYBODY)
    listener.listen(12)
    assert EVERYBODY.endswith(listener.data)
    assert 1 <= len(EVERYBODY) - len(listener.data) <= 3


def test_an_answer_that_falls_into_our_request_is_lost_to_a_blanked_receiver_and_garbles_an_echo():
    came = {}
    for echo in (Echo.NONE, Echo.BLANKED, Echo.FULL):
        listener = Listener(meter(0.05), faults=Faults(echo=echo))
        listener.send(10.0, EVERYBODY)
        listener.send(10 + SELECT_S + 0.045, REQUEST)
        listener.listen(12)
        came[echo] = listener.data
    assert came[Echo.NONE] == b"\xe5"
    assert came[Echo.BLANKED] == b""
    assert came[Echo.FULL] != EVERYBODY + REQUEST
    assert came[Echo.FULL].startswith(EVERYBODY)


def test_portions_and_latencies_delay_and_never_reorder():
    plain = Listener(meter(0.03, size=60))
    for listener in (
        plain,
        late := Listener(
            meter(0.03, size=60),
            faults=Faults(portion_s=0.016, latency_s=0.2, request_latency_s=0.2, latency_jitter_s=0.3),
        ),
    ):
        listener.send(10.0, EVERYBODY)
        listener.listen(12)
        listener.send(12, REQUEST)
        listener.listen(16)
    assert late.data == plain.data
    moments = [moment for moment, _ in late.came]
    assert moments == sorted(moments)
    assert moments[0] >= plain.came[0][0] + 0.4
    assert len(set(moments[1:])) < 30, "several bytes come at once"


@pytest.mark.parametrize(
    ("spoilt", "heard", "marked"),
    [(Spoilt.PASSED, True, 0), (Spoilt.MARKED, True, 1), (Spoilt.DROPPED, False, 0)],
)
def test_what_the_adapter_does_with_a_disturbed_byte(spoilt, heard, marked):
    apart = 3 / BAUD
    listener = Listener(meter(0.05), meter(0.05 + apart, "30417501"), faults=Faults(spoilt=spoilt))
    listener.send(10.0, EVERYBODY)
    listener.listen(12)
    assert bool(listener.data) is heard
    assert min(1, listener.wire.marked) == marked


def test_a_pause_within_a_telegram_and_one_that_stops():
    pausing = Listener(meter(0.03, quirks=Quirks(pause_s=0.12)))
    stopping = Listener(meter(0.03, quirks=Quirks(stops_after=20)))
    for listener in (pausing, stopping):
        listener.send(10.0, EVERYBODY)
        listener.send(11, REQUEST)
        listener.listen(14)
    assert len(pausing.data) == 1 + 60
    moments = [moment for moment, _ in pausing.came][1:]
    longest = max(other - one for one, other in pairwise(moments))
    assert longest == pytest.approx(0.12 + BYTE_S, abs=0.001)
    assert len(stopping.data) == 1 + 20


def test_each_meters_answer_is_lost_for_itself_and_so_is_what_it_hears():
    for faults in (Faults(lost_answers=0.5), Faults(lost_requests=0.5)):
        counts = set()
        for seed in range(12):
            listener = Listener(meter(0.03), meter(0.06, "30417501"), faults=faults, seed=seed)
            listener.send(10.0, EVERYBODY)
            listener.listen(12)
            counts.add(len(listener.data))
        assert counts == {0, 1, 2}


def test_a_meter_that_did_not_hear_another_selection_stays_selected():
    listener = Listener(meter(0.03), meter(0.06, "30417501"))
    listener.send(10.0, requests.select(SecondaryAddress("94158192")).to_bytes())
    listener.listen(11)
    listener.faults = Faults(lost_requests=1.0)
    listener.send(11, requests.select(SecondaryAddress("30417501")).to_bytes())
    listener.listen(12)
    listener.faults = NO_FAULTS
    listener.send(12, REQUEST)
    listener.listen(13)
    assert len(listener.data) == 1 + 60


def test_garbage_and_babble_come_without_anybody_sending():
    garbage = Listener(faults=Faults(garbage=1.0))
    garbage.send(10.0, REQUEST)
    garbage.listen(12)
    assert garbage.data
    babble = Listener(faults=Faults(babble_s=0.05))
    babble.listen(10)
    babble.listen(12)
    assert babble.data == b"\x55" * len(babble.data)
    assert len(babble.data) == pytest.approx(40, abs=2)
    babble.faults = NO_FAULTS
    babble.listen(13)
    count = len(babble.data)
    babble.listen(20)
    assert len(babble.data) == count


POLLER = Poller((requests.snd_nke(7).to_bytes(), requests.req_ud2(7, True).to_bytes()), gap_s=0.5, pause_s=4)


def test_a_second_master_is_heard_through_its_answers():
    listener = Listener(meter(0.03, primary=7), faults=Faults(poller=POLLER))
    listener.listen(10)
    listener.listen(12)
    assert listener.data[:1] == b"\xe5"
    assert len(listener.data) == 1 + 60


def test_an_adapter_that_serves_one_side_at_a_time_swallows_what_the_other_one_asks():
    faults = Faults(poller=replace(POLLER, pause_s=20), hold_s=3.0)
    listener = Listener(meter(0.03, primary=7), faults=faults)
    listener.listen(10)
    listener.send(11.5, EVERYBODY)
    listener.listen(14)
    assert listener.data == b"", "neither what the other one hears nor an answer to us"
    listener.send(16, EVERYBODY)
    listener.listen(17)
    assert listener.data == b"\xe5"


def test_the_same_seed_makes_the_same_bus():
    def told(seed):
        faults = Faults(noise=0.5, lost_answers=0.3, jitter_s=0.02, latency_jitter_s=0.1)
        listener = Listener(*(simple_meter(number) for number in NUMBERS[:5]), faults=faults, seed=seed)
        for step in range(6):
            listener.send(10.0 + step, EVERYBODY if step % 2 == 0 else REQUEST)
        listener.listen(20)
        return listener.came

    assert told(3) == told(3)
    assert told(3) != told(4)


FRAMES = (
    EVERYBODY,
    REQUEST,
    requests.select(SecondaryAddress(NUMBERS[0])).to_bytes(),
    requests.snd_nke(0xFF).to_bytes(),
    requests.req_ud2(0xFE, False).to_bytes(),
    b"\x68\x0b\x0b",
)
troubles = st.builds(
    Faults,
    echo=st.sampled_from(list(Echo)),
    noise=st.sampled_from((0.0, 0.5)),
    lost_bytes=st.sampled_from((0.0, 0.5)),
    garbage=st.sampled_from((0.0, 0.5)),
    babble_s=st.sampled_from((0.0, 0.03)),
    portion_s=st.sampled_from((0.0, 0.016)),
    latency_s=st.sampled_from((0.0, 0.2)),
    latency_jitter_s=st.sampled_from((0.0, 0.5)),
    poller=st.sampled_from((None, POLLER)),
)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0.0, 0.6), st.sampled_from(FRAMES)), max_size=8),
    troubles,
    st.lists(st.floats(10, 16), max_size=30),
    st.integers(0, 100),
)
def test_what_comes_does_not_depend_on_how_often_one_looks(asked, faults, looks, seed):
    """Whoever reads in a tight loop and whoever reads late hear the same."""
    moments = list(accumulate((pause for pause, _ in asked), initial=10.0))[1:]
    steps = [(moment, frame) for moment, (_, frame) in zip(moments, asked, strict=True)]

    def listener():
        made = Listener(*(simple_meter(number) for number in NUMBERS[:4]), faults=faults, seed=seed)
        made.wire.take(10.0)
        return made

    often, late = listener(), listener()
    for moment, frame in sorted([*steps, *((look, b"") for look in looks)], key=lambda step: step[0]):
        if frame:
            often.send(moment, frame)
        else:
            often.listen(moment)
    often.listen(25.0)
    for moment, frame in steps:
        late.wire.receive(moment, frame)
    assert late.wire.take(25.0) == often.data
    came = [moment for moment, _ in often.came]
    assert came == sorted(came)

"""Searches of drawn cellars: every meter found or named, never a wrong value, and an end in bounded time."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from app.bus.errors import BusError
from app.bus.scan import MeterFound, ScanFinished, scan
from app.mbus import requests
from app.practice.faults import NO_FAULTS, Echo, Faults, Poller, Spoilt
from app.practice.meters import Quirks, ResetNeed, SimulatedMeter
from app.practice.pace import Hearing
from tests.fakes.cellars import MAKERS, is_right, url_of
from tests.fakes.meters import fixed_meter, refusing_meter, simple_meter
from tests.fakes.virtual_bus import VirtualBus

ENDLESS_S = 3600.0
ORDINARY = settings(
    deadline=None,
    derandomize=True,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow],
    # An example tells enough as it was drawn; to make it smaller would take minutes.
    phases=[Phase.explicit, Phase.generate],
)


@dataclass(frozen=True)
class Kind:
    """A way in which a meter differs from others, and what a search owes it.

    Attributes:
        make: makes the meter from its number and its pace.
        readable: whether it must be found and read; otherwise its number must be named.
        extra_s: how much longer a search may take because of it.
    """

    make: object
    readable: bool = True
    extra_s: float = 0.0


def of(readable: bool = True, extra_s: float = 0.0, **options) -> Kind:
    return Kind(lambda number, pace: simple_meter(number, **{**pace, **options}), readable, extra_s)


def fixed(number, pace):
    return fixed_meter(number, **{name: value for name, value in pace.items() if name != "manufacturer"})


def refusing(ci, data):
    def make(number, pace):
        pace = {name: value for name, value in pace.items() if name != "manufacturer"}
        return refusing_meter(number, ci=ci, data=data, **pace)

    return make


KINDS = {
    "ordinary": of(),
    "large": of(size=255),
    "two telegrams": of(telegrams=2),
    "resumes in the middle": of(telegrams=3, quirks=Quirks(resumes=True), extra_s=10),
    "ignores the FCB": of(quirks=Quirks(ignores_fcb=True)),
    "stuck at its first telegram": of(telegrams=3, quirks=Quirks(stuck=True), extra_s=10),
    "always more to follow": of(endless=True, extra_s=10),
    "makes its telegram anew": of(quirks=Quirks(remakes=True)),
    "only C = 73": of(quirks=Quirks(select_fcb=True), extra_s=30),
    "only C = 53": of(quirks=Quirks(select_fcb=False)),
    "only 7B": of(quirks=Quirks(first_fcb=True)),
    "only 5B": of(quirks=Quirks(first_fcb=False), extra_s=10),
    "no selection before SND_NKE": of(quirks=Quirks(needs_reset=ResetNeed.SELECTION), extra_s=30),
    "no telegram before SND_NKE": of(quirks=Quirks(needs_reset=ResetNeed.DATA), extra_s=30),
    "busy": of(quirks=Quirks(busy_s=1.5), extra_s=20),
    "pauses": of(quirks=Quirks(pause_s=0.12), extra_s=10),
    "only wildcards": of(quirks=Quirks(wildcard_fields=True), extra_s=10),
    "any maker": of(quirks=Quirks(ignores_fields=True)),
    "any fabrication number": of(quirks=Quirks(ignores_record=True)),
    "no enhanced selection": of(quirks=Quirks(enhanced=False)),
    "slow": of(response_delay_s=1.5, extra_s=40),
    "hardly in time": of(response_delay_s=1.95, jitter_s=0.05, extra_s=40),
    "fixed structure": Kind(fixed, extra_s=20),
    "mute": of(readable=False, extra_s=40, quirks=Quirks(mute=True)),
    "stops in mid telegram": of(readable=False, extra_s=40, quirks=Quirks(stops_after=25)),
    "too many readouts": Kind(refusing(0x70, b"\x09"), readable=False, extra_s=40),
    "only its maker's words": Kind(refusing(0xA2, bytes(range(20))), readable=False, extra_s=40),
}

paces = st.fixed_dictionaries(
    {
        "response_delay_s": st.floats(0.015, 0.15),
        "jitter_s": st.sampled_from((0.0, 0.002, 0.01)),
        "hearing": st.sampled_from(list(Hearing)),
        "manufacturer": st.sampled_from(MAKERS),
    }
)
kinds = st.one_of(st.just("ordinary"), st.just("ordinary"), st.sampled_from(sorted(KINDS)))
numbers = st.one_of(
    st.integers(94158180, 94158199), st.integers(30417500, 30417560), st.integers(0, 99999999)
)
adapters = st.builds(
    Faults,
    echo=st.sampled_from(list(Echo)),
    spoilt=st.sampled_from((Spoilt.PASSED, Spoilt.MARKED)),
    portion_s=st.sampled_from((0.0, 0.0, 0.016, 0.05)),
    request_latency_s=st.sampled_from((0.0, 0.0, 0.001, 0.05, 0.2)),
    latency_s=st.sampled_from((0.0, 0.0, 0.001, 0.05, 0.2)),
    latency_jitter_s=st.sampled_from((0.0, 0.0, 0.01, 0.1)),
)
cellars = st.dictionaries(numbers.map("{:08d}".format), st.tuples(kinds, paces), min_size=1, max_size=8)


def drawn_meters(drawn) -> dict[str, tuple[Kind, SimulatedMeter]]:
    return {number: (KINDS[kind], KINDS[kind].make(number, pace)) for number, (kind, pace) in drawn.items()}


def searched(bus):
    async def scenario():
        async with bus.master() as master, aclosing(scan(master)) as events:
            return [event async for event in events]

    return asyncio.run(scenario())


def round_trip(faults: Faults) -> float:
    return faults.request_latency_s + faults.latency_s + 2 * faults.latency_jitter_s + faults.portion_s


def told(events) -> str:
    return " | ".join(
        f"{getattr(event, 'address', '')} {event.message}" for event in events if hasattr(event, "message")
    )


def check_values(meters, events):
    for event in events:
        if isinstance(event, MeterFound):
            records = event.readout.telegram.records
            assert is_right(meters, event.meter.address, records), f"a wrong value: {event.readout.raw.hex()}"


def check_all_there(meters, events):
    """Every readable meter found exactly once, every other one named."""
    found = [event.meter.address for event in events if isinstance(event, MeterFound)]
    words = told(events)
    for number, (kind, meter) in meters.items():
        times = sum(address.matches(meter.address) for address in found)
        if kind.readable:
            assert times == 1, f"{number} was found {times} times; told: {words}"
        else:
            assert not times, f"{number} cannot be read, and yet it was"
            assert number in words, f"{number} was not named: {words}"


@ORDINARY
@given(cellars, adapters, st.integers(0, 10))
def test_every_meter_is_found_or_named_and_no_value_is_wrong(drawn, faults, seed):
    meters = drawn_meters(drawn)
    everybody = [meter for _, meter in meters.values()]
    bus = VirtualBus(*everybody, faults=faults, seed=seed, url=url_of(faults), limit_s=ENDLESS_S)
    events = searched(bus)
    check_values(everybody, events)
    check_all_there(meters, events)
    assert isinstance(events[-1], ScanFinished)
    # A mixed bus takes about 2.2 s a meter; more round trips cost what they cost.
    odd = sum(kind.extra_s for kind, _ in meters.values())
    limit = (15 + 6 * len(meters) + odd) * (1 + 4 * round_trip(faults))
    assert bus.clock.time - 1000 < limit


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("echo", [Echo.FULL, Echo.BLANKED])
def test_a_meter_of_each_kind_is_found_or_named_alone_and_among_others(kind, echo):
    for others in (0, 3):
        meters = {
            f"{94158192 + step:08d}": (
                KINDS["ordinary"],
                KINDS["ordinary"].make(f"{94158192 + step:08d}", {}),
            )
            for step in range(1, others + 1)
        }
        meters["94158192"] = (KINDS[kind], KINDS[kind].make("94158192", {}))
        everybody = [meter for _, meter in meters.values()]
        bus = VirtualBus(*everybody, faults=Faults(echo=echo), seed=others, limit_s=ENDLESS_S)
        events = searched(bus)
        check_values(everybody, events)
        check_all_there(meters, events)
        assert bus.clock.time - 1000 < 15 + 6 * len(meters) + KINDS[kind].extra_s


@ORDINARY
@given(
    st.dictionaries(numbers.map("{:08d}".format), paces, min_size=1, max_size=4),
    st.sampled_from(("identical", "other maker", "other fabrication number")),
    paces,
    adapters,
    st.integers(0, 10),
)
def test_two_meters_with_one_number_are_told_apart_or_named(drawn, differing, pace, faults, seed):
    others = [simple_meter(number, **own) for number, own in drawn.items()]
    number = next(iter(drawn))
    first = others[0]
    # Equal meters exactly in step are one meter on the wire: nobody can tell.
    apart = abs(pace["response_delay_s"] - drawn[number]["response_delay_s"]) > 0.005
    assume(differing != "identical" or apart or pace["jitter_s"] or drawn[number]["jitter_s"])
    if differing == "other maker":
        maker = next(maker for maker in MAKERS if maker != first.address.manufacturer)
        second = simple_meter(number, **{**pace, "manufacturer": maker})
        unreadable = set()
    else:
        options = {} if differing == "identical" else {"fabrication_number": "00000082"}
        pace = {**pace, "manufacturer": first.address.manufacturer}
        second = simple_meter(number, **pace, **options)
        if options:
            others[0] = first = simple_meter(number, **drawn[number], fabrication_number="00000071")
        unreadable = set() if options else {number}
    meters = [*others, second]
    bus = VirtualBus(*meters, faults=faults, seed=seed, url=url_of(faults), limit_s=ENDLESS_S)
    events = searched(bus)
    check_values(meters, events)
    found = [event for event in events if isinstance(event, MeterFound)]
    there = [meter for meter in meters if meter.address.identification not in unreadable]
    missing = [
        meter for meter in there if not any(event.meter.address.matches(meter.address) for event in found)
    ]
    assert not missing
    assert len(found) == len(there), "each one once"
    assert all(number in told(events) for number in unreadable)
    assert bus.clock.time - 1000 < (60 + 6 * len(meters)) * (1 + 4 * round_trip(faults))


@ORDINARY
@given(
    cellars,
    st.sampled_from(
        (
            Faults(lost_answers=0.1),
            Faults(lost_answers=0.3),
            Faults(lost_requests=0.1),
            Faults(lost_bytes=0.2),
            Faults(noise=0.2),
            Faults(noise=0.3, echo=Echo.FULL),
            Faults(garbage=0.3),
            Faults(garbage=1.0),
            Faults(babble_s=0.03),
            Faults(babble_s=1.7),
            Faults(spoilt=Spoilt.DROPPED, jitter_s=0.01),
            Faults(
                poller=Poller(
                    (requests.snd_nke(3).to_bytes(), requests.req_ud2(3, True).to_bytes()), 0.6, 2.0
                )
            ),
            Faults(
                poller=Poller(
                    (requests.snd_nke(3).to_bytes(), requests.req_ud2(3, True).to_bytes()), 0.6, 5.0
                ),
                hold_s=3.0,
            ),
            Faults(latency_s=0.25, latency_jitter_s=0.25, request_latency_s=0.1, lost_answers=0.1),
        )
    ),
    st.integers(0, 1000),
)
def test_on_a_bad_line_a_search_ends_no_value_is_wrong_and_the_next_reading_works(drawn, faults, seed):
    meters = [meter for _, meter in drawn_meters(drawn).values()]
    reader = simple_meter("12345678", primary=3)
    meters.append(reader)
    bus = VirtualBus(*meters, faults=faults, seed=seed, url=url_of(faults), limit_s=ENDLESS_S)

    async def scenario():
        async with bus.master() as master:
            async with aclosing(scan(master)) as stream:
                events = [event async for event in stream]
            took = bus.clock.time - 1000
            # The first request after the trouble may still meet its last bytes.
            bus.port.faults = replace(NO_FAULTS, echo=faults.echo)
            return events, took, await master.read_secondary(reader.address)

    events, took, readout = asyncio.run(scenario())
    check_values(meters, events)
    assert isinstance(events[-1], ScanFinished)
    assert took < 1500
    assert is_right(meters, reader.address, readout.telegram.records)


@ORDINARY
@given(cellars, adapters, st.integers(0, 10), st.data())
def test_a_read_of_a_full_address_gives_its_values_or_says_why_not(drawn, faults, seed, data):
    meters = drawn_meters(drawn)
    everybody = [meter for _, meter in meters.values()]
    number = data.draw(st.sampled_from(sorted(meters)))
    kind, meter = meters[number]
    bus = VirtualBus(*everybody, faults=faults, seed=seed, url=url_of(faults), limit_s=ENDLESS_S)

    async def scenario():
        async with bus.master() as master:
            return await master.read_secondary(meter.address)

    refuses = kind in (KINDS["too many readouts"], KINDS["only its maker's words"])
    if refuses:
        # What it says is kept, and told as no reading.
        assert asyncio.run(scenario()).telegram.no_reading is not None
    elif kind.readable and not meter.quirks.wildcard_fields:
        readout = asyncio.run(scenario())
        assert is_right([meter], meter.address, readout.telegram.records)
    else:
        with pytest.raises(BusError):
            asyncio.run(scenario())
    assert bus.clock.time - 1000 < 60

"""The asyncio face: one at a time, cancelled at once, closed safely, and the line usable afterwards."""

import asyncio
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bus.errors import Cancelled, PortClosed, PortGone, PortLost
from app.bus.port import READ_SLICE_S
from app.mbus.addresses import SecondaryAddress
from app.practice.faults import Faults
from tests.fakes.meters import simple_meter
from tests.fakes.virtual_bus import VirtualBus

ADDRESS = SecondaryAddress("94158192")
OTHER = SecondaryAddress("94158193")


def bus_of_two(**options):
    return VirtualBus(simple_meter("94158192"), simple_meter("94158193"), **options)


def test_tasks_that_ask_at_once_are_served_one_after_the_other():
    bus = bus_of_two()

    async def scenario():
        async with bus.master() as master:
            return await asyncio.gather(*(master.read_secondary(each) for each in (ADDRESS, OTHER) * 3))

    numbers = [readout.telegram.header.identification for readout in asyncio.run(scenario())]
    assert numbers == ["94158192", "94158193"] * 3
    frames = [request[0] for request in bus.port.requests]
    assert frames == [0x68, 0x10] * 6, "no selection is broken by another"


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 60))
def test_a_read_cancelled_anywhere_ends_within_a_slice_and_the_next_one_works(reads):
    bus = bus_of_two()

    async def scenario():
        async with bus.master() as master:
            task = asyncio.create_task(master.read_secondary(ADDRESS))
            loop = asyncio.get_running_loop()
            times = []

            def on_read():
                times.append(bus.clock.time)
                if len(times) == reads:
                    # The real port thread would be in its slice now: wait until the loop has cancelled.
                    loop.call_soon_threadsafe(task.cancel)
                    assert master._line.stop.wait(5)

            bus.port.on_read = on_read
            await asyncio.wait({task})
            bus.port.on_read = lambda: None
            if task.cancelled():
                assert bus.clock.time - times[reads - 1] <= 2 * READ_SLICE_S
            readout = await master.read_secondary(OTHER)
            assert readout.telegram.header.identification == "94158193"
            assert readout.attempts == 1

    asyncio.run(scenario())


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 70))
def test_a_port_that_vanishes_anywhere_is_named_and_leaves_nothing_open(delivered):
    bus = bus_of_two(faults=Faults(unplug_after=delivered))

    async def scenario():
        async with bus.master() as master:
            try:
                await master.read_secondary(ADDRESS)
            except PortLost:
                return False
            return True

    complete = asyncio.run(scenario())
    assert complete is (delivered >= 61), "one E5 and a telegram of 60 bytes"
    assert bus.port.closed


def test_closing_ends_what_is_under_way_and_what_waits():
    bus = VirtualBus(simple_meter())

    async def scenario():
        master = bus.master()
        await master.open()
        reached = threading.Event()
        go_on = threading.Event()

        def on_read():
            reached.set()
            go_on.wait(5)

        bus.port.on_read = on_read
        first = asyncio.create_task(master.read_secondary(ADDRESS))
        second = asyncio.create_task(master.read_secondary(ADDRESS))
        await asyncio.to_thread(reached.wait, 5)
        closing = asyncio.create_task(master.close())
        await asyncio.sleep(0)
        go_on.set()
        await closing
        with pytest.raises(Cancelled):
            await first
        with pytest.raises(PortClosed):
            await second
        assert not master.is_open

    asyncio.run(scenario())
    assert bus.port.closed


def test_a_close_that_is_cancelled_while_it_waits_closes_all_the_same_and_the_master_opens_again():
    """The window ends its tasks when it closes: the port must not stay taken, nor later reads be refused."""
    bus = VirtualBus(simple_meter())

    async def scenario():
        master = bus.master()
        await master.open()
        reached, go_on = threading.Event(), threading.Event()

        def on_read():
            reached.set()
            go_on.wait(5)

        bus.port.on_read = on_read
        reading = asyncio.create_task(master.read_secondary(ADDRESS))
        await asyncio.to_thread(reached.wait, 5)
        closing = asyncio.create_task(master.close())
        await asyncio.sleep(0)
        closing.cancel()
        go_on.set()
        await asyncio.wait({reading, closing})
        assert closing.cancelled()
        assert isinstance(reading.exception(), Cancelled)
        assert not master.is_open
        assert bus.port.closed
        await master.open()
        await master.read_secondary(ADDRESS)
        await master.close()

    asyncio.run(scenario())
    assert all(port.closed for port in bus.ports)


def test_a_closed_master_can_be_opened_again():
    bus = VirtualBus(simple_meter())

    async def scenario():
        master = bus.master()
        for _ in range(2):
            await master.open()
            await master.open()
            await master.read_secondary(ADDRESS)
            await master.close()
            await master.close()

    asyncio.run(scenario())
    assert len(bus.ports) == 2
    assert all(port.closed for port in bus.ports)


def test_a_port_opened_while_the_task_was_cancelled_is_closed_again():
    bus = VirtualBus(simple_meter())
    reached, go_on = threading.Event(), threading.Event()

    def opener(url, line):
        reached.set()
        go_on.wait(5)
        return bus.open(url, line)

    async def scenario():
        master = bus.master()
        master._opener = opener
        task = asyncio.create_task(master.open())
        await asyncio.to_thread(reached.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not master.is_open, "the task has ended although the port is still being opened"
        go_on.set()

    asyncio.run(scenario())
    for thread in threading.enumerate():
        if thread.name.startswith("mbus-port"):
            thread.join()
    assert bus.port.closed


def test_a_port_that_cannot_be_opened_can_be_tried_again():
    bus = VirtualBus(simple_meter())
    failures = [PortGone.__new__(PortGone)]

    async def scenario():
        master = bus.master()
        opener = master._opener

        def fail_once(url, line):
            if failures:
                raise failures.pop()
            return opener(url, line)

        master._opener = fail_once
        with pytest.raises(PortGone):
            await master.open()
        await master.open()
        await master.read_secondary(ADDRESS)
        await master.close()

    asyncio.run(scenario())


def test_the_line_is_traced_with_its_settings():
    bus = VirtualBus(simple_meter())

    async def scenario():
        async with bus.master() as master:
            await master.read_secondary(ADDRESS)
            return master.trace.entries(), master.baud, master.url

    entries, baud, url = asyncio.run(scenario())
    assert entries[0].note == "line at 2400 8E1"
    assert b"".join(entry.data for entry in entries if entry.direction.value == "sent") == b"".join(
        bus.port.requests
    )
    assert (baud, url) == (2400, "virtual")

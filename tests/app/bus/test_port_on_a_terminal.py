"""The port on a real terminal: read, taken, pulled, changed in its rate (POSIX only; Windows has no pty)."""

import asyncio
import threading

import pytest

from app.bus.errors import PortBusy, PortGone, PortLost
from app.bus.master import BusMaster
from app.bus.port import LineSettings, open_port
from app.bus.trace import Direction
from app.mbus.addresses import SecondaryAddress
from tests.fakes.meters import simple_meter

termios = pytest.importorskip("termios", reason="this system has no POSIX terminals")
terminals = pytest.importorskip("tests.fakes.pty_bus")
pty_bus, flags, lock = terminals.pty_bus, terminals.flags, terminals.lock

ADDRESS = SecondaryAddress("94158192")
FAST = LineSettings(baud=38400)


def test_a_meter_is_read_and_ff_comes_through_marks():
    # A version of FF would be escaped as FF FF on a line that marks parity errors.
    meter = simple_meter(manufacturer=0xA7FF)
    with pty_bus(meter) as (path, _):

        async def scenario():
            async with BusMaster(path, FAST) as master:
                readout = await master.read_secondary(ADDRESS)
                return readout, flags(path)

        readout, input_flags = asyncio.run(scenario())
    assert b"\xff" in readout.raw
    assert readout.telegram.header.identification == "94158192"
    assert input_flags & termios.PARMRK, "parity errors are marked"
    assert input_flags & termios.INPCK


def test_a_port_that_another_program_has_is_named_busy():
    with pty_bus() as (path, _):
        other = lock(path)
        with pytest.raises(PortBusy) as caught:
            open_port(path, FAST)
        other.close()
        open_port(path, FAST).close()
    assert path in str(caught.value.message)
    assert caught.value.advice is not None


def test_our_own_port_keeps_others_out():
    with pty_bus() as (path, _):
        port = open_port(path, FAST)
        with pytest.raises(OSError, match="temporarily unavailable"):
            lock(path)
        port.close()


def test_a_port_unplugged_in_mid_read_is_lost_and_another_is_read_afterwards():
    async def scenario():
        with pty_bus(simple_meter(size=250), baud=2400) as (path, unplug):
            async with BusMaster(path, LineSettings()) as master:
                reading = asyncio.create_task(master.read_secondary(ADDRESS))
                await asyncio.to_thread(_wait_for_a_telegram, master.trace)
                await asyncio.to_thread(unplug)
                with pytest.raises(PortLost) as caught:
                    await reading
        with pytest.raises(PortGone):
            open_port(path, FAST)
        with pty_bus(simple_meter()) as (path, _):
            async with BusMaster(path, FAST) as master:
                await master.read_secondary(ADDRESS)
        return caught.value

    assert "vanished" in str(asyncio.run(scenario()).message)


def _wait_for_a_telegram(trace):
    def begins(entry):
        return entry.direction is Direction.RECEIVED and entry.data[:1] == b"\x68"

    while not any(begins(entry) for entry in trace.entries()):
        pass


def test_rates_are_changed_on_the_open_port_and_marks_stay():
    with pty_bus(simple_meter(), baud=9600) as (path, _):

        async def scenario():
            async with BusMaster(path, FAST) as master:
                await master.set_baud(9600)
                return await master.read_secondary(ADDRESS), flags(path)

        readout, input_flags = asyncio.run(scenario())
    assert readout.baud == 9600
    assert input_flags & termios.PARMRK


def test_no_thread_is_left_behind():
    with pty_bus(simple_meter()) as (path, _):

        async def scenario():
            async with BusMaster(path, FAST) as master:
                await master.read_secondary(ADDRESS)

        before = set(threading.enumerate())
        asyncio.run(scenario())
    for thread in threading.enumerate():
        if thread.name.startswith("mbus-port"):
            thread.join(5)
    assert set(threading.enumerate()) <= before

"""A master that is not ours (pyMeterBus) reads the practice bus over TCP and gets the same values.

It is not among the program's dependencies: the test runs where ``meterbus`` can be imported, or with the
interpreter that the variable ``MBUS_PEER_PYTHON`` names.
"""

import asyncio
import json
import os
import subprocess
import sys
from datetime import datetime

import pytest

from app.bus.master import BusMaster
from app.bus.port import LineSettings
from app.mbus.addresses import SecondaryAddress
from app.mbus.records import Number
from app.practice.building import DOCUMENTED_METER, practice_building
from app.practice.bus_server import PracticeBus

PEER = os.environ.get("MBUS_PEER_PYTHON", sys.executable)
NOW = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001 - a meter's clock knows no zone
BAUD = 9600

SCRIPT = """
import json, sys
import meterbus, serial

url, number, primary = sys.argv[1:4]
with serial.serial_for_url(url, 9600, 8, "E", 1, timeout=0.5) as port:
    def frame():
        return meterbus.load(meterbus.recv_frame(port, 1))

    meterbus.send_select_frame(port, number + "FFFFFFFF")
    assert isinstance(frame(), meterbus.TelegramACK), "the selection was not confirmed"
    meterbus.send_request_frame(port, meterbus.ADDRESS_NETWORK_LAYER)
    by_secondary = frame()
    meterbus.send_ping_frame(port, int(primary))
    assert isinstance(frame(), meterbus.TelegramACK), "the reset was not confirmed"
    meterbus.send_request_frame(port, int(primary))
    by_primary = frame()
    telegrams = (by_secondary, by_primary)
    values = [[record.interpreted["value"] for record in telegram.records] for telegram in telegrams]
    number = "".join(f"{part:02X}" for part in by_secondary.body.bodyHeader.id_nr_field.parts[::-1])
    print(json.dumps([values, number], default=str))
"""


def has_peer() -> bool:
    check = subprocess.run([PEER, "-c", "import meterbus"], capture_output=True, check=False)
    return check.returncode == 0


@pytest.fixture(scope="module")
def peer():
    if not has_peer():
        pytest.skip("pyMeterBus is not installed (extra 'benchmark'), or MBUS_PEER_PYTHON does not name it")
    return PEER


def test_a_foreign_master_reads_the_same_values(peer):
    building = practice_building(now=NOW)
    primary = building.meter(DOCUMENTED_METER).primary
    with PracticeBus(building, baud=BAUD) as bus:
        url = bus.start()
        said = subprocess.run(
            [peer, "-c", SCRIPT, url, DOCUMENTED_METER, str(primary)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert said.returncode == 0, said.stderr
        ours = asyncio.run(read(url))
    (by_secondary, by_primary), number = json.loads(said.stdout)
    assert by_secondary == by_primary
    assert len(by_secondary) == len(ours.telegram.records)
    # The peer tells days in seconds.
    compared = [
        (float(theirs), float(record.value.to_decimal()) * (86400 if record.unit == "d" else 1))
        for theirs, record in zip(by_secondary, ours.telegram.records, strict=True)
        if isinstance(record.value, Number)
    ]
    assert len(compared) == 13
    assert [theirs for theirs, _ in compared] == [pytest.approx(mine) for _, mine in compared]
    assert number == DOCUMENTED_METER


async def read(url):
    async with BusMaster(url, LineSettings(baud=BAUD)) as master:
        return await master.read_secondary(SecondaryAddress(DOCUMENTED_METER))

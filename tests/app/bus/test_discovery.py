"""Ports as a person knows them, and how they come and go."""

from types import SimpleNamespace

import pytest

from app.bus import discovery
from app.bus.discovery import SerialPort, describe_port, diff_ports, find_adapter, list_serial_ports


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"url": "COM5", "manufacturer": "Relay", "product": "MicroMaster"}, "Relay MicroMaster (COM5)"),
        (
            {"url": "/dev/ttyUSB0", "manufacturer": "FTDI", "product": "FTDI USB Cable"},
            "FTDI USB Cable (ttyUSB0)",
        ),
        ({"url": "COM3", "description": "USB Serial Port (COM3)"}, "USB Serial Port (COM3)"),
        (
            {"url": "COM3", "description": "USB Serial Port (COM3)", "manufacturer": "FTDI"},
            "FTDI USB Serial Port (COM3)",
        ),
        ({"url": "/dev/ttyS0", "description": "n/a"}, "ttyS0"),
        ({"url": "/dev/ttyS0", "description": "ttyS0"}, "ttyS0"),
    ],
)
def test_names(told, name):
    assert describe_port(**told).name == name


def test_usb_adapters_come_first_and_numbers_count_as_numbers(monkeypatch):
    def info(device, vid=None):
        return SimpleNamespace(
            device=device,
            manufacturer=None,
            product=None,
            description="n/a",
            serial_number=None,
            vid=vid,
            pid=vid,
        )

    found = [info("COM1"), info("COM10", 1), info("COM9", 1)]
    monkeypatch.setattr(discovery.list_ports, "comports", lambda: found)
    assert [port.url for port in list_serial_ports()] == ["COM9", "COM10", "COM1"]


ONE = SerialPort("COM5", "A", vid=0x0403, pid=0x6001, serial_number="X1")
MOVED = SerialPort("COM7", "A", vid=0x0403, pid=0x6001, serial_number="X1")
BUILT_IN = SerialPort("COM1", "B")


def test_changes_between_two_looks():
    changes = diff_ports([ONE, BUILT_IN], [BUILT_IN, MOVED])
    assert changes.came == (MOVED,)
    assert changes.gone == (ONE,)
    assert diff_ports([ONE], [ONE]) == discovery.PortChanges()


def test_an_adapter_is_known_again_on_another_port():
    assert ONE.key == "0403:6001:X1"
    assert find_adapter(ONE.key, [BUILT_IN, MOVED]) == MOVED
    assert BUILT_IN.key is None


def test_of_adapters_that_are_alike_none_is_guessed():
    twins = [SerialPort(url, "A", vid=1, pid=2) for url in ("COM5", "COM6")]
    assert find_adapter(twins[0].key, twins) is None
    assert find_adapter(twins[0].key, twins[:1]) == twins[0]

"""What the operating system says about a port, in words with a next step."""

import errno

import pytest
import serial

from app.bus import port_errors
from app.bus.errors import PortBusy, PortForbidden, PortGone, PortUnusable
from app.bus.port import LineSettings, SerialLine, open_port
from app.bus.port_errors import losing_error, opening_error, permission_command, running_thieves


def system(code):
    return serial.SerialException(code, "could not open port")


@pytest.fixture(autouse=True)
def no_thieves(monkeypatch):
    monkeypatch.setattr(port_errors, "running_thieves", lambda: ())


@pytest.mark.parametrize(
    ("url", "error", "kind"),
    [
        ("/dev/ttyUSB0", system(errno.ENOENT), PortGone),
        ("/dev/ttyUSB0", system(errno.EIO), PortGone),
        ("/dev/ttyUSB0", system(errno.EBUSY), PortBusy),
        ("/dev/ttyUSB0", system(errno.EAGAIN), PortBusy),
        ("/dev/ttyUSB0", serial.SerialException("odd"), PortUnusable),
        ("/dev/ttyUSB0", ValueError("Not a valid baudrate: 0"), PortUnusable),
        ("COM5", serial.SerialException("could not open port 'COM5': FileNotFoundError(2, 'x')"), PortGone),
        ("socket://h:1", serial.SerialException("Could not open port: refused"), PortGone),
        ("socket://h:x", serial.SerialException("expected a string in the form ..."), PortUnusable),
    ],
)
def test_each_kind_of_trouble_has_its_error_and_advice(url, error, kind):
    told = opening_error(url, error)
    assert type(told) is kind
    assert url in str(told.message)
    assert told.advice is not None


@pytest.mark.parametrize(
    "url",
    [
        "socket://192.168.1.50",
        "socket://192.168.1.50:",
        "socket://192.168.1.50:0",
        "socket://192.168.1.50:99999",
        "socket://192.168.1.50:x",
        "socket://:10001",
        "socket://[fe80:10001",
        "SOCKET://",
        "rfc2217://converter",
    ],
)
def test_a_converter_without_host_or_port_is_no_port_and_told_in_a_sentence(url):
    """Not as a converter that does not answer, nor in the words of Python."""
    with pytest.raises(PortUnusable) as caught:
        open_port(url, LineSettings())
    assert "port number" in str(caught.value.message)
    assert "socket://192.168.1.50:10001" in str(caught.value.advice)


def test_a_forbidden_port_gives_the_exact_line_to_type(monkeypatch):
    monkeypatch.setattr(port_errors.sys, "platform", "linux")
    monkeypatch.setattr(port_errors.getpass, "getuser", lambda: "anna")
    monkeypatch.setattr(port_errors, "_group", lambda device: "dialout")
    told = opening_error("/dev/ttyUSB0", system(errno.EACCES))
    assert type(told) is PortForbidden
    assert "sudo usermod -aG dialout anna" in str(told.advice)


def test_the_group_is_dialout_where_the_device_cannot_be_asked(monkeypatch):
    monkeypatch.setattr(port_errors.getpass, "getuser", lambda: "anna")
    assert permission_command("/nowhere/ttyUSB0") == "sudo usermod -aG dialout anna"


def test_windows_says_access_denied_when_a_port_is_taken(monkeypatch):
    monkeypatch.setattr(port_errors.sys, "platform", "win32")
    error = serial.SerialException("could not open port 'COM5': PermissionError(13, 'Access is denied.')")
    assert type(opening_error("COM5", error)) is PortBusy


def test_a_program_that_takes_adapters_is_named(monkeypatch):
    monkeypatch.setattr(port_errors, "running_thieves", lambda: ("ModemManager",))
    assert "ModemManager" in str(opening_error("/dev/ttyUSB0", system(errno.EBUSY)).advice)
    lost = losing_error("/dev/ttyUSB0", OSError("gone"))
    assert "ModemManager" in str(lost.message)
    assert "ModemManager" not in str(losing_error("socket://h:1", OSError("gone")).message)


def test_programs_are_recognised_by_their_name(tmp_path):
    for number, name in (("12", "brltty\n"), ("13", "bash\n"), ("14", "ModemManager\n"), ("15", None)):
        (tmp_path / number).mkdir()
        if name is not None:
            (tmp_path / number / "comm").write_text(name)
    assert running_thieves(tmp_path) == ("ModemManager", "brltty")
    assert running_thieves(tmp_path / "missing") == ()


@pytest.mark.parametrize("url", ["nonsense://x", "socket://", "socket://host", "rfc2217://", "loop", ""])
def test_what_is_no_port_says_so(url):
    with pytest.raises((PortUnusable, PortGone)) as caught:
        open_port(url, LineSettings())
    assert caught.value.advice is not None


class Broken:
    """A pyserial port whose cable has just been pulled."""

    in_waiting = 1

    def read(self, size):
        raise serial.SerialException("device reports readiness to read but returned no data")

    def write(self, data):
        raise TypeError("an integer is required (got type NoneType)")

    def close(self):
        raise OSError("gone")

    @property
    def baudrate(self):
        return 2400

    @baudrate.setter
    def baudrate(self, value):
        if value == 1:
            raise ValueError("Not a valid baudrate")
        raise OSError("gone")


@pytest.mark.parametrize(
    "use",
    [
        lambda line: line.read(1),
        lambda line: line.pending(),
        lambda line: line.write(b"\x01"),
        lambda line: line.set_baud(300),
    ],
    ids=["read", "pending", "write", "set_baud"],
)
def test_a_pulled_cable_shows_as_a_lost_port_wherever_it_is_noticed(use):
    line = SerialLine("COM5", Broken())
    with pytest.raises(port_errors.PortLost):
        use(line)
    line.close()


def test_a_rate_the_adapter_cannot_do_is_no_lost_port():
    with pytest.raises(PortUnusable):
        SerialLine("COM5", Broken()).set_baud(1)


@pytest.mark.parametrize(
    ("settings", "text", "bits"),
    [
        (LineSettings(), "2400 8E1", 11),
        (LineSettings(baud=300, parity="N"), "300 8N1", 10),
        (LineSettings(parity="N", stopbits=2), "2400 8N2", 11),
    ],
)
def test_line_settings(settings, text, bits):
    assert str(settings) == text
    assert settings.bits_per_byte == bits

"""Meters that answer with anything but a reading, told apart by the number they are selected by."""

from app.mbus.addresses import SecondaryAddress
from app.mbus.encode import encode_header, make_header
from app.mbus.frames import LongFrame
from app.practice.meters import SimulatedMeter

LUG = 0x32A7
NUMBER = "23450954"

ADDRESS = SecondaryAddress(NUMBER, LUG, 4, 4)
LONG_HEADER = encode_header(make_header(ADDRESS, access_number=1))
SHORT_HEADER = LONG_HEADER[8:]


def frame(ci: int, data: bytes) -> bytes:
    return LongFrame(0x08, 1, ci, data).to_bytes()


def answering_meter(raw: bytes, number: str = NUMBER, *, primary: int = 1) -> SimulatedMeter:
    """A meter that sends these bytes, whatever it is asked."""
    return SimulatedMeter(SecondaryAddress(number, LUG, 4, 4), lambda *_: (raw,), primary=primary)


NO_READINGS = {
    "application error 70, busy": (frame(0x70, b"\x08"), "busy", "Wait some seconds"),
    "application error 70, too many read-outs": (
        frame(0x70, b"\x09"),
        "too_many_readouts",
        "limited number of read-outs a day: wait until tomorrow",
    ),
    "application error 70, unspecified": (frame(0x70, b"\x00"), "application_error", "reset its application"),
    "application error 70 without a code": (frame(0x70, b""), "application_error", "Read it again"),
    "application error 6E": (frame(0x6E, SHORT_HEADER + b"\x09"), "too_many_readouts", "wait until tomorrow"),
    "application error 6F": (frame(0x6F, LONG_HEADER + b"\x10"), "refused", "supplier"),
    "a maker's own telegram B7": (frame(0xB7, b"\x01\x02\x03\x04"), "makers_own", "reset its application"),
    "a maker's own telegram A2": (frame(0xA2, b""), "makers_own", "standard mode"),
    "a header alone": (frame(0x72, LONG_HEADER), "empty", "Read it again"),
    "a maker's data alone": (frame(0x72, LONG_HEADER + b"\x0f\x01\x02"), "empty", "maker's software"),
    "idle fillers alone": (frame(0x78, b"\x2f\x2f"), "empty", "Read it again"),
    "half a header": (frame(0x72, LONG_HEADER[:5]), "unreadable", "Read it again"),
    "an unknown CI field": (frame(0x9E, b"\x01"), "unreadable", "Read it again"),
    "an alarm": (frame(0x71, b"\x01"), "empty", "Read it again"),
}
"""By what it is: the frame, the stable word, and what the next step says."""

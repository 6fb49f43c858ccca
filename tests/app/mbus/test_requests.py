"""What the master sends, byte for byte: a wrong request silently configures or silences a meter."""

from datetime import datetime

import pytest

from app.mbus import requests
from app.mbus.addresses import SecondaryAddress
from app.mbus.errors import EncodeError


def wire(frame) -> str:
    return frame.to_bytes().hex(" ").upper()


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (requests.snd_nke(1), "10 40 01 41 16"),
        (requests.deselect(), "10 40 FD 3D 16"),
        (requests.req_ud2(1, False), "10 5B 01 5C 16"),
        (requests.req_ud2(1, True), "10 7B 01 7C 16"),
        (requests.req_ud1(5, False), "10 5A 05 5F 16"),
        (requests.req_ud1(5, True), "10 7A 05 7F 16"),
        (requests.set_primary_address(0xFE, 8), "68 06 06 68 53 FE 51 01 7A 08 25 16"),
        (requests.set_identification(1, "12345678"), "68 09 09 68 53 01 51 0C 79 78 56 34 12 3E 16"),
        (requests.set_baud_rate(1, 2400), "68 03 03 68 53 01 BB 0F 16"),
        (requests.application_reset(1), "68 03 03 68 53 01 50 A4 16"),
        (requests.application_reset(1, 0x10), "68 04 04 68 53 01 50 10 B4 16"),
        (
            requests.set_date_time(1, datetime(2024, 2, 29, 23, 59)),  # noqa: DTZ001 - a meter knows no zone
            "68 09 09 68 53 01 51 04 6D 3B 17 1D 32 B7 16",
        ),
        (
            requests.select(SecondaryAddress.parse("92811594FFFFFFFF")),
            "68 0B 0B 68 53 FD 52 92 81 15 94 FF FF FF FF 5A 16",
        ),
        (
            requests.select(SecondaryAddress.parse("92811594A7320404"), fcb=True),
            "68 0B 0B 68 73 FD 52 92 81 15 94 A7 32 04 04 5F 16",
        ),
        (
            requests.select_enhanced(SecondaryAddress.parse("92811594FFFFFFFF"), "0012345F"),
            "68 11 11 68 53 FD 52 92 81 15 94 FF FF FF FF 0C 78 5F 34 12 00 83 16",
        ),
    ],
)
def test_request_bytes(frame, expected):
    assert wire(frame) == expected


@pytest.mark.parametrize(
    "refused",
    [
        lambda: requests.set_primary_address(1, 251),
        lambda: requests.set_identification(1, "1234567F"),
        lambda: requests.set_identification(1, "١٢٣٤٥٦٧٨"),
        lambda: requests.set_baud_rate(1, 2401),
        lambda: requests.set_baud_rate(0xFF, 2400),
        lambda: requests.select_enhanced(SecondaryAddress("FFFFFFFF"), "123"),
        lambda: requests.set_date_time(1, datetime(1980, 1, 1)),  # noqa: DTZ001 - a meter knows no zone
    ],
)
def test_what_no_meter_understands_is_refused(refused):
    with pytest.raises(EncodeError):
        refused()

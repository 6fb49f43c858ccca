"""What meters of the practice building answer at one moment, and what the portal gets of them."""

from datetime import UTC, datetime

from app.mbus.records import Telegram
from app.mbus.response import decode
from app.practice.building import practice_building

MOMENT = datetime(2026, 11, 22, 10, 14, tzinfo=UTC)
INDEX_ALONE = "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}]"
ALL_USEFUL = (
    "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}, "
    "{'unit': 'vol_m3', 'dib': '04', 'vib': '13'}, "
    "{'unit': 'power_kw', 'dib': '04', 'vib': '2B'}, "
    "{'unit': 'vol_flow_m3_h', 'dib': '04', 'vib': '3B'}, "
    "{'unit': 'flow_temp', 'dib': '02', 'vib': '5B'}, "
    "{'unit': 'return_temp', 'dib': '02', 'vib': '5F'}, "
    "{'unit': 'diff_temp', 'dib': '02', 'vib': '61'}]"
)


def raw_telegram(serial: str = "94158192") -> bytes:
    """What a meter of the practice building answers."""
    return b"".join(practice_building(seed=1, now=MOMENT).meter(serial).telegrams())


def telegram(serial: str = "94158192") -> Telegram:
    return decode(raw_telegram(serial))

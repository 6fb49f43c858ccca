"""A meter on screen without a window, a bus and a data file."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from app.domain.commissioned import MeterFacts, MeterReading, commission
from tests.fakes.practice_telegrams import MOMENT, telegram
from tests.fakes.sites import RULES, site_on
from ui.viewmodels.meter import MeterViewModel

AT = MOMENT.replace(tzinfo=None)


def opened_meter(serial: str = "94158192", at: datetime = AT, **facts: Any) -> MeterViewModel:
    """The view model with a meter of the practice building, its number typed from the label."""
    meter = MeterViewModel(site_on().site)
    read = MeterFacts(serial, MeterReading(telegram(serial), at), label_typed=True)
    meter.show_stranger(commission(replace(read, **facts), RULES))
    return meter

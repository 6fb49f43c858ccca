"""Numbers are exact to the last digit the meter sent; sentences are translated by template."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from app.mbus.periodic import periodic_words
from app.mbus.records import Number
from app.mbus.response import decode
from app.message import Message, joined
from ui.i18n import (
    GROUP_SEPARATOR,
    MINUS,
    decimal_text,
    moment_text,
    number_text,
    quantity_text,
    shortened,
    tr,
    tr_message,
)


def plain(text: str) -> str:
    return text.replace(GROUP_SEPARATOR, " ").replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def german() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    yield
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [
        (Number(37351, 3), "Wh", "37 351 kWh"),
        (Number(37351000), "Wh", "37 351.000 kWh"),
        (Number(812430, -3), "m³", "812.430 m³"),
        (Number(2150), "W", "2.150 kW"),
        (Number(524, -1), "°C", "52.4 °C"),
        (Number(1050, -2), "K", "10.50 K"),
        (Number(12, 9), "J", "12 000 MJ"),
        (Number(0), "W", "0.000 kW"),
        (Number(-5, -1), "°C", f"{MINUS}0.5 °C"),
        (Number(7), None, "7"),
        (Number(123456789012345678901234567890), "Wh", "123 456 789 012 345 678 901 234 567.890 kWh"),
    ],
)
def test_a_value_is_shown_at_the_resolution_of_the_dial(number: Number, unit: str | None, shown: str) -> None:
    assert plain(quantity_text(number, unit)) == shown


@given(st.integers(-(10**40), 10**40), st.integers(-20, 20))
def test_no_digit_is_ever_lost_or_made_up(mantissa: int, exponent: int) -> None:
    text = number_text(Number(mantissa, exponent)).replace(GROUP_SEPARATOR, "").replace(MINUS, "-")
    assert Decimal(text) == Number(mantissa, exponent).to_decimal()


def test_numbers_follow_the_language_on_screen(german: None) -> None:
    assert plain(decimal_text(Decimal("37351.000"))) == "37 351,000"


def test_a_moment_cannot_be_mistaken_for_another() -> None:
    assert moment_text(datetime(2026, 11, 22, 10, 14)) == "2026-11-22 10:14"  # noqa: DTZ001 - a meter's own
    assert moment_text(date(2026, 10, 31)) == "2026-10-31"


class Shouting(QTranslator):
    """Translates everything, so that what is not translated shows."""

    def translate(self, context, text, disambiguation=None, n=-1):
        return re.sub(r"\{\w+\}", lambda place: place.group().lower(), text.upper())


@pytest.fixture
def shouting() -> Iterator[None]:
    translator = Shouting()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def test_a_sentence_of_the_core_is_translated_before_its_places_are_filled(shouting: None) -> None:
    message = Message("reads {shown} {unit}", {"shown": Decimal(2150), "unit": "kWh"})
    assert tr_message(message) == "READS 2150 kWh"
    assert tr("and {n} more", n=Message("many")) == "AND MANY MORE"


def test_what_the_codec_says_of_a_telegram_is_translated_too(shouting: None) -> None:
    spoilt = decode(bytes.fromhex("680808680802B70D01020304D816"))
    assert tr_message(spoilt.error.words).startswith("THE METER ANSWERED WITH A TELEGRAM OF ITS MAKER'S OWN")
    assert spoilt.error.message.startswith(
        "the meter answered with a telegram of its maker's own kind (CI B7)"
    )


def test_a_date_of_every_year_and_words_in_a_row_are_translated(shouting: None) -> None:
    assert tr_message(periodic_words(bytes.fromhex("FFF5"))).startswith("EVERY YEAR ON")
    words = joined((Message("application busy"), Message("power low")))
    assert tr_message(words) == "APPLICATION BUSY, POWER LOW"
    assert hash(words) == hash(joined((Message("abnormal"), Message("power low"))))


@pytest.mark.parametrize(
    ("number", "digits", "shown"),
    [
        (Number(215367031097412109375, -19), 8, "21.536703"),
        (Number(823576171875, -7), 8, "82 357.617"),
        (Number(5, -1), 8, "0.5"),
        (Number(-19999999996, -10), 8, f"{MINUS}2"),
        (Number(340282346638528859811704183484516925440, 0), 3, "340" + " 000" * 12),
    ],
)
def test_binary_numbers_are_shown_with_the_digits_they_are_good_for(number, digits, shown):
    assert plain(number_text(shortened(number, digits))) == shown


def test_a_product_without_end_is_cut_for_the_eye_only():
    assert plain(decimal_text(Decimal(1234000000) * Decimal("2.77777777777778E-7"))) == "342.777777778"

"""A model is named by maker, version and medium together, with "probably" where that is all one can say."""

from dataclasses import replace

import pytest

from app.domain.errors import VocabularyError
from app.domain.models import BusNumber, Models
from app.mbus.data_header import secondary_address
from app.mbus.manufacturer import letters_to_code
from app.services.commissioning import load_vocabulary
from tests.fakes.built_telegrams import built

MODELS = load_vocabulary().models


def header(maker, version, medium):
    return built(("04", "06"), maker=maker, version=version, medium=medium).header


@pytest.mark.parametrize(
    ("maker", "version", "medium", "shown"),
    [
        ("KAM", 48, 0x04, "Kamstrup MULTICAL 302"),
        ("KAM", 1, 0x02, "Kamstrup 382"),
        ("KAM", 1, 0x04, "Kamstrup MULTICAL 401 (66-series module)"),
        ("KAM", 48, 0x07, "Kamstrup, version 48"),
        ("DME", 65, 0x0D, "probably Diehl Metering SHARKY 774"),
        ("AMT", 150, 0x04, "probably Aquametro CALEC MB"),
        ("REL", 8, 0x07, "probably Relay PadPuls M1 (pulse adapter)"),
        ("XYZ", 3, 0x04, "maker XYZ (not known), version 3"),
    ],
)
def test_a_meter_is_called_what_stands_on_it(maker, version, medium, shown):
    assert str(MODELS.shown(header(maker, version, medium))) == shown


def test_a_header_without_a_maker_names_no_model():
    nobody = replace(header("KAM", 48, 0x04), manufacturer="")
    assert MODELS.of(nobody) is None
    assert str(MODELS.shown(nobody)) == "maker not told"
    assert MODELS.of(None) is None


def test_an_address_names_the_same_model_as_the_header():
    for maker, version, medium in (("KAM", 48, 0x04), ("SEN", 8, 0x04), ("ZRI", 0, 0x16)):
        head = header(maker, version, medium)
        assert MODELS.of_address(secondary_address(head)) is MODELS.of(head) is not None


def test_habits_are_there_for_the_advice():
    assert MODELS.of(header("SON", 13, 0x04)).habits.reset_first
    assert MODELS.of(header("KAM", 48, 0x04)).habits.bus_number is BusNumber.CUSTOMER
    assert MODELS.of(header("SEN", 8, 0x04)).habits.several_telegrams
    assert MODELS.of(header("MAD", 0, 0x04)).habits.limits_reads
    assert MODELS.of(header("KAM", 28, 0x04)).habits.several_telegrams is None


def test_no_row_hides_another():
    for model in MODELS.models:
        assert letters_to_code(model.manufacturer)
        for medium in model.media or {0x07}:
            assert MODELS.of(header(model.manufacturer, model.versions[1], medium)) == model, model


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"models": [{"maker": "KAM"}]}'])
def test_a_damaged_file_is_named_as_such(text):
    with pytest.raises(VocabularyError, match="meter models"):
        Models.from_json(text)

"""What a meter answers that is no reading has a reason and a next step; a reading has none."""

import pytest

from app.domain.answer import AnswerKind, application_error, unusable_answer
from app.mbus.frames import LongFrame
from app.mbus.response import decode
from tests.fakes.odd_answers import LONG_HEADER, NO_READINGS, NUMBER, SHORT_HEADER, frame
from tests.fakes.telegrams import heat_telegram


@pytest.mark.parametrize(("raw", "kind", "said"), NO_READINGS.values(), ids=NO_READINGS)
def test_each_kind_has_its_reason_and_its_next_step(raw, kind, said):
    error = unusable_answer(decode(raw), NUMBER)
    assert error.kind == kind
    assert said in str(error.next_step)
    assert NUMBER in str(error.message)
    assert error.telegram.raw == raw


def test_who_it_was_is_not_made_up():
    assert "(number unknown)" in str(unusable_answer(decode(frame(0x70, b"\x08"))).message)


def test_readings_and_encrypted_telegrams_are_none_of_it():
    assert unusable_answer(heat_telegram()) is None
    encrypted = frame(0x72, LONG_HEADER[:-2] + b"\x20\x05" + bytes(32))
    assert unusable_answer(decode(encrypted)) is None, "its key is asked for instead"


@pytest.mark.parametrize(("ci", "header"), [(0x70, b""), (0x6E, SHORT_HEADER), (0x6F, LONG_HEADER)])
@pytest.mark.parametrize("code", range(256))
def test_every_application_error_is_found_whatever_header_it_has(ci, header, code):
    telegram = decode(frame(ci, header + bytes((code,))))
    assert application_error(telegram) == code
    assert unusable_answer(telegram).kind in {kind.value for kind in AnswerKind}


@pytest.mark.parametrize("ci", range(256))
@pytest.mark.parametrize("body", [b"", LONG_HEADER[:5], LONG_HEADER, b"\xff" * 40], ids=len)
def test_whatever_is_under_any_ci_field_is_a_reading_or_a_sentence(ci, body):
    telegram = decode(LongFrame(0x08, 1, ci, body).to_bytes())
    error = unusable_answer(telegram, NUMBER)
    assert (error is None) is (telegram.is_reading or telegram.error.kind.value == "encrypted")
    if error is not None:
        assert str(error.message)
        assert str(error.next_step)

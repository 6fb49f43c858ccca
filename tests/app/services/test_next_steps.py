"""Whatever failed, the person is told what the program can do about it, and it can."""

import pytest

from app.bus.errors import Diagnosis, GarbledAnswer, NoAnswer, NoTelegram, PortGone
from app.domain.answer import AnswerKind
from app.domain.errors import EncryptedReadingError, UnusableReadingError
from app.domain.meter import SerialNumber
from app.message import Message
from app.services.next_steps import Step, next_steps

SAID = Message("It happened.")
NUMBER = SerialNumber.parse("92811594")


def steps(error, number=NUMBER):
    return [each.step for each in next_steps(error, number)]


def test_where_nobody_answers_other_readings_of_the_number_come_first():
    assert steps(NoAnswer(SAID)) == [
        Step.READ_TURNED,
        Step.READ_FABRICATION,
        Step.SEARCH,
        Step.DIAGNOSE,
    ]
    assert steps(NoAnswer(SAID), SerialNumber.parse("6798"))[0] is Step.READ_ENDING


def test_a_meter_that_is_there_and_silent_is_not_searched_for():
    assert steps(NoTelegram(SAID)) == [Step.READ_AGAIN, Step.DIAGNOSE]


def test_meters_that_collide_are_told_apart_unless_everything_of_the_address_was_given():
    collision = GarbledAnswer(SAID, diagnosis=Diagnosis.COLLISION)
    assert steps(collision)[0] is Step.SEARCH_NUMBER
    assert Step.SEARCH_NUMBER not in steps(collision, SerialNumber.parse("92811594A7320404"))


@pytest.mark.parametrize("diagnosis", Diagnosis)
def test_no_garbled_answer_is_without_a_step(diagnosis):
    assert steps(GarbledAnswer(SAID, diagnosis=diagnosis))


@pytest.mark.parametrize("kind", AnswerKind)
def test_what_only_waiting_or_the_supplier_can_mend_has_no_button(kind):
    waits = kind in (AnswerKind.TOO_MANY_READOUTS, AnswerKind.REFUSED)
    assert bool(steps(UnusableReadingError(SAID, kind=kind.value))) is not waits


def test_a_reset_is_of_one_meter_only():
    error = UnusableReadingError(SAID, kind=AnswerKind.EMPTY.value)
    assert Step.RESET in steps(error)
    assert Step.RESET not in steps(error, SerialNumber.parse("FFFF6798"))


def test_errors_of_no_reading_have_none():
    assert not steps(PortGone(SAID))
    assert not steps(EncryptedReadingError(SAID)), "its key is asked for, by a button of its own"
    assert not steps(NoAnswer(SAID), None)


def test_every_step_has_words_without_an_open_place():
    for error in (NoAnswer(SAID), GarbledAnswer(SAID, diagnosis=Diagnosis.COLLISION)):
        for number in (NUMBER, SerialNumber.parse("6798")):
            assert all("{" not in str(each.words) for each in next_steps(error, number))

"""A look that a person accepted is no open point; what was accepted is one finding, not the whole check."""

from dataclasses import replace

import pytest

from app.domain.checks import Check, CheckState, open_points, with_acceptances
from app.message import Message

LOOK = Check("temperatures", CheckState.LOOK, Message("Flow and return look swapped."), "swapped")


def test_a_word_turns_a_look_into_an_accepted_one_and_stays_with_it():
    said = LOOK.accepted("plumber comes on Monday", by="J. Rey", at="2026-11-22T10:14:00+00:00")
    (check,) = with_acceptances((LOOK,), (said,))
    assert check.state is CheckState.ACCEPTED
    assert check.acceptance == said
    assert not open_points((check,))


@pytest.mark.parametrize("word", ["", "   "])
def test_an_acceptance_without_a_word_is_none(word):
    assert open_points(with_acceptances((LOOK,), (LOOK.accepted(word),))) == (LOOK,)


def test_another_finding_of_the_same_check_is_open_again():
    said = LOOK.accepted("known")
    other = replace(LOOK, finding="dead")
    assert open_points(with_acceptances((other,), (said,))) == (other,)


def test_the_same_finding_stays_accepted_though_the_values_have_moved_on():
    later = replace(LOOK, reason=Message("Flow 31 °C and return 45 °C look swapped."))
    assert not open_points(with_acceptances((later,), (LOOK.accepted("known"),)))


def test_the_place_of_a_record_in_the_telegram_does_not_matter():
    before = Check("factor:3", CheckState.LOOK, Message("…"), "04 2B power_kw")
    after = replace(before, code="factor:5")
    assert not open_points(with_acceptances((after,), (before.accepted("the portal converts"),)))


@pytest.mark.parametrize("state", [CheckState.OK, CheckState.NOT_AVAILABLE])
def test_only_a_look_can_be_accepted(state):
    check = replace(LOOK, state=state)
    assert with_acceptances((check,), (check.accepted("fine"),)) == (check,)

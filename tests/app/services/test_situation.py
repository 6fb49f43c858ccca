"""What is next, and the button that stands out, for every state there is."""

import itertools

import pytest

from app.domain.progress import Progress
from app.services.adapter import AdapterState
from app.services.situation import Primary, Situation, next_step, primary


@pytest.mark.parametrize(
    ("situation", "said"),
    [
        (Situation(), "choose the adapter"),
        (Situation(AdapterState.READY), "type the serial number"),
        (Situation(AdapterState.UNPLUGGED), "plug the adapter in"),
        (Situation(AdapterState.FAILED), "another adapter"),
        (Situation(AdapterState.READY, reading=True, progress=Progress.READ), "Esc stops"),
        (Situation(AdapterState.READY, working=True, failed=True), "Esc stops"),
        (Situation(AdapterState.READY, failed=True, progress=Progress.READ), "see the message"),
        (Situation(AdapterState.NONE, progress=Progress.READ), "tick the registers"),
        (Situation(AdapterState.READY, progress=Progress.ON_PORTAL), "verify"),
    ],
)
def test_the_next_step(situation: Situation, said: str) -> None:
    assert said in str(next_step(situation))


@pytest.mark.parametrize(
    ("progress", "button"),
    [
        (None, Primary.NONE),
        (Progress.ON_LIST, Primary.NONE),
        (Progress.READ, Primary.UPLOAD),
        (Progress.DECIDED, Primary.UPLOAD),
        (Progress.CHANGED_SINCE, Primary.UPLOAD),
        (Progress.ON_PORTAL, Primary.VERIFY),
        (Progress.LOOK, Primary.VERIFY),
        (Progress.VERIFIED, Primary.NONE),
    ],
)
def test_the_button_that_stands_out_is_what_is_left_to_do(progress, button) -> None:
    assert primary(Situation(AdapterState.READY, progress=progress)) is button


def test_every_situation_has_a_next_step() -> None:
    flags = (False, True)
    for adapter, reading, working, failed, progress in itertools.product(
        AdapterState, flags, flags, flags, (None, *Progress)
    ):
        assert str(next_step(Situation(adapter, reading, working, failed, progress)))

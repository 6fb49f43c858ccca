"""An error is a sentence with a next step, inside the window; its details fold out and can be copied."""

import logging
import sys
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.bus.errors import NoAnswer
from app.message import Message
from app.portal.errors import FieldError, PortalNeedsLogin, PortalRejected
from ui.errors import ErrorPresenter
from ui.theme import Theme, calm_palette
from ui.viewmodels.portal import PortalState
from ui.widgets.banner import Banner


@pytest.fixture
def banner(qtbot) -> Banner:
    banner = Banner("banner", Theme.from_palette(calm_palette(dark=False)))
    qtbot.addWidget(banner)
    return banner


@pytest.fixture
def errors(banner: Banner) -> ErrorPresenter:
    return ErrorPresenter(banner)


def part(banner: Banner, name: str):
    return next(each for each in banner.children() if each.objectName() == f"banner_{name}")


def test_what_happened_and_what_to_do_are_two_sentences(banner: Banner, errors: ErrorPresenter) -> None:
    errors.show(NoAnswer(Message("Nobody answers."), advice=Message("Check the bus."), raw=b"\xe5"))
    assert part(banner, "what").text() == "Nobody answers."
    assert part(banner, "next").text() == "Check the bus."
    assert part(banner, "meaning").isHidden()
    assert banner.accessibleName() == "Nobody answers.  Check the bus."


def test_details_fold_out_and_copy_with_the_sentences(banner: Banner, errors: ErrorPresenter, qtbot) -> None:
    errors.show(PortalRejected(Message("Refused."), (FieldError("reg", "no list"),)))
    details = part(banner, "details")
    assert details.isHidden()
    qtbot.mouseClick(part(banner, "fold"), Qt.MouseButton.LeftButton)
    assert not details.isHidden()
    qtbot.mouseClick(part(banner, "copy"), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "Refused." in copied
    assert "reg: no list" in copied


def test_a_fault_of_the_program_is_named_as_one_and_keeps_its_trace(
    banner: Banner, errors: ErrorPresenter, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        print(1 // len(""))  # noqa: T201 - never reached
    with caplog.at_level(logging.ERROR):
        errors.show(caught.value)
    assert "inside the program" in part(banner, "what").text()
    assert "ZeroDivisionError" in part(banner, "details").toPlainText()
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_one_click_does_what_is_offered(banner: Banner, errors: ErrorPresenter, qtbot) -> None:
    done = []
    errors.offer(frozenset({"no_answer"}), lambda: "Start practice", lambda: done.append("practice"))
    errors.show(NoAnswer(Message("Nobody answers.")))
    assert part(banner, "action").text() == "Start practice"
    qtbot.mouseClick(part(banner, "action"), Qt.MouseButton.LeftButton)
    assert done == ["practice"]
    errors.show(PortalRejected(Message("Refused.")))
    assert part(banner, "action").isHidden(), "an offer for another error does not stay"


def test_what_nobody_caught_reaches_the_window_from_slots_and_threads(
    banner: Banner, errors: ErrorPresenter, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    errors.install()
    error = NoAnswer(Message("From a slot."))
    sys.excepthook(NoAnswer, error, None)
    assert part(banner, "what").text() == "From a slot."

    def fail() -> None:
        raise NoAnswer(Message("From a thread."))

    thread = threading.Thread(target=fail)
    thread.start()
    qtbot.waitUntil(lambda: part(banner, "what").text() == "From a thread.")
    thread.join()


def test_what_was_wrong_before_the_login_worked_is_not_left_standing(program) -> None:
    application = program.application
    application.errors.show(PortalNeedsLogin(Message("Nobody is signed in.")))
    assert "signed in" in program.banner
    application.portal._state = PortalState.SIGNED_IN
    application.portal.state_changed.emit()
    assert program.banner == ""
    application.errors.show(PortalRejected(Message("The name is taken.")))
    application.portal.state_changed.emit()
    assert "taken" in program.banner, "a login says nothing of that"

"""Every error reaches the person as a sentence with a next step, and a script as a stable word."""

import pytest

from app.bus.errors import Cancelled, Diagnosis, GarbledAnswer, NoAnswer, PortBusy
from app.domain.errors import SerialNumberError
from app.mbus.errors import FrameError, FrameErrorKind
from app.message import Message
from app.portal import errors as portal_errors
from app.portal.errors import FieldError, PortalError, PortalRejected
from app.services.explain import Kind, explain
from app.store.errors import StoreFull

SAID = Message("It happened.")


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (PortBusy(SAID, advice=Message("Close it.")), Kind.PORT, "port_busy"),
        (Cancelled(), Kind.PORT, "cancelled"),
        (NoAnswer(SAID), Kind.METER, "no_answer"),
        (GarbledAnswer(SAID, diagnosis=Diagnosis.COLLISION, raw=b"\x01\xff"), Kind.METER, "collision"),
        (FrameError(FrameErrorKind.CHECKSUM, Message("checksum")), Kind.METER, "frame"),
        (SerialNumberError(SAID), Kind.INPUT, "serial_number"),
        (StoreFull(SAID), Kind.STORE, "store_full"),
        (PortalRejected(SAID), Kind.PORTAL, "portal_rejected"),
        (ZeroDivisionError("secret"), Kind.PROGRAM, "unexpected"),
    ],
)
def test_errors_keep_whose_trouble_it_is_and_a_word_for_scripts(error, kind, code):
    explanation = explain(error)
    assert (explanation.kind, explanation.code) == (kind, code)
    assert str(explanation.what)


def test_the_advice_of_the_bus_is_the_next_step():
    assert str(explain(PortBusy(SAID, advice=Message("Close it."))).next_step) == "Close it."


def test_bytes_fold_out_as_details():
    assert explain(GarbledAnswer(SAID, diagnosis=Diagnosis.NOISE, raw=b"\x01\xff")).details == "01 FF"


def test_rejected_fields_fold_out_as_details():
    error = PortalRejected(SAID, (FieldError("name", "is empty"), FieldError("reg", "unknown unit")))
    assert explain(error).details == "name: is empty\nreg: unknown unit"


def test_an_unforeseen_error_does_not_repeat_its_text():
    explanation = explain(RuntimeError("password=hunter2"))
    assert "hunter2" not in f"{explanation.what}{explanation.next_step}{explanation.details}"


@pytest.mark.parametrize(
    "kind",
    [
        item
        for item in vars(portal_errors).values()
        if isinstance(item, type) and issubclass(item, PortalError) and item is not PortalError
    ],
)
def test_every_portal_error_has_a_next_step(kind):
    error = kind.__new__(kind)
    error.message = SAID
    error.fields = ()
    assert str(explain(error).next_step), f"{kind.__name__} leaves the person without a next step"

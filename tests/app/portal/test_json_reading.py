"""Each kind of field, and what is told where a portal sends something else."""

from collections.abc import Callable

import pytest

from app.portal.errors import PortalFault
from app.portal.json_reading import Fields, items, parse_json

FIELDS = Fields({"text": "a", "empty": "", "number": 5, "true": True, "null": None, "list": []}, "the test")


@pytest.mark.parametrize(
    "read",
    [
        lambda: FIELDS.text("number"),
        lambda: FIELDS.text("missing"),
        lambda: Fields({"a": "12e3"}, "the test").integer("a"),
        lambda: FIELDS.identifier("empty"),
        lambda: FIELDS.loose_text("true"),
        lambda: FIELDS.loose_text("list"),
        lambda: FIELDS.integer("true"),
        lambda: FIELDS.integer("text"),
        lambda: FIELDS.flag("number", default=False),
        lambda: FIELDS.object("list"),
        lambda: Fields([], "the test"),
        lambda: items({}, "the test"),
        lambda: parse_json(b'{"a": 1', "the test"),
        lambda: parse_json(b"1" * 5000, "the test"),
        lambda: parse_json(b"\xff\xfe", "the test"),
    ],
)
def test_something_else_is_a_fault_that_says_where(read: Callable[[], object]) -> None:
    with pytest.raises(PortalFault, match="the test"):
        read()


def test_what_is_as_expected() -> None:
    assert FIELDS.text("empty") == ""
    assert FIELDS.loose_text("number") == "5"
    assert FIELDS.loose_text("null") == ""
    assert FIELDS.integer("number") == 5
    assert FIELDS.flag("missing", default=True) is True
    assert FIELDS.object_or_none("null") is None

"""A rejected body: in whichever usual shape a portal tells its reasons, they are read at the field meant."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.portal import contract
from app.portal.errors import FieldError

NAME = (FieldError("name", "must not be empty"),)
SHAPES = {
    "this project's own": {"errors": [{"field": "name", "reason": "must not be empty."}]},
    "a framework's loc and msg": {
        "detail": [{"loc": ["body", "name"], "msg": "must not be empty", "type": "x"}]
    },
    "an object of lists": {"errors": {"name": ["must not be empty"]}},
    "an object of texts": {"detail": {"name": "must not be empty"}},
    "a pointer": {
        "errors": [{"source": {"pointer": "/data/attributes/name"}, "detail": "must not be empty"}]
    },
    "violations": {"violations": [{"propertyPath": "", "path": "name", "message": "must not be empty"}]},
    "invalid-params": {"invalid-params": [{"name": "name", "reason": "must not be empty"}]},
    "an error with fields": {"error": {"fields": {"name": "must not be empty"}}},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_reason_and_its_field_are_found(shape: dict[str, object]) -> None:
    found = contract.parse_problem(json.dumps(shape).encode()).errors
    assert [each.reason for each in found] == ["must not be empty"]
    assert found[0].field.endswith("name")


def test_a_nested_field_keeps_its_path() -> None:
    body = {"detail": [{"loc": ["body", "additional_settings", "reg"], "msg": "no list"}]}
    assert contract.parse_problem(json.dumps(body).encode()).errors == (
        FieldError("additional_settings.reg", "no list"),
    )


@pytest.mark.parametrize(
    "body", [{"detail": "no such unit"}, {"message": "no such unit"}, {"error": "no such unit"}]
)
def test_a_plain_text_is_the_portals_own_words(body: dict[str, object]) -> None:
    problem = contract.parse_problem(json.dumps(body).encode())
    assert problem.words == "no such unit"
    assert problem.errors == ()


def test_an_id_that_is_a_number_is_one() -> None:
    assert contract.parse_problem(b'{"id": 4711}').existing_id == "4711"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["errors", "detail", "loc", "msg", "x"]), inner)
    ),
)


@given(VALUES)
def test_whatever_it_says_the_reasons_are_short_and_on_one_line(value: object) -> None:
    for each in contract.parse_problem(json.dumps(value).encode()).errors:
        assert len(each.reason) <= 300
        assert each.reason.isprintable()
        assert each.field.isprintable()

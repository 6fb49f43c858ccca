"""The contract's one file: both shapes of lists, exact numbers, and hostile answers as typed errors."""

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.meter import MeterType
from app.domain.payload import MeterEntry
from app.portal import contract
from app.portal.errors import FieldError, PortalFault, PortalRejected
from tests.fakes.portals import entry_for

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ("id", "type", "prim_ad", "virtual", "site_id", "address", "additional_settings", "values")
            ),
            children,
            max_size=5,
        )
    ),
    max_leaves=12,
)
PARSERS = (
    contract.parse_token,
    contract.parse_installations,
    lambda body: contract.parse_installation(body, "site"),
    contract.parse_meters,
    contract.parse_gateways,
    lambda body: contract.parse_stored_meter(body, '"1"'),
    contract.parse_meter_read,
)


@pytest.mark.parametrize(
    "body",
    ['["aa", "bb"]', '[{"site_id": "aa"}, {"site_id": "bb", "anything": [1]}]', '["aa", {"site_id": "bb"}]'],
)
def test_both_shapes_of_the_site_list_are_in_use(body: str) -> None:
    assert [site.site_id for site in contract.parse_installations(body.encode())] == ["aa", "bb"]


def test_particulars_of_a_site() -> None:
    body = {
        "site_ref": "R1",
        "name": "Rue du Lac",
        "address": {"street_name": "Rue du Lac", "street_number": 12, "city": "Y", "postal_code": "01400"},
        "creation_date": "2025-01-01",
        "latitude": 46.7,
        "longitude": 6.6,
        "timezone": "Europe/Zurich",
    }
    site = contract.parse_installation(json.dumps(body).encode(), "aa")
    assert (site.name, site.street, site.postal_code) == ("Rue du Lac", "Rue du Lac 12", "01400")
    assert site.address == "Rue du Lac 12, 01400 Y"


def test_an_address_that_is_null_or_missing_is_no_error() -> None:
    assert contract.parse_installation(b'{"name": "x", "address": null}', "aa").address == ""


def test_prim_ad_is_a_text_or_a_whole_number_and_other_keys_are_ignored() -> None:
    body = """[{"id": "1", "type": "heating", "prim_ad": "10", "virtual": false, "extra": {"a": 1}},
               {"id": "2", "type": "charge_point", "prim_ad": 11, "virtual": true},
               {"id": "3", "type": "heating", "prim_ad": "", "additional_settings":
                {"secondary_ad": "92811594ffffffff"}}]"""
    meters = contract.parse_meters(body.encode())
    assert [meter.prim_ad for meter in meters] == ["10", "11", ""]
    assert [meter.virtual for meter in meters] == [False, True, False]
    assert [meter.secondary_ad for meter in meters] == [None, None, "92811594FFFFFFFF"]


def test_values_keep_every_digit() -> None:
    # As a double the first would be 12345678901234.568 and the second 0.30000000000000004 after a sum.
    body = b'{"ts": 5, "valid": true, "values": {"a": 12345678901234.5678, "b": 0.1, "c": 7, "d": null}}'
    read = contract.parse_meter_read(body)
    assert read.values == {"a": Decimal("12345678901234.5678"), "b": Decimal("0.1"), "c": Decimal(7)}
    assert read.ts == "5"


@pytest.mark.parametrize("number", ["1e999999999", "-1e-999999999", "NaN", "Infinity"])
def test_numbers_that_no_meter_has_are_refused(number: str) -> None:
    with pytest.raises(PortalFault):
        contract.parse_meter_read(f'{{"valid": true, "values": {{"a": {number}}}}}'.encode())


def test_the_meter_body_is_the_contracts() -> None:
    body = json.loads(contract.entry_body(entry_for("64f0c0ffee64f0c0ffee64f0")))
    assert list(body) == [
        "name",
        "type",
        "prim_ad",
        "gateway_id",
        "model",
        "protocol",
        "baudrate",
        "mode",
        "additional_settings",
    ]
    assert body["additional_settings"] == {
        "secondary_ad": "92811594FFFFFFFF",
        "reg": "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}]",
    }
    assert (body["model"], body["protocol"], body["baudrate"]) == ("generic_mbus", "mbus", 2400)


ENTRIES = st.builds(
    MeterEntry,
    name=st.text(),
    type=st.sampled_from(MeterType),
    prim_ad=st.text(),
    gateway_id=st.text(),
    model=st.text(),
    protocol=st.text(),
    baudrate=st.integers(0, 10**6),
    mode=st.text(),
    secondary_ad=st.text(),
    reg=st.text(),
)


@given(ENTRIES)
def test_an_entry_comes_back_as_it_was_sent(entry: MeterEntry) -> None:
    fields = json.loads(json.dumps(contract.entry_fields(entry)))
    stored = contract.parse_stored_meter(json.dumps({"id": "x", **fields}).encode(), '"1"')
    assert stored.entry == entry


@given(JSON_VALUES.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60))
def test_whatever_a_portal_answers_it_is_a_value_or_a_portal_fault(body: bytes) -> None:
    for parse in PARSERS:
        with contextlib.suppress(PortalFault):
            parse(body)
    contract.parse_problem(body)


def test_an_answer_nested_without_end_is_a_portal_fault() -> None:
    with pytest.raises(PortalFault):
        contract.parse_meters(b"[" * 200_000)


def test_a_created_meter_without_a_version_keeps_its_id() -> None:
    """It stands on the portal now: forgetting that would create it once more."""
    body = json.dumps({"id": "x", **contract.entry_fields(entry_for("g"))}).encode()
    stored = contract.parse_stored_meter(body, None)
    assert (stored.id, stored.etag) == ("x", "")


@pytest.mark.parametrize("field", ["name", "type", "baudrate", "additional_settings"])
def test_a_stored_meter_that_cannot_be_read_is_kept_raw_for_the_person(field: str) -> None:
    body = json.dumps({**json.loads(STORED), field: ["odd"]}).encode()
    stored = contract.parse_stored_meter(body, '"v1"')
    assert (stored.id, stored.entry) == ("m1", None)
    assert json.loads(stored.raw)[field] == ["odd"]


def test_an_answer_to_a_change_may_be_empty() -> None:
    assert contract.parse_stored_meter(b" ", '"v2"', "m1") == contract.StoredMeter("m1", '"v2"', None)
    with pytest.raises(PortalFault):
        contract.parse_stored_meter(b"", '"v2"')


@pytest.mark.parametrize(
    ("told", "who", "when"),
    [
        (
            {"updated_by": "anna", "updated_at": "2026-11-25T10:00+05:30"},
            "anna",
            "2026-11-25T10:00+05:30",
        ),
        ({"modified_by": {"name": "Anna"}, "modified_at": {"$date": 1790000000000}}, "Anna", "1790000000000"),
        ({"user": None, "updated_at": 5, "created_by": ["x"]}, "", "5"),
        ({}, "", ""),
    ],
)
def test_who_changed_it_and_when_is_told_where_known(told: dict[str, object], who: str, when: str) -> None:
    stored = contract.parse_stored_meter(json.dumps({**json.loads(STORED), **told}).encode(), None)
    assert (stored.by, stored.at) == (who, when)


def test_a_key_that_stands_there_twice_with_two_values_is_neither() -> None:
    body = STORED.replace(b'"baudrate": 2400', b'"baudrate": 2400, "baudrate": 300')
    stored = contract.parse_stored_meter(body, '"v1"')
    assert stored.entry is None
    assert "(twice)" in stored.raw
    same = STORED.replace(b'"baudrate": 2400', b'"baudrate": 2400, "baudrate": 2400')
    assert contract.parse_stored_meter(same, '"v1"').entry is not None
    meters = contract.parse_meters(b'[{"id": "m1", "id": "m2"}, {"id": "m3"}]')
    assert [meter.id for meter in meters] == ["m3"]


ODD_LINES = ("null", "5", '{"id": null}', '{"id": "a", "virtual": "perhaps"}', "[]", '{"id": ".."}')


@pytest.mark.parametrize("odd", ODD_LINES)
def test_an_odd_line_holds_up_no_other(odd: str) -> None:
    meters = contract.parse_meters(f'[{{"id": "m1", "type": "heating"}}, {odd}, {{"id": 7}}]'.encode())
    assert [meter.id for meter in meters] == ["m1", "7"]
    assert meters.skipped == 1


def test_a_list_of_which_nothing_is_understood_is_a_fault() -> None:
    """Else a portal that changed its names would look like an empty site, and every meter be made again."""
    with pytest.raises(PortalFault):
        contract.parse_meters(b'[{"meter": "m1"}, {"meter": "m2"}]')


def test_a_site_named_twice_is_one_with_what_is_known_of_it() -> None:
    sites = contract.parse_installations(b'["aa", {"site_id": "aa", "name": "Lake"}, "bb", "aa", 12]')
    assert [(site.site_id, site.name) for site in sites] == [("aa", "Lake"), ("bb", ""), ("12", "")]


def test_a_text_among_the_values_of_a_read_costs_no_other() -> None:
    read = contract.parse_meter_read(
        b'{"valid": true, "values": {"a": 1.5, "unit": "kWh", "b": null, "c": true}}'
    )
    assert read.values == {"a": Decimal("1.5")}


def test_a_baud_rate_as_text_is_read() -> None:
    body = STORED.replace(b'"baudrate": 2400', b'"baudrate": "2400"')
    assert contract.parse_stored_meter(body, '"v1"').entry == entry_for("g")


LOGINS = (
    b'{"access_token": "sesame-open-sesame-open", "valid_until": {"$da',
    b'{"access_token": "sesame-open", "valid_until": "sesame-open"}',
    b'{"access_token": ["sesame-open"], "valid_until": {"$date": 1790000000000}}',
    b'{"access_token": "sesame open", "valid_until": {"$date": 1790000000000}}',
    b'{"access_token": "sesame-open", "valid_until": {"$date": "sesame"}}',
    b'["sesame"]',
    b'"sesame"',
    b"sesame",
    b"<html>sesame</html>",
)


@pytest.mark.parametrize("body", LOGINS)
def test_nothing_of_a_login_answer_is_in_an_error(body: bytes) -> None:
    """Cut off by the network, it once put its token on the screen and into the data file."""
    with pytest.raises(PortalFault) as caught:
        contract.parse_token(body)
    assert "sesame" not in str(caught.value) + repr(caught.value.message) + repr(caught.value.__cause__)


def test_a_problem_is_read_and_bounded() -> None:
    body = {
        "type": "about:blank",
        "title": "Not accepted",
        "status": 422,
        "detail": "line\n\x1b[31mred" + "x" * 5000,
        "errors": [{"field": "name", "reason": "empty."}, "nonsense", {"field": 5}],
    }
    problem = contract.parse_problem(json.dumps(body).encode())
    assert problem.title == "Not accepted"
    assert problem.detail.startswith("line [31mred")
    assert len(problem.detail) <= 300
    assert problem.errors == (FieldError("name", "empty"), FieldError("", "nonsense"))


def test_a_token_is_not_shown() -> None:
    body = b'{"access_token": "sesame-open", "valid_until": {"$date": 1790000000000}}'
    token = contract.parse_token(body)
    assert token.text == "sesame-open"
    assert "sesame" not in repr(token)


@pytest.mark.parametrize("token", ["a\\nb", "a b", "ü"])
def test_a_token_that_would_break_the_header_is_refused(token: str) -> None:
    with pytest.raises(PortalFault) as caught:
        contract.parse_token(f'{{"access_token": "{token}", "valid_until": {{"$date": 1}}}}'.encode())
    assert token not in str(caught.value)


@pytest.mark.parametrize("meter_id", ["../../auth", "a/b", "a?b#c"])
def test_an_id_cannot_leave_its_place_in_the_path(meter_id: str) -> None:
    path = contract.meter_path("site", meter_id)
    assert path.count("/") == 3
    assert "?" not in path
    assert "#" not in path


STORED = json.dumps({"id": "m1", **contract.entry_fields(entry_for("g"))}).encode()


@pytest.mark.parametrize("etag", ['"é"', '"a\x01b"', "\x7f", "", None])
def test_a_version_that_no_header_can_carry_back_counts_as_none(etag: str | None) -> None:
    assert contract.parse_stored_meter(STORED, '"v1"').etag == '"v1"'
    assert contract.parse_stored_meter(STORED, etag).etag == ""


HALF = b"\\ud800"


@pytest.mark.parametrize("field", [b'"id": "m1', b'"name": "', b'"gateway_id": "', b'"secondary_ad": "'])
def test_half_a_character_is_refused_wherever_it_stands(field: bytes) -> None:
    """No file and no request can hold it: it would end the delivery later, far from its cause."""
    assert field in STORED
    body = STORED.replace(field, field + HALF)
    if b"id" in field[:4]:
        with pytest.raises(PortalFault):
            contract.parse_stored_meter(body, '"v1"')
        return
    stored = contract.parse_stored_meter(body, '"v1"')
    assert stored.entry is None
    assert stored.raw.encode(), "what is shown and kept of it can be encoded"


@pytest.mark.parametrize("meter_id", [".", "..", "", "\\ud800"])
def test_an_id_that_names_another_path_is_refused(meter_id: str) -> None:
    """The address would be the site's own, and a change or a removal would go there."""
    with pytest.raises(PortalFault):
        contract.parse_meters(f'[{{"id": "{meter_id}", "type": "heating"}}]'.encode())
    with pytest.raises(PortalFault):
        contract.parse_installations(f'["{meter_id}"]'.encode())


@pytest.mark.parametrize("meter_id", [".", "..", "", "\ud800"])
def test_no_path_is_made_of_an_id_that_names_another(meter_id: str) -> None:
    """A 409 names an id too, and a person types the site's."""
    for path in (contract.meter_path, contract.read_path):
        with pytest.raises(PortalRejected, match="no id"):
            path("site", meter_id)
        with pytest.raises(PortalRejected, match="no id"):
            path(meter_id, "m1")
    assert contract.meter_path("s", "../m") == "/meter_info/s/..%2Fm"

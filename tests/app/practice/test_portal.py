"""The practice portal keeps the contract to the letter: asked over raw HTTP, without our client."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.portal import contract
from app.practice.portal import PracticePortal
from app.practice.portal_faults import FAULT_WORDS, PortalFault
from tests.fakes.portals import FakeClock, entry_for, gateway_of, practice_portal

ProblemBody = dict[str, Any]


class Caller:
    """Somebody with a token."""

    def __init__(self, portal: PracticePortal) -> None:
        self.portal = portal
        self.http = httpx.Client(base_url=portal.api_url, trust_env=False)
        self.login()

    def login(self) -> httpx.Response:
        answer = self.http.post(
            "/auth", json={"username": self.portal.username, "password": self.portal.password}
        )
        self.http.headers["Authorization"] = f"Bearer {answer.json().get('access_token')}"
        return answer

    def meter_url(self, meter_id: str = "") -> str:
        return f"/meter_info/{self.portal.site_id}" + (f"/{meter_id}" if meter_id else "")

    def create(self, key: str = "key", **changes: object) -> httpx.Response:
        body = {**contract.entry_fields(entry_for(gateway_of(self.portal))), **changes}
        return self.http.post(self.meter_url(), json=body, headers={"Idempotency-Key": key})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def caller(tmp_path: Path, clock: FakeClock) -> Iterator[Caller]:
    with practice_portal(tmp_path, clock=clock) as portal:
        somebody = Caller(portal)
        with closing(somebody.http):
            yield somebody


def problem(answer: httpx.Response, status: int) -> ProblemBody:
    """The problem of an error answer (RFC 9457)."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    body: ProblemBody = answer.json()
    assert body["status"] == status
    assert {"type", "title", "detail"} <= body.keys()
    return body


def settings_of(**changes: str) -> dict[str, str]:
    entry = entry_for("g")
    return {"secondary_ad": entry.secondary_ad, "reg": entry.reg, **changes}


def test_login(caller: Caller, clock: FakeClock) -> None:
    answer = caller.login()
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"access_token", "valid_until"}
    assert body["valid_until"] == {"$date": int((clock.now().timestamp() + 900) * 1000)}


@pytest.mark.parametrize("body", [{"username": "installer", "password": "x"}, {"username": "installer"}])
def test_a_wrong_login(caller: Caller, body: dict[str, str]) -> None:
    problem(caller.http.post("/auth", json=body), 401)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000])
def test_a_login_that_is_no_json(caller: Caller, body: bytes) -> None:
    assert caller.http.post("/auth", content=body).status_code in (400, 413)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic eA=="])
def test_no_token(caller: Caller, header: str) -> None:
    problem(caller.http.get("/all_installations", headers={"Authorization": header}), 401)


def test_a_token_lasts_fifteen_minutes(caller: Caller, clock: FakeClock) -> None:
    clock.seconds = 899
    assert caller.http.get("/all_installations").status_code == 200
    clock.seconds = 900
    problem(caller.http.get("/all_installations"), 401)


def test_one_request_a_second(tmp_path: Path, clock: FakeClock) -> None:
    with practice_portal(tmp_path, clock=clock, interval_s=1.0) as portal:
        somebody = Caller(portal)
        with closing(somebody.http) as http:
            assert http.get("/all_installations").status_code == 200
            clock.seconds += 0.5
            answer = http.get("/all_installations")
            problem(answer, 429)
            assert answer.headers["retry-after"] == "1"
            clock.seconds += 0.5
            assert http.get("/all_installations").status_code == 200


def test_the_published_part(caller: Caller) -> None:
    sites = caller.http.get("/all_installations").json()
    assert sites[0] == {"site_id": caller.portal.site_id}
    infos = caller.http.get(f"/installation_infos/{caller.portal.site_id}").json()
    assert infos.keys() == {
        "site_ref",
        "name",
        "address",
        "creation_date",
        "latitude",
        "longitude",
        "timezone",
    }
    assert infos["address"].keys() == {"street_name", "street_number", "city", "postal_code"}
    caller.create()
    meters = caller.http.get(caller.meter_url()).json()
    for meter in meters:
        assert list(meter)[:4] == ["id", "type", "prim_ad", "virtual"], "the published keys come first"
        assert len(meter["id"]) == 24
    assert meters[-1]["additional_settings"] == settings_of()


def test_gateways(caller: Caller) -> None:
    (gateway,) = caller.http.get(f"/gateway_info/{caller.portal.site_id}").json()
    assert gateway.keys() == {"id", "name", "serial", "local_url"}
    assert len(gateway["id"]) == 24


def test_create(caller: Caller) -> None:
    answer = caller.create()
    assert answer.status_code == 201
    stored = answer.json()
    again = caller.http.get(caller.meter_url(stored["id"]))
    assert (again.json(), again.headers["etag"]) == (stored, answer.headers["etag"])


def test_a_repeat_answers_with_the_first_answer_even_if_the_body_is_another(caller: Caller) -> None:
    first = caller.create("key")
    again = caller.create("key", name="another")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["etag"] == first.headers["etag"]
    assert len(caller.portal.data.meters(caller.portal.site_id)) == 4


def test_a_refused_body_does_not_use_up_its_key(caller: Caller) -> None:
    problem(caller.create("key", name=""), 422)
    assert caller.create("key").status_code == 201


def test_the_same_address_on_one_site(caller: Caller) -> None:
    first = caller.create("a").json()
    lower = settings_of(secondary_ad="92811594ffffffff")
    assert problem(caller.create("b", additional_settings=lower), 409)["id"] == first["id"]


def test_the_same_address_on_another_site_is_another_meter(caller: Caller) -> None:
    caller.create("a")
    other = caller.portal.data.site_ids()[1]
    gateway_id = caller.portal.data.gateways(other)[0]["id"]
    body = contract.entry_fields(entry_for(gateway_id))
    assert caller.http.post(f"/meter_info/{other}", json=body).status_code == 201


def test_change(caller: Caller) -> None:
    made = caller.create()
    url = caller.meter_url(made.json()["id"])
    body = {**contract.entry_fields(entry_for(gateway_of(caller.portal))), "name": "new"}
    changed = caller.http.put(url, json=body, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["name"]) == (200, "new")
    problem(caller.http.put(url, json=body, headers={"If-Match": made.headers["etag"]}), 412)
    problem(caller.http.put(url, json=body), 428)
    problem(caller.http.put(url, json={**body, "name": ""}, headers={"If-Match": "*"}), 422)
    other = caller.create("b", additional_settings=settings_of(secondary_ad="00000000FFFFFFFF")).json()
    answer = caller.http.put(caller.meter_url(other["id"]), json=body, headers={"If-Match": "*"})
    assert problem(answer, 409)["id"] == made.json()["id"]


def test_a_combined_meter_stands_there_twice(caller: Caller) -> None:
    """Its address alone does not say which of its two entries is meant."""
    heating = caller.create("a", type="heating").json()
    cooling = caller.create("b", type="cooling")
    assert cooling.status_code == 201
    assert problem(caller.create("c", type="cooling"), 409)["id"] == cooling.json()["id"] != heating["id"]


def test_a_portal_may_have_place_for_one_entry_an_address(caller: Caller) -> None:
    caller.portal.faults.set(PortalFault.ONE_ENTRY, on=True)
    heating = caller.create("a", type="heating").json()
    assert problem(caller.create("b", type="cooling"), 409)["id"] == heating["id"]


def test_remove(caller: Caller) -> None:
    url = caller.meter_url(caller.create().json()["id"])
    assert caller.http.delete(url).status_code == 204
    problem(caller.http.delete(url), 404)
    problem(caller.http.get(url), 404)


REG = "[{'unit': 'vol_m3', 'dib': '04', 'vib': '13'}]"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": None}, "name"),
        ({"type": "steam"}, "type"),
        ({"prim_ad": None}, "prim_ad"),
        ({"gateway_id": "nowhere"}, "gateway_id"),
        ({"model": "other"}, "model"),
        ({"protocol": "modbus"}, "protocol"),
        ({"baudrate": 2401}, "baudrate"),
        ({"baudrate": True}, "baudrate"),
        ({"mode": "production"}, "mode"),
        ({"additional_settings": None}, "additional_settings"),
        ({"additional_settings": settings_of(secondary_ad="9281")}, "additional_settings.secondary_ad"),
        (
            {"additional_settings": settings_of(secondary_ad="92811594GGGGGGGG")},
            "additional_settings.secondary_ad",
        ),
        ({"additional_settings": {"secondary_ad": "92811594FFFFFFFF"}}, "additional_settings.reg"),
        *(
            ({"additional_settings": settings_of(reg=reg)}, "additional_settings.reg")
            for reg in (
                "",
                "[]",
                "{}",
                "[5]",
                "[{}]",
                REG.replace("'vib': '13'", "'x': 1"),
                REG.replace("vol_m3", "furlongs"),
                REG.replace("'04'", "'0'"),
                REG.replace("'04'", "4"),
                '[{"unit": "vol_m3", "dib": "04", "vib": null}]',
                "[__import__('os').getcwd()]",
                "[" * 5000,
                "[" + "(" * 300 + ")" * 300 + "]",
                REG * 500,
            )
        ),
    ],
)
def test_a_body_that_is_not_taken(caller: Caller, changes: dict[str, object], field: str) -> None:
    errors = problem(caller.create(**changes), 422)["errors"]  # type: ignore[arg-type]
    assert field in {error["field"] for error in errors}
    assert all(error["reason"] for error in errors)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b"[" * 60_000])
def test_a_body_that_is_no_json_object(caller: Caller, body: bytes) -> None:
    problem(caller.http.post(caller.meter_url(), content=body), 422)


def test_a_body_without_end(caller: Caller) -> None:
    problem(caller.http.post(caller.meter_url(), content=b" " * 70_000), 413)


@given(
    body=st.dictionaries(
        st.sampled_from(("name", "type", "prim_ad", "gateway_id", "baudrate", "additional_settings")),
        st.none()
        | st.text()
        | st.integers()
        | st.lists(st.integers())
        | st.dictionaries(st.text(), st.text()),
    )
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_comes_is_refused_with_reasons_never_with_a_crash(
    caller: Caller, body: dict[str, object]
) -> None:
    assert problem(caller.http.post(caller.meter_url(), json=body), 422)["errors"]


@pytest.mark.parametrize("path", ["/installation_infos/x", "/meter_info/x", "/gateway_info/x", "/nothing"])
def test_what_is_not_there(caller: Caller, path: str) -> None:
    problem(caller.http.get(path), 404)


def test_a_method_that_is_none(caller: Caller) -> None:
    problem(caller.http.patch(caller.meter_url(), json={}), 405)


def test_read_without_a_gateway_is_a_problem(caller: Caller) -> None:
    meter_id = caller.create().json()["id"]
    problem(caller.http.post(f"/meter_read/{caller.portal.site_id}/{meter_id}"), 504)
    electricity = caller.http.get(caller.meter_url()).json()[0]["id"]
    problem(caller.http.post(f"/meter_read/{caller.portal.site_id}/{electricity}"), 422)


def test_meters_are_there_after_a_restart(tmp_path: Path) -> None:
    with practice_portal(tmp_path) as portal:
        somebody = Caller(portal)
        with closing(somebody.http):
            made = somebody.create().json()
    with practice_portal(tmp_path) as portal:
        somebody = Caller(portal)
        with closing(somebody.http):
            assert somebody.http.get(somebody.meter_url(made["id"])).json() == made
            assert somebody.create("key").json() == made, "answered keys are remembered too"


def test_the_page_shows_both_settings_and_escapes_what_people_type(caller: Caller) -> None:
    caller.create(name="<script>alert(1)</script> & co")
    page = httpx.get(f"{caller.portal.page_url}/", trust_env=False)
    assert page.status_code == 200
    assert "<code>92811594FFFFFFFF</code>" in page.text
    assert f"<code>{entry_for('g').reg}</code>" in page.text
    assert "<script>" not in page.text
    assert "EQUIPMENT" in page.text
    for section in ("Heat", "Cooling", "Cold Water", "Hot Water"):
        assert f"</i>{section} <b>" in page.text
    assert all(words in page.text for words in FAULT_WORDS.values())


def test_faults_are_switched_on_the_page(caller: Caller) -> None:
    url = f"{caller.portal.page_url}/practice/faults"
    answer = httpx.post(url, data={"fault": "server_error", "on": "1"}, trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert caller.portal.faults.active() == {PortalFault.SERVER_ERROR}
    problem(caller.http.get("/all_installations"), 500)
    httpx.post(url, data={"fault": "server_error", "on": "0"}, trust_env=False)
    assert caller.http.get("/all_installations").status_code == 200
    assert httpx.post(url, data={"fault": "nonsense", "on": "1"}, trust_env=False).status_code == 422


def test_a_counted_fault_goes_by_itself(caller: Caller) -> None:
    caller.portal.faults.next(PortalFault.BUSY, times=2)
    statuses = [caller.http.get("/all_installations").status_code for _ in range(3)]
    assert statuses == [429, 429, 200]
    assert caller.portal.faults.active() == frozenset()


def test_a_login_for_one_request(caller: Caller) -> None:
    caller.portal.faults.set(PortalFault.TOKEN_EXPIRY, on=True)
    assert caller.http.get("/all_installations").status_code == 200
    problem(caller.http.get("/all_installations"), 401)


@pytest.mark.parametrize(
    ("fault", "done"), [(PortalFault.DROP, False), (PortalFault.DROP_AFTER, True)], ids=["before", "after"]
)
def test_a_dropped_connection(caller: Caller, fault: PortalFault, *, done: bool) -> None:
    caller.portal.faults.next(fault)
    with pytest.raises(httpx.TransportError):
        caller.create()
    assert (len(caller.portal.data.meters(caller.portal.site_id)) == 4) is done


def test_no_write_part(caller: Caller) -> None:
    caller.portal.faults.set(PortalFault.NO_WRITE, on=True)
    problem(caller.create(), 404)
    problem(caller.http.get(f"/gateway_info/{caller.portal.site_id}"), 404)
    assert caller.http.get(caller.meter_url()).status_code == 200

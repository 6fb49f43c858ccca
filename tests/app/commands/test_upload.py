"""``mbus-tool upload``: exit codes and outputs a script relies on; nothing read or typed is lost."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.domain.checks import Check, CheckState
from app.message import Message
from app.portal.pacing import Clock, Pacer
from app.practice.portal import PortalTimes
from app.practice.portal_faults import PortalFault
from app.practice.world import PracticeWorld
from tests.fakes.portals import INDEX_REG


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeWorld]:
    world = PracticeWorld.start(tmp_path_factory.mktemp("world"), times=PortalTimes(request_interval_s=0))
    yield world
    world.stop()


@pytest.fixture
def world(shared_world: PracticeWorld) -> Iterator[PracticeWorld]:
    yield shared_world
    shared_world.faults.clear()
    data = shared_world.portal_server.data
    for meter in data.meters(shared_world.addresses.site_id):
        if "additional_settings" in meter.body:
            data.delete(shared_world.addresses.site_id, meter.id)


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Upload:
    """Runs the command with what the world says, unless told otherwise."""

    world: PracticeWorld
    folder: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *words: str, password: str | None = None, **changes: str) -> Result:
        addresses = self.world.addresses
        options = {
            "port": addresses.bus,
            "serial": "94158192",
            "portal": addresses.portal,
            "username": addresses.username,
            "site": addresses.site_id,
            "data": str(self.folder),
            **changes,
        }
        typed = addresses.password if password is None else password
        self.monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        named = [text for name, value in options.items() for text in (f"--{name}", value)]
        code = cli.main(["upload", *named, "--password-stdin", *words])
        captured = self.capsys.readouterr()
        assert typed == "" or typed not in captured.out + captured.err
        return Result(code, captured.out, captured.err)

    def stored(self) -> list[dict[str, Any]]:
        meters = self.world.portal_server.data.meters(self.world.addresses.site_id)
        return [meter.body for meter in meters if "additional_settings" in meter.body]


@pytest.fixture
def upload(
    world: PracticeWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Upload:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(getattr(cli.sys, name), "reconfigure", lambda **_: None, raising=False)

    def unpaced(clock: Clock) -> Pacer:
        return Pacer(clock, 0.0)

    monkeypatch.setattr("app.portal.client.Pacer", unpaced)
    return Upload(world, tmp_path / "outbox", capsys, monkeypatch)


def test_the_index_alone_and_verified(upload: Upload) -> None:
    result = upload("--place", "Apartment 203", "--verify", "--json")
    assert (result.code, result.err) == (0, "")
    sent, verified = result.objects
    assert (sent["ok"], sent["state"], sent["secondary_ad"]) == (True, "sent", "92811594FFFFFFFF")
    assert (sent["name"], sent["reg"]) == ("CH - 94158192 - Apartment 203", INDEX_REG)
    assert verified["ok"] is True
    assert verified["registers"][0]["unit"] == "heat_energy_kwh"
    assert (verified["state"], verified["equal"], verified["open"]) == ("verified", True, [])
    assert verified["registers"][0]["portal"] == verified["registers"][0]["meter"] == "37351"
    assert verified["registers"][0]["verdict"] == "equal"
    (stored,) = upload.stored()
    assert stored["id"] == sent["id"]
    assert stored["additional_settings"]["reg"] == INDEX_REG


def test_for_a_person_and_twice_is_one_meter(upload: Upload) -> None:
    assert "on the portal as" in upload().out
    assert upload("--useful").code == 0
    (stored,) = upload.stored()
    assert stored["additional_settings"]["reg"].count("'unit'") == 7


def test_a_portal_that_is_down_keeps_the_upload_and_the_next_run_sends_it(upload: Upload) -> None:
    gateway = upload.world.portal_server.data.gateways(upload.world.addresses.site_id)[0]["id"]
    upload.world.faults.set(PortalFault.DROP, on=True)
    result = upload("--json", "--gateway", gateway)
    assert result.code == 5
    (kept,) = result.objects
    assert (kept["ok"], kept["state"]) == (False, "queued")
    assert "kept in the outbox" in result.err
    assert upload.stored() == []
    upload.world.faults.clear()
    assert upload(serial="94158193").code == 0
    serials = {stored["name"] for stored in upload.stored()}
    assert serials == {"CH - 94158192", "CH - 94158193"}


@pytest.mark.parametrize("fault", [PortalFault.DROP, PortalFault.SERVER_ERROR])
def test_a_portal_that_was_never_up_keeps_the_reading_without_a_gateway(
    upload: Upload, fault: PortalFault
) -> None:
    """Which gateway the site has is asked later; the way to the meter was made for nothing otherwise."""
    upload.world.faults.set(fault, on=True)
    result = upload("--json")
    assert result.code == 5
    (kept,) = result.objects
    assert (kept["state"], kept["gateway_id"]) == ("queued", "")
    upload.world.faults.clear()
    assert upload(serial="94158193").code == 0
    gateway = upload.world.portal_server.data.gateways(upload.world.addresses.site_id)[0]["id"]
    assert {stored["gateway_id"] for stored in upload.stored()} == {gateway}
    assert len(upload.stored()) == 2


def test_a_portal_without_the_write_part_needs_no_gateway(upload: Upload) -> None:
    upload.world.faults.set(PortalFault.NO_WRITE, on=True)
    result = upload("--json")
    assert result.code == 5
    assert result.objects[0]["state"] == "by_hand"


def test_a_portal_without_the_write_part(upload: Upload) -> None:
    upload.world.faults.set(PortalFault.NO_WRITE, on=True)
    result = upload("--json", "--gateway", "g")
    assert result.code == 5
    assert result.objects[0]["state"] == "by_hand"


def test_a_refused_entry_names_the_field(upload: Upload) -> None:
    result = upload("--json", "--gateway", "nowhere")
    assert result.code == 5
    assert result.objects[0]["errors"][0]["field"] == "gateway_id"
    assert "gateway_id" in result.err


def test_a_wrong_password(upload: Upload) -> None:
    result = upload("--json", password="wrong-secret")
    assert result.code == 5
    assert result.objects[0]["error"]["kind"] == "portal_refused_login"


def test_the_converted_power_is_what_the_gateway_reads(upload: Upload) -> None:
    result = upload("--convert-always", "--useful", "--verify", "--json")
    assert result.code == 0
    verified = result.objects[1]
    assert (verified["state"], verified["equal"]) == ("verified", True)
    power = next(each for each in verified["registers"] if each["unit"] == "power_kw")
    assert (power["portal"], power["meter"], power["verdict"]) == ("2.15", "2.15", "equal")


def test_a_power_a_thousand_times_too_high_is_never_verified(upload: Upload) -> None:
    """The documented list is uploaded to the letter, and what it does is told: factor, ratio, exit code."""
    result = upload("--useful", "--verify", "--json")
    assert result.code == 6
    verified = result.objects[1]
    assert (verified["ok"], verified["state"], verified["equal"]) == (False, "look", False)
    power = next(each for each in verified["registers"] if each["unit"] == "power_kw")
    assert (power["portal"], power["meter"], power["symbol"]) == ("2150", "2.15", "kW")
    assert (power["verdict"], power["ratio"]) == ("factor", "1000")
    others = {each["verdict"] for each in verified["registers"] if each is not power}
    assert others == {"equal"}


def test_a_check_that_is_open_is_another_state_than_verified(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    swapped = Check("temperatures", CheckState.LOOK, Message("Flow and return look swapped."))
    monkeypatch.setattr("app.services.commissioning.run_checks", lambda _subject: (swapped,))
    result = upload("--verify", "--json")
    assert result.code == 7
    verified = result.objects[1]
    assert (verified["ok"], verified["state"], verified["equal"]) == (False, "open", True)
    assert verified["open"] == [{"check": "temperatures", "reason": "Flow and return look swapped."}]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"portal": "http://192.168.2.10/api/v1"}, 2),
        ({"serial": "abc"}, 2),
        ({"password": ""}, 2),
        ({"port": "socket://127.0.0.1:9"}, 3),
        ({"serial": "11111111"}, 4),
    ],
)
def test_what_is_wrong_before_anything_is_sent(upload: Upload, changes: dict[str, str], code: int) -> None:
    result = upload("--json", **changes)
    assert result.code == code
    assert result.err
    assert result.objects[0]["ok"] is False
    assert not upload.folder.exists(), "no outbox is begun for nothing"


def test_a_site_without_its_one_gateway(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    two = [{"id": "a1", "name": "Cellar", "serial": ""}, {"id": "b2", "name": "Roof", "serial": ""}]
    monkeypatch.setattr(upload.world.portal_server.data, "gateways", lambda site_id: two)
    result = upload()
    assert result.code == 2
    assert "b2  Roof" in result.err

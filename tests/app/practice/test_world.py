"""The whole practice world: everything answers, a right register list verifies, a wrong one shows."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from app.bus.master import BusMaster
from app.bus.readout import Readout
from app.domain.delivery_state import DeliveryState
from app.domain.meter import SerialNumber
from app.domain.payload import MeterEntry
from app.domain.selection import Preferences
from app.domain.verification import Verdict, Verification, VerificationState
from app.portal import contract
from app.portal.client import PortalClient
from app.portal.credentials import Account, fixed_password
from app.portal.errors import PortalReadFailed
from app.portal.pacing import Pacer, SystemClock
from app.practice.portal import PortalTimes
from app.practice.world import PracticeWorld, WorldPorts
from app.services.commissioning import commission, load_vocabulary, read_meter
from app.services.delivery import Delivery
from app.store.store import Store
from tests.fakes.portals import entry_for

HEAT = SerialNumber.parse("94158192")
Change = Callable[[MeterEntry], MeterEntry]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PracticeWorld]:
    running = PracticeWorld.start(tmp_path / "Übung 1", times=PortalTimes(request_interval_s=0))
    try:
        yield running
    finally:
        running.stop()


async def read(world: PracticeWorld, serial: SerialNumber = HEAT) -> Readout:
    async with BusMaster(world.addresses.bus) as master:
        return await read_meter(master, serial)


def commission_and_verify(
    world: PracticeWorld,
    tmp_path: Path,
    change: Change = lambda entry: entry,
    serial: SerialNumber = HEAT,
    *,
    convert: bool = False,
) -> Verification:
    """Reads, uploads every useful register, and lets the gateway read; ``change`` spoils the entry."""
    addresses = world.addresses

    async def run() -> Verification:
        store = await Store.open(tmp_path / "desk", datetime.now(UTC))
        delivery = Delivery(store, client_for(world), Account(addresses.portal, addresses.username))
        try:
            (gateway,) = await delivery.portal().gateways(addresses.site_id)
            assert gateway.local_url == addresses.gateway
            taken_at = datetime.now(UTC)
            readout = await read(world, serial)
            entry = commission(
                serial,
                readout,
                load_vocabulary(),
                Preferences(convert_always=convert),
                place="Apartment 203",
                gateway_id=gateway.id,
                useful=True,
                read_at=taken_at,
            ).entry
            item = await delivery.upload(change(entry), addresses.site_id)
            item = await delivery.send_now(item.key)
            assert item.state is DeliveryState.SENT
            return await delivery.verify(item, readout.telegram, taken_at, load_vocabulary())
        finally:
            await delivery.close()
            await store.close()

    return asyncio.run(run())


def client_for(world: PracticeWorld) -> Callable[[Account], PortalClient]:
    def client(account: Account) -> PortalClient:
        pacer = Pacer(SystemClock(), 0.0)
        return PortalClient(
            account.base_url, account.username, fixed_password(world.addresses.password), pacer=pacer
        )

    return client


def test_the_main_job(world: PracticeWorld, tmp_path: Path) -> None:
    verification = commission_and_verify(world, tmp_path)
    assert [each.entry.unit for each in verification.registers] == [
        "heat_energy_kwh",
        "vol_m3",
        "power_kw",
        "vol_flow_m3_h",
        "flow_temp",
        "return_temp",
        "diff_temp",
    ]
    # The documented list to the letter: what it does to the power, the gateway's own decoder shows.
    odd = [each for each in verification.registers if each.verdict is not Verdict.EQUAL]
    assert [(each.entry.unit, each.verdict, each.ratio) for each in odd] == [
        ("power_kw", Verdict.FACTOR, 1000)
    ]
    assert verification.state(0) is VerificationState.LOOK
    stored = world.portal_server.data.meters(world.addresses.site_id)[-1].body
    assert stored["name"] == "CH - 94158192 - Apartment 203"
    assert stored["additional_settings"]["secondary_ad"] == "92811594FFFFFFFF"
    assert stored["additional_settings"]["reg"] == (
        "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}, "
        "{'unit': 'vol_m3', 'dib': '04', 'vib': '13'}, "
        "{'unit': 'power_kw', 'dib': '04', 'vib': '2B'}, "
        "{'unit': 'vol_flow_m3_h', 'dib': '04', 'vib': '3B'}, "
        "{'unit': 'flow_temp', 'dib': '02', 'vib': '5B'}, "
        "{'unit': 'return_temp', 'dib': '02', 'vib': '5F'}, "
        "{'unit': 'diff_temp', 'dib': '02', 'vib': '61'}]"
    )


def test_a_portal_that_converts_watts_itself_needs_no_factor(world: PracticeWorld, tmp_path: Path) -> None:
    world.gateway_server.converts_watts = True
    try:
        assert commission_and_verify(world, tmp_path).equal
    finally:
        world.gateway_server.converts_watts = False


def test_a_meter_in_joules_verifies_through_its_long_factor(world: PracticeWorld, tmp_path: Path) -> None:
    assert commission_and_verify(world, tmp_path, serial=SerialNumber.parse("08812260"), convert=True).equal


def test_a_register_that_the_meter_does_not_send_shows(world: PracticeWorld, tmp_path: Path) -> None:
    def misspelt(entry: MeterEntry) -> MeterEntry:
        return replace(entry, reg=entry.reg.replace("'vib': '06'", "'vib': '07'"))

    verification = commission_and_verify(world, tmp_path, misspelt)
    assert verification.registers[0].portal is None
    assert verification.registers[0].verdict is Verdict.MISSING
    assert verification.state(0) is VerificationState.LOOK


def test_a_meter_that_is_not_on_the_bus_shows(world: PracticeWorld, tmp_path: Path) -> None:
    with pytest.raises(PortalReadFailed, match="11111111FFFFFFFF"):
        commission_and_verify(world, tmp_path, lambda entry: replace(entry, secondary_ad="11111111FFFFFFFF"))


def test_the_gateways_own_interface(world: PracticeWorld, tmp_path: Path) -> None:
    commission_and_verify(world, tmp_path)
    base = f"{world.addresses.gateway}/api/v1/meter/heating"
    for address in ("92811594FFFFFFFF", "94158192"):
        answer = httpx.get(f"{base}/{address}/", trust_env=False, timeout=60)
        body = answer.json()
        assert answer.status_code == 200
        assert (body["heat_energy_kwh"], body["valid"]) == (37351, True)
        assert datetime.fromisoformat(body["ts"]).tzinfo is not None
    for url in (f"{base}/00000000/", f"{base.replace('heating', 'cold_water')}/94158192/"):
        assert httpx.get(url, trust_env=False).status_code == 404


def test_two_sites_the_second_has_no_bus(world: PracticeWorld) -> None:
    data = world.portal_server.data
    here, there = data.site_ids()
    assert here == world.addresses.site_id
    assert data.gateway_has_bus(data.gateways(here)[0]["id"])
    assert not data.gateway_has_bus(data.gateways(there)[0]["id"])


def test_the_same_seed_is_the_same_world(tmp_path: Path) -> None:
    seen = []
    for seed in (5, 5, 6):
        world = PracticeWorld.start(tmp_path, seed)
        seen.append((world.addresses.site_id, world.addresses.password))
        world.stop()
    assert seen[0] == seen[1]
    assert seen[0] != seen[2]


def test_nothing_is_left_after_stop(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    PracticeWorld.start(tmp_path).stop()
    assert set(threading.enumerate()) <= before


def test_stopped_while_the_gateway_reads(tmp_path: Path) -> None:
    """A READ of a meter that does not answer lasts seconds; the end of the world does not wait for it."""
    before = set(threading.enumerate())
    running = PracticeWorld.start(tmp_path / "second")
    asked = threading.Event()
    configured = running.portal_server.configured

    def ask(meter_type: str, address: str) -> dict[str, object] | None:
        asked.set()
        return configured(meter_type, address)

    running.gateway_server.configured = ask
    data = running.portal_server.data
    gateway_id = data.gateways(running.addresses.site_id)[0]["id"]
    body = contract.entry_fields(entry_for(gateway_id, "11111111"))
    data.create(running.addresses.site_id, body, "key")
    url = f"{running.addresses.gateway}/api/v1/meter/heating/11111111/"
    answers: list[int] = []

    def read_it() -> None:
        answers.append(httpx.get(url, trust_env=False, timeout=60).status_code)

    reader = threading.Thread(target=read_it)
    reader.start()
    assert asked.wait(60)
    running.stop()
    reader.join()
    assert answers == [504]
    assert set(threading.enumerate()) <= before


def test_a_portal_file_that_is_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "practice-portal-1.sqlite").write_bytes(b"something else" * 100)
    with pytest.raises(OSError, match="practice-portal-1"):
        PracticeWorld.start(tmp_path)


def test_a_taken_port_is_an_error_that_leaves_nothing(tmp_path: Path) -> None:
    first = PracticeWorld.start(tmp_path / "1")
    before = set(threading.enumerate())
    taken = int(first.addresses.gateway.rpartition(":")[2])
    try:
        with pytest.raises(OSError, match=r"in use|address|Errno"):
            PracticeWorld.start(tmp_path / "2", ports=WorldPorts(gateway=taken))
        assert set(threading.enumerate()) <= before
    finally:
        first.stop()

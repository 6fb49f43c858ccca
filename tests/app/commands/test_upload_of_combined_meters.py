"""``mbus-tool upload`` of a meter for heat and cooling: two entries of one address, both verified."""

import pytest

from app.practice.content import content, record, simulated_meter
from app.practice.portal_faults import PortalFault
from tests.app.commands.test_upload import Upload, shared_world, upload, world

__all__ = ["shared_world", "upload", "world"]

COMBINED = "69108842"
SHORT = "42881069FFFFFFFF"
HEAT = "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}]"
COLD = "[{'unit': 'cold_energy_kwh', 'factor': 0.001, 'dib': '8410', 'vib': '06'}]"


@pytest.fixture(autouse=True)
def combined(upload: Upload):
    def records():
        return [record("04", "06", 517_000), record("8410", "06", 6_042_000), record("04", "2B", 5900)]

    meter = simulated_meter(COMBINED, "ZRI", 136, 0x0D, content(records), primary=99)
    meters = upload.world.bus_server.building.meters
    meters.append(meter)
    yield
    meters.remove(meter)


def test_both_entries_are_uploaded_and_each_verified_with_its_own_register(upload: Upload) -> None:
    result = upload("--verify", "--json", "--place", "Roof", serial=COMBINED)
    assert (result.code, result.err) == (0, "")
    heat, heat_verified, cold, cold_verified = result.objects
    assert (heat["type"], heat["name"], heat["reg"]) == ("heating", "CH - 69108842 - Roof", HEAT)
    assert (cold["type"], cold["name"], cold["reg"]) == ("cooling", "FR - 69108842 - Roof", COLD)
    assert heat["secondary_ad"] == cold["secondary_ad"] == SHORT
    assert heat["id"] != cold["id"]
    assert (heat_verified["type"], heat_verified["registers"][0]["portal"]) == ("heating", "517")
    assert (cold_verified["type"], cold_verified["registers"][0]["portal"]) == ("cooling", "6042")


def test_each_upload_that_follows_changes_its_own_entry(upload: Upload) -> None:
    upload(serial=COMBINED)
    upload("--place", "Cellar", serial=COMBINED)
    stored = {each["type"]: each["name"] for each in upload.stored()}
    assert stored == {"heating": "CH - 69108842 - Cellar", "cooling": "FR - 69108842 - Cellar"}
    assert len(upload.stored()) == 2


def test_the_worse_of_both_decides_the_exit_code(upload: Upload) -> None:
    result = upload("--verify", "--json", "--useful", "--type", "cooling", serial=COMBINED)
    assert result.code == 6
    cold, cold_verified, heat, _ = result.objects
    assert (cold["type"], heat["type"]) == ("cooling", "heating")
    power = next(each for each in cold_verified["registers"] if each["unit"] == "power_kw")
    assert (power["verdict"], power["ratio"]) == ("factor", "1000")


def test_one_entry_alone_where_that_is_wanted(upload: Upload) -> None:
    assert upload("--single", "--type", "cooling", serial=COMBINED).code == 0
    assert [each["type"] for each in upload.stored()] == ["cooling"]


def test_a_corrected_type_changes_the_entry_that_is_there(upload: Upload) -> None:
    upload("--type", "cooling")
    (first,) = upload.stored()
    upload("--type", "heating")
    (second,) = upload.stored()
    assert (first["type"], second["type"], first["id"]) == ("cooling", "heating", second["id"])


def test_a_portal_of_one_entry_an_address_gets_both_energies_in_one_list(upload: Upload) -> None:
    upload.world.faults.set(PortalFault.ONE_ENTRY, on=True)
    refused = upload("--json", serial=COMBINED)
    assert refused.code == 5
    heat, cold = refused.objects
    assert (heat["state"], cold["state"], cold["next_step"]) == ("sent", "changed", "--one-list")
    assert "has this meter as heating and takes no second entry for its address" in cold["problem"]
    assert "upload again with --one-list" in refused.err
    assert [each["type"] for each in upload.stored()] == ["heating"]

    both = upload("--verify", "--json", "--one-list", serial=COMBINED)
    assert both.code == 0
    sent, verified = both.objects
    assert (sent["id"], sent["reg"]) == (heat["id"], f"{HEAT[:-1]}, {COLD[1:]}")
    assert [each["portal"] for each in verified["registers"]] == ["517", "6042"]


def test_an_address_typed_whole_is_the_gateways_too(upload: Upload) -> None:
    result = upload("--verify", "--json", serial="42881069496A880D")
    heat, verified, cold, _ = result.objects
    assert result.code == 0
    assert {heat["secondary_ad"], cold["secondary_ad"]} == {"42881069496A880D"}
    assert any("16 digits" in question for question in heat["questions"])
    assert verified["state"] == "verified"


def test_a_second_meter_of_the_number_gets_its_whole_address(upload: Upload) -> None:
    """The first one stands on the site by its whole address."""
    twin = simulated_meter(COMBINED, "KAM", 11, 0x0D, content(lambda: [record("04", "06", 1000)]), primary=98)
    meters = upload.world.bus_server.building.meters
    meters.append(twin)
    try:
        assert upload(serial=twin.address.text).code == 0
    finally:
        meters.remove(twin)
    result = upload("--json", serial=COMBINED)
    assert {each["secondary_ad"] for each in result.objects} == {"42881069496A880D"}
    assert any(twin.address.text in question for question in result.objects[0]["questions"])

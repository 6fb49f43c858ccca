"""The typed settings: what is stored comes back, what makes no sense is the default, each on its own."""

import asyncio
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.settings import Settings, changed_values, settings_of
from app.store.store import Store

ALL = Settings(
    portal="https://portal.example/api",
    username="fitter",
    site_id="a1",
    adapter_url="socket://127.0.0.1:4000",
    adapter_key="10c4:ea60:1",
    baud=9600,
    convert_always=True,
    water_as_volume=True,
    name_pattern="{type} - {serial}",
    update_check=True,
    update_address="https://there.example/version.json",
)


def test_every_setting_survives_the_store(tmp_path: Path) -> None:
    async def live() -> Settings:
        store = await Store.open(tmp_path, datetime(2026, 11, 26, tzinfo=UTC))
        await store.settings.update(changed_values(Settings(), ALL))
        await store.close()
        store = await Store.open(tmp_path, datetime(2026, 11, 27, tzinfo=UTC))
        try:
            return settings_of(await store.settings.all())
        finally:
            await store.close()

    assert all(getattr(ALL, each.name) != each.default for each in fields(Settings)), "each is tried"
    assert asyncio.run(live()) == ALL


def test_only_what_changed_is_written() -> None:
    assert changed_values(ALL, replace(ALL, baud=300)) == {"baud": 300}
    assert changed_values(ALL, ALL) == {}


@pytest.mark.parametrize("odd", [None, [], {}, 1.5, -1, 10**12, True, "line\nbreak", "\x00"])
@pytest.mark.parametrize("name", [each.name for each in fields(Settings)])
def test_an_odd_value_costs_only_itself(name: str, odd: object) -> None:
    read = settings_of({**asdict(ALL), name: odd})
    expected = odd if odd is True and isinstance(getattr(ALL, name), bool) else getattr(Settings(), name)
    assert read == replace(ALL, **{name: expected})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([each.name for each in fields(Settings)]) | st.text(), JSON))
def test_whatever_is_stored_gives_settings_of_their_types(stored: dict[str, object]) -> None:
    read = settings_of(stored)
    assert all(type(getattr(read, each.name)) is type(each.default) for each in fields(Settings))


def test_what_the_window_takes_of_them() -> None:
    assert (ALL.account.base_url, ALL.account.username) == (ALL.portal, ALL.username)
    assert (ALL.preferences.convert_always, ALL.preferences.water_as_volume) == (True, True)
    assert (ALL.updates.enabled, ALL.updates.address) == (True, ALL.update_address)

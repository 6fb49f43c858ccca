"""A data folder in use: opened and closed as one, practice apart from it, and none at all survived."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.building import NO_SITE
from app.domain.commissioned import Rules
from app.portal.credentials import Account, Passwords, Secret, fixed_password
from app.services.account import NO_ACCOUNT
from app.services.adapter import Adapter
from app.services.commissioning import load_vocabulary
from app.services.meter_keys import KeptKeys
from app.services.settings import Settings
from app.services.tasks import TaskScope
from app.services.workspace import Surroundings, Workspace
from app.store.errors import StoreError, StoreInUse
from app.store.store import FILE_NAME

SERIAL = "94158192"


class Vault:
    """A keyring that says what was asked of it."""

    def __init__(self) -> None:
        self.entries: dict[Account, str] = {}
        self.asked: list[str] = []

    def load(self, account: Account) -> Secret | None:
        self.asked.append(account.username)
        return Secret(self.entries[account]) if account in self.entries else None

    def save(self, account: Account, password: Secret) -> bool:
        self.entries[account] = password.reveal()
        return True

    def forget(self, account: Account) -> None:
        self.entries.pop(account, None)


class Room:
    """What a window has around its workspaces."""

    def __init__(self) -> None:
        self.tasks, self.vault = TaskScope(), Vault()
        self.around = Surroundings.build(
            Adapter(self.tasks, tuple), self.tasks, Rules(load_vocabulary()), KeptKeys()
        )

    def workspace(self, folder: Path, passwords: Passwords | None = None) -> Workspace:
        return Workspace(
            folder,
            self.around,
            passwords or fixed_password("own"),
            key_vault=None if passwords else self.vault,
        )


def live(act: Callable[[Room], Awaitable[object]]) -> object:
    async def run() -> object:
        room = Room()
        try:
            return await act(room)
        finally:
            await room.tasks.close()

    return asyncio.run(run())


def test_settings_and_account_are_as_before_after_a_close(tmp_path: Path) -> None:
    account = Account("https://portal.example/api", "fitter")

    async def act(room: Room) -> tuple[Settings, Account]:
        first = room.workspace(tmp_path)
        await first.open()
        await first.keep(lambda was: replace(was, baud=9600))
        await first.use_account(account)
        await first.close()
        await first.close()
        assert not first.is_open
        assert first.account == NO_ACCOUNT
        second = room.workspace(tmp_path)
        await second.open()
        try:
            return second.settings, second.account
        finally:
            await second.close()

    settings, kept = live(act)
    assert (settings.baud, settings.account, kept) == (9600, account, account)


def test_two_changes_begun_at_once_are_both_kept(tmp_path: Path) -> None:
    async def act(room: Room) -> Settings:
        workspace = room.workspace(tmp_path)
        await workspace.open()
        await asyncio.gather(
            workspace.keep(lambda was: replace(was, baud=300)),
            workspace.keep(lambda was: replace(was, convert_always=True)),
        )
        await workspace.close()
        again = room.workspace(tmp_path)
        await again.open()
        await again.close()
        return again.settings

    settings = live(act)
    assert (settings.baud, settings.convert_always) == (300, True)


def test_a_second_workspace_on_the_folder_cannot_write_and_says_why(tmp_path: Path) -> None:
    async def act(_room: Room) -> None:
        one, other = Room(), Room()
        first, second = one.workspace(tmp_path), other.workspace(tmp_path)
        await first.open()
        with pytest.raises(StoreInUse):
            await second.open()
        assert "Another copy" in str(second.problem)
        assert not second.is_open
        await first.close()
        await second.open()
        assert second.problem is None
        await second.close()

    live(act)


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    async def act(room: Room) -> str:
        workspace = room.workspace(tmp_path / "file" / "data")
        with pytest.raises(StoreError):
            await workspace.open()
        await workspace.keep(lambda was: replace(was, baud=300))
        assert workspace.settings.baud == 300, "for this run"
        await workspace.close()
        return str(workspace.problem)

    assert str(tmp_path / "file" / "data") in live(act)


def test_what_was_entered_while_nothing_could_be_kept_is_kept_as_soon_as_it_can(tmp_path: Path) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("in the way")

    async def act(room: Room) -> tuple[str, ...]:
        workspace = room.workspace(blocked)
        with pytest.raises(StoreError):
            await workspace.open()
        await room.around.site.open(NO_SITE)
        meter_id = await room.around.site.add(SERIAL)
        room.around.site.change([meter_id], lambda draft: replace(draft, place="Cellar"))
        blocked.unlink()
        await workspace.open()
        try:
            kept = await workspace.store.meters.load(NO_SITE)
            return tuple((each.serial, each.draft.place, each.decision is not None) for each in kept)
        finally:
            await workspace.close()

    assert live(act) == ((SERIAL, "Cellar", True),)


def test_practice_asks_nothing_of_the_keyring_and_leaves_nothing_in_it(tmp_path: Path) -> None:
    async def act(room: Room) -> None:
        own = room.workspace(tmp_path / "own")
        await own.open()
        assert room.around.keys.keep(SERIAL, bytes(16), beyond_this_run=True)
        await own.close()
        before, room.vault.asked = dict(room.vault.entries), []
        practice = room.workspace(tmp_path / "practice", fixed_password("practice"))
        await practice.open()
        assert room.around.keys.of(SERIAL) is None, "the person's own key is not known there"
        assert not room.around.keys.keep("94158193", bytes(range(16)), beyond_this_run=True)
        await practice.close()
        assert (room.vault.entries, room.vault.asked) == (before, [])
        await own.open()
        assert room.around.keys.of("94158193") is None, "nor is one of practice known afterwards"
        assert room.around.keys.of(SERIAL) == bytes(16)
        await own.close()

    live(act)
    assert (tmp_path / "own" / FILE_NAME).exists()

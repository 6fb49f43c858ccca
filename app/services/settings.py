"""What the person set and the program remembers: one typed value over the store's JSON by key."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from app.domain.selection import Preferences
from app.portal.credentials import Account
from app.services.update import UpdateSettings
from app.store.settings import Setting

LARGEST_BAUD: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default; the field's name is the store's key.

    Attributes:
        portal: base URL of the account; empty before the first login.
        username: of the account.
        site_id: the portal's id of the site chosen there; empty for none.
        adapter_url: of the adapter that worked last.
        adapter_key: what that one is recognised by at another port.
        baud: of its line; 0 for the usual one.
        convert_always: see :class:`app.domain.selection.Preferences`.
        water_as_volume: as before.
        name_pattern: how meters are named; empty for the vocabulary's pattern.
        update_check: look for a newer version at the start.
        update_address: where.
    """

    portal: str = ""
    username: str = ""
    site_id: str = ""
    adapter_url: str = ""
    adapter_key: str = ""
    baud: int = 0
    convert_always: bool = False
    water_as_volume: bool = False
    name_pattern: str = ""
    update_check: bool = False
    update_address: str = ""

    @property
    def account(self) -> Account:
        """The account in use."""
        return Account(self.portal, self.username)

    @property
    def preferences(self) -> Preferences:
        """What the person prefers where the documentation is odd."""
        return Preferences(convert_always=self.convert_always, water_as_volume=self.water_as_volume)

    @property
    def updates(self) -> UpdateSettings:
        """Whether and where to look for a newer version."""
        return UpdateSettings(enabled=self.update_check, address=self.update_address)


def settings_of(stored: Mapping[str, Setting]) -> Settings:
    """The settings a store has; a value that is not of its kind is as good as none, each on its own.

    Args:
        stored: JSON values by key; keys of other versions are passed over.
    """
    known: dict[str, Any] = {}
    for each in fields(Settings):
        value = stored.get(each.name)
        if type(value) is type(each.default) and _is_sensible(value):
            known[each.name] = value
    return Settings(**known)


def changed_values(before: Settings, after: Settings) -> dict[str, Setting]:
    """What has to be written, by the store's keys."""
    return {
        each.name: getattr(after, each.name)
        for each in fields(Settings)
        if getattr(after, each.name) != getattr(before, each.name)
    }


def _is_sensible(value: Setting) -> bool:
    if isinstance(value, str):
        return value.isprintable()
    return type(value) is not int or 0 <= value <= LARGEST_BAUD

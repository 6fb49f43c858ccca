"""The keys of encrypted meters: given for this run, or kept in the system's keyring by serial number."""

import threading

from app.domain.errors import EncryptedReadingError, MeterKeyError
from app.domain.meter_key import parse_key
from app.mbus.errors import FrameErrorKind
from app.mbus.records import Telegram
from app.mbus.response import decode
from app.mbus.security import NO_KEYS, MeterKeys
from app.message import Message
from app.portal.credentials import Account, PasswordVault, Secret

_PLACE = "M-Bus meter key"
"""Stands where the keyring's entries of passwords have the portal."""


class KeptKeys:
    """Finds the key of a meter when an encrypted telegram asks for it; no text shows one.

    Safe to ask from any thread: the bus decodes on the port thread. The keyring is asked once in a run for
    each meter.

    Args:
        vault: where keys stay between two runs; None keeps them for this run only.
        given: keys of the command line, which come first.
    """

    def __init__(self, vault: PasswordVault | None = None, given: MeterKeys = NO_KEYS) -> None:
        self._vault = vault
        self._given = given
        self._known: dict[str, bytes | None] = {}
        self._lock = threading.Lock()

    def use_vault(self, vault: PasswordVault | None) -> None:
        """Another workspace: nothing that was known of the one before is known there, or kept there."""
        with self._lock:
            self._vault = vault
            self._known.clear()

    def of(self, identification: str) -> bytes | None:
        """The key of a meter, None when none is known; may wait for the system's own dialog."""
        given = self._given.of(identification)
        if given is not None:
            return given
        with self._lock:
            if identification not in self._known:
                self._known[identification] = self._load(identification)
            return self._known[identification]

    def keep(self, identification: str, key: bytes, *, beyond_this_run: bool) -> bool:
        """Knows a key from now on; says whether it also stays where that was wished.

        Waits for the keyring, so it is nothing for the window's own thread.
        """
        with self._lock:
            self._known[identification] = key
        if not beyond_this_run:
            return True
        return self._vault is not None and self._vault.save(_entry(identification), Secret(key.hex()))

    def _load(self, identification: str) -> bytes | None:
        if self._vault is None:
            return None
        try:
            kept = self._vault.load(_entry(identification))
            return None if kept is None else parse_key(kept.reveal())
        except MeterKeyError:
            return None
        except Exception:  # noqa: BLE001 - keyrings raise what they like; a reading goes on without them
            return None


def is_encrypted(telegram: Telegram) -> bool:
    """Whether a telegram arrived whole and only its key is lacking or wrong."""
    return telegram.error is not None and telegram.error.kind is FrameErrorKind.ENCRYPTED


def encrypted_error(telegram: Telegram) -> EncryptedReadingError:
    """What is said of a telegram that :func:`is_encrypted`."""
    reason = telegram.error.words if telegram.error is not None else ""
    return EncryptedReadingError(
        Message("The meter answered, but not with its registers: {reason}.", {"reason": reason})
    )


def fitting_key(telegram: Telegram, text: str) -> bytes:
    """The key that was typed, once it has opened a telegram.

    Raises:
        MeterKeyError: it is no key, it is the wrong one, or the telegram itself is spoilt.
    """
    key = parse_key(text)
    opened = decode(telegram.raw, MeterKeys(default=key))
    if opened.error is None:
        return key
    values = {"reason": opened.error.words}
    if is_encrypted(opened):
        raise MeterKeyError(Message("This key does not open the telegram: {reason}.", values))
    raise MeterKeyError(Message("The telegram itself is spoilt, read the meter again: {reason}.", values))


def _entry(identification: str) -> Account:
    return Account(_PLACE, identification)

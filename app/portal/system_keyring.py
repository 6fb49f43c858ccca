"""The operating system's keyring; without one nothing is kept, and the person is asked each time.

Its backends raise what they like (D-Bus errors, missing libraries, a locked collection), so every failure
means the same here: not kept, not known.
"""

from app.portal.credentials import Account, Secret

KEYRING_SERVICE = "mbus-commissioner"


class SystemKeyring:
    """A :class:`app.portal.credentials.PasswordVault`; loads the keyring's package when it is first asked."""

    def load(self, account: Account) -> Secret | None:
        """The kept password; None where none is kept or the system keeps none."""
        try:
            import keyring  # noqa: PLC0415 - its backends take a while to load

            password = keyring.get_password(KEYRING_SERVICE, account.keyring_name)
        except Exception:  # noqa: BLE001 - see above
            return None
        return Secret(password) if isinstance(password, str) else None

    def save(self, account: Account, password: Secret) -> bool:
        """Keeps it; False where the system keeps none."""
        try:
            import keyring  # noqa: PLC0415 - as in load

            keyring.set_password(KEYRING_SERVICE, account.keyring_name, password.reveal())
        except Exception:  # noqa: BLE001 - see above
            return False
        return True

    def forget(self, account: Account) -> None:
        """Drops it; nothing happens where none is kept."""
        try:
            import keyring  # noqa: PLC0415 - as in load

            keyring.delete_password(KEYRING_SERVICE, account.keyring_name)
        except Exception:  # noqa: BLE001, S110 - see above
            pass

"""The keys of meters: found when they are needed, kept where the person wants, never in a text."""

import pytest

from app.domain.errors import MeterKeyError
from app.domain.meter_key import parse_key
from app.mbus.response import decode
from app.mbus.security import MeterKeys
from app.services.meter_keys import KeptKeys, fitting_key, is_encrypted
from tests.fakes.meters import encrypted_meter

KEY = bytes(range(16))
OTHER = bytes(range(16, 32))


class Vault:
    """A keyring in memory; ``broken`` is what a system without one does."""

    def __init__(self, *, broken: bool = False) -> None:
        self.kept, self.broken, self.asked = {}, broken, 0

    def load(self, account):
        self.asked += 1
        if self.broken:
            raise RuntimeError("no bus")
        return self.kept.get(account)

    def save(self, account, password):
        if self.broken:
            return False
        self.kept[account] = password
        return True

    def forget(self, account):
        self.kept.pop(account, None)


def test_a_key_that_is_kept_is_there_the_next_time_and_only_for_its_meter():
    vault = Vault()
    assert KeptKeys(vault).keep("94158192", KEY, beyond_this_run=True)
    assert KeptKeys(vault).of("94158192") == KEY
    assert KeptKeys(vault).of("94158193") is None


def test_without_the_wish_a_key_is_known_for_this_run_only():
    vault = Vault()
    keys = KeptKeys(vault)
    assert keys.keep("94158192", KEY, beyond_this_run=False)
    assert keys.of("94158192") == KEY
    assert not vault.kept


@pytest.mark.parametrize("vault", [None, Vault(broken=True)], ids=["none", "broken"])
def test_a_computer_without_a_keyring_reads_on_with_keys_in_memory(vault):
    keys = KeptKeys(vault)
    assert keys.of("94158192") is None
    assert not keys.keep("94158192", KEY, beyond_this_run=True)
    assert keys.of("94158192") == KEY


def test_the_keyring_is_asked_once_a_run_however_often_the_meter_answers():
    vault = Vault()
    keys = KeptKeys(vault)
    for _ in range(3):
        keys.of("94158192")
    assert vault.asked == 1


def test_keys_of_the_command_line_come_first_and_a_new_one_replaces_a_wrong_one():
    vault = Vault()
    KeptKeys(vault).keep("94158192", KEY, beyond_this_run=True)
    assert KeptKeys(vault, MeterKeys({"94158192": OTHER})).of("94158192") == OTHER
    keys = KeptKeys(vault)
    assert keys.of("94158192") == KEY
    keys.keep("94158192", OTHER, beyond_this_run=True)
    assert keys.of("94158192") == KeptKeys(vault).of("94158192") == OTHER


def test_no_text_shows_a_key():
    keys = KeptKeys(Vault(), MeterKeys(default=KEY))
    keys.keep("94158192", OTHER, beyond_this_run=True)
    for text in (repr(keys), str(keys), repr(keys._vault.kept)):
        assert OTHER.hex() not in text.lower()
        assert "\\x" not in text


@pytest.mark.parametrize(
    "text", [KEY.hex(), KEY.hex(" "), KEY.hex(":").upper(), f" {KEY.hex()[:16]}\n{KEY.hex()[16:]} "]
)
def test_a_key_is_taken_as_people_write_it(text):
    assert parse_key(text) == KEY


@pytest.mark.parametrize("text", ["", "00", KEY.hex()[:-1] + "g", KEY.hex() + "00", "é" * 32])
def test_what_is_no_key_is_refused_without_being_repeated(text):
    with pytest.raises(MeterKeyError) as caught:
        parse_key(text)
    assert not text or text not in str(caught.value)


def test_a_wrong_key_is_told_from_a_telegram_that_is_spoilt():
    (raw,) = encrypted_meter(KEY).telegrams()
    telegram = decode(raw)
    assert is_encrypted(telegram)
    assert fitting_key(telegram, KEY.hex()) == KEY
    with pytest.raises(MeterKeyError, match="does not fit"):
        fitting_key(telegram, OTHER.hex())
    spoilt = decode(raw[:-2] + b"\x00\x16")
    assert not is_encrypted(spoilt)
    with pytest.raises(MeterKeyError, match="itself is spoilt"):
        fitting_key(spoilt, KEY.hex())

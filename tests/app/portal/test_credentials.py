"""Where the password comes from: the keyring, or the person; and that it stays out of sight."""

import asyncio
import threading

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import PasswordDeleteError

from app.portal.credentials import Account, GivenPassword, Passwords, Secret
from app.portal.errors import PortalNeedsLogin
from app.portal.system_keyring import SystemKeyring

ACCOUNT = Account("https://portal.example/api/v1", "anna")


class MemoryKeyring(KeyringBackend):
    """A keyring as an operating system has one."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not found")


class Person:
    """Answers with the given passwords, one after the other."""

    def __init__(self, *answers: GivenPassword | None) -> None:
        self.answers = list(answers)
        self.asked: list[bool] = []

    async def __call__(self, account: Account, /, *, refused: bool) -> GivenPassword | None:
        self.asked.append(refused)
        return self.answers.pop(0)


@pytest.fixture
def system_keyring(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    backend = MemoryKeyring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend)
    return backend


def test_asked_once_and_kept_where_the_person_wants(system_keyring: MemoryKeyring) -> None:
    person = Person(GivenPassword(Secret("pw"), keep=True))
    passwords = Passwords(person, SystemKeyring())

    async def run() -> None:
        assert (await passwords.get(ACCOUNT)).reveal() == "pw"
        assert (await passwords.get(ACCOUNT)).reveal() == "pw"
        assert system_keyring.kept == {}, "nobody knows yet whether it is right"
        await passwords.proved(ACCOUNT)

    asyncio.run(run())
    assert person.asked == [False]
    assert list(system_keyring.kept.values()) == ["pw"]
    again = Passwords(Person(), SystemKeyring())
    assert asyncio.run(again.get(ACCOUNT)).reveal() == "pw", "the next start asks nobody"


def test_not_kept_where_the_person_does_not_want(system_keyring: MemoryKeyring) -> None:
    asyncio.run(Passwords(Person(GivenPassword(Secret("pw"))), SystemKeyring()).get(ACCOUNT))
    assert system_keyring.kept == {}


def test_a_refused_password_leaves_the_keyring_and_another_is_asked_for(
    system_keyring: MemoryKeyring,
) -> None:
    system_keyring.set_password("mbus-commissioner", ACCOUNT.keyring_name, "old")
    person = Person(GivenPassword(Secret("new"), keep=True))
    passwords = Passwords(person, SystemKeyring())

    async def run() -> None:
        old = await passwords.get(ACCOUNT)
        assert (await passwords.get(ACCOUNT, refused=old)).reveal() == "new"
        assert system_keyring.kept == {}
        await passwords.proved(ACCOUNT)

    asyncio.run(run())
    assert person.asked == [True]
    assert list(system_keyring.kept.values()) == ["new"]


OTHERS = Account("https://other.example/api/v1", "anna")


def test_a_password_typed_anew_takes_the_place_of_the_one_known_and_kept(
    system_keyring: MemoryKeyring,
) -> None:
    system_keyring.set_password("mbus-commissioner", ACCOUNT.keyring_name, "old")
    passwords = Passwords(Person(), SystemKeyring())

    async def run() -> None:
        old = await passwords.get(ACCOUNT)
        assert passwords.is_current(ACCOUNT, old)
        await passwords.propose(ACCOUNT, GivenPassword(Secret("new"), keep=True))
        assert not passwords.is_current(ACCOUNT, old), "what was made with it is to be made anew"
        assert (await passwords.get(ACCOUNT)).reveal() == "new"
        assert list(system_keyring.kept.values()) == ["old"], "until it has worked"
        await passwords.proved(ACCOUNT)

    asyncio.run(run())
    assert list(system_keyring.kept.values()) == ["new"]


def test_a_password_typed_anew_that_is_not_to_be_kept_leaves_no_old_one_in_the_keyring(
    system_keyring: MemoryKeyring,
) -> None:
    system_keyring.set_password("mbus-commissioner", ACCOUNT.keyring_name, "old")
    passwords = Passwords(Person(), SystemKeyring())

    async def run() -> None:
        await passwords.propose(ACCOUNT, GivenPassword(Secret("new")))
        await passwords.proved(ACCOUNT)

    asyncio.run(run())
    assert system_keyring.kept == {}


@pytest.mark.parametrize("asked", [False, True])
def test_a_mistyped_password_costs_the_right_one_nothing(
    system_keyring: MemoryKeyring, *, asked: bool
) -> None:
    system_keyring.set_password("mbus-commissioner", ACCOUNT.keyring_name, "right")
    passwords = Passwords(Person(None), SystemKeyring())

    async def run() -> None:
        right = await passwords.get(ACCOUNT)
        wrong = GivenPassword(Secret("mistyped"), keep=True)
        await passwords.propose(ACCOUNT, wrong)
        if asked:
            with pytest.raises(PortalNeedsLogin):
                await passwords.get(ACCOUNT, refused=wrong.password)
        assert await passwords.withdraw(ACCOUNT) == (None if asked else wrong)
        assert await passwords.get(ACCOUNT) is right

    asyncio.run(run())
    assert list(system_keyring.kept.values()) == ["right"]


def test_a_typed_password_is_given_to_its_own_account_alone() -> None:
    """Uploads of an old account may ask at the same time: its portal must never see the other's password."""
    person = Person(None)
    passwords = Passwords(person)

    async def run() -> None:
        await passwords.propose(ACCOUNT, GivenPassword(Secret("pw")))
        assert (await passwords.get(ACCOUNT)).reveal() == "pw"
        with pytest.raises(PortalNeedsLogin):
            await passwords.get(OTHERS)

    asyncio.run(run())
    assert person.asked == [False], "the person is asked for the other account"


def test_two_requests_at_once_ask_once() -> None:
    person = Person(GivenPassword(Secret("pw")))
    passwords = Passwords(person)

    async def run() -> None:
        await asyncio.gather(passwords.get(ACCOUNT), passwords.get(ACCOUNT))

    asyncio.run(run())
    assert person.asked == [False]


def test_a_system_without_a_keyring_asks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", NoKeyring())
    person = Person(GivenPassword(Secret("pw"), keep=True))
    assert asyncio.run(Passwords(person, SystemKeyring()).get(ACCOUNT)).reveal() == "pw"
    SystemKeyring().forget(ACCOUNT)
    assert SystemKeyring().save(ACCOUNT, Secret("pw")) is False


def test_a_person_who_gives_none_is_an_error_of_its_own() -> None:
    with pytest.raises(PortalNeedsLogin):
        asyncio.run(Passwords(Person(None)).get(ACCOUNT))


def test_a_secret_is_shown_nowhere() -> None:
    secret = Secret("sesame")
    given = GivenPassword(secret)
    for shown in (repr(secret), str(secret), f"{secret}", repr(given), repr([secret])):
        assert "sesame" not in shown


async def used(passwords: Passwords) -> None:
    """A login that works with a password that was asked for."""
    assert (await passwords.get(ACCOUNT)).reveal() == "pw"
    await passwords.proved(ACCOUNT)


class AngryKeyring(KeyringBackend):
    """Raises what a backend of a half-installed desktop raises."""

    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("no D-Bus session")

    set_password = delete_password = get_password  # type: ignore[assignment]


def test_whatever_a_keyring_raises_the_upload_goes_on_and_the_person_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", AngryKeyring())
    said: list[object] = []
    passwords = Passwords(Person(GivenPassword(Secret("pw"), keep=True)), SystemKeyring(), notify=said.append)
    asyncio.run(used(passwords))
    assert ["did not keep" in str(each) for each in said] == [True]


def test_a_keyring_that_never_answers_holds_nothing_up() -> None:
    """Its dialog may stand behind another window; the program must neither wait for ever nor stay alive."""
    answers = threading.Event()

    class Silent:
        def load(self, account: Account) -> Secret | None:
            answers.wait()
            return None

        def save(self, account: Account, password: Secret) -> bool:
            answers.wait()
            return True

        forget = load

    said: list[object] = []
    person = Person(GivenPassword(Secret("pw"), keep=True))
    passwords = Passwords(person, Silent(), notify=said.append, patience_s=0.05)  # type: ignore[arg-type]
    asyncio.run(used(passwords))
    assert ["does not answer" in str(each) for each in said] == [True, True, False]
    waiting = [thread for thread in threading.enumerate() if thread.name == "patient work"]
    assert all(thread.daemon for thread in waiting)
    answers.set()
    for thread in waiting:
        thread.join()


def test_a_password_that_was_kept_needs_no_word(system_keyring: MemoryKeyring) -> None:
    said: list[object] = []
    passwords = Passwords(Person(GivenPassword(Secret("pw"), keep=True)), SystemKeyring(), notify=said.append)
    asyncio.run(used(passwords))
    assert said == []

"""``mbus-tool upload``: reads a meter and puts it on the portal; kept in an outbox until it arrived."""

import argparse
import asyncio
import getpass
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from app.bus.errors import BusError
from app.bus.readout import Readout
from app.commands.meter_arguments import (
    add_entry_arguments,
    add_meter_arguments,
    asked_number,
    commissioned,
    read,
    report_unread,
)
from app.commands.outcome import ExitCode, print_json, report_error
from app.domain.checks import Check
from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.errors import DomainError
from app.domain.meter import SerialNumber
from app.domain.named_ratio import ratio_text
from app.domain.open_points import open_points
from app.domain.verification import Verification, VerificationState
from app.message import Message
from app.portal.address import normal_base_url
from app.portal.client import PortalClient
from app.portal.credentials import (
    Account,
    GivenPassword,
    Passwords,
    Secret,
)
from app.portal.errors import PortalAddressError, PortalError, PortalHasNoWrite
from app.portal.system_keyring import SystemKeyring
from app.services.commissioning import load_vocabulary
from app.services.delivery import Delivery
from app.store.errors import StoreError
from app.store.store import Store

_STORE_WAIT_S = 30.0
"""Several uploads at once take turns at the outbox."""


_CODES = {
    VerificationState.VERIFIED: ExitCode.OK,
    VerificationState.OPEN: ExitCode.OPEN,
    VerificationState.LOOK: ExitCode.DIFFERS,
    VerificationState.UPLOADED: ExitCode.OPEN,
}


class UsageError(Exception):
    """The command line lacks something that only the portal could tell."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the meter, the entry, the portal and the outbox."""
    add_meter_arguments(parser)
    add_entry_arguments(parser)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = ExitCode.overview()
    parser.add_argument("--portal", required=True, metavar="URL", help="e.g. https://api.climkit.io/api/v1")
    parser.add_argument("--username", required=True, metavar="NAME", help="account of the portal's interface")
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="the password is the first line of standard input (default: the system's keyring, or asked for)",
    )
    parser.add_argument("--site", required=True, metavar="ID", help="the portal's id of the site")
    parser.add_argument("--gateway", default="", metavar="ID", help="needed where the site has several")
    parser.add_argument("--verify", action="store_true", help="let the gateway READ the meter and compare")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="folder of the outbox (default: the user's data folder); what could not be sent goes with the "
        "next upload",
    )


def run(arguments: argparse.Namespace) -> int:
    """Reads, uploads and verifies."""
    number: SerialNumber | None = None
    try:
        account = Account(normal_base_url(arguments.portal), arguments.username)
        number = asked_number(arguments)
        password = _typed_password(arguments)
        serial, readout = asyncio.run(read(arguments, number))
        return asyncio.run(_upload(arguments, account, password, serial, readout))
    except PortalAddressError as error:
        report_error(error, as_json=arguments.json)
        return ExitCode.USAGE
    except UsageError as error:
        if arguments.json:
            print_json({"ok": False, "error": {"kind": "usage", "message": str(error)}})
        print(error, file=sys.stderr)  # noqa: T201
        return ExitCode.USAGE
    except (DomainError, BusError, PortalError, StoreError) as error:
        return report_unread(error, number, arguments)


async def _upload(
    arguments: argparse.Namespace,
    account: Account,
    password: Secret | None,
    serial: SerialNumber,
    readout: Readout,
) -> int:
    taken_at = datetime.now(UTC)
    store = await Store.open(_folder(arguments), taken_at, busy_timeout_s=_STORE_WAIT_S)
    passwords = _passwords(account, password)
    delivery = Delivery(store, lambda each: PortalClient(each.base_url, each.username, passwords), account)
    try:
        for notice in store.notices:
            print(notice, file=sys.stderr)  # noqa: T201
        gateway_id = arguments.gateway or await _only_gateway(delivery, store, arguments.site)
        meter = commissioned(arguments, serial, readout, gateway_id=gateway_id)
        item = await delivery.upload(meter.entry, arguments.site)
        item = await delivery.send_now(item.key)
        _report(item, as_json=arguments.json)
        if item.state is not DeliveryState.SENT:
            return ExitCode.PORTAL
        code = ExitCode.OK
        if arguments.verify:
            verification = await delivery.verify(item, readout.telegram, taken_at, load_vocabulary())
            points = open_points(meter.checks, verification)
            _report_verification(verification, points, as_json=arguments.json)
            code = _CODES[verification.state(len(points))]
        await delivery.send_waiting()
        return code
    finally:
        await delivery.close()
        await store.close()


async def _only_gateway(delivery: Delivery, store: Store, site_id: str) -> str:
    portal = delivery.account.base_url
    try:
        gateways = await delivery.portal().gateways(site_id)
    except PortalError as error:
        if not error.passes and not isinstance(error, PortalHasNoWrite):
            raise
        gateways = await store.portal_cache.gateways(portal, site_id)
        if not gateways:
            # The reading comes first: it is kept, and the gateway chosen when the portal can be asked.
            return ""
    else:
        await store.portal_cache.save_gateways(portal, site_id, gateways)
    if len(gateways) == 1:
        return gateways[0].id
    listed = "".join(f"\n  {gateway.id}  {gateway.name}" for gateway in gateways) or " none"
    raise UsageError(f"Name the gateway with --gateway; the site has:{listed}")


def _typed_password(arguments: argparse.Namespace) -> Secret | None:
    if not arguments.password_stdin:
        return None
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise UsageError("No password came on standard input.")
    return Secret(password)


def _passwords(account: Account, password: Secret | None) -> Passwords:
    async def answer(asked: Account, *, refused: bool) -> GivenPassword | None:
        if asked != account or (refused and password is not None):
            return None
        if password is not None:
            return GivenPassword(password)
        if not sys.stdin.isatty():
            return None
        typed = await asyncio.to_thread(getpass.getpass, f"Password of {asked.username}: ")
        return GivenPassword(Secret(typed)) if typed else None

    return Passwords(answer, None if password is not None else SystemKeyring())


def _folder(arguments: argparse.Namespace) -> Path:
    if arguments.data is not None:
        return Path(arguments.data)
    import platformdirs  # noqa: PLC0415 - only where nobody names a folder

    # Not the window's own folder: the window keeps its data file for itself while it runs.
    return platformdirs.user_data_path("mbus-commissioner", appauthor=False) / "tool"


def _report(item: OutboxItem, *, as_json: bool) -> None:
    arrived = item.state is DeliveryState.SENT
    if as_json:
        print_json(_item_object(item))
    elif arrived:
        print(f"{item.entry.name}: on the portal as {item.meter_id}")  # noqa: T201
    if not arrived:
        kept = Message("{name}: not on the portal yet; kept in the outbox.", {"name": item.entry.name})
        print(f"{kept} {item.problem or ''}".strip(), file=sys.stderr)  # noqa: T201


def _item_object(item: OutboxItem) -> dict[str, object]:
    entry = item.entry
    return {
        "ok": item.state is DeliveryState.SENT,
        "state": item.state.value,
        "id": item.meter_id or None,
        "key": item.key,
        "site_id": item.site_id,
        "name": entry.name,
        "type": entry.type.value,
        "gateway_id": entry.gateway_id,
        "secondary_ad": entry.secondary_ad,
        "reg": entry.reg,
        "problem": None if item.problem is None else str(item.problem),
        "errors": [{"field": each.field, "reason": each.reason} for each in item.field_reasons],
    }


_STATES = {
    VerificationState.VERIFIED: "verified: the portal shows what the meter says",
    VerificationState.OPEN: "every value is equal; {count} open",
    VerificationState.LOOK: "the portal does not show what the meter says",
    VerificationState.UPLOADED: "not verified yet",
}


def _report_verification(verification: Verification, points: tuple[Check, ...], *, as_json: bool) -> None:
    if as_json:
        print_json(_verification_object(verification, points))
        return
    for each in verification.registers:
        values = (
            f"portal {_text(each.portal) or '–'}, meter {_text(each.meter) or '–'} {each.symbol}".rstrip()
        )
        print(f"{each.entry.unit}: {each.verdict.value}: {values}  {each.reason or ''}".rstrip())  # noqa: T201
    if verification.problem is not None:
        print(verification.problem)  # noqa: T201
    for point in points:
        print(f"open: {point.reason}")  # noqa: T201
    print(_STATES[verification.state(len(points))].format(count=len(points)))  # noqa: T201


def _verification_object(verification: Verification, points: tuple[Check, ...]) -> dict[str, object]:
    state = verification.state(len(points))
    return {
        "ok": state is VerificationState.VERIFIED,
        "state": state.value,
        "equal": verification.equal,
        "read_at": verification.read_at,
        "problem": None if verification.problem is None else str(verification.problem),
        "open": [{"check": point.code, "reason": str(point.reason)} for point in points],
        "registers": [
            {
                "unit": each.entry.unit,
                "symbol": each.symbol,
                "dib": each.entry.dib,
                "vib": each.entry.vib,
                "meter": _text(each.meter),
                "portal": _text(each.portal),
                "verdict": each.verdict.value,
                "ratio": None if each.ratio is None else ratio_text(each.ratio),
                "reason": None if each.reason is None else str(each.reason),
            }
            for each in verification.registers
        ],
    }


def _text(value: Decimal | None) -> str | None:
    """A value without an exponent and without zeros at its end."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

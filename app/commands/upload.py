"""``mbus-tool upload``: reads a meter and puts it on the portal; kept in an outbox until it arrived."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from app.bus.errors import BusError
from app.bus.readout import Readout
from app.commands.meter_arguments import (
    add_entry_arguments,
    add_meter_arguments,
    asked_number,
    commissioned_entries,
    read,
    report_unread,
)
from app.commands.outcome import ExitCode, print_json, report_error
from app.commands.upload_report import report_upload, report_verification
from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.errors import DomainError
from app.domain.meter import SerialNumber
from app.domain.open_points import open_points
from app.domain.verification import VerificationState
from app.mbus.addresses import SecondaryAddress
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
from app.services.commissioning import Commissioned, further_types, load_vocabulary
from app.services.delivery import Delivery
from app.store.errors import StoreError
from app.store.store import Store

_STORE_WAIT_S = 30.0
"""Several uploads at once take turns at the outbox."""


_EPILOG = """\
A meter for heat and cooling becomes two entries of one address, one of type heating and one of type cooling.
Both are uploaded and verified, the one of --type first; the exit code is that of the worse. With --json each
entry is an object, followed by one of its verification.
"""

_CODES = {
    VerificationState.VERIFIED: ExitCode.OK,
    VerificationState.OPEN: ExitCode.OPEN,
    VerificationState.LOOK: ExitCode.DIFFERS,
    VerificationState.UPLOADED: ExitCode.OPEN,
}


_WORSE = (ExitCode.OK, ExitCode.OPEN, ExitCode.DIFFERS, ExitCode.PORTAL)
"""Of several entries the worst counts."""


class UsageError(Exception):
    """The command line lacks something that only the portal could tell."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the meter, the entry, the portal and the outbox."""
    add_meter_arguments(parser)
    add_entry_arguments(parser)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = f"{_EPILOG}\n{ExitCode.overview()}"
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
        known = await _known_addresses(store, account, arguments.site)
        meters = commissioned_entries(arguments, serial, readout, gateway_id=gateway_id, known=known)
        codes = [
            await _send(arguments, delivery, meter, item, readout, taken_at)
            for meter, item in await _queued(delivery, meters, readout, arguments.site)
        ]
        await delivery.send_waiting()
        return max(codes, key=_WORSE.index)
    finally:
        await delivery.close()
        await store.close()


async def _queued(
    delivery: Delivery, meters: Sequence[Commissioned], readout: Readout, site_id: str
) -> list[tuple[Commissioned, OutboxItem]]:
    """All entries of a meter, kept before the first is sent."""
    first = meters[0].entry.type
    types = (first, *further_types(readout.telegram, load_vocabulary(), first))
    return [(meter, await delivery.upload(meter.entry, site_id, beside=types)) for meter in meters]


async def _send(  # noqa: PLR0917 - what one entry needs on its way
    arguments: argparse.Namespace,
    delivery: Delivery,
    meter: Commissioned,
    queued: OutboxItem,
    readout: Readout,
    taken_at: datetime,
) -> ExitCode:
    """Sends and verifies one entry."""
    item = await delivery.send_now(queued.key)
    report_upload(item, meter.questions, as_json=arguments.json)
    if item.state is not DeliveryState.SENT:
        return ExitCode.PORTAL
    if not arguments.verify:
        return ExitCode.OK
    try:
        verification = await delivery.verify(item, readout.telegram, taken_at, load_vocabulary())
    except PortalError as error:
        # The other entry goes on its way all the same.
        return report_error(error, as_json=arguments.json)
    points = open_points(meter.checks, verification)
    report_verification(item, verification, points, as_json=arguments.json)
    return _CODES[verification.state(len(points))]


async def _known_addresses(store: Store, account: Account, site_id: str) -> list[SecondaryAddress]:
    """What was uploaded from here to the same site: another meter may bear the same number."""
    return [
        SecondaryAddress.parse(item.entry.secondary_ad)
        for item in await store.outbox.items()
        if (item.portal, item.site_id) == (account.base_url, site_id)
    ]


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

"""A program that uploads one meter, to be killed.

``python -m tests.fakes.uploader FOLDER PORTAL USERNAME SITE GATEWAY ACTION``: ``upload`` queues, says so on
standard output and then sends for ever; ``send`` sends once what waits and ends. The password comes on
standard input.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.portal.client import PortalClient
from app.portal.credentials import Account, fixed_password
from app.portal.pacing import Pacer, SystemClock
from app.services.delivery import Delivery
from app.store.store import Store
from tests.fakes.portals import entry_for


async def main(folder: str, portal: str, username: str, site_id: str, gateway_id: str, action: str) -> None:
    passwords = fixed_password(sys.stdin.readline().strip())

    def client(account: Account) -> PortalClient:
        pacer = Pacer(SystemClock(), 0.0)
        return PortalClient(account.base_url, account.username, passwords, pacer=pacer)

    store = await Store.open(Path(folder), datetime.now(UTC))
    delivery = Delivery(store, client, Account(portal, username))
    if action == "upload":
        await delivery.upload(entry_for(gateway_id), site_id)
        sys.stdout.write("queued\n")
        sys.stdout.flush()
        await delivery.run()
    await delivery.send_waiting()
    await delivery.close()
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

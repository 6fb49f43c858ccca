"""The window's process of the kill test: told by its arguments what to do, killed from outside."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from app.domain.delivery_state import DeliveryState
from app.portal.credentials import Account, GivenPassword, Secret
from tests.fakes.window import NoVault, raw_telegram
from ui.__main__ import make_application, make_loop
from ui.application import Application, Options


async def until(condition: Callable[[], bool]) -> None:
    """Waits for what the window must come to; whoever started this process ends it if it never does."""
    while not condition():  # noqa: ASYNC110 - many conditions, one loop
        await asyncio.sleep(0.01)


async def upload_and_wait(application: Application, account: Account, site_id: str) -> None:
    """Presses Upload with the portal down, says so, and waits to be killed."""
    running = asyncio.ensure_future(application.run())
    await until(lambda: "delivery" in application.tasks.running)
    await application.desk.use_account(account)
    application.portal.choose_site(site_id)
    QGuiApplication.clipboard().setText(raw_telegram().hex())
    application.window.text_pasted.emit(QGuiApplication.clipboard().text())
    await until(lambda: application.meter.draft is not None)
    application.meter.tick_all_useful()
    application.meter.set_gateway("507bc2755060bd782a57a585")
    application.meter.set_place("Apartment 203")
    application.window.right.upload.click()
    await until(lambda: application.desk.item is not None)
    print("queued", application.window.right.outcome.text(), flush=True)  # noqa: T201 - to the test
    await running


async def deliver(application: Application) -> None:
    """Starts again; what waits goes by itself."""
    running = asyncio.ensure_future(application.run())
    await until(lambda: any(item.state is DeliveryState.SENT for item in application.portal.uploads))
    print("sent", flush=True)  # noqa: T201 - to the test
    application.window.close()
    await running


def main() -> None:
    what, folder, portal, username, password, site_id = sys.argv[1:]
    app = make_application()
    with make_loop(app) as loop:
        application = Application(app, Options(Path(folder)), list_ports=tuple, vault=NoVault())
        given = GivenPassword(Secret(password))

        async def give(_account: Account, refused: bool) -> GivenPassword | None:
            return None if refused else given

        application.desk.give_password = give
        application.show()
        job = (
            upload_and_wait(application, Account(portal, username), site_id)
            if what == "upload"
            else deliver(application)
        )
        loop.run_until_complete(job)


if __name__ == "__main__":
    main()

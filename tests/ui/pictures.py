"""Pictures of the window in fixed states, for a person's eye; says what would be cut off.

``python -m tests.ui.pictures FOLDER [--width 1366 --height 768] [--long]``, scaled with QT_SCALE_FACTOR.
"""

import argparse
import asyncio
import json
import re
import tempfile
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton, QTableView, QWidget

from app.bus.errors import NoAnswer, PortForbidden
from app.bus.readout import Readout
from app.domain.answer import unusable_answer
from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.meter import SerialNumber
from app.domain.payload import parse_reg
from app.domain.portal_habit import portal_habit
from app.domain.progress import Progress
from app.domain.site import Gateway, Installation
from app.domain.verification import GatewayReading, physical_value, verify
from app.mbus.response import decode
from app.message import Message
from app.portal.credentials import Account
from app.services.adapter import AdapterChoice
from app.services.jobs.read import MeterRead, ReadFailure
from tests.fakes.window import MOMENT, NoVault, raw_telegram, telegram
from ui.__main__ import make_application, make_loop
from ui.application import Application, Options
from ui.models.meters import MeterLine
from ui.theme import ThemeChoice
from ui.viewmodels.portal import PortalState
from ui.windows.help_dialog import HelpDialog
from ui.windows.portal_sheet import PortalSheet
from ui.windows.settings_dialog import SettingsDialog
from ui.windows.sign_in_dialog import SignInDialog

PLACES = (
    "Apartment 201",
    "Apartment 202",
    "Apartment 203",
    "Apartment 204",
    "Apartment 205, left",
    "Boiler room",
)
STATES = (
    Progress.VERIFIED,
    Progress.ON_PORTAL,
    Progress.READ,
    Progress.ON_LIST,
    Progress.WAITING,
    Progress.LOOK,
)


_ADVICE = (
    "The number on the label need not be the one on the bus: search the bus. If that finds no other meter, "
    "check that the bus has power, the wiring and the baud rate."
)


class LongWords(QTranslator):
    """Every word a third longer and with umlauts, as German makes it."""

    def isEmpty(self):  # noqa: N802
        return False

    def translate(self, context, text, disambiguation=None, n=-1):
        parts = re.split(r"(\{\w*\})", text)
        return "".join(part if part.startswith("{") else self._longer(part) for part in parts)

    def _longer(self, text: str) -> str:
        return re.sub(
            r"[A-Za-z]{4,}", lambda word: word.group() + "ümlich"[: max(1, len(word.group()) // 2)], text
        )


class Studio:
    """Puts the window into one state after the other and takes its picture."""

    def __init__(self, application: Application, folder: Path, size: tuple[int, int]) -> None:
        self.application = application
        self.window = application.window
        self.folder = folder
        self.size = size
        self.clipped: dict[str, list[str]] = {}

    async def settle(self) -> None:
        for _ in range(12):
            await asyncio.sleep(0.01)

    async def take(self, name: str, widget: QWidget | None = None) -> None:
        await self.settle()
        shown = widget or self.window
        shown.grab().save(str(self.folder / f"{name}.png"))
        if cut := clipped_texts(shown):
            self.clipped[name] = cut

    async def scenes(self, theme: str) -> None:
        a, window = self.application, self.window
        window.resize(*self.size)
        await self.take(f"{theme}-1-empty")
        self.site()
        await self.read()
        await self.take(f"{theme}-2-read")
        a.meter.tick_all_useful()
        a.meter.set_place("Apartment 203")
        power = next(each.record.index for each in a.meter.registers if each.key.vib == "2B")
        a.meter.select(power)
        await self.take(f"{theme}-3-ticked")
        window.middle.show_page("gateway")
        await self.take(f"{theme}-4-gateway-text")
        window.middle.show_page("records")
        self.upload()
        await self.take(f"{theme}-5-uploaded")
        await self.verify(equal=True)
        await self.take(f"{theme}-6-verified")
        await self.verify(equal=False)
        await self.take(f"{theme}-7-verified-different")
        window.middle.show_page("records")
        a.errors.show(
            PortForbidden(
                Message("You may not open {port}.", {"port": "/dev/ttyUSB0"}),
                advice=Message(
                    "Type “{command}”, then log out and in again.",
                    {"command": "sudo usermod -aG dialout installer"},
                ),
                raw=bytes.fromhex("68 04 04"),
            )
        )
        await self.take(f"{theme}-8-error")
        await self.failures(theme)
        window.banner.dismiss()
        await self.dialogs(theme)
        a.meter.close()

    async def failures(self, theme: str) -> None:
        """What was understood beside the field, and the buttons of a failed reading."""
        a, window = self.application, self.window
        window.banner.dismiss()
        window.left.serial_field.setText("8ZRI8800857629")
        await self.take(f"{theme}-10-number-understood")
        window.left.serial_field.setText("8800857629")
        await self.take(f"{theme}-11-number-refused")
        number = SerialNumber.parse("6798")
        window.left.serial_field.setText("6798")
        a.reading._failure = ReadFailure(
            number, NoAnswer(Message("No meter answers at 00006798."), advice=Message(_ADVICE))
        )
        a.meters.shown_instead = None
        a.errors.show(a.reading._failure.error)
        await self.take(f"{theme}-12-nobody-answers")
        number = SerialNumber.parse("94158192")
        window.left.serial_field.setText("94158192")
        answer = unusable_answer(decode(bytes.fromhex("680808680802B70D01020304D816")), number.digits)
        assert answer is not None
        a.reading._failure = ReadFailure(number, answer)
        a.meters.shown_instead = MOMENT
        a.errors.show(answer)
        await self.take(f"{theme}-13-makers-own")

    async def dialogs(self, theme: str) -> None:
        a = self.application
        item = a.portal.uploads[0]
        for name, dialog in (
            ("settings", SettingsDialog(a.dialogs.current, self.window)),
            ("sign-in", SignInDialog("https://api.climkit.io/api/v1", "installer", parent=self.window)),
            ("help", HelpDialog(self.window)),
            ("sheet", PortalSheet(item.entry, "Gateway 1", ("name",), a.themes.theme, self.window)),
        ):
            dialog.show()
            await self.take(f"{theme}-9-{name}", dialog)
            dialog.close()
            dialog.deleteLater()

    def site(self) -> None:
        a = self.application
        a.adapter.add_choice(AdapterChoice("socket://127.0.0.1:9", "Relay MicroMaster USB (COM5)"))
        a.workspace.delivery.account = Account("https://portal.example/api/v1", "installer")
        a.portal.use_account("https://portal.example/api/v1")
        a.portal.show_cached((Installation("site", "Rue du Lac 12, Vevey"),), "site")
        a.portal.show_cached_gateways((Gateway("gateway", "Gateway 1", "GW-0001"),))
        a.portal._tell(PortalState.SIGNED_IN)

    async def read(self) -> None:
        a = self.application
        a.window.left.serial_field.setText("94158192")
        while not a.site.site_id:
            await self.settle()
        number = SerialNumber.parse("94158192")
        a.meters._on_started(number)
        readout = Readout(telegram(), raw_telegram(), 0.58, 0.56, 1, 2400, number.secondary_address)
        a.meters._on_read(MeterRead(number, readout))
        while not a.meter.meter_id:
            await self.settle()
        (meter_id,) = a.site.with_serial("94158192")
        a.lines.show(
            MeterLine(meter_id if place == "Apartment 203" else place, str(94158190 + at), place, progress)
            for at, (place, progress) in enumerate(zip(PLACES, STATES, strict=True))
        )
        a.window.left.select_meter(meter_id)

    def upload(self) -> None:
        a = self.application
        entry = a.meter.entry
        assert entry is not None
        item = OutboxItem("key", "https://portal.example/api/v1", "installer", "site", entry, MOMENT)
        sent = replace(item, state=DeliveryState.SENT, meter_id="1", sent_at=MOMENT)
        a.portal.show_upload(sent)
        a.site.take_upload(sent)
        a.window.say("CH - 94158192 - Apartment 203 is on the portal", "next: verify")

    async def verify(self, *, equal: bool) -> None:
        a = self.application
        entry, item = a.meter.entry, a.desk.item
        assert entry is not None
        assert item is not None
        values = {}
        for each in parse_reg(entry.reg):
            unit = a.meter.vocabulary.units[each.unit]
            found = physical_value(telegram(), each, unit)
            assert found is not None
            values[each.unit] = found[1]
        if not equal:
            values["power_kw"] *= 1000
            values["flow_temp"] += Decimal("15.5")
            del values["diff_temp"]
        reading = GatewayReading("2026-11-22T10:15:00+00:00", valid=True, values=values)
        verification = verify(entry, telegram(), reading, a.meter.vocabulary, timedelta(minutes=1))
        await a.site.keep_verification(a.meter.meter_id, verification, item)
        a.desk.verified.emit(verification)
        a.verification.show_verification(verification, (), portal_habit(verification))


def clipped_texts(widget: QWidget) -> list[str]:
    """Texts that do not fit where they stand, and columns beyond the edge."""
    cut = []
    for child in widget.findChildren(QWidget):
        if not child.isVisible():
            continue
        if isinstance(child, QLabel) and child.text() and not child.wordWrap():
            needed = child.fontMetrics().horizontalAdvance(child.text())
            if needed > child.width() + 1:
                cut.append(child.text())
        elif isinstance(child, QPushButton) and child.sizeHint().width() > child.width() + 2:
            cut.append(child.text())
        elif isinstance(child, QLineEdit) and child.text():
            if child.fontMetrics().horizontalAdvance(child.text()) > child.width():
                cut.append(child.text())
        elif (
            isinstance(child, QTableView) and child.horizontalHeader().length() > child.viewport().width() + 1
        ):
            cut.append(f"columns of {child.objectName()}")
    return cut


async def take_all(studio: Studio) -> None:
    application = studio.application
    running = asyncio.ensure_future(application.run())
    while "delivery" not in application.tasks.running:  # noqa: ASYNC110 - told by nothing else
        await asyncio.sleep(0.01)
    for theme in (ThemeChoice.LIGHT, ThemeChoice.DARK):
        application.themes.choose(theme)
        await studio.scenes(theme.value)
        application.portal.show_uploads(())
    for dialog in application.window.findChildren(QDialog):
        dialog.close()
    application.window.close()
    await running


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--width", type=int, default=1366)
    parser.add_argument("--height", type=int, default=728)
    parser.add_argument("--long", action="store_true")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    app = make_application()
    translator = LongWords()
    if arguments.long:
        QCoreApplication.installTranslator(translator)
    with make_loop(app) as loop, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data:
        application = Application(app, Options(Path(data)), list_ports=tuple, vault=NoVault())
        application.show()
        studio = Studio(application, arguments.folder, (arguments.width, arguments.height))
        loop.run_until_complete(take_all(studio))
    print(json.dumps(studio.clipped, ensure_ascii=False))  # noqa: T201 - for the test


if __name__ == "__main__":
    main()

"""Pictures of scan, bus page and their dialogs in fixed states; says what would be cut off.

``python -m tests.ui.bus_pictures FOLDER [--width 1366 --height 728] [--long]``, as ``tests.ui.pictures``.
"""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from app.bus.diagnose import BusReport
from app.bus.errors import Diagnosis
from app.bus.scan import MetersUnresolved, ScanProgress
from app.bus.trace import Direction, Trace
from app.domain.progress import Progress
from app.mbus import requests
from app.mbus.addresses import SecondaryAddress
from app.mbus.probes import FoundMeter
from app.message import Message
from app.practice.building import practice_building
from app.practice.bus_server import PracticeBus
from app.practice.fault_board import FaultBoard
from app.services.jobs.configure import MeterSetting, SettingKind
from app.services.jobs.job import Job, JobState
from app.services.jobs.read_all import FailedMeter
from tests.fakes.window import MOMENT, NoVault, raw_telegram
from tests.ui.pictures import LongWords, Studio
from ui.__main__ import make_application, make_loop
from ui.application import Application, Options
from ui.models.meters import MeterLine
from ui.theme import ThemeChoice
from ui.windows.configure_dialog import ConfigureDialog

ADDRESS = SecondaryAddress("94158192", 0x32A7, 4, 4)
NOBODY = Message("Nobody answers at {address}.", {"address": "30422081"})


def trouble() -> Trace:
    """A good reading, a repetition, a spoilt answer, an echo and a change of the rate."""
    trace, answer = Trace(), raw_telegram()
    select, ask = requests.select(ADDRESS).to_bytes(), requests.req_ud2(0xFD, fcb=True).to_bytes()
    script = [
        (Direction.NOTE, b"", "line at 2400 8E1"),
        (Direction.SENT, select, ""),
        (Direction.RECEIVED, b"\xe5", ""),
        (Direction.SENT, ask, ""),
        (Direction.RECEIVED, answer, ""),
        (Direction.SENT, ask, ""),
        (Direction.SENT, ask, ""),
        (Direction.RECEIVED, answer[:-1], ""),
        (Direction.SENT, ask, ""),
        (Direction.RECEIVED, ask, ""),
        (Direction.NOTE, b"", "line at 300 8E1"),
    ]
    for at, (direction, data, note) in enumerate(script):
        trace.add(100 + at / 7, direction, data, note)
    return trace


class BusStudio(Studio):
    """Puts the works into states by hand: nothing here waits for a line."""

    async def scenes(self, theme: str) -> None:
        self.window.resize(*self.size)
        self.site()
        bus = self.application.bus
        trace = trouble()
        bus.trace._trace_of_now = lambda: trace
        self.fill_list()
        await self.scan_scenes(theme)
        await self.page_scenes(theme)
        await self.bus_dialogs(theme)
        bus.diagnosis.dismiss()
        bus.read_all.dismiss()
        self.window.middle.show_page("records")
        self.application.meter.close()

    def fill_list(self) -> None:
        serials = [str(30422080 + at) for at in range(12)] + [str(94158186 + at) for at in range(12)]
        self.application.lines.show(
            MeterLine(serial, serial, "", Progress.READ, "Cold water · ZRI" if serial < "9" else "Heat · LUG")
            for serial in serials
        )

    def put(self, work: Job, state: JobState) -> None:
        self.fill_list()
        work._state = state
        work.changed.emit(work)

    async def scan_scenes(self, theme: str) -> None:
        scan = self.application.bus.scan
        scan._found = [FoundMeter(SecondaryAddress(str(94158186 + at))) for at in range(24)]
        scan._progress, scan._fraction = ScanProgress(143, 24, "FFFFF81F", 10, 7), 0.7
        self.put(scan, JobState.RUNNING)
        await self.take(f"{theme}-1-scanning")
        self.put(scan, JobState.STOPPED)
        await self.take(f"{theme}-2-stopped")
        scan._elapsed_s = 187.4
        self.put(scan, JobState.FINISHED)
        await self.take(f"{theme}-3-finished")
        several = Message("Several meters answer at {address} and could not be told apart.", {"address": "4"})
        scan._found.append(FoundMeter(ADDRESS))
        scan._unresolved = [MetersUnresolved("4", several, Diagnosis.COLLISION)]
        self.put(scan, JobState.FINISHED)
        await self.take(f"{theme}-4-finished-with-twins")
        scan._unresolved = []
        scan.dismiss()
        read_all = self.application.bus.read_all
        read_all._read = [str(94158186 + at) for at in range(12)]
        read_all._failures = [FailedMeter(str(30422080 + at), NOBODY) for at in range(12)]
        read_all._elapsed_s = 31.0
        self.put(read_all, JobState.FINISHED)
        await self.take(f"{theme}-5-read-all-with-failures")

    async def page_scenes(self, theme: str) -> None:
        bus = self.application.bus
        self.window.middle.show_page("bus")
        bus.page.set_meter("94158192")
        bus.diagnosis._step = Message("looking for a meter that can be understood")
        self.put(bus.diagnosis, JobState.RUNNING)
        await self.take(f"{theme}-6-diagnosing")
        bus.diagnosis._report = BusReport(
            Diagnosis.WRONG_BAUD,
            Message(
                "Nobody answers at the present baud rate, but meters answer at {baud} Bd.", {"baud": 300}
            ),
            Message("Set the line to {baud} Bd.", {"baud": 300}),
            (Message("The level converter echoes what is sent; the echo is taken out."),),
            baud=300,
            raw=raw_telegram()[:40],
        )
        bus.faults.use(FaultBoard(PracticeBus(practice_building(seed=1, now=MOMENT))))
        self.put(bus.diagnosis, JobState.FINISHED)
        await self.take(f"{theme}-7-diagnosed")
        bus.faults.use(None)

    async def bus_dialogs(self, theme: str) -> None:
        for kind, value in zip(SettingKind, (25, 300, 0), strict=True):
            dialog = ConfigureDialog(MeterSetting(kind, ADDRESS, value), 1, self.window)
            dialog.show()
            await self.take(f"{theme}-8-{kind.value}", dialog)
            dialog.close()
            dialog.deleteLater()
        menus = (
            ("faults", self.application.bus.page.faults.menu),
            ("scan-options", self.application.bus.options.menu()),
        )
        for name, menu in menus:
            await self.take(f"{theme}-9-{name}", menu)


async def take_all(studio: BusStudio) -> None:
    application = studio.application
    running = asyncio.ensure_future(application.run())
    while "delivery" not in application.tasks.running:  # noqa: ASYNC110 - told by nothing else
        await asyncio.sleep(0.01)
    for theme in (ThemeChoice.LIGHT, ThemeChoice.DARK):
        application.themes.choose(theme)
        await studio.scenes(theme.value)
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
        studio = BusStudio(application, arguments.folder, (arguments.width, arguments.height))
        loop.run_until_complete(take_all(studio))
    print(json.dumps(studio.clipped, ensure_ascii=False))  # noqa: T201 - for the test


if __name__ == "__main__":
    main()

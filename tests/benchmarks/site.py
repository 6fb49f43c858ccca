"""A building in the real window: ``python -m tests.benchmarks.site --meters 1000 --json``.

Measured offscreen on a real data file: the list on screen, a keystroke, what one reading and one change
touch, how often a reading is decoded, and ten thousand meters from their summaries.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTableView
from qasync import QEventLoop

import app.mbus.response as response
from app.domain.building import NO_SITE
from app.store.store import Store
from tests.fakes.meters import simple_meter
from tests.fakes.practice_telegrams import raw_telegram
from tests.fakes.window import NoVault
from ui.application import Application, Options

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
TYPED = "Apartment 203"


async def fill(folder: Path, count: int) -> str:
    """A data file with a building of so many meters, each read once; gives the building's own id."""
    store = await Store.open(folder, NOW)
    try:
        building = await store.sites.add("Rue du Lac 12", at=NOW)
        serials = [f"{20_000_000 + at}" for at in range(count)]
        ids = await store.meters.add_many(building.site_id, serials, NOW)
        raws = [simple_meter(serial).telegrams()[0] for serial in serials]

        def write(connection: Any) -> None:
            # As the store does, in one transaction: a thousand syncs are no part of what is measured.
            for meter_id, raw in zip(ids, raws, strict=True):
                number = connection.execute(
                    "INSERT INTO readings (meter_id, taken_at, port, baud, elapsed_s, wire_minimum_s, raw,"
                    " usable) VALUES (?, ?, 'socket://bus', 2400, 0.58, 0.56, ?, 1)",
                    (meter_id, NOW.isoformat(), raw),
                ).lastrowid
                connection.execute("UPDATE meters SET reading = ? WHERE id = ?", (number, meter_id))

        await store.meters._database.run(write)
        return building.site_id
    finally:
        await store.close()


class Bench:
    """The window under measurement."""

    def __init__(self, application: Application) -> None:
        self.application, self.window = application, application.window
        self.list = self.window.findChild(QTableView, "meters_list")

    async def until(self, condition: Any, timeout_s: float = 120.0) -> None:
        end = time.perf_counter() + timeout_s
        while not condition():
            if time.perf_counter() > end:
                raise TimeoutError("the window did not come so far")
            await asyncio.sleep(0)

    async def rest(self) -> None:
        """Until nothing is written or made in the background any more."""
        await self.until(lambda: not {"summaries", "save draft"} & set(self.application.tasks.running))

    async def open(self, site_id: str) -> float:
        """Opens a building and gives the seconds until its list is painted."""
        site = self.application.site
        await site.open(NO_SITE)
        started = time.perf_counter()
        await site.open(site_id)
        self.list.viewport().repaint()
        return time.perf_counter() - started

    def keystrokes(self) -> list[float]:
        """Types a place; the milliseconds of each key until what it changed is painted."""
        field = self.window.findChild(QLineEdit, "place_field")
        field.setFocus()
        field.selectAll()
        times = []
        for key in TYPED:
            started = time.perf_counter()
            QTest.keyClick(field, key)
            # Paints what is to be painted, and lets nothing else happen.
            QApplication.sendPostedEvents(self.window, QEvent.Type.UpdateRequest)
            times.append((time.perf_counter() - started) * 1000)
        return times

    @contextmanager
    def rows(self) -> Iterator[list[int]]:
        """Collects the rows of the list that change meanwhile."""
        told: list[int] = []
        model = self.application.lines

        def on_change(first: Any, last: Any) -> None:
            told.extend(range(first.row(), last.row() + 1))

        def on_insert(_parent: Any, first: int, last: int) -> None:
            told.extend(range(first, last + 1))

        def on_reset() -> None:
            told.extend(range(model.rowCount()))

        model.dataChanged.connect(on_change)
        model.rowsInserted.connect(on_insert)
        model.modelReset.connect(on_reset)
        yield told
        model.dataChanged.disconnect(on_change)
        model.rowsInserted.disconnect(on_insert)
        model.modelReset.disconnect(on_reset)


@contextmanager
def decodes() -> Iterator[list[bytes]]:
    """Collects what is decoded by anybody of the program meanwhile."""
    seen: list[bytes] = []
    decode = response.decode

    def counted(raw: bytes, *keys: Any) -> Any:
        seen.append(raw)
        return decode(raw, *keys)

    users = [each for each in tuple(sys.modules.values()) if getattr(each, "decode", None) is decode]
    with contextmanager_of(users, counted):
        yield seen


@contextmanager
def contextmanager_of(users: list[Any], counted: Any) -> Iterator[None]:
    """Puts the counting one into every module that has imported the other."""
    patches = [mock.patch.object(module, "decode", counted) for module in users]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


async def measure(bench: Bench, site_id: str, many: tuple[int, str] | None) -> dict[str, Any]:
    """All figures of one window."""
    application, site = bench.application, bench.application.site
    unkept_s = await bench.open(site_id)
    await bench.rest()
    figures: dict[str, Any] = {
        "meters": len(site),
        "list_without_summaries_s": round(unkept_s, 3),
        "list_s": round(min([await bench.open(site_id) for _ in range(3)]), 3),
    }
    refreshes: list[str] = []
    application.meter.rows_changed.connect(lambda: refreshes.append("page"))
    with bench.rows() as rows, decodes() as decoded:
        raw = raw_telegram()
        application.meters.open_pasted(raw)
        await bench.until(lambda: application.meter.meter_id != "")
        await bench.rest()
    figures["reading"] = {
        "rows_touched": len(rows),
        "decodes": decoded.count(raw),
        "page_refreshes": len(refreshes),
    }
    refreshes.clear()
    with bench.rows() as rows:
        application.meter.set_dial("37351")
        await bench.rest()
    figures["change"] = {"rows_touched": len(rows), "page_refreshes": len(refreshes)}
    times = sorted(bench.keystrokes())
    await bench.rest()
    figures["keystroke_ms"] = {"median": round(times[len(times) // 2], 1), "worst": round(times[-1], 1)}
    if many is not None:
        count, many_id = many
        await bench.open(many_id)
        await bench.rest()
        figures["many"] = {"meters": count, "list_s": round(await bench.open(many_id), 3)}
    return figures


def run(meters: int, many: int) -> dict[str, Any]:
    """Builds the data file, starts the window on it, measures."""
    qt = QApplication.instance() or QApplication(sys.argv[:1])
    qt.setStyle("Fusion")
    QLocale.setDefault(QLocale(QLocale.Language.English))
    loop = QEventLoop(qt)
    asyncio.set_event_loop(loop)
    with tempfile.TemporaryDirectory() as folder, loop:
        data = Path(folder) / "data"

        async def work() -> dict[str, Any]:
            site_id = await fill(data, meters)
            many_id = await fill(data, many) if many else ""
            application = Application(qt, Options(data), list_ports=tuple, vault=NoVault())
            application.window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, on=False)
            application.show()
            running = loop.create_task(application.run())
            bench = Bench(application)
            await bench.until(lambda: "delivery" in application.tasks.running)
            figures = await measure(bench, site_id, (many, many_id) if many else None)
            application.window.close()
            await running
            return figures

        return loop.run_until_complete(work())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meters", type=int, default=1000)
    parser.add_argument("--many", type=int, default=10_000, help="meters from summaries; 0 for none")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = run(arguments.meters, arguments.many)
    print(json.dumps(figures) if arguments.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()

"""``--self-test``: the program does its main job by itself on the practice building and reports."""

import argparse
import asyncio
import json
import platform
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import qasync
from PySide6.QtCore import (
    QEvent,
    QMessageLogContext,
    QObject,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
    qVersion,
)
from PySide6.QtWidgets import QWidget

from app.version import VERSION
from ui.__main__ import make_application
from ui.application import Application, Options
from ui.self_test_checks import CHECKS, Check
from ui.self_test_stage import Account, Stage

NO_PRACTICE = Account("", "", "", "")
"""Where no check of the main job was asked for."""


@dataclass(frozen=True, slots=True)
class SelfTestOptions:
    """What the command line asked for.

    Attributes:
        as_json: print the report as one JSON object instead of lines.
        report: a file for the same object; a windowed program on Windows has no output to read.
        pictures: a folder for pictures of the window.
        only: how the names of the wanted checks begin; empty for all.
        started: `time.time()` of whoever started the process, for the time to the first paint.
    """

    as_json: bool = False
    report: Path | None = None
    pictures: Path | None = None
    only: str = ""
    started: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """How one check went."""

    name: str
    ok: bool
    seconds: float
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """How all went; its fields are those of the JSON."""

    ok: bool
    version: str
    frozen: bool
    platform: str
    python: str
    qt: str
    first_paint_s: float
    seconds: float
    checks: tuple[Result, ...]


def parse_options(words: Sequence[str]) -> SelfTestOptions:
    """Reads the command line of ``--self-test``."""
    parser = argparse.ArgumentParser(
        prog="mbus-commissioner --self-test",
        description="Does the main job in the real window on the practice building, and reports.",
    )
    parser.add_argument("--self-test", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the report as JSON")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="keep pictures of the window")
    parser.add_argument("--only", default="", metavar="NAME", help="only checks whose name begins so")
    parser.add_argument("--started", type=float, metavar="SECONDS", help=argparse.SUPPRESS)
    found = parser.parse_args(list(words))
    return SelfTestOptions(found.json, found.report, found.pictures, found.only, found.started)


def main(words: Sequence[str]) -> int:
    """Opens the window on a practice building of its own and runs the checks; 0 when all passed."""
    begun = time.time()
    options = parse_options(words)
    qInstallMessageHandler(_on_qt_message)
    app = make_application()
    loop = qasync.QEventLoop(app)
    loop.set_default_executor(ThreadPoolExecutor())
    asyncio.set_event_loop(loop)
    # A person's own sites and settings are never touched.
    with loop, TemporaryDirectory(prefix="mbus-self-test-", ignore_cleanup_errors=True) as folder:
        application = Application(app, Options(data_folder=Path(folder), practice=True))
        application.errors.install()
        first_paint = FirstPaint(application.window)
        application.show()
        report = loop.run_until_complete(_run(application, options, first_paint, options.started or begun))
    return 0 if report.ok else 1


async def _run(
    application: Application, options: SelfTestOptions, first: "FirstPaint", started: float
) -> Report:
    painted_at = await first.painted
    try:
        needs_practice = any(check.follows_job for check in _chosen(options))
        account = await _practice_account(application) if needs_practice else NO_PRACTICE
        return await self_test(application.window, account, options, painted_at - started)
    finally:
        await application.close()


async def _practice_account(application: Application) -> Account:
    await application.start()
    if application.world is None:
        raise RuntimeError("practice mode did not start")
    addresses = application.world.addresses
    return Account(addresses.portal, addresses.username, addresses.password, addresses.site_id)


def _chosen(options: SelfTestOptions) -> list[Check]:
    return [check for check in CHECKS if check.name.startswith(options.only)]


class FirstPaint(QObject):
    """Notes when a window was painted first; made before the window is shown.

    Attributes:
        painted: the :func:`time.time` of it.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.painted: asyncio.Future[float] = asyncio.get_event_loop().create_future()
        self._seen = False
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's override: the painting is over when control comes back to the loop."""
        if event.type() == QEvent.Type.Paint and not self._seen:
            self._seen = True
            QTimer.singleShot(0, lambda: self.painted.set_result(time.time()))
        return super().eventFilter(watched, event)


async def run_checks(stage: Stage, checks: Sequence[Check], say: Callable[[str], None]) -> tuple[Result, ...]:
    """Runs checks in order; one that fails ends the main job, not the others."""
    results: list[Result] = []
    job_broken = False
    for check in checks:
        begun = time.monotonic()
        if check.follows_job and job_broken:
            result = Result(check.name, ok=False, seconds=0.0, detail="not reached")
        else:
            try:
                detail, ok = await check.run(stage), True
            except Exception as error:  # noqa: BLE001 - whatever went wrong is the check's result
                detail, ok = f"{type(error).__name__}: {error}", False
                await stage.picture(f"failed-{check.name.replace(': ', '-').replace(' ', '-')}")
            job_broken = job_broken or (check.follows_job and not ok)
            result = Result(check.name, ok, round(time.monotonic() - begun, 3), detail)
        say(f"{'ok    ' if result.ok else 'FAILED'} {result.seconds:6.2f} s  {result.name}: {result.detail}")
        results.append(result)
    return tuple(results)


async def self_test(
    window: QWidget, account: Account, options: SelfTestOptions, first_paint_s: float
) -> Report:
    """Runs the checks on the window and writes what the options ask for."""
    begun = time.monotonic()
    stage = Stage(window, account, first_paint_s, options.pictures)
    results = await run_checks(stage, _chosen(options), _say if not options.as_json else lambda _line: None)
    report = Report(
        ok=bool(results) and all(result.ok for result in results),
        version=VERSION,
        frozen=bool(getattr(sys, "frozen", False)),
        platform=platform.platform(),
        python=platform.python_version(),
        qt=qVersion(),
        first_paint_s=round(first_paint_s, 3),
        seconds=round(time.monotonic() - begun, 3),
        checks=results,
    )
    text = json.dumps(asdict(report), ensure_ascii=False)
    if options.report is not None:
        options.report.write_text(text + "\n", "utf-8")
    if options.as_json:
        _say(text)
    else:
        _say(f"self-test {'passed' if report.ok else 'FAILED'} in {report.seconds:.1f} s")
    return report


def _on_qt_message(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    # What the offscreen platform says of every window with a smallest size would bury the report.
    if "propagateSizeHints" not in text and sys.stderr is not None:
        sys.stderr.write(f"{text}\n")


def _say(line: str) -> None:
    # A windowed program on Windows may have no output at all.
    if sys.stdout is not None:
        sys.stdout.buffer.write((line + "\n").encode("utf-8"))
        sys.stdout.buffer.flush()

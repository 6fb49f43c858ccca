"""``--self-test``: the program does its main job by itself on the practice building and reports."""

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, qVersion
from PySide6.QtWidgets import QWidget

from app.version import VERSION
from ui.self_test_checks import CHECKS, Check
from ui.self_test_stage import Account, Stage


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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the self-test's arguments to the program's."""
    group = parser.add_argument_group("self-test")
    group.add_argument("--self-test", action="store_true", help="do the main job in practice mode and report")
    group.add_argument("--json", action="store_true", help="print the report as JSON")
    group.add_argument("--report", type=Path, metavar="FILE", help="write the report as JSON")
    group.add_argument("--pictures", type=Path, metavar="FOLDER", help="keep pictures of the window")
    group.add_argument("--only", default="", metavar="NAME", help="only checks whose name begins so")
    group.add_argument("--started", type=float, metavar="SECONDS", help=argparse.SUPPRESS)


def options_of(arguments: argparse.Namespace) -> SelfTestOptions | None:
    """The options when a self-test was asked for, else None."""
    if not arguments.self_test:
        return None
    return SelfTestOptions(
        as_json=arguments.json,
        report=arguments.report,
        pictures=arguments.pictures,
        only=arguments.only,
        started=arguments.started,
    )


class FirstPaint(QObject):
    """Notes when a window was painted first; install it before the window is shown."""

    def __init__(self, window: QWidget, on_paint: Callable[[], None] | None = None) -> None:
        super().__init__(window)
        self.at: float | None = None
        self._on_paint = on_paint
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's override: the first paint event is over when control comes back to the loop."""
        if event.type() == QEvent.Type.Paint and self.at is None:
            self.at = 0.0
            QTimer.singleShot(0, self._painted)
        return super().eventFilter(watched, event)

    def _painted(self) -> None:
        self.at = time.time()
        if self._on_paint is not None:
            self._on_paint()


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
                stage.picture(f"failed-{check.name.replace(': ', '-').replace(' ', '-')}")
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
    chosen = [check for check in CHECKS if check.name.startswith(options.only)]
    results = await run_checks(stage, chosen, _say if not options.as_json else lambda _line: None)
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


def _say(line: str) -> None:
    # A windowed program on Windows may have no output at all.
    if sys.stdout is not None:
        sys.stdout.buffer.write((line + "\n").encode("utf-8"))
        sys.stdout.buffer.flush()

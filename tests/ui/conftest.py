"""One Qt application and one loop for all tests of the window; a test whose tasks outlive it fails."""

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from qasync import QEventLoop

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.fakes.bus_desk import Desk
from tests.fakes.virtual_bus import VirtualBus
from tests.fakes.window import NoVault, Program
from ui.application import Application, Options
from ui.fonts import load_fonts, words_font


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            # The offscreen platform says so of every window that has a least size.
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", extend=True))


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["mbus-commissioner"]


@pytest.fixture(scope="session")
def loop(qapp: QApplication) -> Iterator[QEventLoop]:
    qapp.setStyle("Fusion")
    qapp.setQuitOnLastWindowClosed(False)
    QLocale.setDefault(QLocale(QLocale.Language.English))
    load_fonts()
    qapp.setFont(words_font(qapp.font()))
    loop = QEventLoop(qapp, already_running=True)
    executor = ThreadPoolExecutor()
    loop.set_default_executor(executor)
    yield loop
    executor.shutdown()
    # On Windows qasync polls in a thread, and Qt aborts the process if that outlives it.
    loop._after_run_forever()
    asyncio._set_running_loop(None)


@pytest.fixture(autouse=True)
def no_task_outlives(loop: QEventLoop, qtbot: QtBot) -> Iterator[None]:
    """A task that nobody awaits or cancels is a meter left half read, or a port never given back."""
    asyncio._set_running_loop(loop)
    yield
    try:
        qtbot.waitUntil(lambda: not asyncio.all_tasks(loop), timeout=5000)
    finally:
        asyncio._set_running_loop(None)


@pytest.fixture
def run(loop: QEventLoop, qtbot: QtBot) -> Callable[..., object]:
    """Runs a coroutine to its end while Qt's events go on, and gives its result."""

    def run(coroutine, timeout_ms: int = 20_000):
        task = loop.create_task(coroutine)
        qtbot.waitUntil(task.done, timeout=timeout_ms)
        return task.result()

    return run


@pytest.fixture
def program(qapp: QApplication, loop: QEventLoop, qtbot: QtBot, tmp_path: Path) -> Iterator[Program]:
    """The real window with a data folder of its own and no adapter; closed as a person closes it."""
    sheet, font = qapp.styleSheet(), qapp.font()
    application = Application(qapp, Options(tmp_path / "data"), list_ports=tuple, vault=NoVault())
    program = Program(application, qtbot)
    application.show()
    running = loop.create_task(application.run())
    qtbot.waitUntil(lambda: "delivery" in application.tasks.running, timeout=5000)
    yield program
    application.window.close()
    qtbot.waitUntil(running.done, timeout=15_000)
    running.result()
    assert application.tasks.running == ()
    application.window.deleteLater()
    qapp.setStyleSheet(sheet)
    qapp.setFont(font)


@pytest.fixture
def desk_on(run, qtbot: QtBot) -> Iterator[Callable[..., Desk]]:
    """Makes view models' surroundings on a bus in virtual time, and gives its port back in the end."""
    desks: list[Desk] = []

    def make(bus: VirtualBus) -> Desk:
        desks.append(Desk(bus, qtbot))
        return desks[-1]

    yield make
    for desk in desks:
        run(desk.close())

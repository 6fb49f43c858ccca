"""Starts the window: arguments, QApplication, the loop."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import platformdirs
import qasync
from PySide6.QtWidgets import QApplication

from app.version import VERSION
from ui.application import Application, Options
from ui.second_start import raise_first_window
from ui.widgets.plain_tips import PlainTips

APP_NAME = "mbus-commissioner"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the window, or the self-test where asked to; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if "--self-test" in words:
        from ui.self_test import main as run_self_test  # noqa: PLC0415 - larger than what the window needs

        return run_self_test(words)
    options = options_of(make_parser().parse_args(words))
    if not options.practice and raise_first_window(options.data_folder):
        return 0
    app = make_application()
    with make_loop(app) as loop:
        application = Application(app, options)
        application.errors.install()
        application.show()
        loop.run_until_complete(application.run())
    return 0


def make_application() -> QApplication:
    """Qt's application: Fusion everywhere, quits only when the clean-up is done."""
    app = QApplication([APP_NAME])
    app.setApplicationName(APP_NAME)
    app.setApplicationDisplayName("M-Bus Commissioner")
    app.setApplicationVersion(VERSION)
    app.setStyle("Fusion")
    app.setQuitOnLastWindowClosed(False)
    PlainTips(app)
    return app


def make_loop(app: QApplication) -> qasync.QEventLoop:
    """The one loop of the process; blocking work goes to plain threads."""
    loop = qasync.QEventLoop(app)
    loop.set_default_executor(ThreadPoolExecutor())
    asyncio.set_event_loop(loop)
    return loop


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog=APP_NAME, description="Reads wired M-Bus meters and commissions them on the portal."
    )
    parser.add_argument("--version", action="version", version=VERSION)
    parser.add_argument("--practice", action="store_true", help="begin with simulated meters and a portal")
    parser.add_argument(
        "--faults", action="store_true", help="practice on a building where twenty meters have a fault each"
    )
    parser.add_argument("--port", default="", metavar="URL", help="COM5, /dev/ttyUSB0, socket://host:port")
    parser.add_argument("--self-test", action="store_true", help="do the main job in practice mode, report")
    parser.add_argument("--data-folder", type=Path, metavar="FOLDER", help="keep readings and uploads here")
    return parser


def options_of(arguments: argparse.Namespace) -> Options:
    """How the program is to start."""
    folder = arguments.data_folder or Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))
    practice = arguments.practice or arguments.faults
    return Options(data_folder=folder, practice=practice, faults=arguments.faults, port=arguments.port)


if __name__ == "__main__":
    sys.exit(main())

"""The look for newer versions in the window: off at first, on by one tick, one click to the page."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton

from app.services.settings import Settings
from ui.windows.settings_dialog import SettingsDialog

FILE = {"version": "99.0", "page": "https://example.org/get", "notes": "Plots of what a meter remembers."}


@pytest.fixture
def version_file() -> Iterator[tuple[str, list[str]]]:
    """A real server on loopback with a version file; the paths it was asked for."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = json.dumps(FILE).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/version.json", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_it_is_off_until_the_person_ticks_it_and_then_offers_the_page(program, version_file, qtbot) -> None:
    address, asked = version_file
    application = program.application
    assert application.workspace.settings.updates.enabled is False
    pages: list[str] = []
    application.dialogs.open_page = pages.append

    application.dialogs.show_settings()
    qtbot.waitUntil(lambda: program.window.findChild(SettingsDialog) is not None)
    dialog = program.window.findChild(SettingsDialog)
    field = dialog.findChild(QLineEdit, "updates_address_field")
    assert not dialog.findChild(QCheckBox, "updates_box").isChecked()
    assert not field.isEnabled(), "nothing to fill in while it is off"
    assert asked == []
    dialog.findChild(QCheckBox, "updates_box").click()
    field.setText(address)
    dialog.accept()

    qtbot.waitUntil(lambda: not application.window.banner.isHidden(), timeout=10_000)
    assert asked == ["/version.json"]
    assert "99.0" in application.window.banner.text
    assert FILE["notes"] in application.window.banner.text
    application.window.banner.findChild(QPushButton, "banner_action").click()
    assert pages == [FILE["page"]]
    kept = application.workspace.settings.updates
    assert (kept.enabled, kept.address) == (True, address)


def test_no_answer_is_said_in_the_status_line_and_nowhere_louder(program, qtbot) -> None:
    application = program.application
    application.workspace.settings = Settings(
        update_check=True, update_address="http://example.org/version.json"
    )
    application.updates.look()
    qtbot.waitUntil(lambda: "https://" in application.window.happened.text())
    assert application.window.banner.isHidden()

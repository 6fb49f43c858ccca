"""What the self-test checks, in order: **a new feature adds its line to ``CHECKS``, and nothing else**."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO

from PySide6.QtCore import QBuffer, Qt
from PySide6.QtGui import QFontDatabase, QFontInfo, QGuiApplication
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QComboBox, QLabel, QTableView

from app.portal.client import PortalClient
from app.portal.credentials import fixed_password
from app.resources import resource_path
from ui.fonts import BYTES_FAMILY, WORDS_FAMILY
from ui.icons import app_icon
from ui.self_test_stage import CheckFailed, Stage, expect
from ui.widgets.literal_view import LiteralView

LAPTOP = (1366, 768)
"""The screen the window is made for, in pixels; on a smaller one it stays smaller."""

FEWEST_ICONS = 10
SERIAL = "94158192"
ADDRESS = "92811594FFFFFFFF"
NAME = "CH - 94158192 - Apartment 203"
INDEX_ALONE = "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}]"
ALL_USEFUL = (
    "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}, "
    "{'unit': 'vol_m3', 'dib': '04', 'vib': '13'}, "
    "{'unit': 'power_kw', 'dib': '04', 'vib': '2B'}, "
    "{'unit': 'vol_flow_m3_h', 'dib': '04', 'vib': '3B'}, "
    "{'unit': 'flow_temp', 'dib': '02', 'vib': '5B'}, "
    "{'unit': 'return_temp', 'dib': '02', 'vib': '5F'}, "
    "{'unit': 'diff_temp', 'dib': '02', 'vib': '61'}]"
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: stable; ``--only`` chooses by how it begins.
        run: does it and says in a few words what it found; raises :class:`CheckFailed`.
        follows_job: needs the checks of the main job before it, so it is left out once one of them failed.
    """

    name: str
    run: Callable[[Stage], Awaitable[str]]
    follows_job: bool = False


# The window and what came with the program ------------------------------------------------------------------


async def window_is_painted(stage: Stage) -> str:
    """The window is on the screen, at a size to work with."""
    await stage.until(stage.window.isVisible, "the window is visible")
    stage.window.resize(*LAPTOP)
    await stage.picture("1-empty")
    size = stage.window.size()
    screen = QGuiApplication.platformName()
    return f"first paint after {stage.first_paint_s:.2f} s, {size.width()}x{size.height()} on {screen}"


async def fonts_are_there(stage: Stage) -> str:
    """The bundled fonts are the ones Qt draws with; in tables too, for which Windows has its own."""
    families = set(QFontDatabase.families())
    for family in (WORDS_FAMILY, BYTES_FAMILY):
        if family not in families:
            raise CheckFailed(f"the font {family} is not there")
    table = stage.find(QTableView, "records_table")
    for widget in (table, table.horizontalHeader(), stage.find(QLabel, "status_happened")):
        expect(f"font of {type(widget).__name__}", QFontInfo(widget.font()).family(), WORDS_FAMILY)
    return f"{WORDS_FAMILY}, {BYTES_FAMILY}"


async def icons_are_drawn(_stage: Stage) -> str:
    """Every icon can be drawn, the program's own as an icon of the system."""
    drawings = sorted(resource_path("icons").glob("*.svg"))
    for drawing in drawings:
        if not QSvgRenderer(str(drawing)).isValid():
            raise CheckFailed(f"{drawing.name} cannot be drawn")
    # Through the icon engine plugin, as the window manager's icon is.
    if app_icon().pixmap(32, 32).isNull():
        raise CheckFailed("the program's own icon is empty: is the SVG icon plugin there?")
    if len(drawings) < FEWEST_ICONS:
        raise CheckFailed(f"only {len(drawings)} icons are there")
    return f"{len(drawings)} icons"


async def resources_are_whole(_stage: Stage) -> str:
    """Every file the build packed is there, unchanged; from source, every data file can be read."""
    root = resource_path()
    packed = root / "files.json"
    if packed.exists():
        sums: dict[str, str] = json.loads(packed.read_text("utf-8"))
        for name, digest in sums.items():
            path = root / name
            if not path.is_file():
                raise CheckFailed(f"resources/{name} is missing")
            expect(f"resources/{name}", hashlib.sha256(path.read_bytes()).hexdigest(), digest)
        return f"{len(sums)} files as packed"
    files = [path for path in root.rglob("*") if path.is_file()]
    for path in files:
        if path.suffix == ".json":
            json.loads(path.read_text("utf-8"))
        if not path.stat().st_size:
            raise CheckFailed(f"{path.name} is empty")
    return f"{len(files)} files, from source"


async def keyring_is_known(_stage: Stage) -> str:
    """A backend of this system answers; having none is no fault (the program then asks each time)."""
    keyring = import_module("keyring")
    import_module(
        "keyring.backends.Windows" if QGuiApplication.platformName() == "windows" else "secretstorage"
    )
    backend = keyring.get_keyring()
    return f"{type(backend).__module__}.{type(backend).__name__}"


LATE_MODULES = (
    "pyqtgraph",
    "numpy",
    "cryptography.hazmat.primitives.ciphers.aead",
    "httpx",
    "xlsxwriter",
    "starlette.applications",
    "uvicorn",
    "serial.tools.list_ports",
    "serial.urlhandler.protocol_socket",
    "serial.urlhandler.protocol_rfc2217",
    "sqlite3",
)


async def late_modules_load(_stage: Stage) -> str:
    """What is imported on first use is in the program, and does its part."""
    for name in LATE_MODULES:
        try:
            import_module(name)
        except ImportError as error:
            raise CheckFailed(f"{name} does not load: {error}") from error
    aead = import_module("cryptography.hazmat.primitives.ciphers.aead")
    key = aead.AESGCM.generate_key(128)
    box = aead.AESGCM(key).encrypt(b"nonce-of-12b", b"text", None)
    expect("what was encrypted", aead.AESGCM(key).decrypt(b"nonce-of-12b", box, None), b"text")
    sheet = BytesIO()
    book = import_module("xlsxwriter").Workbook(sheet, {"in_memory": True})
    book.add_worksheet().write(0, 0, SERIAL)
    book.close()
    expect("a workbook begins with", sheet.getvalue()[:2], b"PK")
    return f"{len(LATE_MODULES)} modules"


async def plot_is_drawn(_stage: Stage) -> str:
    """A curve is drawn by pyqtgraph."""
    plot = import_module("pyqtgraph").PlotWidget()
    try:
        plot.resize(320, 200)
        plot.plot([0, 1, 2], [52.4, 52.1, 52.9])
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        if not plot.grab().save(buffer, "PNG"):
            raise CheckFailed("the plot gives no picture")
        return f"{buffer.size()} bytes of picture"
    finally:
        plot.close()
        plot.deleteLater()


# The main job, as a person does it --------------------------------------------------------------------------


async def practice_is_ready(stage: Stage) -> str:
    """The practice building serves, the account is signed in, and a gateway is chosen."""
    gateway = stage.find(QComboBox, "gateway_choice")
    await stage.until(lambda: gateway.count() > 0, "the portal tells its gateways")
    return f"{gateway.count()} gateway(s)"


async def address_shows_while_typing(stage: Stage) -> str:
    """The serial number is typed key by key; the secondary address stands beneath it."""
    stage.type("serial_field", SERIAL)
    expect("secondary address", stage.text("secondary_address"), ADDRESS)
    return ADDRESS


async def meter_is_read(stage: Stage) -> str:
    """Return reads the meter over the practice bus at its real pace."""
    table = stage.find(QTableView, "records_table")
    stage.press(Qt.Key.Key_Return, "serial_field")
    await stage.until(
        lambda: stage.text("header_serial").replace(" ", "") == SERIAL and table.isVisible(),
        "the telegram is shown",
    )
    await stage.picture("2-read")
    return f"{table.model().rowCount()} records; {stage.text('status_happened')}"


async def index_is_ticked(stage: Stage) -> str:
    """The index alone gives the documentation's smallest list, to the letter."""
    expect("reg", stage.find(LiteralView, "reg_view").literal, INDEX_ALONE)
    return INDEX_ALONE


async def useful_ones_are_ticked(stage: Stage) -> str:
    """One click ticks every register that the portal knows: the documentation's full list, to the letter."""
    stage.click("tick_all_button")
    reg = stage.find(LiteralView, "reg_view")
    await stage.until(lambda: reg.literal != INDEX_ALONE, "the reg text grows")
    expect("reg", reg.literal, ALL_USEFUL)
    stage.type("place_field", "Apartment 203")
    await stage.until(lambda: stage.text("name_field") == NAME, f"the name is {NAME}")
    await stage.picture("3-ticked")
    return "seven registers, in the telegram's order"


def _outcome(stage: Stage) -> str:
    return str(stage.find(QLabel, "outcome").property("state"))


async def entry_is_uploaded(stage: Stage) -> str:
    """Upload puts it on the portal, which stored both strings as they were shown."""
    stage.click("upload_button")
    await stage.until(lambda: _outcome(stage) in {"ok", "bad"}, "the upload has an outcome")
    expect(f"outcome ({stage.text('outcome')})", _outcome(stage), "ok")
    await stage.picture("4-uploaded")
    account = stage.account
    client = PortalClient(account.portal, account.username, fixed_password(account.password))
    try:
        listed = [meter for meter in await client.meters(account.site_id) if meter.name == NAME]
        expect("meters of that name on the portal", len(listed), 1)
        stored = await client.get_meter(account.site_id, listed[0].id)
    finally:
        await client.close()
    entry = stored.entry
    expect("secondary_ad on the portal", entry.secondary_ad if entry else stored.raw, ADDRESS)
    expect("reg on the portal", entry.reg if entry else stored.raw, ALL_USEFUL)
    return f"{NAME}, {ADDRESS}"


async def entry_is_verified(stage: Stage) -> str:
    """Verify shows the documented list's power a thousand times too high; one click puts it right."""
    before = stage.text("outcome")
    stage.click("verify_button")
    await stage.until(
        lambda: stage.text("outcome") != before and _outcome(stage) in {"ok", "look", "bad"},
        "the gateway answered",
    )
    expect(f"outcome ({stage.text('outcome')})", _outcome(stage), "look")
    await stage.picture("5-wrong-factor")
    stage.click("correct_factors")
    await stage.until(lambda: stage.text("outcome").startswith("Verified"), "verified with the right factor")
    await stage.picture("6-verified")
    return stage.text("outcome")


CHECKS: tuple[Check, ...] = (
    Check("window", window_is_painted),
    Check("fonts", fonts_are_there),
    Check("icons", icons_are_drawn),
    Check("resources", resources_are_whole),
    Check("keyring", keyring_is_known),
    Check("late modules", late_modules_load),
    Check("plot", plot_is_drawn),
    Check("job: practice", practice_is_ready, follows_job=True),
    Check("job: type", address_shows_while_typing, follows_job=True),
    Check("job: read", meter_is_read, follows_job=True),
    Check("job: index", index_is_ticked, follows_job=True),
    Check("job: tick", useful_ones_are_ticked, follows_job=True),
    Check("job: upload", entry_is_uploaded, follows_job=True),
    Check("job: verify", entry_is_verified, follows_job=True),
)

"""The window is up before anything heavy loads: an installer on an old laptop waits for none of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = (
    "httpx",
    "pyqtgraph",
    "numpy",
    "uvicorn",
    "starlette",
    "cryptography",
    "keyring",
    "xlsxwriter",
    "app.practice",
)

PROGRAM = """
import json, sys, time
begun = time.perf_counter()
from pathlib import Path
from ui.__main__ import make_application, make_loop
from ui.application import Application, Options
app = make_application()
with make_loop(app):
    application = Application(app, Options(Path(sys.argv[1])), list_ports=tuple)
    application.show()
    app.processEvents()
    heavy = [name for name in json.loads(sys.argv[2]) if name in sys.modules]
    print(json.dumps({"heavy": heavy, "seconds": time.perf_counter() - begun}))
"""


def test_nothing_heavy_loads_before_the_first_paint(tmp_path: Path, capsys) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), json.dumps(HEAVY)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["heavy"] == []
    with capsys.disabled():
        print(f" first paint after {report['seconds']:.2f} s", end="")  # noqa: T201 - measured, not asserted

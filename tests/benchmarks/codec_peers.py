"""Decoding speed beside the peers that install from PyPI: same telegrams, same run, printed as ratios.

Needs the optional dependencies of the extra ``benchmark`` (pyMeterBus in Python, pymbusparser in Rust); what
is not installed is left out. Run it from the project's folder: ``python -m tests.benchmarks.codec_peers``.
"""

import json
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

from app.commands.telegram_text import telegram_object
from app.mbus.addresses import SecondaryAddress
from app.mbus.dif import DataField, Dib
from app.mbus.encode import RecordToSend, encode_response, make_header
from app.mbus.response import decode

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "telegrams.jsonl"
ROUNDS = 40
GOALS = {"pyMeterBus": 10.0, "pymbusparser": 1.5}


def telegrams() -> list[bytes]:
    """Answers with a long header: the shared ones, or one made here where these are absent."""
    if VECTORS.is_file():
        vectors = map(json.loads, VECTORS.read_text(encoding="utf-8").splitlines())
        return [bytes.fromhex(v["hex"]) for v in vectors if v["wellformed"] and v["ci"] == "72"]
    header = make_header(SecondaryAddress.parse("92811594A7320404"))
    pairs = ((DataField.INT32, b"\x06"), (DataField.BCD8, b"\x13"), (DataField.INT16, b"\x5b"))
    records = [RecordToSend(Dib(field, storage=n), vib, None) for n in range(5) for field, vib in pairs]
    return [encode_response(header, records)]


def ours(raw: bytes) -> object:
    """Records with their exact values."""
    return [(record.value, record.unit, record.flags) for record in decode(raw).records]


def ours_as_object(raw: bytes) -> object:
    """The JSON object of ``mbus-tool decode``, the gateway's lines included."""
    return telegram_object(decode(raw))


def module(name: str) -> ModuleType | None:
    """A peer, None where it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        print(f"{name} is not installed and left out")
        return None


def contestants() -> dict[str, Callable[[bytes], object]]:
    """Every decoder by its name."""
    found: dict[str, Callable[[bytes], object]] = {
        "this program": ours,
        "this program, as objects": ours_as_object,
    }
    if meterbus := module("meterbus"):
        found["pyMeterBus"] = lambda raw: [(r.parsed_value, r.unit) for r in meterbus.load(raw).records]
    if parser := module("pymbusparser"):
        found["pymbusparser"] = parser.parse
    return found


def decodes(decoder: Callable[[bytes], object], raw: bytes) -> bool:
    """Whether a peer gets through a telegram at all."""
    try:
        decoder(raw)
    except Exception:  # noqa: BLE001 - a peer may fail in any way
        return False
    return True


def best_time(decoder: Callable[[bytes], object], sample: list[bytes]) -> float:
    """Seconds for the whole sample, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for raw in sample:
            decoder(raw)
        best = min(best, time.perf_counter() - begun)
    return best


def main() -> None:
    """Times everybody on the telegrams that everybody decodes."""
    decoders = contestants()
    offered = telegrams()
    sample = [raw for raw in offered if all(decodes(decoder, raw) for decoder in decoders.values())]
    records = sum(len(decode(raw).records) for raw in sample)
    print(f"{len(sample)} of {len(offered)} telegrams that all of them decode, {records} records")
    times = {name: best_time(decoder, sample) for name, decoder in decoders.items()}
    mine = times["this program"]
    for name, seconds in times.items():
        goal = f" (goal {GOALS[name]:g})" if name in GOALS else ""
        each = seconds / len(sample) * 1e6
        print(f"{name:26} {each:8.1f} µs a telegram, {seconds / mine:6.2f} times ours{goal}")


if __name__ == "__main__":
    main()

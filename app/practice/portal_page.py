"""The practice portal's own page: its sites and their meters as a portal would list them, and the faults."""

from html import escape
from typing import TYPE_CHECKING, Any

from app.practice.portal_data import Stored
from app.practice.portal_faults import FAULT_WORDS, PortalFault

if TYPE_CHECKING:
    from app.practice.portal import PracticePortal

_SECTIONS = (
    ("heating", "Heat", "#C8102E"),
    ("cooling", "Cooling", "#0072B2"),
    ("cold_water", "Cold Water", "#2A8CC7"),
    ("hot_water", "Hot Water", "#D9692B"),
    ("water", "Water", "#4C7A8A"),
    ("electricity", "Electricity", "#8A6D00"),
    ("charge_point", "Charge Points", "#5B7F3A"),
)

_STYLE = """
:root { color-scheme: light dark; --bg: #f4f5f7; --card: #fff; --ink: #1c2430; --soft: #5b6675;
  --line: #dde1e7; --code: #f0f2f5; --accent: #0b6bcb; --warn: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --bg: #15181d; --card: #1f242b; --ink: #e8ecf1; --soft: #a3aebb;
  --line: #343b45; --code: #2a3038; --accent: #6cb2ff; --warn: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink);
  font: 15px/1.5 Inter, "Segoe UI", system-ui, sans-serif; }
header { background: var(--card); border-bottom: 1px solid var(--line); padding: 14px 24px; display: flex;
  gap: 16px; align-items: baseline; flex-wrap: wrap; }
header h1 { font-size: 18px; margin: 0; }
header span { color: var(--soft); }
main { max-width: 1180px; margin: 0 auto; padding: 24px; }
nav { color: var(--soft); margin: 0 0 6px; font-size: 13px; letter-spacing: .02em; }
h2 { font-size: 21px; margin: 0 0 2px; }
h3 { font-size: 15px; margin: 24px 0 8px; display: flex; gap: 8px; align-items: center; }
h3 i { width: 10px; height: 10px; border-radius: 3px; display: inline-block; }
h3 b { color: var(--soft); font-weight: 400; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px 22px;
  margin-bottom: 22px; }
.meter { border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; margin: 8px 0; }
.meter h4 { margin: 0 0 6px; font-size: 15px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 14px; margin: 10px 0 0; }
dl.facts { display: flex; flex-wrap: wrap; gap: 4px 30px; margin: 0; }
dt { color: var(--soft); }
.facts dt { font-size: 12px; }
dd { margin: 0; overflow-wrap: anywhere; }
dd code { display: inline-block; padding: 3px 8px; }
code { background: var(--code); border-radius: 4px; padding: 1px 6px;
  font: 13px/1.6 "JetBrains Mono", Consolas, monospace; overflow-wrap: anywhere; }
p { margin: 4px 0; color: var(--soft); }
form { display: inline-block; margin: 0 8px 8px 0; }
button { font: inherit; color: var(--ink); background: var(--code); border: 1px solid var(--line);
  border-radius: 6px; padding: 5px 12px; cursor: pointer; }
button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
button.on { color: var(--card); background: var(--warn); border-color: var(--warn); }
"""

_FIELDS = (
    ("type", "Type"),
    ("prim_ad", "Address"),
    ("gateway_id", "Gateway"),
    ("model", "Model"),
    ("protocol", "Protocol"),
    ("baudrate", "Baudrate"),
    ("mode", "Mode"),
)


def render_page(portal: "PracticePortal") -> str:
    """The page at ``/``: every text from outside is escaped."""
    sites = "".join(_site(portal, site_id) for site_id in portal.data.site_ids())
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Practice portal</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><header><h1>Practice portal</h1>"
        "<span>for training: nothing here reaches a real portal</span></header>"
        f"<main>{sites}{_faults(portal)}</main></body></html>"
    )


def _site(portal: "PracticePortal", site_id: str) -> str:
    infos = portal.data.site(site_id) or {}
    address = infos["address"]
    gateways = {gateway["id"]: gateway["name"] for gateway in portal.data.gateways(site_id)}
    meters = portal.data.meters(site_id)
    sections = "".join(
        _section(title, colour, [meter for meter in meters if meter.body["type"] == kind], gateways)
        for kind, title, colour in _SECTIONS
    )
    where = f"{address['street_name']} {address['street_number']}, {address['postal_code']} {address['city']}"
    return (
        f"<section><nav>EQUIPMENT &rsaquo; Meters</nav><h2>{escape(infos['name'])}</h2>"
        f"<p>{escape(where)} &middot; site <code>{escape(site_id)}</code> &middot; "
        f"{', '.join(map(escape, gateways.values()))}</p>{sections}</section>"
    )


def _section(title: str, colour: str, meters: list[Stored], gateways: dict[str, str]) -> str:
    if not meters and title in ("Water", "Electricity", "Charge Points"):
        return ""
    listed = "".join(_meter(meter, gateways) for meter in meters) or "<p>No meter yet.</p>"
    return f'<h3><i style="background:{colour}"></i>{title} <b>{len(meters)}</b></h3>{listed}'


def _meter(meter: Stored, gateways: dict[str, str]) -> str:
    body: dict[str, Any] = dict(meter.body)
    settings = body.get("additional_settings")
    name = escape(str(body.get("name") or meter.id))
    if settings is None:
        return f'<div class="meter"><h4>{name}</h4><p>Address {escape(str(body["prim_ad"]))}</p></div>'
    body["gateway_id"] = gateways.get(body["gateway_id"], body["gateway_id"])
    facts = "".join(
        f"<div><dt>{label}</dt><dd>{escape(str(body[field])) or '&ndash;'}</dd></div>"
        for field, label in _FIELDS
    )
    both = "".join(
        f"<dt>{key}</dt><dd><code>{escape(settings[key], quote=False)}</code></dd>"
        for key in ("secondary_ad", "reg")
    )
    return (
        f'<div class="meter" id="{escape(meter.id)}"><h4>{name}</h4>'
        f'<dl class="facts">{facts}</dl><dl>{both}</dl></div>'
    )


def _faults(portal: "PracticePortal") -> str:
    active = portal.faults.active()
    forms = "".join(_fault(fault, on=fault in active) for fault in PortalFault)
    return (
        "<section><nav>PRACTICE</nav><h2>Faults</h2><p>Switch on what may go wrong with a real portal, "
        f"and see that nothing is lost.</p><p>&nbsp;</p>{forms}</section>"
    )


def _fault(fault: PortalFault, *, on: bool) -> str:
    pressed = ' class="on" aria-pressed="true"' if on else ' aria-pressed="false"'
    return (
        '<form method="post" action="/practice/faults">'
        f'<input type="hidden" name="fault" value="{fault.value}">'
        f'<input type="hidden" name="on" value="{"0" if on else "1"}">'
        f"<button{pressed}>{FAULT_WORDS[fault]}</button></form>"
    )

"""The one file of the portal's paths and fields: domain data to JSON and back, hostile answers read strictly.

The read part is the portal's published interface. The write part (gateways, create, change, delete, READ) is
this project's own definition: the day the vendor publishes theirs, this file changes and no other.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import quote

from app.domain.meter import MeterType
from app.domain.payload import MeterEntry
from app.domain.site import Gateway, Installation
from app.message import Message
from app.portal.errors import FieldError, PortalFault, PortalRejected, garbled
from app.portal.json_reading import Fields, Json, Lines, is_identifier, lines_of, parse_json, raw_json
from app.portal.reasons import reasons_of, words

DEFAULT_BASE_URL = "https://api.climkit.io/api/v1"
TOKEN_LIFETIME_S = 15 * 60
MIN_REQUEST_INTERVAL_S = 1.0
"""At most one request a second for one account."""

AUTH = "/auth"
ALL_INSTALLATIONS = "/all_installations"
IDEMPOTENCY_KEY = "Idempotency-Key"
ETAG = "ETag"
IF_MATCH = "If-Match"
RETRY_AFTER = "Retry-After"


def _segment(identifier: str) -> str:
    if not is_identifier(identifier):
        raise PortalRejected(
            Message("{id} is no id that a portal can have given.", {"id": repr(identifier)[:80]})
        )
    return quote(identifier, safe="")


def installation_path(site_id: str) -> str:
    """One site's particulars."""
    return f"/installation_infos/{_segment(site_id)}"


def meters_path(site_id: str) -> str:
    """The meters of a site: list (GET) and create (POST)."""
    return f"/meter_info/{_segment(site_id)}"


def meter_path(site_id: str, meter_id: str) -> str:
    """One meter: get, change, delete."""
    return f"{meters_path(site_id)}/{_segment(meter_id)}"


def gateways_path(site_id: str) -> str:
    """The gateways of a site."""
    return f"/gateway_info/{_segment(site_id)}"


def read_path(site_id: str, meter_id: str) -> str:
    """Asks a meter's gateway to READ it now."""
    return f"/meter_read/{_segment(site_id)}/{_segment(meter_id)}"


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token; its text is kept out of every representation.

    Attributes:
        valid_until: when it ends, by the portal's clock.
    """

    text: str
    valid_until: datetime

    def __repr__(self) -> str:
        return f"Token(valid_until={self.valid_until.isoformat()})"


@dataclass(frozen=True, slots=True)
class ListedMeter:
    """One line of a site's meter list; meters of every type stand there, electricity too.

    Attributes:
        id: the portal's id.
        type: the portal's word, not only this program's meter types.
        prim_ad: as text; empty for M-Bus meters.
        virtual: computed by the portal, no device.
        name: empty where the list carries none.
        secondary_ad: upper case; None where the list does not carry it.
    """

    id: str
    type: str
    prim_ad: str
    virtual: bool
    name: str = ""
    secondary_ad: str | None = None


@dataclass(frozen=True, slots=True)
class StoredMeter:
    """A meter as the portal has it.

    Attributes:
        id: the portal's id.
        etag: the tag of this very version; empty where the portal gave none.
        entry: what stands there; None where this program cannot read it, or the answer did not say.
        raw: what stands there as JSON in one spelling; empty where the answer did not say.
        by: who changed it last, in the portal's words; empty where it does not tell.
        at: when, as the portal writes it; empty as before.
    """

    id: str
    etag: str
    entry: MeterEntry | None
    raw: str = ""
    by: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class MeterRead:
    """What a gateway read just now.

    Attributes:
        ts: when, as the gateway says it.
        valid: whether the gateway holds the reading for good.
        values: by portal unit, exactly as sent.
    """

    ts: str
    valid: bool
    values: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Problem:
    """An error answer (RFC 9457); empty fields where the portal sent something else."""

    type: str = ""
    title: str = ""
    detail: str = ""
    existing_id: str = ""
    errors: tuple[FieldError, ...] = ()

    @property
    def words(self) -> str:
        """What the portal says about it, one sentence at most two."""
        return ": ".join(part for part in (self.title, self.detail) if part)


def auth_body(username: str, password: str) -> bytes:
    """The login."""
    return json.dumps({"username": username, "password": password}).encode()


def parse_token(body: bytes) -> Token:
    """The login's answer: the token and until when it is valid (``{"$date": milliseconds since 1970}``)."""
    fields = Fields(parse_json(body, "the login"), "the login")
    until = fields.object("valid_until").value("$date")
    if isinstance(until, bool) or not isinstance(until, int | Decimal):
        raise garbled("the login", "a time in “valid_until”", until)
    try:
        valid_until = datetime.fromtimestamp(int(until) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise garbled("the login", "a time in “valid_until”", until) from None
    token = fields.identifier("access_token")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise garbled("the login", "a token in “access_token”", "something that no header can carry")
    return Token(token, valid_until)


def parse_installations(body: bytes) -> Lines[Installation]:
    """The account's sites; both shapes are in use: a list of ids, or of objects with ``site_id``."""
    where = "the list of sites"
    listed = lines_of(parse_json(body, where), where, lambda item: _listed_installation(item, where))
    # A portal that names a site twice means one; the fuller line tells more of it.
    once: dict[str, Installation] = {}
    for site in listed:
        if site.site_id not in once or once[site.site_id] == Installation(site.site_id):
            once[site.site_id] = site
    return Lines(once.values(), skipped=listed.skipped)


def _listed_installation(item: Json, where: str) -> Installation:
    if isinstance(item, str | int) and not isinstance(item, bool):
        return Installation(Fields({"site_id": item}, where).identifier("site_id"))
    fields = Fields(item, where)
    return _installation(fields.identifier("site_id"), fields)


def parse_installation(body: bytes, site_id: str) -> Installation:
    """One site's particulars."""
    where = "the site's particulars"
    return _installation(site_id, Fields(parse_json(body, where), where))


def _installation(site_id: str, fields: Fields) -> Installation:
    address = fields.object_or_none("address")
    street = number = city = postal_code = ""
    if address is not None:
        street, number = address.loose_text("street_name"), address.loose_text("street_number")
        city, postal_code = address.loose_text("city"), address.loose_text("postal_code")
    return Installation(
        site_id=site_id,
        name=fields.loose_text("name"),
        site_ref=fields.loose_text("site_ref"),
        street=" ".join(part for part in (street, number) if part),
        postal_code=postal_code,
        city=city,
        timezone=fields.loose_text("timezone"),
    )


def parse_meters(body: bytes) -> Lines[ListedMeter]:
    """The site's meters, those of other types and makers too."""
    where = "the list of meters"
    return lines_of(parse_json(body, where), where, lambda item: _listed_meter(Fields(item, where)))


def _listed_meter(fields: Fields) -> ListedMeter:
    settings = fields.object_or_none("additional_settings")
    secondary_ad = None if settings is None else settings.loose_text("secondary_ad").upper() or None
    return ListedMeter(
        id=fields.identifier("id"),
        type=fields.loose_text("type"),
        prim_ad=fields.loose_text("prim_ad"),
        virtual=fields.flag("virtual", default=False),
        name=fields.loose_text("name"),
        secondary_ad=secondary_ad,
    )


def parse_gateways(body: bytes) -> Lines[Gateway]:
    """The site's gateways."""
    where = "the list of gateways"
    return lines_of(parse_json(body, where), where, lambda item: _gateway(Fields(item, where)))


def _gateway(fields: Fields) -> Gateway:
    return Gateway(
        id=fields.identifier("id"),
        name=fields.loose_text("name"),
        serial=fields.loose_text("serial"),
        local_url=fields.loose_text("local_url"),
    )


def entry_fields(entry: MeterEntry) -> dict[str, object]:
    """The meter body, in the portal's own order; both additional settings are strings."""
    return {
        "name": entry.name,
        "type": entry.type.value,
        "prim_ad": entry.prim_ad,
        "gateway_id": entry.gateway_id,
        "model": entry.model,
        "protocol": entry.protocol,
        "baudrate": entry.baudrate,
        "mode": entry.mode,
        "additional_settings": {"secondary_ad": entry.secondary_ad, "reg": entry.reg},
    }


def entry_body(entry: MeterEntry) -> bytes:
    """The meter body as it is sent."""
    return json.dumps(entry_fields(entry), ensure_ascii=False).encode()


def parse_stored_meter(body: bytes, etag: str | None, meter_id: str = "") -> StoredMeter:
    """The stored meter, as the answer to a question for it, to a create or to a change.

    Strict only where it must be: it stands there, whatever the answer lacks. What this program cannot read is
    kept as it came, for the person.

    Args:
        body: the answer's body.
        etag: its ``ETag`` header; one that cannot go back in a header counts as none.
        meter_id: the id where it is known; else the answer has to tell it.

    Raises:
        PortalFault: it is no object, or tells no id where none is known.
    """
    usable = etag if etag and etag.isascii() and etag.isprintable() else ""
    if meter_id and not body.strip():
        return StoredMeter(meter_id, usable, None)
    where = "the stored meter"
    value = parse_json(body, where)
    fields = Fields(value, where)
    identifier = meter_id or fields.identifier("id")
    try:
        entry = parse_entry(fields)
    except PortalFault:
        entry = None
    return StoredMeter(
        identifier, usable, entry, raw_json(value), _first(fields, _WHO), _first(fields, _WHEN)
    )


_WHO = ("updated_by", "modified_by", "changed_by", "last_modified_by", "created_by", "user")
_WHEN = ("updated_at", "modified_at", "changed_at", "last_modified", "created_at")
"""Not in the contract: the names that portals usually have for it."""


def _first(fields: Fields, names: tuple[str, ...]) -> str:
    """Who or when, for the eye alone: a text, a number, or an object with a name or a ``$date``."""
    for name in names:
        value = fields.value(name)
        if isinstance(value, dict):
            value = next((value[key] for key in ("name", "email", "$date") if value.get(key)), None)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and (told := words(value)):
            return told
    return ""


def parse_entry(fields: Fields) -> MeterEntry:
    """A meter body."""
    kind = fields.text("type")
    try:
        meter_type = MeterType(kind)
    except ValueError:
        raise garbled(fields.where, "a meter type in “type”", kind) from None
    settings = fields.object("additional_settings")
    return MeterEntry(
        name=fields.text("name"),
        type=meter_type,
        prim_ad=fields.loose_text("prim_ad"),
        gateway_id=fields.loose_text("gateway_id"),
        model=fields.text("model"),
        protocol=fields.text("protocol"),
        baudrate=fields.integer("baudrate"),
        mode=fields.text("mode"),
        secondary_ad=settings.text("secondary_ad"),
        reg=settings.text("reg"),
    )


def parse_meter_read(body: bytes) -> MeterRead:
    """The answer to READ."""
    where = "READ"
    fields = Fields(parse_json(body, where), where)
    return MeterRead(
        ts=fields.loose_text("ts"),
        valid=fields.flag("valid", default=False),
        values=fields.object("values").numbers(),
    )


def parse_problem(body: bytes) -> Problem:
    """Reads an error answer; whatever came, it gives a problem: an error inside an error helps nobody."""
    try:
        fields = parse_json(body, "an error")
    except PortalFault:
        return Problem()
    if not isinstance(fields, dict):
        return Problem(errors=reasons_of({"errors": fields}))
    existing = fields.get("id")
    return Problem(
        type=words(fields.get("type")),
        title=words(fields.get("title")),
        detail=words(fields.get("detail")) or words(fields.get("message")) or words(fields.get("error")),
        existing_id=str(existing) if isinstance(existing, int) else words(existing),
        errors=reasons_of(fields),
    )

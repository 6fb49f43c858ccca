"""The meters of a site in memory: what is stored of each, and what the domain makes of it when wanted."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.domain.addressing import is_second_device
from app.domain.building import KeptMeter, StoredReading
from app.domain.commissioned import (
    CommissionedMeter,
    MeterFacts,
    MeterReading,
    Neighbours,
    Rules,
    commission,
)
from app.domain.delivery_state import GIVEN_UP, OutboxItem
from app.domain.draft import MeterDraft
from app.domain.meter import MeterType
from app.domain.progress import (
    Progress,
    ProgressFacts,
    UploadFacts,
    VerificationFacts,
    progress_of,
)
from app.domain.summary import MeterSummary, from_text, rules_stamp, stamp_of, summarise, to_text
from app.mbus.addresses import SecondaryAddress
from app.mbus.data_header import secondary_address
from app.mbus.records import Telegram
from app.mbus.response import decode
from app.version import VERSION

NO_LINK: Final = ("", "")
"""Of a site that no portal has."""


@dataclass(frozen=True, slots=True)
class SiteMeter:
    """One meter as a list shows it.

    Attributes:
        meter_id: the program's own id.
        serial: eight digits.
        label: its place, else its name; empty where nobody gave either.
        progress: how far it is.
        summary: what it is and says.
        read_at: of the last reading, in UTC; None before the first.
    """

    meter_id: str
    serial: str
    label: str
    progress: Progress
    summary: MeterSummary
    read_at: datetime | None


@dataclass(slots=True)
class _Held:
    """What is known of one meter; draft and decision may be ahead of the disk."""

    kept: KeptMeter
    draft: MeterDraft | None
    decided: bool
    reading: MeterReading | None = None
    summary: MeterSummary | None = None
    full: CommissionedMeter | None = None
    uploads: dict[MeterType, OutboxItem] = field(default_factory=dict)


class SiteMeters:
    """A dict of meters by their own ids, in list order; no I/O, no events.

    Args:
        rules: what holds for every meter of the person.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules, self._stamp = rules, rules_stamp(rules, VERSION)
        self._held: dict[str, _Held] = {}
        self._rows: dict[str, SiteMeter] = {}
        self._by_serial: dict[str, list[str]] = {}
        self._listed: Mapping[str, Collection[tuple[str, str]]] = {}
        self._unkept: dict[str, None] = {}
        self._link = NO_LINK

    # Asking ----------------------------------------------------------------------------------------------

    def __contains__(self, meter_id: object) -> bool:
        return meter_id in self._held

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __getitem__(self, meter_id: str) -> CommissionedMeter:
        """The meter in full; its telegram is decoded at the first time."""
        held = self._held[meter_id]
        if held.full is None:
            held.full = commission(self._facts(held), self._rules, self._neighbours(held))
            held.summary = summarise(held.full)
        return held.full

    @property
    def rows(self) -> tuple[SiteMeter, ...]:
        """All meters, in list order."""
        return tuple(self._rows.values())

    def row(self, meter_id: str) -> SiteMeter:
        """One meter as the list shows it."""
        return self._rows[meter_id]

    def kept(self, meter_id: str) -> KeptMeter:
        """What the store has of a meter."""
        return self._held[meter_id].kept

    def draft(self, meter_id: str) -> MeterDraft | None:
        """The draft of now, and not yet on disk perhaps."""
        return self[meter_id].draft

    def decided(self, meter_id: str) -> tuple[MeterDraft | None, bool]:
        """The draft as it would be written, and whether a person made it."""
        held = self._held[meter_id]
        return held.draft, held.decided

    def with_serial(self, serial: str) -> tuple[str, ...]:
        """Ids of the meters that bear a number."""
        return tuple(self._by_serial.get(serial, ()))

    def address(self, meter_id: str) -> SecondaryAddress | None:
        """What the meter told of its address; None before it told any."""
        return self._address(self._held[meter_id])

    def upload(self, meter_id: str) -> OutboxItem | None:
        """The last upload of the meter's entry; of another type where the entry itself was never uploaded."""
        return self._upload(self._held[meter_id])

    # Filling ---------------------------------------------------------------------------------------------

    def fill(
        self, kept: Iterable[KeptMeter], uploads: Iterable[OutboxItem], link: tuple[str, str] = NO_LINK
    ) -> None:
        """Another site: its meters as stored, and its uploads, oldest first.

        Telegrams are needed of meters that share a number, and of those that are uploaded while no summary
        is kept of them; others without a summary are shown by what is known, see :meth:`unkept`.
        """
        self._link = link
        self._held = {each.meter_id: _Held(each, each.draft, each.decided) for each in kept}
        self._rows, self._by_serial, self._listed, self._unkept = {}, {}, {}, {}
        for meter_id, held in self._held.items():
            self._by_serial.setdefault(held.kept.serial, []).append(meter_id)
        for item in uploads:
            self.set_upload(item, touch=False)
        for meter_id, held in self._held.items():
            if len(self._by_serial[held.kept.serial]) == 1:
                held.summary = from_text(held.kept.summary, self._stamp_of(held))
            if held.summary is None:
                self._unkept[meter_id] = None
            self._rows[meter_id] = self._row(held)

    def unkept(self) -> tuple[str, ...]:
        """Meters of which no summary of now is kept; they may be shown by less than the whole."""
        return tuple(self._unkept)

    def settle(self, meter_id: str) -> tuple[str, set[str]]:
        """Makes a meter in full for its summary; gives the text to keep and the ids whose rows changed.

        The telegram is let go again where nobody had asked for it.
        """
        self._unkept.pop(meter_id, None)
        held = self._held[meter_id]
        passing = held.full is None
        meter = self[meter_id]
        held.summary = held.summary or summarise(meter)
        text = to_text(held.summary, self._stamp_of(held))
        row, self._rows[meter_id] = self._rows[meter_id], self._row(held)
        changed = {meter_id} if self._rows[meter_id] != row else set()
        if passing and len(self._by_serial[held.kept.serial]) == 1:
            held.full = held.reading = None
        return text, changed

    def use_rules(self, rules: Rules) -> None:
        """Other settings: every meter is to be made anew, as :meth:`unkept` says."""
        self._rules, self._stamp = rules, rules_stamp(rules, VERSION)
        for meter_id, held in self._held.items():
            held.full = held.summary = None
            self._unkept[meter_id] = None

    # Changing; each gives the ids of the rows that are others now ----------------------------------------

    def put(self, kept: KeptMeter, reading: MeterReading | None = None) -> set[str]:
        """A meter that is new, or of which something else is stored now.

        Args:
            kept: as stored.
            reading: its last reading where it is decoded already.
        """
        held = self._held.get(kept.meter_id)
        if held is None:
            held = self._held[kept.meter_id] = _Held(kept, kept.draft, kept.decided, reading)
            self._by_serial.setdefault(kept.serial, []).append(kept.meter_id)
        else:
            if reading is not None or kept.reading != held.kept.reading:
                held.reading = reading
            if (held.draft, held.decided) == (held.kept.draft, held.kept.decided):
                held.draft, held.decided = kept.draft, kept.decided
            held.kept = kept
        # With whatever is written of a meter, the store lets go of its summary.
        self._unkept[kept.meter_id] = None
        return self._remake([kept.meter_id])

    def drop(self, meter_ids: Iterable[str]) -> set[str]:
        """Meters that are on another site now, or on none."""
        twins: set[str] = set()
        for meter_id in meter_ids:
            held = self._held.pop(meter_id)
            del self._rows[meter_id]
            self._unkept.pop(meter_id, None)
            same = self._by_serial[held.kept.serial]
            same.remove(meter_id)
            twins.update(same)
        return self._touch([each for each in twins if each in self._held], always=False)

    def note(self, kept: KeptMeter) -> None:
        """The disk has now what was shown already."""
        self._held[kept.meter_id].kept = kept
        self._unkept[kept.meter_id] = None

    def set_draft(self, meter_id: str, draft: MeterDraft | None, *, decided: bool) -> set[str]:
        """Another draft; the disk may not have it yet."""
        held = self._held[meter_id]
        held.draft, held.decided = draft, decided
        return self._remake([meter_id])

    def set_reading(self, meter_id: str, reading: MeterReading) -> set[str]:
        """The same reading, decoded otherwise: its key is known now."""
        self._held[meter_id].reading = reading
        return self._remake([meter_id])

    def set_upload(self, item: OutboxItem, *, touch: bool = True) -> set[str]:
        """How far an upload is; nothing where it is of no meter of this site."""
        meter_id = self._meter_of(item)
        if meter_id is None:
            return set()
        held = self._held[meter_id]
        known = held.uploads.get(item.type)
        if item.state not in GIVEN_UP:
            held.uploads[item.type] = item
        elif known is not None and known.key == item.key:
            del held.uploads[item.type]
        return self._remake([meter_id]) if touch else set()

    def set_listed(self, listed: Mapping[str, Collection[tuple[str, str]]]) -> set[str]:
        """What the portal's site has already.

        Args:
            listed: by secondary address, the portal's id and the name of each meter there.
        """
        touched = {*self._listed} | {*listed}
        self._listed = listed
        serials = {SecondaryAddress.parse(address).identification for address in touched if address}
        return self._touch([key for each in serials for key in self.with_serial(each)], always=False)

    # Inside ----------------------------------------------------------------------------------------------

    def _remake(self, meter_ids: Collection[str]) -> set[str]:
        twins = {
            twin
            for meter_id in meter_ids
            for twin in self._by_serial[self._held[meter_id].kept.serial]
            if twin not in meter_ids
        }
        return self._touch(meter_ids, always=True) | self._touch(twins, always=False)

    def _touch(self, meter_ids: Iterable[str], *, always: bool) -> set[str]:
        """Makes meters anew and gives those whose rows, or whose checks, are others than before."""
        changed = set()
        for meter_id in meter_ids:
            held = self._held[meter_id]
            before, row = held.full, self._rows.get(meter_id)
            held.full = commission(self._facts(held), self._rules, self._neighbours(held), before)
            if before is None or held.summary is None or _is_other(before, held.full):
                held.summary = summarise(held.full)
                self._unkept[meter_id] = None
            self._rows[meter_id] = self._row(held)
            other = before is not None and before.checks != held.full.checks
            if always or other or self._rows[meter_id] != row:
                changed.add(meter_id)
        return changed

    def _row(self, held: _Held) -> SiteMeter:
        kept, draft = held.kept, held.draft
        shares_number = len(self._by_serial[kept.serial]) > 1
        if shares_number or (held.uploads and held.summary is None):
            # Less than the whole could say "verified" of what is not.
            self[kept.meter_id]
        if held.full is not None:
            progress, summary = held.full.progress, held.summary or summarise(held.full)
        else:
            summary = held.summary or _from_head(kept.reading)
            upload = self._upload(held)
            progress = progress_of(
                ProgressFacts(
                    answered=summary.answered,
                    read=summary.read,
                    locked=summary.locked,
                    decided=held.decided,
                    entry=summary.entry,
                    upload=_upload_facts(upload),
                    verification=_verification_of(kept, upload),
                    looks=summary.looks,
                )
            )
        label = (draft.place or draft.name) if draft is not None else ""
        read_at = kept.reading.taken_at if kept.reading is not None else None
        return SiteMeter(kept.meter_id, kept.serial, label, progress, summary, read_at)

    def _facts(self, held: _Held) -> MeterFacts:
        kept, upload = held.kept, self._upload(held)
        return MeterFacts(
            serial=kept.serial,
            reading=self._reading(held),
            draft=held.draft,
            decided=held.decided,
            label_typed=kept.label_typed,
            upload=_upload_facts(upload),
            verification=_verification_of(kept, upload),
        )

    def _reading(self, held: _Held) -> MeterReading | None:
        stored = held.kept.reading
        if held.reading is None and stored is not None:
            held.reading = reading_of(stored, decode(stored.raw))
        return held.reading

    def _stamp_of(self, held: _Held) -> str:
        number = held.kept.reading.number if held.kept.reading is not None else 0
        return stamp_of(self._stamp, number, held.draft, held.decided, held.kept.label_typed)

    def _address(self, held: _Held) -> SecondaryAddress | None:
        if held.full is None and held.summary is not None:
            return SecondaryAddress.parse(held.summary.address) if held.summary.address else None
        reading = self._reading(held)
        header = reading.telegram.header if reading is not None else None
        return secondary_address(header) if header is not None else None

    def _neighbours(self, held: _Held) -> Neighbours:
        kept = held.kept
        own, addresses, names = None, [], []
        for twin_id in self._by_serial.get(kept.serial, ()):
            twin = self._held[twin_id]
            if twin is held:
                own = self._address(held)
        for twin_id in self._by_serial.get(kept.serial, ()):
            twin = self._held[twin_id]
            if twin is held:
                continue
            address = self._address(twin)
            if address is not None:
                addresses.append(address)
            if not (own and address and is_second_device(own, address, self._rules.vocabulary.cold)):
                draft = twin.draft
                names.append((draft.place or draft.name if draft is not None else "") or kept.serial)
        return Neighbours(tuple(names) + self._on_portal(held), tuple(addresses))

    def _on_portal(self, held: _Held) -> tuple[str, ...]:
        """Names of meters of the portal with the same address that no upload of ours made."""
        if not self._listed:
            return ()
        ours = {item.meter_id for item in held.uploads.values()}
        address = SecondaryAddress(held.kept.serial).text
        return tuple(name or key for key, name in self._listed.get(address, ()) if key not in ours)

    def _upload(self, held: _Held) -> OutboxItem | None:
        if not held.uploads:
            return None
        wanted = held.draft.type if held.draft is not None else None
        if wanted in held.uploads:
            return held.uploads[wanted]
        return next(reversed(held.uploads.values()))

    def _meter_of(self, item: OutboxItem) -> str | None:
        if item.meter:
            return item.meter if item.meter in self._held else None
        if self._link == NO_LINK or self._link != (item.portal, item.site_id):
            return None
        address = SecondaryAddress.parse(item.entry.secondary_ad)
        same = self._by_serial.get(address.identification, [])
        if len(same) > 1 and address.is_exact:
            exact = [each for each in same if self._address(self._held[each]) == address]
            return exact[0] if exact else same[0]
        return same[0] if same else None


def reading_of(stored: StoredReading, telegram: Telegram) -> MeterReading:
    """A stored reading with its telegram, at local time."""
    return MeterReading(telegram, stored.taken_at.astimezone(), stored.baud, stored.elapsed_s)


def _from_head(reading: StoredReading | None) -> MeterSummary:
    """What is shown of a meter until its summary is made."""
    if reading is None:
        return MeterSummary()
    return MeterSummary(answered=True, read=reading.usable)


def _upload_facts(item: OutboxItem | None) -> UploadFacts | None:
    return None if item is None else UploadFacts(item.state, item.entry, item.sent_at)


def _verification_of(kept: KeptMeter, upload: OutboxItem | None) -> VerificationFacts | None:
    if upload is None:
        return None
    stored = next((each for each in kept.verifications if each.type is upload.type), None)
    outcome = stored.verification if stored is not None else None
    if stored is None or outcome is None:
        return None
    return VerificationFacts(stored.taken_at, outcome)


def _is_other(before: CommissionedMeter, now: CommissionedMeter) -> bool:
    """Whether the summary may be another; what an upload or a verification changes is not in it."""
    return (
        before.checks is not now.checks or before.entry is not now.entry or before.reading is not now.reading
    )

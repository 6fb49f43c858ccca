"""Who hears whom: every signal that crosses from one part of the window to another, and nothing else."""

from functools import partial
from typing import TYPE_CHECKING

from app.services.adapter import AdapterState
from app.services.jobs.read import list_pasted, typed_serial
from app.services.situation import Situation, next_step, primary
from app.services.update import Release
from ui.i18n import tr, tr_message
from ui.paste import find_telegram
from ui.viewmodels.portal import PortalState

if TYPE_CHECKING:
    from ui.application import Application

_OVER_WITH_LOGIN = (
    "not_signed_in",
    "portal_needs_login",
    "portal_refused_login",
    "portal_forbids_login",
    "portal_unreachable",
    "portal_address",
)
"""Codes of errors that a login that works proves over."""


def connect(parts: "Application") -> None:
    """Connects the parts of one window; called once, when all of them are there."""
    _failures(parts)
    _status_line(parts)
    _meters(parts)
    _portal(parts)
    _top_bar(parts)
    _updates(parts)
    _offers(parts)
    _situation(parts)
    parts.adapter.state_changed.whenever(partial(_on_adapter, parts))
    parts.window.middle.empty.practice_asked.connect(parts.begin_practice)
    parts.window.unsaved_strip.again_asked.connect(parts.open_workspace_again)
    parts.doorbell.rung.whenever(parts.window.come_forward)
    parts.window.close_asked.connect(parts.ask_to_close)
    parts.qt.applicationStateChanged.connect(parts.desk.come_back)


def _failures(parts: "Application") -> None:
    parts.portal.asking_failed.connect(parts.errors.show)
    for source in (parts.adapter.open_failed, parts.tasks.failed):
        source.subscribe(parts.errors.show)
    for part in (parts.meters, parts.sites, parts.questions, parts.desk, parts.dialogs, parts.bus):
        part.failed.connect(parts.errors.show)


def _status_line(parts: "Application") -> None:
    for part in (parts.meters, parts.questions, parts.desk, parts.bus, parts.keys):
        part.happened.connect(parts.window.say)


def _meters(parts: "Application") -> None:
    left, questions, banner = parts.window.left, parts.questions, parts.window.banner
    parts.reading.reading_started.whenever(banner.dismiss)
    parts.meters.meter_shown.connect(partial(_show_meter, parts))
    parts.meter.meter_opened.connect(partial(_show_serial, parts))
    left.meter_opened.connect(parts.meters.open_meter)
    parts.sites.leaving.connect(parts.meters.close)
    parts.sites.meter_wanted.connect(parts.meters.open_meter)
    left.removal_asked.connect(questions.remove)
    left.move_asked.connect(questions.move)
    left.building_asked.connect(questions.open_building)
    left.undo_asked.connect(questions.undo)
    left.redo_asked.connect(questions.redo)
    parts.site.stepped.subscribe(partial(_show_steps, parts))
    parts.window.text_pasted.connect(partial(_take_pasted, parts))
    parts.keys.opened.connect(banner.dismiss)


def _portal(parts: "Application") -> None:
    right, desk, focus = parts.window.right, parts.desk, parts.focus
    parts.window.practice_strip.page_asked.connect(parts.dialogs.open_portal)
    right.upload_asked.connect(lambda: focus.during(desk.upload, lambda: desk.uploading))
    right.verify_asked.connect(lambda: focus.during(desk.verify, lambda: desk.verifying))
    desk.outcome_changed.connect(focus.settle)
    parts.portal.state_changed.connect(partial(_on_portal, parts))


def _top_bar(parts: "Application") -> None:
    top = parts.window.top
    top.sign_in_asked.connect(parts.desk.ask_to_sign_in)
    top.settings_asked.connect(parts.dialogs.show_settings)
    top.help_asked.connect(parts.dialogs.show_help)


def _updates(parts: "Application") -> None:
    parts.dialogs.settings_kept.connect(parts.updates.look)
    parts.updates.newer_found.connect(partial(_show_release, parts))
    parts.updates.not_known.connect(lambda message: parts.window.say(tr_message(message)))


def _offers(parts: "Application") -> None:
    """What one click can do about an error, by its code."""
    errors = parts.errors
    errors.advise_with(parts.next_steps.advise)
    sign_in = frozenset({"not_signed_in", "portal_needs_login", "portal_refused_login"})
    errors.offer(frozenset({"newer_version"}), lambda: tr("Open its page"), partial(_open_release, parts))
    errors.offer(frozenset({"try_now"}), lambda: tr("Try now"), parts.desk.try_now)
    errors.offer(sign_in, lambda: tr("Sign in"), parts.desk.ask_to_sign_in)
    errors.offer(frozenset({"encrypted_reading"}), lambda: tr("Enter key"), parts.keys.ask)
    errors.offer(frozenset({"port_closed"}), lambda: tr("Start practice mode"), parts.begin_practice)


def _on_adapter(parts: "Application") -> None:
    """What was wrong without an adapter is over."""
    if parts.adapter.state is AdapterState.READY:
        parts.errors.take_back("port_")


def _situation(parts: "Application") -> None:
    """What is next follows whatever may change it."""

    def show(*_what: object) -> None:
        now = _situation_of(parts)
        parts.window.show_next(tr_message(next_step(now)))
        parts.window.right.show_primary(primary(now))

    def show_of(meter_id: str) -> None:
        if meter_id == parts.meter.meter_id:
            show()

    for event in (parts.adapter.state_changed, parts.reading.busy_changed, parts.site.opened):
        event.whenever(show)
    for job in parts.bus.works:
        job.changed.whenever(show)
    parts.site.changed.subscribe(show_of)
    parts.meters.meter_shown.connect(show)
    parts.meter.meter_opened.connect(show)


def _situation_of(parts: "Application") -> Situation:
    meter_id, reading = parts.meter.meter_id, parts.reading
    return Situation(
        adapter=parts.adapter.state,
        reading=reading.busy,
        working=any(job.running for job in parts.bus.works),
        failed=reading.failure is not None,
        progress=parts.site.row(meter_id).progress if meter_id in parts.site else None,
    )


def _on_portal(parts: "Application") -> None:
    """What was wrong before the login worked is over."""
    if parts.portal.state is PortalState.SIGNED_IN:
        parts.errors.take_back(*_OVER_WITH_LOGIN)


def _show_meter(parts: "Application", meter_id: str) -> None:
    parts.window.left.select_meter(meter_id)
    draft = parts.meter.draft
    known = parts.site.row(meter_id).serial if meter_id in parts.site else ""
    parts.window.show_title(known or (draft.serial if draft is not None else ""))
    if meter_id:
        parts.sites.remember(meter_id)


def _show_steps(parts: "Application", _step: None) -> None:
    undo, redo = parts.site.history.undo_words, parts.site.history.redo_words
    parts.window.left.show_steps(
        tr_message(undo) if undo is not None else "", tr_message(redo) if redo is not None else ""
    )


def _show_serial(parts: "Application") -> None:
    draft = parts.meter.draft
    parts.window.left.show_serial(draft.serial if draft is not None else "")


def _show_release(parts: "Application", release: Release) -> None:
    parts.window.banner.show_message(
        "info",
        tr("Version {version} of this program is there.", version=release.version),
        release.notes,
        actions=(("newer_version", tr("Open its page")),) if release.page else (),
    )


def _open_release(parts: "Application") -> None:
    if parts.updates.release is not None:
        parts.dialogs.open_page(parts.updates.release.page)


def _take_pasted(parts: "Application", text: str) -> None:
    raw, banner = find_telegram(text), parts.window.banner
    if raw is None and typed_serial(text).valid:
        parts.window.left.take_serial(text.strip())
    elif raw is None and (told := list_pasted(text)) is not None:
        banner.show_message("look", tr_message(told), tr("The clipboard still has it."))
    elif raw is None or not parts.meters.open_pasted(raw):
        banner.show_message(
            "look",
            tr("There is no telegram in what was pasted."),
            tr("A telegram begins with 68 and ends with 16; blanks and words around it do not matter."),
        )

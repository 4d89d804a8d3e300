"""Brings meeting files in: all of them or nothing, with every problem at its file, line and field."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from invitations.danish import Moment
from invitations.letter_html import letter_document
from invitations.meeting_file.enclosing import enclosed_file
from invitations.meeting_file.exporting import letter_data, meeting_data
from invitations.meeting_file.fields import FILE
from invitations.meeting_file.problems import MeetingFileError, Place
from invitations.meeting_file.reading import read
from invitations.meeting_file.rows import (
    Data,
    each,
    lines,
    moments,
    named,
    pair,
    resolve,
    save,
    set_children,
    set_fields,
    set_links,
    whole,
)
from invitations.models import Area, Letter, Meeting, Municipality, PolicyArea

M = TypeVar("M", bound=models.Model)

DEFAULT_POLICY_AREA = "børne- og undervisningsområdet"
_PROGRAMME_ITEM = ("time", "until", "title", "speakers", "room", "details", "notes")
_THEME = ("title", "speakers", "room", "details", "capacity")
_VENUE = ("name", "street", "postcode", "city", "place", "room")


@dataclass
class ImportSummary:
    """What an import did, by the addresses of the meetings and the file names of the letters."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)

    def note(self, name: str, before: Data | None, after: Data) -> None:
        (self.created if before is None else self.unchanged if before == after else self.updated).append(name)


def import_meetings(paths: Iterable[Path]) -> ImportSummary:
    """Bring in the files, in one transaction.

    A meeting is known by its slug, a letter by its meeting, kind and date, changes of one day by their order;
    what a file does not name stays as it is. New meetings are drafts.

    Raises:
        MeetingFileError: with every problem of every file; nothing has been imported then.
    """
    files = [read(path, FILE) for path in paths]
    with transaction.atomic():
        importer = _Importer()
        for source, data in files:
            for number, row in enumerate(data.get("meetings") or []):
                if row is not None:
                    importer.meeting(Place(source, f"meetings[{number}]"), row)
        for source, data in files:
            for number, row in enumerate(data.get("letters") or []):
                if row is not None:
                    importer.letter(Place(source, f"letters[{number}]"), row)
        importer.check_letters()
        if problems := [problem for source, _data in files for problem in source.problems]:
            raise MeetingFileError(problems)
    return importer.summary


class _Importer:
    """Goes on after a problem, to find them all: then nothing of what it has written will stay."""

    def __init__(self) -> None:
        self.summary = ImportSummary()
        # By what they are known by; also those that are wrong and not saved.
        self.meetings: dict[str, tuple[Place, Meeting]] = {}
        self.letters: dict[tuple[str, str, Any, int], tuple[Place, Letter]] = {}

    def meeting(self, place: Place, data: Data) -> None:
        slug = data.get("slug", "")
        if slug and slug.casefold() in self.meetings:
            place.key("slug").report(_("The meeting “%(slug)s” stands twice.") % {"slug": slug})
            return
        found = _locked(slug)
        before = meeting_data(found) if found else None
        meeting = found or Meeting()
        self.meetings[slug.casefold()] = place, meeting
        if "policy_area" in data or found is None:
            name = data.get("policy_area") or DEFAULT_POLICY_AREA
            meeting.policy_area = _policy_area(place.key("policy_area"), name)
        set_fields(
            meeting,
            {
                **named(data, "slug", "title", "roles", "registration", "capacity", "max_per_municipality"),
                **named(data, "asks_about_needs", "practical_information"),
                **moments(data, "registration_opens", "registration_deadline"),
            },
        )
        if "co_organisers" in data:
            meeting.co_organisers = lines(data["co_organisers"])
        save(place, meeting)
        if "areas" in data:
            set_links(meeting, "area_links", "area", _areas(place.key("areas"), data["areas"]))
        if "hosts" in data:
            set_links(meeting, "host_links", "municipality", _hosts(place.key("hosts"), data["hosts"] or []))
        if "sessions" in data:
            sessions = each(data["sessions"], _session)
            set_children(place.key("sessions"), meeting, "sessions", sessions)
        if "programme" in data:
            self._programme(place.key("programme"), meeting, data["programme"] or [])
        if "questions" in data:
            questions = each(data["questions"], lambda text: {"text": text})
            set_children(place.key("questions"), meeting, "questions", questions)
        if place.is_sound:
            self.summary.note(meeting.slug, before, meeting_data(Meeting.objects.get(pk=meeting.pk)))

    def _programme(self, place: Place, meeting: Meeting, rows: Sequence[Data | None]) -> None:
        items = each(rows, lambda row: whole(row, *_PROGRAMME_ITEM))
        for number, item in enumerate(set_children(place, meeting, "programme", items)):
            themes = each((rows[number] or {}).get("themes"), lambda row: whole(row, *_THEME))
            set_children(place.item(number).key("themes"), item, "themes", themes)

    def letter(self, place: Place, data: Data) -> None:
        slug = data.get("meeting", "").casefold()
        meeting = self.meetings[slug][1] if slug in self.meetings else _locked(slug)
        if meeting is None:
            # Not where the mistake lies in a meeting's own slug.
            if "" not in self.meetings:
                place.key("meeting").report(_no_meeting(data.get("meeting", "")))
            meeting = Meeting(slug=slug)
        kind, date = data.get("kind", ""), data.get("date")
        number = sum((slug, kind, date) == key[:3] for key in self.letters)
        if slug and kind and date and number and kind != Letter.Kind.CHANGE:
            place.report(_("The meeting's letter of this kind and date stands twice."))
            return
        found = None
        if meeting.pk and date:
            # Changes of one day stand in their order.
            of_day = Letter.objects.filter(meeting=meeting, kind=kind, date=date).order_by("pk")
            found = next(iter(of_day[number : number + 1]), None)
        before = letter_data(found) if found else None
        letter = found or Letter(closing="")
        letter.meeting = meeting
        self.letters[slug, kind, date, number] = place, letter
        set_fields(
            letter,
            {
                **named(data, "kind", "date", "replaces", "case_number", "document_number", "copy_roles"),
                **named(data, "title", "salutation", "input_email", "closing"),
                **moments(data, "input_deadline"),
                **({"is_personal": data["personal"]} if "personal" in data else {}),
            },
        )
        if "contact" in data:
            contact = data["contact"] or {}
            set_fields(letter, {f"contact_{key}": contact.get(key) for key in ("email", "phone")})
        if "recipients" in data:
            letter.recipients = lines(data["recipients"])
        save(place, letter)
        if "sections" in data:
            sections = each(data["sections"], lambda row: whole(row, "heading", "text", "block"))
            set_children(place.key("sections"), letter, "sections", sections)
        if "signatories" in data:
            signatories = each(data["signatories"], lambda row: whole(row, "name", "title"))
            set_children(place.key("signatories"), letter, "signatories", signatories)
        if "attachments" in data:
            self._enclosures(place.key("attachments"), letter, data["attachments"] or [])
        if "announces" in data:
            announced = self._announced(place.key("announces"), data["announces"] or [])
            set_links(letter, "announcements", "meeting", announced)
        if place.is_sound and letter.pk:
            after = letter_data(Letter.objects.get(pk=letter.pk))
            self.summary.note(f"{letter.known_as}.pdf", before, after)
            try:
                letter.refuse_unless_draft()
            except ValidationError as error:
                _report_differences(place, before or {}, after, sentence=error.messages[0])

    def _enclosures(self, place: Place, letter: Letter, rows: Sequence[Data | None]) -> None:
        known = {
            enclosure.title: enclosure
            for enclosure in (letter.enclosures.select_related("file") if letter.pk else ())
        }
        values: list[Data | None] = []
        for number, row in enumerate(rows):
            if row is None:
                values.append(None)
                continue
            title = row.get("title")
            value: Data = {"title": title, "file": None, "filename": ""}
            if row.get("file"):
                value |= enclosed_file(place.item(number).key("file"), row["file"])
            elif "file" not in row and title in known:
                # A file that was uploaded in the admin stays with its title.
                value |= {"file": known[title].file, "filename": known[title].filename}
            values.append(value)
        set_children(place, letter, "enclosures", values)

    def _announced(self, place: Place, slugs: Sequence[str | None]) -> list[Meeting]:
        known = {meeting.slug.casefold(): meeting for meeting in Meeting.objects.all()}
        known |= {slug: meeting for slug, (_place, meeting) in self.meetings.items()}
        return [meeting for meeting in resolve(place, slugs, known, _no_meeting) if meeting.pk]

    def check_letters(self) -> None:
        """Report what keeps a letter from being printed: an unknown placeholder, a fact that is missing."""
        for (slug, *_known_by), (place, letter) in self.letters.items():
            of_meeting = self.meetings.get(slug, (place,))[0]
            if letter.is_sent or not (letter.pk and place.is_sound and of_meeting.is_sound):
                continue
            try:
                letter_document(Letter.objects.select_related("meeting").get(pk=letter.pk))
            except ValidationError as error:
                for name, messages in error.message_dict.items():
                    at = of_meeting if name.startswith(("programme", "practical_information")) else place
                    for message in messages:
                        at.key(name).report(message)


def _report_differences(place: Place, before: Data, after: Data, *, sentence: str) -> None:
    for key in {**before, **after}:
        if before.get(key) != after.get(key):
            place.key(key).report(sentence)


def _locked(slug: str) -> Meeting | None:
    """The meeting with this address, which nobody else can change or send letters about until we are done."""
    found = Meeting.objects.filter(slug__iexact=slug).first() if slug else None
    if found:
        found.lock()
        found.refresh_from_db()
    return found


def _policy_area(place: Place, name: str) -> PolicyArea:
    known = PolicyArea.objects.named(name)
    if known:
        return known
    new = PolicyArea(name=name)
    save(place, new)
    return new


def _areas(place: Place, names: Sequence[str | None]) -> list[Area]:
    known = {area.name.casefold(): area for area in Area.objects.order_by("pk")}
    all_names = ", ".join(area.name for area in known.values())

    def unknown(name: str) -> str:
        return _("The area “%(name)s” is not known. There are: %(known)s.") % {
            "name": name,
            "known": all_names,
        }

    return resolve(place, names, known, unknown)


def _hosts(place: Place, names: Sequence[str | None]) -> list[Municipality]:
    municipalities = Municipality.objects.in_danish_order()
    known = {
        name.casefold(): municipality
        for municipality in municipalities
        for name in (municipality.name, municipality.official_name, municipality.code)
    }

    def unknown(name: str) -> str:
        close = difflib.get_close_matches(name, [municipality.name for municipality in municipalities], n=1)
        return _("The municipality “%(name)s” is not known. Write its name, for example %(close)s.") % {
            "name": name,
            "close": (close or ["Herning"])[0],
        }

    return resolve(place, names, known, unknown)


def _no_meeting(slug: str) -> str:
    return _("There is no meeting “%(slug)s”, neither here nor in the file.") % {"slug": slug}


def _session(row: Data) -> Data:
    starts: Moment | None = row.get("starts")
    ends: Moment | None = row.get("ends")
    # An end on the same day is a time alone, which is how the admin shows it.
    if ends and starts and ends.time and ends.date == starts.date:
        end = {"ends_date": None, "ends_time": ends.time}
    else:
        end = pair("ends", ends)
    venue = row.get("venue") or {}
    return {
        **pair("starts", starts),
        **end,
        **whole(row, "label", "online", "join_url", "capacity"),
        **{f"venue_{key}": venue.get(key) for key in _VENUE},
        **pair("registration_deadline", row.get("registration_deadline")),
    }

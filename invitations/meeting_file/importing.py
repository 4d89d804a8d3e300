"""Brings meeting files in: all of them or nothing, with every problem at its file, line and field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from invitations.danish import Moment
from invitations.enclosures import check_enclosure, enclosure_filename
from invitations.letter_html import letter_document
from invitations.meeting_file.exporting import letter_data, meeting_data
from invitations.meeting_file.fields import FILE
from invitations.meeting_file.reading import MeetingFileError, Problem, Source, read
from invitations.models import (
    Announcement,
    Area,
    Letter,
    Meeting,
    MeetingArea,
    MeetingHost,
    Municipality,
    PolicyArea,
    StoredFile,
)

Data = dict[str, Any]

DEFAULT_POLICY_AREA = "børne- og undervisningsområdet"

# Model fields that a meeting file calls something else.
_FILE_NAMES = {
    "starts_date": "starts",
    "starts_time": "starts",
    "ends_date": "ends",
    "ends_time": "ends",
    "registration_opens_date": "registration_opens",
    "registration_opens_time": "registration_opens",
    "registration_deadline_date": "registration_deadline",
    "registration_deadline_time": "registration_deadline",
    "input_deadline_date": "input_deadline",
    "input_deadline_time": "input_deadline",
    "contact_email": "contact.email",
    "contact_phone": "contact.phone",
    **{f"venue_{key}": f"venue.{key}" for key in ("name", "street", "postcode", "city", "place", "room")},
}


@dataclass
class ImportSummary:
    """What an import did, by the addresses of the meetings and the letters' file names."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)

    def note(self, name: str, before: Data | None, after: Data) -> None:
        (self.created if before is None else self.unchanged if before == after else self.updated).append(name)


def import_meetings(paths: Iterable[Path]) -> ImportSummary:
    """Bring in the files, in one transaction.

    A meeting is known by its slug, a letter by its meeting, kind and date; what a file does not name stays as it is. New
    meetings are drafts.

    Raises:
        MeetingFileError: with every problem of every file; nothing has been imported then.
    """
    files = [read(path, FILE) for path in paths]
    _refuse(source for source, _data in files)
    with transaction.atomic():
        importer = _Importer()
        for source, data in files:
            for number, meeting in enumerate(data.get("meetings") or []):
                importer.meeting(source, f"meetings[{number}]", meeting)
        for source, data in files:
            for number, letter in enumerate(data.get("letters") or []):
                importer.letter(source, f"letters[{number}]", letter)
        importer.check_letters()
        _refuse(source for source, _data in files)
    return importer.summary


def _refuse(sources: Iterable[Source]) -> None:
    problems: list[Problem] = [problem for source in sources for problem in source.problems]
    if problems:
        raise MeetingFileError(problems)


def _pair(name: str, moment: Moment | None) -> Data:
    return {f"{name}_date": moment.date if moment else None, f"{name}_time": moment.time if moment else None}


class _Importer:
    def __init__(self) -> None:
        self.summary = ImportSummary()
        self.meetings: dict[int, tuple[Source, str]] = {}
        self.letters: dict[int, tuple[Source, str]] = {}

    # -- meetings ---------------------------------------------------------------------------------------------------------

    def meeting(self, source: Source, path: str, data: Data) -> None:
        found = Meeting.objects.filter(slug__iexact=data["slug"]).first()
        if found and found.pk in self.meetings:
            source.report_at(
                f"{path}.slug", _("The meeting “%(slug)s” stands twice.") % {"slug": data["slug"]}
            )
            return
        before = meeting_data(found) if found else None
        meeting = found or Meeting(policy_area=self._policy_area(DEFAULT_POLICY_AREA))
        for key in data.keys() & {"registration_opens", "registration_deadline"}:
            self._set(meeting, _pair(key, data[key]))
        if "policy_area" in data:
            meeting.policy_area = self._policy_area(data["policy_area"] or DEFAULT_POLICY_AREA)
        if "co_organisers" in data:
            meeting.co_organisers = "\n".join(data["co_organisers"] or [])
        plain = (
            "slug",
            "title",
            "roles",
            "registration",
            "capacity",
            "max_per_municipality",
            "practical_information",
        )
        self._set(meeting, {key: data[key] for key in plain if key in data})
        if not self._save(source, path, meeting):
            return
        self.meetings[meeting.pk] = source, path
        self._areas(source, path, meeting, data)
        self._hosts(source, path, meeting, data)
        self._children(
            source, f"{path}.sessions", meeting.sessions, [_session(row) for row in data["sessions"]]
        )
        if "programme" in data:
            self._programme(source, f"{path}.programme", meeting, data["programme"] or [])
        if "questions" in data:
            questions = [{"text": text} for text in data["questions"] or []]
            self._children(source, f"{path}.questions", meeting.questions, questions)
        self.summary.note(meeting.slug, before, meeting_data(Meeting.objects.get(pk=meeting.pk)))

    def _policy_area(self, name: str) -> PolicyArea:
        return PolicyArea.objects.named(name) or PolicyArea.objects.create(name=name)

    def _areas(self, source: Source, path: str, meeting: Meeting, data: Data) -> None:
        known = {area.name.casefold(): area for area in Area.objects.all()}
        areas = []
        for number, name in enumerate(data["areas"]):
            if area := known.get(name.casefold()):
                areas.append(area)
            else:
                usual = ", ".join(area.name for area in known.values())
                source.report_at(
                    f"{path}.areas[{number}]",
                    _("The area “%(name)s” is not known. There are: %(known)s.")
                    % {"name": name, "known": usual},
                )
        self._links(MeetingArea, meeting, "area", dict.fromkeys(areas))

    def _hosts(self, source: Source, path: str, meeting: Meeting, data: Data) -> None:
        if "hosts" not in data:
            return
        known: dict[str, Municipality] = {}
        for municipality in Municipality.objects.all():
            for name in (municipality.name, municipality.official_name, municipality.code):
                known[name.casefold()] = municipality
        hosts = []
        for number, name in enumerate(data["hosts"] or []):
            if host := known.get(name.casefold()):
                hosts.append(host)
            else:
                source.report_at(
                    f"{path}.hosts[{number}]",
                    _("The municipality “%(name)s” is not known. Write its name, for example Herning.")
                    % {"name": name},
                )
        self._links(MeetingHost, meeting, "municipality", dict.fromkeys(hosts))

    def _links(
        self, model: type[models.Model], owner: models.Model, name: str, wanted: Iterable[models.Model]
    ) -> None:
        """Make the ordered links of `owner` those to `wanted`."""
        owner_name = owner._meta.model_name or ""
        manager = model._default_manager
        keep = []
        for position, target in enumerate(wanted):
            link, _created = manager.update_or_create(
                **{owner_name: owner, name: target}, defaults={"position": position}
            )
            keep.append(link.pk)
        manager.filter(**{owner_name: owner}).exclude(pk__in=keep).delete()

    def _programme(self, source: Source, path: str, meeting: Meeting, rows: list[Data]) -> None:
        items = self._children(source, path, meeting.programme, [_programme_item(row) for row in rows])
        for number, (item, row) in enumerate(zip(items, rows, strict=False)):
            themes = [_theme(theme) for theme in row.get("themes") or []]
            if item is not None:
                self._children(source, f"{path}[{number}].themes", item.themes, themes)

    # -- letters ----------------------------------------------------------------------------------------------------------

    def letter(self, source: Source, path: str, data: Data) -> None:
        meeting = Meeting.objects.filter(slug__iexact=data["meeting"]).first()
        if meeting is None:
            source.report_at(
                f"{path}.meeting",
                _("There is no meeting “%(slug)s”, here or in the file.") % {"slug": data["meeting"]},
            )
            return
        found = Letter.objects.filter(meeting=meeting, kind=data["kind"], date=data["date"]).first()
        if found and found.pk in self.letters:
            source.report_at(path, _("The meeting's letter of this kind and date stands twice."))
            return
        before = letter_data(found) if found else None
        letter = found or Letter(meeting=meeting, kind=data["kind"], date=data["date"], closing="")
        if "input_deadline" in data:
            self._set(letter, _pair("input_deadline", data["input_deadline"]))
        contact = data.get("contact") or {}
        if "contact" in data:
            letter.contact_email, letter.contact_phone = (
                contact.get("email") or "",
                contact.get("phone") or "",
            )
        letter.recipients = "\n".join(data["recipients"])
        plain = (
            "replaces",
            "case_number",
            "document_number",
            "copy_roles",
            "title",
            "salutation",
            "input_email",
            "closing",
        )
        self._set(letter, {key: data[key] for key in plain if key in data})
        if not self._save(source, path, letter):
            return
        self.letters[letter.pk] = source, path
        self._children(
            source, f"{path}.sections", letter.sections, [_section(row) for row in data["sections"]]
        )
        if "signatories" in data:
            signatories = [_signatory(row) for row in data["signatories"] or []]
            self._children(source, f"{path}.signatories", letter.signatories, signatories)
        if "attachments" in data:
            self._enclosures(source, f"{path}.attachments", letter, data["attachments"] or [])
        if "announces" in data:
            self._announces(source, path, letter, data["announces"] or [])
        after = letter_data(Letter.objects.get(pk=letter.pk))
        if letter.is_sent and before != after:
            changed = [
                key for key in {**(before or {}), **after} if (before or {}).get(key) != after.get(key)
            ]
            for key in changed:
                source.report_at(
                    f"{path}.{key}", _("The letter has been sent, so this can no longer be changed.")
                )
        self.summary.note(letter.filename, before, after)

    def _enclosures(self, source: Source, path: str, letter: Letter, rows: list[Data]) -> None:
        known = {enclosure.title: enclosure for enclosure in letter.enclosures.select_related("file")}
        values = []
        for number, row in enumerate(rows):
            kept = known.get(row["title"])
            value: Data = {"title": row["title"], "file": None, "filename": ""}
            if row.get("file"):
                value |= self._enclosed_file(source, f"{path}[{number}].file", row["file"])
            elif kept:
                # A file that was uploaded in the admin stays with its title.
                value |= {"file": kept.file, "filename": kept.filename}
            values.append(value)
        self._children(source, path, letter.enclosures, values)

    def _enclosed_file(self, source: Source, path: str, name: str) -> Data:
        folder = source.path.resolve().parent
        file = (folder / name).resolve()
        if not file.is_relative_to(folder) or not file.is_file():
            source.report_at(path, _("There is no file “%(name)s” beside the meeting file.") % {"name": name})
            return {}
        content = file.read_bytes()
        try:
            check_enclosure(content)
        except ValidationError as error:
            source.report_at(path, " ".join(error.messages))
            return {}
        stored = StoredFile.objects.store(content, content_type="application/pdf")
        return {"file": stored, "filename": enclosure_filename(file.name)}

    def _announces(self, source: Source, path: str, letter: Letter, slugs: list[str]) -> None:
        known = {meeting.slug.casefold(): meeting for meeting in Meeting.objects.all()}
        meetings = []
        for number, slug in enumerate(slugs):
            if meeting := known.get(slug.casefold()):
                meetings.append(meeting)
            else:
                source.report_at(
                    f"{path}.announces[{number}]",
                    _("There is no meeting “%(slug)s”, here or in the file.") % {"slug": slug},
                )
        self._links(Announcement, letter, "meeting", dict.fromkeys(meetings))

    def check_letters(self) -> None:
        """Report what keeps an imported letter from being printed: an unknown placeholder, a fact that is missing."""
        for letter in Letter.objects.filter(pk__in=self.letters).select_related("meeting"):
            source, path = self.letters[letter.pk]
            meeting_source, meeting_path = self.meetings.get(letter.meeting_id, (source, path))
            if any(problem.field.startswith((path, meeting_path)) for problem in source.problems):
                continue
            try:
                letter_document(letter)
            except ValidationError as error:
                for name, messages in error.message_dict.items():
                    of_meeting = name.startswith(("programme", "practical_information"))
                    at, prefix = (meeting_source, meeting_path) if of_meeting else (source, path)
                    for message in messages:
                        at.report_at(f"{prefix}.{name}", message)

    # -- rows -------------------------------------------------------------------------------------------------------------

    def _children(self, source: Source, path: str, manager: Any, rows: Sequence[Data]) -> list[Any]:
        """Make the rows of `manager` (a reverse relation) those given, matched by position; None where one is wrong."""
        existing = list(manager.all())
        kept: list[Any] = []
        for number, values in enumerate(rows):
            child = (
                existing[number]
                if number < len(existing)
                else manager.model(**{manager.field.name: manager.instance})
            )
            self._set(child, {**values, "position": number})
            kept.append(child if self._save(source, f"{path}[{number}]", child) else None)
        for number, child in enumerate(existing[len(rows) :], start=len(rows)):
            try:
                child.delete()
            except ProtectedError:
                source.report_at(
                    path,
                    _("Number %(number)s (%(name)s) cannot be removed: somebody has chosen it.")
                    % {"number": number + 1, "name": child},
                )
        return kept

    def _set(self, instance: models.Model, values: Data) -> None:
        """Set the fields; None is what the field holds where nothing is typed."""
        for name, value in values.items():
            model_field = instance._meta.get_field(name)
            assert isinstance(model_field, models.Field)
            empty = None if model_field.null else model_field.get_default()
            setattr(instance, name, empty if value is None else value)

    def _save(self, source: Source, path: str, instance: models.Model) -> bool:
        try:
            instance.full_clean()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                at = path if name == NON_FIELD_ERRORS else f"{path}.{_FILE_NAMES.get(name, name)}"
                for message in messages:
                    source.report_at(at, message)
            return False
        instance.save()
        return True


def _session(row: Data) -> Data:
    venue = row.get("venue") or {}
    starts: Moment = row["starts"]
    ends: Moment | None = row.get("ends")
    return {
        **_pair("starts", starts),
        # An end on the same day is a time alone, which is how the admin shows it.
        "ends_date": ends.date if ends and (ends.date != starts.date or ends.time is None) else None,
        "ends_time": ends.time if ends else None,
        "label": row.get("label"),
        **{f"venue_{key}": venue.get(key) for key in ("name", "street", "postcode", "city", "place", "room")},
        "online": row.get("online"),
        "join_url": row.get("join_url"),
        "capacity": row.get("capacity"),
        **_pair("registration_deadline", row.get("registration_deadline")),
    }


def _programme_item(row: Data) -> Data:
    return {key: row.get(key) for key in ("time", "until", "title", "speakers", "room", "details", "notes")}


def _theme(row: Data) -> Data:
    return {key: row.get(key) for key in ("title", "speakers", "room", "details", "capacity")}


def _section(row: Data) -> Data:
    return {key: row.get(key) for key in ("heading", "text", "block")}


def _signatory(row: Data) -> Data:
    return {key: row.get(key) for key in ("name", "title")}

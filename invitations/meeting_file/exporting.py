"""Writes meetings and letters as a meeting file: what the secretariat typed in, nothing that we derive."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any

import yaml

from invitations.danish import Moment
from invitations.meeting_file.enclosing import name_beside
from invitations.models import Enclosure, Letter, Meeting, ProgrammeItem, Section, Session, Theme

Data = dict[str, Any]


def export_meetings(meetings: Iterable[Meeting]) -> str:
    """The file of `meetings`, in their order, and of their letters; enclosed PDFs are named, not held."""
    chosen = list(meetings)
    letters = Letter.objects.filter(meeting__in=chosen).order_by("pk")
    position = {meeting.pk: number for number, meeting in enumerate(chosen)}
    data: Data = {"meetings": [meeting_data(meeting) for meeting in chosen]}
    in_order = sorted(letters, key=lambda letter: (position[letter.meeting_id], letter.date, letter.kind))
    if in_order:
        data["letters"] = [letter_data(letter) for letter in in_order]
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


def enclosed_files(meetings: Iterable[Meeting]) -> dict[str, bytes]:
    """The enclosed PDFs of the meetings' letters, by the names that their meeting file has for them."""
    enclosures = (
        Enclosure.objects.filter(letter__meeting__in=list(meetings)).exclude(file=None).select_related("file")
    )
    return {name_beside(enclosure): enclosure.file.data for enclosure in enclosures if enclosure.file}


def meeting_data(meeting: Meeting) -> Data:
    """A meeting as a mapping of the meeting file; keys that hold nothing are left out."""
    return _without_nothing(
        slug=meeting.slug,
        title=meeting.title,
        areas=[area.name for area in meeting.ordered_areas()],
        roles=meeting.roles,
        policy_area=meeting.policy_area.name,
        hosts=[host.name for host in meeting.ordered_hosts()],
        co_organisers=meeting.co_organiser_names,
        registration=meeting.registration,
        registration_opens=_moment(meeting.registration_opens),
        registration_deadline=_moment(meeting.registration_deadline),
        capacity=meeting.capacity,
        max_per_municipality=meeting.max_per_municipality,
        asks_about_needs=meeting.asks_about_needs or None,
        sessions=[_session(session) for session in meeting.sessions.all()],
        programme=[_programme_item(item) for item in meeting.programme.prefetch_related("themes")],
        questions=[question.text for question in meeting.questions.all()],
        practical_information=_text(meeting.practical_information),
    )


def letter_data(letter: Letter) -> Data:
    """A letter as a mapping of the meeting file; keys that hold nothing are left out."""
    return _without_nothing(
        meeting=letter.meeting.slug,
        kind=letter.kind,
        date=letter.date.isoformat(),
        replaces=letter.replaces.isoformat() if letter.replaces else None,
        case_number=letter.case_number,
        document_number=letter.document_number,
        contact=_without_nothing(email=letter.contact_email, phone=letter.contact_phone),
        recipients=letter.recipient_lines,
        copy_roles=letter.copy_roles,
        personal=letter.is_personal or None,
        title=letter.title,
        salutation=letter.salutation,
        announces=[meeting.slug for meeting in letter.announced_meetings()],
        input_deadline=_moment(letter.input_deadline),
        input_email=letter.input_email,
        sections=[_section(section) for section in letter.sections.all()],
        attachments=[_enclosure(enclosure) for enclosure in letter.enclosures.select_related("file")],
        closing=letter.closing,
        signatories=[
            _without_nothing(name=signatory.name, title="\n".join(signatory.title_lines))
            for signatory in letter.signatories.all()
        ],
    )


def _session(session: Session) -> Data:
    return _without_nothing(
        starts=_moment(session.starts),
        ends=_moment(session.ends),
        label=session.label,
        venue=_without_nothing(
            name=session.venue_name,
            street=session.venue_street,
            postcode=session.venue_postcode,
            city=session.venue_city,
            place=session.venue_place,
            room=session.venue_room,
        ),
        online=session.online or None,
        join_url=session.join_url,
        capacity=session.capacity,
        registration_deadline=_moment(session.registration_deadline),
    )


def _programme_item(item: ProgrammeItem) -> Data:
    return _without_nothing(
        time=_clock(item.time),
        until=_clock(item.until),
        title=item.title,
        speakers=item.speakers,
        room=item.room,
        details=_text(item.details),
        themes=[_theme(theme) for theme in item.themes.all()],
        notes=_text(item.notes),
    )


def _theme(theme: Theme) -> Data:
    return _without_nothing(
        title=theme.title,
        speakers=theme.speakers,
        room=theme.room,
        details=_text(theme.details),
        capacity=theme.capacity,
    )


def _section(section: Section) -> Data:
    return _without_nothing(heading=_text(section.heading), text=_text(section.text), block=section.block)


def _enclosure(enclosure: Enclosure) -> Data | str:
    return {"title": enclosure.title, "file": name_beside(enclosure)} if enclosure.file else enclosure.title


def _without_nothing(**values: Any) -> Data:
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


def _moment(moment: Moment | None) -> str | None:
    return moment.isoformat() if moment else None


def _clock(value: time | None) -> str | None:
    return f"{value:%H:%M}" if value else None


def _text(text: str) -> str:
    """Line ends are `\\n` whatever a browser made of them, and no space is around the text, as on import."""
    return text.replace("\r\n", "\n").strip()


class _Dumper(yaml.SafeDumper):
    """Text of several lines stands as a block, as one would type it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)
# Choices and safe strings are kinds of str.
_Dumper.add_multi_representer(str, _represent_text)

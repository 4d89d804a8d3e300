"""The first draft of a letter: sender and recipients as in the last one, and the parts that its kind has."""

from __future__ import annotations

import datetime

from django.db import transaction

from invitations.models import Letter, Meeting, Section, Signatory

Block = Section.Block

# Heading, text and block of each section. The words are those of a letter, hence Danish.
_INVITATION = (
    ("", "KL inviterer jer til {title} {dates}.", ""),
    ("Program", "", Block.PROGRAMME),
    ("Tid og sted", "", Block.SESSIONS),
)
_REGISTRATION = ("Tilmelding", "I tilmelder jer her: {registration_url}", "")
_DEADLINE = "\n\nSidste frist for tilmelding er {registration_deadline_with_weekday}."


@transaction.atomic
def draft_letter(meeting: Meeting, kind: str, *, date: datetime.date, lead: str = "") -> Letter:
    """Write the draft of a letter of `kind` about `meeting`.

    Recipients, margin, closing and signatories are those of the meeting's latest letter.

    Args:
        date: printed in the letter.
        lead: Markdown that its first section says, instead of the usual words for its kind.

    Raises:
        IntegrityError: the meeting has a letter of this kind and date already.
    """
    letters = Letter.objects.filter(meeting=meeting).order_by("date", "pk")
    last, last_sent = letters.last(), letters.sent().last()
    letter = Letter(meeting=meeting, kind=kind, date=date)
    if last:
        for name in ("recipients", "copy_roles", "contact_email", "contact_phone", "case_number", "closing"):
            setattr(letter, name, getattr(last, name))
    letter.title = _title(kind)
    if last_sent and kind in (Letter.Kind.CHANGE, Letter.Kind.CANCELLATION):
        letter.replaces = last_sent.date
    letter.save()
    Section.objects.bulk_create(
        Section(letter=letter, position=position, heading=heading, text=text, block=block)
        for position, (heading, text, block) in enumerate(_sections(meeting, kind, lead))
    )
    if last:
        Signatory.objects.bulk_create(
            Signatory(letter=letter, position=row.position, name=row.name, title=row.title)
            for row in last.signatories.all()
        )
    return letter


def _title(kind: str) -> str:
    return {
        Letter.Kind.INVITATION: "Invitation til {title}",
        Letter.Kind.SAVE_THE_DATE: "Reservér datoen: {title}",
        Letter.Kind.FOLLOW_UP: "Opfølgning på {title}",
        Letter.Kind.CHANGE: "Ændring: {title}",
        Letter.Kind.CANCELLATION: "Aflysning: {title}",
    }[Letter.Kind(kind)]


def _sections(meeting: Meeting, kind: str, lead: str) -> list[tuple[str, str, str]]:
    if kind == Letter.Kind.SAVE_THE_DATE:
        return [("", lead or "Sæt kryds i kalenderen {dates}: KL inviterer til {title}.", "")]
    if kind == Letter.Kind.FOLLOW_UP:
        return [("", lead or "Tak for en god drøftelse {dates}.", "")]
    if kind == Letter.Kind.CANCELLATION:
        return [("", lead or "KL må desværre aflyse {title} {dates}.", "")]
    sections = list(_INVITATION)
    if lead:
        sections[0] = ("", lead, "")
    if not meeting.programme.exists():
        sections = [section for section in sections if section[2] != Block.PROGRAMME]
    if meeting.has_form:
        heading, text, block = _REGISTRATION
        sections.append((heading, text + (_DEADLINE if meeting.registration_deadline else ""), block))
    return sections

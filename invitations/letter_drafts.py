"""The first draft of a letter: who it is from and to as in the last one, and the parts that its kind has."""

from __future__ import annotations

import datetime

from django.db import transaction

from invitations.letter_draft_words import draft_sections, draft_title, recipient_lines
from invitations.letter_mails import ASKING
from invitations.models import Letter, Meeting, Section, Sender, Signatory


@transaction.atomic
def draft_letter(meeting: Meeting, kind: str, *, date: datetime.date, lead: str = "") -> Letter:
    """Write the draft of a letter of `kind` about `meeting`; it prints where the meeting's own texts do.

    Recipients, copies, margin and closing are those of the meeting's latest letter. Its first letter is
    addressed to the offices that the meeting invites, and answers go to the sender's mailbox. It is signed as
    the meeting's latest letter, else as the latest sent one of the same policy area. It is one for each
    municipality where the latest that asked for an answer was.

    Args:
        date: printed in the letter.
        lead: Markdown that its first section says, instead of the usual words for its kind.

    Raises:
        IntegrityError: the meeting has a letter of this kind and date already, and it is no change.
    """
    letters = Letter.objects.filter(meeting=meeting).order_by("date", "pk")
    last = letters.last()
    letter = Letter(meeting=meeting, kind=kind, date=date, title=draft_title(kind, meeting))
    if last:
        for name in ("recipients", "copy_roles", "contact_email", "contact_phone", "case_number", "closing"):
            setattr(letter, name, getattr(last, name))
    else:
        sender = Sender.objects.current()
        letter.recipients = "\n".join(recipient_lines(meeting))
        letter.contact_email, letter.contact_phone = sender.mailbox, sender.phone
    # Who has got a link of their own keeps it.
    asking = letters.filter(kind__in=ASKING).last()
    letter.is_personal = kind in ASKING and meeting.has_form and asking is not None and asking.is_personal
    if kind in (Letter.Kind.CHANGE, Letter.Kind.CANCELLATION):
        replaced = last_sent(meeting)
        letter.replaces = replaced.date if replaced else None
    letter.save()
    Section.objects.bulk_create(
        Section(letter=letter, position=position, heading=heading, text=text, block=block)
        for position, (heading, text, block) in enumerate(draft_sections(letter, lead=lead))
    )
    signed = last or _last_of_policy_area(meeting)
    if signed:
        Signatory.objects.bulk_create(
            Signatory(letter=letter, position=row.position, name=row.name, title=row.title)
            for row in signed.signatories.all()
        )
    return letter


def last_sent(meeting: Meeting) -> Letter | None:
    """The letter about the meeting that was sent last, whatever day is printed in it; no follow-up."""
    letters = Letter.objects.filter(meeting=meeting).sent().exclude(kind=Letter.Kind.FOLLOW_UP)
    return letters.order_by("sent_at", "pk").last()


def _last_of_policy_area(meeting: Meeting) -> Letter | None:
    of_area = Letter.objects.sent().filter(meeting__policy_area=meeting.policy_area_id)
    return of_area.order_by("sent_at", "pk").last()

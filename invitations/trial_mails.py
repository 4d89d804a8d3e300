"""A trial: the very mail that a municipality would get, to whoever wants to look at it first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from invitations import letters
from invitations.dispatch_plan import Recipient, plan_dispatch
from invitations.history import name_of
from invitations.letter_mails import Addressee, LetterMails
from invitations.mail_text import in_danish, link
from invitations.models import Letter, LetterVersion, OutgoingEmail, StoredFile
from invitations.personal_copies import sample

# Within this time the same trial is a double click.
DOUBLE_CLICK = timedelta(seconds=10)


def send_trial(letter: Letter, *, code: str = "", at: datetime, by: User) -> bool:
    """Owe `by` the mail that the first recipient would get, or the first of a municipality.

    It counts as no dispatch, and its link to answer by leads to the public page of the meeting.

    Args:
        code: that of the municipality; empty: the first.
        at: now, aware.

    Returns:
        False where the same mail was owed a few seconds ago: it is on its way.

    Raises:
        ValidationError: there is no recipient, `by` has no address, or the letter cannot be printed.
    """
    if not by.email:
        raise ValidationError(_("Your user has no e-mail address, so there is nowhere to send it."))
    version = letters.preview(letter, at=at)
    recipient = _recipient(letter, code, at)
    with transaction.atomic(), in_danish():
        letter.lock()
        trials = OutgoingEmail.objects.filter(key__startswith=_prefix(letter, by))
        same = trials.filter(to_name=_name(by, recipient), owed_at__gt=at - DOUBLE_CLICK)
        if same.exists():
            return False
        mail = LetterMails(letter, version).mail(
            Addressee.of_recipient(recipient),
            answer_url=link("registrations:meeting", letter.meeting.slug),
            pdf=_own_pdf(letter, version, recipient) if letter.is_personal else None,
        )
        trial = replace(
            mail,
            key=f"{_prefix(letter, by)}{at.isoformat()}",
            kind=OutgoingEmail.Kind.TEST,
            to=by.email,
            to_name=_name(by, recipient),
            subject=f"[Test] {mail.subject}",
        )
        OutgoingEmail.objects.owe([trial], at=at)
    return True


def _prefix(letter: Letter, by: User) -> str:
    return f"test:{letter.pk}:{by.pk}:"


def _name(by: User, recipient: Recipient) -> str:
    return f"{name_of(by)} (som {recipient.municipality.official_name})"


def _recipient(letter: Letter, code: str, at: datetime) -> Recipient:
    recipients = plan_dispatch(letter, at=at).recipients
    chosen = [recipient for recipient in recipients if not code or recipient.municipality.code == code]
    # An office that is invited, before one that is informed.
    chosen.sort(key=lambda recipient: recipient.for_orientation)
    if not chosen:
        raise ValidationError(_("There is no recipient whose mail could be shown."), code="nobody")
    return chosen[0]


def _own_pdf(letter: Letter, version: LetterVersion, recipient: Recipient) -> tuple[str, StoredFile]:
    pdf = sample(letter, version, recipient.municipality)
    return letter.filename, StoredFile.objects.store(pdf, content_type="application/pdf")

"""What one does with a letter: preview it, see who gets it, send it."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import weasyprint
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from invitations.dispatch_plan import DispatchPlan, plan_dispatch
from invitations.letter_html import LOGO_URL, letter_document, letter_html
from invitations.letter_mails import LetterMails
from invitations.mail_text import in_danish
from invitations.models import (
    Dispatch,
    Invitation,
    Letter,
    LetterVersion,
    Meeting,
    OutgoingEmail,
    Sender,
    StoredFile,
)
from invitations.pdf import STYLESHEET, ReadingOrderError, UnprintableLetter, render_pdf

__all__ = [
    "DispatchPlan",
    "dispatch",
    "facts",
    "lay_out",
    "letter_images",
    "plan_dispatch",
    "preview",
    "public_version",
]

logger = logging.getLogger(__name__)


def facts(letter: Letter) -> dict[str, Any]:
    """What the letter states about its meeting, to be compared later with what is true by then."""
    meeting = letter.meeting
    deadline = meeting.registration_deadline
    return {
        "title": meeting.title,
        "sessions": [{"session": session.pk, **session.facts()} for session in meeting.sessions.all()],
        "registration_deadline": deadline.isoformat() if deadline else "",
        "programme": [
            {
                "time": f"{item.time or ''}",
                "title": item.title,
                "speakers": item.speakers,
                "room": item.room,
                "themes": [theme.title for theme in item.themes.all()],
            }
            for item in meeting.programme.prefetch_related("themes")
        ],
    }


def preview(letter: Letter, *, at: datetime) -> LetterVersion:
    """The letter as it would be sent now, or as it was sent. Rendered once per content and kept.

    Args:
        at: now, aware.

    Raises:
        ValidationError: where it cannot be printed, each problem at its field (see `LetterBuilder.document`).
    """
    if letter.is_sent:
        return LetterVersion.objects.select_related("pdf", "letter__meeting").get(letter=letter)
    html = letter_html(letter_document(letter))
    images = letter_images()
    stated = facts(letter)
    # With the facts, which are more than what is printed, so that those of a letter as sent are never old.
    content = [_renderer(), html.encode(), json.dumps(stated).encode(), *images.values()]
    source = hashlib.sha256(b"\0".join(content)).hexdigest()
    drafts = LetterVersion.objects.filter(letter=letter)
    version = drafts.filter(source_sha256=source).select_related("pdf").first()
    if version:
        return version
    pdf = lay_out(letter, html, images=images)
    with transaction.atomic():
        values = {
            "source_sha256": source,
            "html": html,
            "pdf": StoredFile.objects.store(pdf, content_type="application/pdf"),
            "facts": stated,
            "rendered_at": at,
        }
        version, created = LetterVersion.objects.get_or_create(letter=letter, defaults=values)
        # Not where the letter has been sent meanwhile: then the version that went out stands.
        if not created and drafts.filter(letter__sent_at=None).update(**values):
            version.refresh_from_db()
    return version


def lay_out(letter: Letter, html: str, *, images: Mapping[str, bytes]) -> bytes:
    """The PDF of `letter` from its HTML; neither need be stored, and the PDF is not.

    Raises:
        ValidationError: it cannot be printed, with the sentence why.
    """
    try:
        return render_pdf(html, images=images)
    except UnprintableLetter as error:
        raise ValidationError(str(error), code="unprintable") from error
    except ReadingOrderError as error:
        logger.exception("letter %s does not read as its HTML", letter.pk)
        raise ValidationError(
            _(
                "The letter cannot be made into a PDF that reads aloud in the right order."
                " Write to those who run the system."
            ),
            code="reading_order",
        ) from error


@cache
def _renderer() -> bytes:
    """What besides its HTML decides how a letter looks: rendered anew when it changes."""
    return bytes(weasyprint.__version__.encode() + STYLESHEET.read_bytes())


def letter_images() -> dict[str, bytes]:
    """The pictures that a letter's HTML may name: the sender's logo."""
    logo = Sender.objects.current().logo
    return {LOGO_URL.removeprefix("letter-image:"): logo.data} if logo else {}


def public_version(meeting: Meeting, *, at: datetime) -> LetterVersion | None:
    """The letter that everybody may read as `invitation.pdf`.

    None where there is none, or where the draft cannot be printed yet.

    Args:
        at: now, aware.
    """
    letter = Letter.objects.select_related("meeting").public_one(meeting)
    if letter is None:
        return None
    try:
        return preview(letter, at=at)
    except ValidationError:
        return None


def dispatch(letter: Letter, *, at: datetime, by: User) -> int:
    """Send the letter: freeze it, invite its municipalities and owe a mail to each mailbox, all or nothing.

    Args:
        at: the time of sending, aware.
        by: who pressed the button.

    Returns:
        How many mails are owed.

    Raises:
        ValidationError: it has been sent already, would reach nobody, or cannot be printed. Nothing has been
            done then.
    """
    _sendable_plan(letter, at=at)
    # Laid out while nobody waits for us; under the lock it is found again, unless somebody has changed it.
    preview(letter, at=at)
    with transaction.atomic():
        # Of two at once the second one finds the letter sent, and no import changes it halfway.
        letter.meeting.lock()
        locked = Letter.objects.select_related("meeting__policy_area").get(pk=letter.pk)
        plan = _sendable_plan(locked, at=at)
        version = preview(locked, at=at)
        locked.mark_sent(at=at, by=by)
        municipalities = {recipient.municipality for recipient in plan.recipients}
        invitations = Invitation.objects.invite(locked.meeting, municipalities, at=at)
        # Mails are in Danish, and so are the names of the offices that are kept.
        with in_danish():
            letter_mails = LetterMails(locked, version)
            mails = {
                recipient.mail_key: letter_mails.mail(recipient, invitations[recipient.municipality.pk])
                for recipient in plan.mails()
            }
            owed = OutgoingEmail.objects.owe(mails.values(), at=at)
            emails = OutgoingEmail.objects.filter(key__in=[mail.key for mail in mails.values()])
            email_ids = dict(emails.values_list("key", "pk"))
            Dispatch.objects.bulk_create(
                Dispatch(
                    letter=locked,
                    invitation=invitations[recipient.municipality.pk],
                    office=recipient.office,
                    office_name=recipient.office_name,
                    mailbox=recipient.mailbox,
                    for_orientation=recipient.for_orientation,
                    dispatched_at=at,
                    dispatched_by=by,
                    email_id=email_ids[mails[recipient.mail_key].key],
                )
                for recipient in plan.recipients
            )
    letter.refresh_from_db(fields=["sent_at", "sent_by"])
    return owed


def _sendable_plan(letter: Letter, *, at: datetime) -> DispatchPlan:
    plan = plan_dispatch(letter, at=at)
    if plan.problems:
        raise ValidationError(plan.problems)
    return plan

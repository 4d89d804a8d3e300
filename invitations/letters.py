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
from invitations.dispatch_rows import write_dispatches
from invitations.letter_html import LOGO, letter_document, letter_html
from invitations.letter_mails import mail_words
from invitations.meeting_facts import meeting_facts
from invitations.models import Letter, LetterVersion, Meeting, Sender, StoredFile
from invitations.pdf import STYLESHEET, ReadingOrderError, UnprintableLetter, render_pdf
from invitations.personal_copies import sample

__all__ = [
    "DispatchPlan",
    "dispatch",
    "dispatch_due",
    "facts",
    "lay_out",
    "letter_images",
    "plan_dispatch",
    "preview",
    "public_letter_as_sent",
    "public_version",
]

logger = logging.getLogger(__name__)


def facts(letter: Letter) -> dict[str, Any]:
    """What the letter states about its meeting, to be compared later with what is true by then."""
    return meeting_facts(letter.meeting)


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
    sender = Sender.objects.current()
    images = letter_images(sender)
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
            "logo": sender.logo,
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


def letter_images(sender: Sender) -> dict[str, bytes]:
    """The pictures that a letter's HTML may name: the sender's logo."""
    return {LOGO: sender.logo.data} if sender.logo else {}


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


def public_letter_as_sent(slug: str) -> Letter | None:
    """The letter of the meeting at `slug` that everybody may read, where it has been sent; with its frozen
    version and the PDF, by one query.
    """
    letters = Letter.objects.sent().filter(meeting__slug=slug, meeting__published_at__isnull=False)
    wanted = ("kind", "date", "meeting__slug", "version__pdf__content", "version__pdf__sha256")
    files = letters.select_related("meeting", "version__pdf").only(*wanted, "version__pdf__content_type")
    return files.public().first()


def dispatch(letter: Letter, *, at: datetime, by: User) -> int:
    """Send the letter: freeze it, invite its municipalities and owe a mail to each mailbox, all or nothing.

    A letter that is one for each municipality is made in the background, and its mails are owed then.

    Args:
        at: the time of sending, aware.
        by: who pressed the button.

    Returns:
        How many mails are owed, or will be.

    Raises:
        ValidationError: it has been sent already, waits for its time, would reach nobody, or cannot be
            printed. Nothing has been done then.
    """
    return _dispatch(letter, at=at, by=by, send_at=None)


def dispatch_due(letter: Letter, *, at: datetime) -> int:
    """Send a letter whose time has come, in the name of who scheduled it; otherwise as `dispatch`."""
    assert letter.send_by is not None
    return _dispatch(letter, at=at, by=letter.send_by, send_at=letter.send_at)


def _dispatch(letter: Letter, *, at: datetime, by: User, send_at: datetime | None) -> int:
    is_due = send_at is not None
    _sendable_plan(letter, at=at, is_due=is_due)
    # Laid out while nobody waits for us; under the lock it is found again, unless somebody has changed it.
    version = preview(letter, at=at)
    if letter.is_personal:
        # What can be printed for nobody must not be frozen.
        sample(letter, version)
    with transaction.atomic():
        # Of two at once the second one finds the letter sent, and nobody changes it halfway.
        letter.meeting.lock()
        letter.lock()
        locked = Letter.objects.select_related("meeting__policy_area").get(pk=letter.pk)
        plan = _sendable_plan(locked, at=at, is_due=is_due)
        version = preview(locked, at=at)
        if not locked.mark_sent(at=at, by=by, send_at=send_at):
            raise ValidationError(_("The letter is not to be sent at this time any more."), code="called_off")
        version.mail_words = mail_words(locked)
        version.save(update_fields=["mail_words"])
        count = write_dispatches(locked, version, plan.recipients, at=at, by=by)
    letter.refresh_from_db(fields=["sent_at", "sent_by", "send_at", "send_by", "send_problem"])
    return count


def _sendable_plan(letter: Letter, *, at: datetime, is_due: bool) -> DispatchPlan:
    plan = plan_dispatch(letter, at=at, is_due=is_due)
    if plan.problems:
        raise ValidationError(plan.problems)
    return plan

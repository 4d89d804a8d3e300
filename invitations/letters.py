"""What one does with a letter: preview it, see who gets it, send it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import weasyprint
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from invitations.danish import COPENHAGEN
from invitations.letter_document import LetterDocument
from invitations.letter_html import LOGO_URL, letter_document, letter_html
from invitations.mail_text import compose
from invitations.models import (
    Dispatch,
    Invitation,
    Letter,
    LetterVersion,
    Mail,
    Meeting,
    Municipality,
    Office,
    OutgoingEmail,
    Sender,
    Session,
    StoredFile,
)
from invitations.pdf import STYLESHEET, ReadingOrderError, UnprintableLetter, render_pdf
from invitations.placeholders import public_url

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipient:
    """One mailbox of one office."""

    office: Office
    mailbox: str
    for_orientation: bool

    @property
    def municipality(self) -> Municipality:
        return self.office.municipality

    @property
    def office_name(self) -> str:
        return self.office.name or capitalised_role(self.office)


@dataclass(frozen=True)
class DispatchPlan:
    """Who would get a letter, before anything is sent.

    Attributes:
        recipients: in Danish order of the municipalities; an office with a copy address stands twice.
        without_mailbox: invited municipalities in which nobody can be reached.
        problems: sentences that say why it cannot be sent; empty where it can.
    """

    recipients: list[Recipient]
    without_mailbox: list[Municipality]
    problems: list[str] = field(default_factory=list)

    @property
    def mailboxes(self) -> int:
        """How many mails go out: an address that serves several offices of a municipality gets one."""
        return len({mail_key(recipient) for recipient in self.recipients})

    @property
    def municipalities(self) -> int:
        return len({recipient.municipality.pk for recipient in self.recipients})


def capitalised_role(office: Office) -> str:
    role = str(office.get_role_display())
    return role[:1].upper() + role[1:]


def mail_key(recipient: Recipient) -> tuple[int, str]:
    """What makes two recipients one mail: the link in it carries the municipality."""
    return recipient.municipality.pk, recipient.mailbox.casefold()


def facts(letter: Letter) -> dict[str, Any]:
    """What the letter states about its meeting, to be compared later with what is true by then."""
    meeting = letter.meeting
    deadline = meeting.registration_deadline
    return {
        "title": meeting.title,
        "sessions": [session_facts(session) for session in meeting.sessions.all()],
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


def session_facts(session: Session) -> dict[str, Any]:
    """When and where a session is, as a letter or a calendar message states it."""
    return {
        "session": session.pk,
        "starts": session.starts.isoformat(),
        "ends": session.ends.isoformat() if session.ends else "",
        "where": session.where(),
        "join_url": session.join_url,
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
    source = hashlib.sha256(b"\0".join([_renderer(), html.encode(), *images.values()])).hexdigest()
    drafts = LetterVersion.objects.filter(letter=letter)
    version = drafts.filter(source_sha256=source).select_related("pdf").first()
    if version:
        return version
    try:
        pdf = render_pdf(html, images=images)
    except UnprintableLetter as error:
        raise ValidationError(str(error), code="unprintable") from error
    except ReadingOrderError as error:
        logger.exception("letter %s does not read as its HTML", letter.pk)
        raise ValidationError(
            _(
                "The letter cannot be made into a PDF that reads aloud in the right order. Write to those who run the system."
            ),
            code="reading_order",
        ) from error
    with transaction.atomic():
        values = {
            "source_sha256": source,
            "html": html,
            "pdf": StoredFile.objects.store(pdf, content_type="application/pdf"),
            "facts": facts(letter),
            "rendered_at": at,
        }
        version, created = LetterVersion.objects.get_or_create(letter=letter, defaults=values)
        # Not where the letter has been sent meanwhile: then the version that went out stands.
        if not created and drafts.filter(letter__sent_at=None).update(**values):
            version.refresh_from_db()
    return version


@cache
def _renderer() -> bytes:
    """What besides its HTML decides how a letter looks: rendered anew when it changes."""
    return weasyprint.__version__.encode() + STYLESHEET.read_bytes()


def letter_images() -> dict[str, bytes]:
    """The pictures that a letter's HTML may name: the sender's logo."""
    logo = Sender.objects.current().logo
    return {LOGO_URL.removeprefix("letter-image:"): logo.data} if logo else {}


def public_version(meeting: Meeting, *, at: datetime) -> LetterVersion | None:
    """The letter that everybody may read as `invitation.pdf`; None where there is none, or the draft cannot be printed yet.

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


def public_document(letter: Letter) -> LetterDocument:
    """The document of a letter for its web page."""
    return letter_document(letter)


def plan_dispatch(letter: Letter, *, at: datetime) -> DispatchPlan:
    """Who gets the letter if it is sent at `at` (aware): the offices of the meeting's municipalities valid on that day."""
    meeting = letter.meeting
    municipalities = list(meeting.municipalities())
    roles, copy_roles = set(meeting.roles), set(letter.copy_roles)
    offices = (
        Office.objects.filter(municipality__in=municipalities, role__in=roles | copy_roles)
        .valid_on(at.astimezone(COPENHAGEN).date())
        .responsible_for(meeting.policy_area)
        .select_related("municipality")
        .order_by("municipality__sort_key", "role", "pk")
    )
    recipients = [
        Recipient(office=office, mailbox=mailbox, for_orientation=office.role not in roles)
        for office in offices
        for mailbox in dict.fromkeys([office.mailbox, office.copy_mailbox])
        if mailbox
    ]
    reached = {recipient.municipality.pk for recipient in recipients if not recipient.for_orientation}
    plan = DispatchPlan(
        recipients=recipients,
        without_mailbox=[municipality for municipality in municipalities if municipality.pk not in reached],
    )
    plan.problems.extend(_problems(letter, plan, municipalities))
    return plan


def _problems(letter: Letter, plan: DispatchPlan, municipalities: list[Municipality]) -> Iterable[str]:
    meeting = letter.meeting
    if letter.is_sent:
        yield _("The letter has been sent already.")
    if not meeting.is_published and letter.kind != Letter.Kind.SAVE_THE_DATE:
        yield _("Publish the meeting first: the letter's link must lead somewhere.")
    if meeting.is_cancelled and letter.kind != Letter.Kind.CANCELLATION:
        yield _("The meeting is cancelled.")
    if not municipalities:
        yield _("No municipality belongs to the meeting's areas on the day of the meeting.")
    elif not plan.recipients:
        yield _("None of the offices that the meeting invites has a mailbox.")


def dispatch(letter: Letter, *, at: datetime, by: AbstractBaseUser) -> int:
    """Send the letter: freeze it, invite its municipalities and owe a mail to each mailbox, all or nothing.

    Args:
        at: the time of sending, aware.
        by: who pressed the button.

    Returns:
        How many mails are owed.

    Raises:
        ValidationError: it cannot be printed, has been sent already, or would reach nobody; nothing has been done then.
    """
    with transaction.atomic():
        plan = plan_dispatch(letter, at=at)
        if plan.problems:
            raise ValidationError(plan.problems)
        version = preview(letter, at=at)
        if not letter.mark_sent(at=at, by=by):
            raise ValidationError(_("The letter has been sent already."))
        invitations = Invitation.objects.invite(
            letter.meeting, {recipient.municipality for recipient in plan.recipients}, at=at
        )
        keys = {mail_key(recipient): recipient for recipient in reversed(plan.recipients)}
        mails = {
            key: _mail(letter, version, recipient, invitations[recipient.municipality.pk])
            for key, recipient in keys.items()
        }
        owed = OutgoingEmail.objects.owe(mails.values(), at=at)
        emails = dict(
            OutgoingEmail.objects.filter(key__in=[mail.key for mail in mails.values()]).values_list(
                "key", "pk"
            )
        )
        Dispatch.objects.bulk_create(
            [
                Dispatch(
                    letter=letter,
                    invitation=invitations[recipient.municipality.pk],
                    office=recipient.office,
                    office_name=recipient.office_name,
                    mailbox=recipient.mailbox,
                    for_orientation=recipient.for_orientation,
                    email_id=emails[mails[mail_key(recipient)].key],
                )
                for recipient in plan.recipients
            ]
        )
    return owed


def _mail(letter: Letter, version: LetterVersion, recipient: Recipient, invitation: Invitation) -> Mail:
    meeting = letter.meeting
    answer_url = public_url("registrations:invitation", invitation.token)
    subject, text, html = compose(
        "invitations/mail/letter",
        {
            "letter": letter,
            "meeting": meeting,
            "sessions": meeting.sessions.all(),
            "municipality": recipient.municipality,
            "office_name": recipient.office_name,
            "for_orientation": recipient.for_orientation,
            "answer_url": answer_url if _asks_for_answer(letter) else "",
        },
    )
    return Mail(
        key=f"letter:{letter.pk}:{recipient.municipality.code}:{recipient.mailbox.casefold()}",
        kind=OutgoingEmail.Kind.LETTER,
        about=meeting.slug,
        to=recipient.mailbox,
        to_name=f"{recipient.office_name}, {recipient.municipality.official_name}",
        subject=subject,
        text=text,
        html=html,
        attachments=[
            (letter.filename, version.pdf),
            *(
                (enclosure.filename, enclosure.file)
                for enclosure in letter.enclosures.all()
                if enclosure.file
            ),
        ],
    )


def _asks_for_answer(letter: Letter) -> bool:
    return letter.meeting.has_form and letter.kind in (Letter.Kind.INVITATION, Letter.Kind.CHANGE)

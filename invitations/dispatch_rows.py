"""Sending, written down: invitations, mails and dispatches, in the transaction of whoever decides to send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User

from invitations.dispatch_plan import Recipient, one_per_mailbox
from invitations.history import name_of
from invitations.letter_mails import Addressee, LetterMails, answer_link
from invitations.mail_text import in_danish
from invitations.models import Dispatch, Invitation, Letter, LetterVersion, OutgoingEmail, PersonalLetter


def write_dispatches(
    letter: Letter, version: LetterVersion, recipients: Sequence[Recipient], *, at: datetime, by: User
) -> int:
    """Invite the municipalities of `recipients`, and owe the mails that carry `version` to them.

    Where the letter is one for each municipality, the mails are owed once that has been made: see
    `personal_letters`.

    Args:
        at: the time of sending, aware.
        by: who pressed the button.

    Returns:
        How many mails there are, or will be.
    """
    municipalities = {recipient.municipality for recipient in recipients}
    invitations = Invitation.objects.invite(letter.meeting, municipalities, at=at)
    addressees = one_per_mailbox(recipients)
    # Mails are in Danish, and so are the names that are kept.
    with in_danish():
        emails: dict[tuple[int, str], int] = {}
        if letter.is_personal:
            _write_personal_letters(letter, [invitations[municipality.pk] for municipality in municipalities])
        else:
            emails = _owe(letter, version, addressees, invitations, at)
        Dispatch.objects.bulk_create(
            Dispatch(
                letter=letter,
                invitation=invitations[recipient.municipality.pk],
                office=recipient.office,
                municipality_name=recipient.municipality.official_name,
                office_name=recipient.office_name,
                mailbox=recipient.mailbox,
                for_orientation=recipient.for_orientation,
                dispatched_at=at,
                dispatched_by=by,
                dispatched_by_name=name_of(by),
                email_id=emails.get(recipient.mail_key),
            )
            for recipient in recipients
        )
    return len(addressees)


def _owe(
    letter: Letter,
    version: LetterVersion,
    addressees: Sequence[Recipient],
    invitations: dict[int, Invitation],
    at: datetime,
) -> dict[tuple[int, str], int]:
    """Owe a mail to each of `addressees`; return their ids."""
    letter_mails = LetterMails(letter, version)
    mails = {
        recipient.mail_key: letter_mails.mail(
            Addressee.of_recipient(recipient), answer_url=answer_link(invitations[recipient.municipality.pk])
        )
        for recipient in addressees
    }
    OutgoingEmail.objects.owe(mails.values(), at=at)
    ids = OutgoingEmail.objects.ids_by_key([mail.key for mail in mails.values()])
    return {mail_key: ids[mail.key] for mail_key, mail in mails.items()}


def _write_personal_letters(letter: Letter, invitations: Sequence[Invitation]) -> None:
    known = set(PersonalLetter.objects.filter(letter=letter).values_list("invitation", flat=True))
    PersonalLetter.objects.bulk_create(
        PersonalLetter(
            letter=letter, invitation=invitation, municipality_name=invitation.municipality.official_name
        )
        for invitation in sorted(invitations, key=lambda invitation: invitation.municipality.sort_key)
        if invitation.pk not in known
    )

"""Sending again what could not be delivered: to the same mailbox, or to the one that the office has now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from invitations.dispatch_plan import Recipient, one_per_mailbox
from invitations.late_recipients import late_recipients, problems_of_sending_later, write_late
from invitations.models import Letter, OutgoingEmail
from invitations.what_happened import fates


@dataclass(frozen=True)
class ResendPlan:
    """What would be sent again.

    Attributes:
        mails: to the same mailbox as before.
        corrected: offices whose mailbox is another by now, and has not got the letter.
    """

    mails: Sequence[OutgoingEmail]
    corrected: Sequence[Recipient]

    @property
    def count(self) -> int:
        return len(self.mails) + len(one_per_mailbox(self.corrected))


def plan_resending(letter: Letter, *, at: datetime) -> ResendPlan:
    """What is to be sent again of the mails that could not be delivered by `at` (aware)."""
    failed = [row for row in fates(letter) if row.has_failed]
    offices = {row.dispatch.office_id for row in failed if row.mailbox_is_another}
    late = late_recipients(letter, at=at) if offices else []
    mails = {row.mail.pk: row.mail for row in failed if row.mail and not row.mailbox_is_another}
    return ResendPlan(
        mails=list(mails.values()),
        corrected=[recipient for recipient in late if recipient.office.pk in offices],
    )


def problems_of_resending(letter: Letter, plan: ResendPlan, *, at: datetime) -> list[str]:
    problems = problems_of_sending_later(letter, at=at)
    if not problems and not plan.count:
        problems.append(_("There is no mail that could not be delivered."))
    return problems


def resend_failed(letter: Letter, *, at: datetime, by: User) -> int:
    """Owe the mails that could not be delivered once more; return how many.

    Args:
        at: now, aware.
        by: who pressed the button.

    Raises:
        ValidationError: there is none, or nobody may get the letter any more. Nothing has been done then.
    """
    with transaction.atomic():
        letter.meeting.lock()
        locked = Letter.objects.select_related("meeting__policy_area").get(pk=letter.pk)
        plan = plan_resending(locked, at=at)
        if problems := problems_of_resending(locked, plan, at=at):
            raise ValidationError(problems)
        for mail in plan.mails:
            OutgoingEmail.objects.get(pk=mail.pk).resend(at=at)
        if plan.corrected:
            write_late(locked, plan.corrected, at=at, by=by)
    return plan.count

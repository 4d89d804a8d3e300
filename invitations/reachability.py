"""Which offices a letter would not reach, and why: a question asked of the register, never a mark kept."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.db.models import Max, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from invitations.models import Meeting, Municipality, Office, OutgoingEmail
from invitations.models.outbox import LEASE

# How long a verification holds.
VERIFIED_FOR_MONTHS = 12


class Reason(models.TextChoices):
    """Why an office, or a municipality, cannot be reached: the worst first."""

    NO_OFFICE = "no_office", _("no addressee can be reached")
    NO_MAILBOX = "no_mailbox", _("no mailbox")
    RETURNED = "returned", _("mail came back")
    FAILED = "failed", _("the last mail failed")
    EXPIRED = "expired", _("expired")
    NOT_VERIFIED = "not_verified", _("not verified for 12 months")


@dataclass(frozen=True)
class Unreachable:
    """An office that a letter does not reach, or may not.

    Attributes:
        office: None where the municipality has no office at all that could be written to.
        reasons: the worst first.
        failed_at: when the last mail to the mailbox was given up, aware; None where none was.
    """

    municipality: Municipality
    office: Office | None
    reasons: tuple[Reason, ...]
    failed_at: datetime | None = None

    @property
    def gets_no_letters(self) -> bool:
        """Not where it has only not been verified for long."""
        return self.reasons != (Reason.NOT_VERIFIED,)


def unreachable(*, today: date, meeting: Meeting | None = None) -> list[Unreachable]:
    """The offices that cannot be reached, each once, in Danish order of the municipalities.

    An office that has expired is one of them only where nobody succeeds it: no other of the municipality with
    the same role and policy area is valid. One that is not valid yet is none of them.

    Args:
        today: from which the age of a verification counts.
        meeting: only the offices that it invites, on the day of its first session, and the municipalities
            that it invites; without one, all of them as of today.
    """
    day, offices = today, Office.objects.all()
    municipalities: models.QuerySet[Municipality] = Municipality.objects.in_danish_order()
    if meeting:
        starts = meeting.starts()
        if starts is None:
            return []
        day, municipalities = starts.date, meeting.municipalities()
        offices = offices.filter(
            municipality__in=municipalities.order_by(), role__in=meeting.roles
        ).responsible_for(meeting.policy_area)
    begun = offices.filter(Q(valid_from=None) | Q(valid_from__lte=day))
    of_municipality: dict[int, list[Office]] = {}
    for office in begun.select_related("municipality", "policy_area").in_danish_order():
        of_municipality.setdefault(office.municipality_id, []).append(office)
    failures = mail_failures()
    return [
        row
        for municipality in municipalities
        for row in _of_municipality(
            municipality,
            of_municipality.get(municipality.pk, []),
            day=day,
            today=today,
            failures=failures,
        )
    ]


def count_unreachable(*, today: date) -> int:
    """How many addressees no letter reaches today: offices, and municipalities that have none.

    Those that have only not been verified for long get their letters.
    """
    rows = [row for row in unreachable(today=today) if row.gets_no_letters]
    offices = [row.municipality for row in rows if row.office]
    return len(offices) + len({row.municipality for row in rows} - {*offices})


def oldest_verification(today: date) -> date:
    """The first day whose verification still holds on `today`."""
    year, month = divmod(today.year * 12 + today.month - 1 - VERIFIED_FOR_MONTHS, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def mail_failures() -> dict[str, datetime]:
    """When the last mail to a mailbox was given up (aware), by the mailbox in small letters; of those alone
    to which nothing has been sent since.
    """
    # A mail that is given up keeps the end of its last claim.
    failed = {
        mailbox: due_at - LEASE
        for mailbox, due_at in OutgoingEmail.objects.filter(state=OutgoingEmail.State.FAILED)
        .values_list(Lower("to"))
        .annotate(Max("due_at"))
    }
    sent = dict(
        OutgoingEmail.objects.annotate(mailbox=Lower("to"))
        .filter(state=OutgoingEmail.State.SENT, mailbox__in=failed)
        .values_list("mailbox")
        .annotate(Max("sent_at"))
    )
    return {mailbox: at for mailbox, at in failed.items() if mailbox not in sent or sent[mailbox] < at}


def failure_of(office: Office, failures: dict[str, datetime]) -> datetime | None:
    """When the last mail to the office failed, of `mail_failures`; None where staff have since said that its
    mailbox works.
    """
    at = failures.get(office.mailbox.lower())
    return None if at and office.confirmed_at and office.confirmed_at >= at else at


def reasons_of(
    office: Office, *, day: date, today: date, failures: dict[str, datetime]
) -> tuple[Reason, ...]:
    """Why this office cannot be reached on `day`; one that has expired needs no further reason."""
    if office.valid_to and office.valid_to < day:
        return (Reason.EXPIRED,)
    found = {
        Reason.NO_MAILBOX: not office.mailbox,
        Reason.RETURNED: bool(office.mailbox and office.returned_on),
        Reason.FAILED: failure_of(office, failures) is not None,
        Reason.NOT_VERIFIED: (office.verified_on or date.min) < oldest_verification(today),
    }
    return tuple(reason for reason, holds in found.items() if holds)


def _of_municipality(
    municipality: Municipality,
    offices: list[Office],
    *,
    day: date,
    today: date,
    failures: dict[str, datetime],
) -> Iterator[Unreachable]:
    valid = [office for office in offices if office.is_valid_on(day)]
    if not any(office.can_be_written_to for office in valid):
        yield Unreachable(municipality, None, (Reason.NO_OFFICE,))
    for office in [*valid, *_without_successor(offices, valid)]:
        reasons = reasons_of(office, day=day, today=today, failures=failures)
        if reasons:
            yield Unreachable(municipality, office, reasons, failure_of(office, failures))


def _without_successor(offices: Iterable[Office], valid: Iterable[Office]) -> list[Office]:
    """Of the expired offices the last of each kind, where no valid one is of the same."""
    succeeded = {(office.role, office.policy_area_id) for office in valid}
    last: dict[tuple[str, int | None], Office] = {}
    for office in sorted(offices, key=lambda office: office.valid_to or date.max):
        last[office.role, office.policy_area_id] = office
    return [office for kind, office in last.items() if kind not in succeeded]

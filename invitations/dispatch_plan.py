"""Who would get a letter, and why it may not be sent yet: known before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from invitations.danish import COPENHAGEN
from invitations.models import Dispatch, Letter, Meeting, Municipality, Office


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
        return self.office.display_name

    @property
    def mail_key(self) -> tuple[int, str]:
        """What makes two recipients one mail: the mailbox, and the municipality, which its link carries."""
        return self.municipality.pk, self.mailbox.casefold()


@dataclass(frozen=True)
class DispatchPlan:
    """Who would get a letter.

    Attributes:
        recipients: in Danish order of the municipalities; an office with a copy address stands twice.
        without_mailbox: invited municipalities in which nobody can be reached.
        problems: sentences that say why it cannot be sent; empty where it can.
    """

    recipients: list[Recipient]
    without_mailbox: list[Municipality]
    problems: list[str] = field(default_factory=list)

    def mails(self) -> list[Recipient]:
        """Those whom the mails address: of several with the same mailbox, one who is invited if any is."""
        addressees: dict[tuple[int, str], Recipient] = {}
        for recipient in self.recipients:
            known = addressees.get(recipient.mail_key)
            if known is None or (known.for_orientation and not recipient.for_orientation):
                addressees[recipient.mail_key] = recipient
        return list(addressees.values())

    @property
    def mailboxes(self) -> int:
        """How many mails go out."""
        return len(self.mails())

    @property
    def municipalities(self) -> int:
        return len({recipient.municipality.pk for recipient in self.recipients})


def plan_dispatch(letter: Letter, *, at: datetime) -> DispatchPlan:
    """Who gets the letter if it is sent at `at` (aware).

    They are the offices of the meeting's municipalities that are valid on that day, in Copenhagen, and answer
    for its policy area; of a cancellation only those that have heard of the meeting.
    """
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
    if letter.kind == Letter.Kind.CANCELLATION:
        recipients = _those_who_know(meeting, recipients)
    reached = {recipient.municipality.pk for recipient in recipients if not recipient.for_orientation}
    return DispatchPlan(
        recipients=recipients,
        without_mailbox=[municipality for municipality in municipalities if municipality.pk not in reached],
        problems=list(_problems(letter, municipalities, anybody=bool(reached))),
    )


def _those_who_know(meeting: Meeting, recipients: list[Recipient]) -> list[Recipient]:
    """Those of `recipients` who have got a letter about the meeting: to others nothing is cancelled.

    All of them where no letter has been sent, since they have been told in some other way then.
    """
    told = Dispatch.objects.filter(letter__meeting=meeting)
    known: set[object] = set()
    for office_id, municipality_id, mailbox in told.values_list(
        "office_id", "invitation__municipality_id", "mailbox"
    ):
        known |= {office_id, (municipality_id, mailbox.casefold())}
    return [
        recipient
        for recipient in recipients
        if not known or recipient.office.pk in known or recipient.mail_key in known
    ]


def _problems(letter: Letter, municipalities: list[Municipality], *, anybody: bool) -> Iterable[str]:
    meeting = letter.meeting
    if letter.is_sent:
        yield _("The letter has been sent already.")
    if not meeting.is_published and letter.kind != Letter.Kind.SAVE_THE_DATE:
        yield _("Publish the meeting first: the letter's link must lead somewhere.")
    if meeting.is_cancelled and letter.kind != Letter.Kind.CANCELLATION:
        yield _("The meeting is cancelled.")
    if not municipalities:
        yield _("No municipality belongs to the meeting's areas on the day of the meeting.")
    elif not anybody:
        yield _("None of the offices that the meeting invites has a mailbox.")

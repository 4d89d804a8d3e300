"""Who would get a letter, and why it may not be sent yet: known before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from invitations.danish import COPENHAGEN, capitalise
from invitations.models import Dispatch, Letter, Meeting, Municipality, Office, Role


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
    def came_back_on(self) -> date | None:
        """The day on which mail to the office came back, as staff noted it."""
        return self.office.returned_on

    @property
    def mail_key(self) -> tuple[int, str]:
        """What makes two recipients one mail: the mailbox, and the municipality, which its link carries."""
        return self.municipality.pk, self.mailbox.casefold()


def one_per_mailbox(recipients: Iterable[Recipient]) -> list[Recipient]:
    """Of several with the same mailbox in a municipality, one who is invited if any is."""
    addressees: dict[tuple[int, str], Recipient] = {}
    for recipient in recipients:
        known = addressees.get(recipient.mail_key)
        if known is None or (known.for_orientation and not recipient.for_orientation):
            addressees[recipient.mail_key] = recipient
    return list(addressees.values())


@dataclass(frozen=True)
class Missing:
    """An office to which the letter should go, and whose mailbox we do not know."""

    municipality: Municipality
    role: str

    @property
    def office_name(self) -> str:
        return capitalise(str(Role(self.role).label))


@dataclass(frozen=True)
class DispatchPlan:
    """Who would get a letter.

    Attributes:
        recipients: in Danish order of the municipalities; an office with a copy address stands twice.
        missing: offices without a mailbox, in the same order.
        without_mailbox: invited municipalities in which nobody can be reached.
        problems: sentences that say why it cannot be sent; empty where it can.
    """

    recipients: list[Recipient]
    missing: list[Missing]
    without_mailbox: list[Municipality]
    problems: list[str] = field(default_factory=list)

    def mails(self) -> list[Recipient]:
        """Those whom the mails address."""
        return one_per_mailbox(self.recipients)

    @property
    def mailboxes(self) -> int:
        """How many mails go out."""
        return len(self.mails())

    @property
    def municipalities(self) -> int:
        return len({recipient.municipality.pk for recipient in self.recipients})

    def reaches(self, municipality_id: int, mailbox: str, office_id: int | None) -> bool:
        """Whether an office that has got a letter before gets this one, at that mailbox or at another."""
        return office_id in self._offices or (municipality_id, mailbox.casefold()) in self._mailboxes

    @cached_property
    def _offices(self) -> set[int]:
        return {recipient.office.pk for recipient in self.recipients}

    @cached_property
    def _mailboxes(self) -> set[tuple[int, str]]:
        return {recipient.mail_key for recipient in self.recipients}

    @property
    def came_back(self) -> list[Recipient]:
        """Those to whom mail has come back. They get the letter: a full mailbox may be read again."""
        return [recipient for recipient in self.recipients if recipient.came_back_on]


def plan_dispatch(
    letter: Letter, *, at: datetime, is_due: bool = False, with_cancelling: bool = False
) -> DispatchPlan:
    """Who gets the letter if it is sent at `at` (aware).

    They are the offices of the meeting's municipalities that are valid on that day, in Copenhagen, and answer
    for its policy area; of a cancellation only those that have heard of the meeting.

    Args:
        is_due: the letter waits for this very time; else one that waits is refused.
        with_cancelling: the meeting is cancelled along with it; else a letter that says so is refused before.
    """
    municipalities, offices = invited_offices(letter, at=at)
    recipients = recipients_of(letter, offices)
    if letter.kind == Letter.Kind.CANCELLATION:
        recipients = _those_who_know(letter.meeting, recipients)
    reached = {recipient.municipality.pk for recipient in recipients if not recipient.for_orientation}
    return DispatchPlan(
        recipients=recipients,
        missing=_missing(letter, municipalities, recipients),
        without_mailbox=[municipality for municipality in municipalities if municipality.pk not in reached],
        problems=[
            *_problems(letter, municipalities, anybody=bool(reached)),
            *([] if is_due else _problems_of_time(letter)),
            *([] if with_cancelling else _problems_of_cancelling(letter)),
        ],
    )


def invited_offices(letter: Letter, *, at: datetime) -> tuple[list[Municipality], list[Office]]:
    """The municipalities that the meeting invites, and those of their offices that the letter is for at `at`
    (aware), with a mailbox or without, in Danish order.
    """
    municipalities = list(letter.meeting.municipalities())
    offices = (
        Office.objects.filter(municipality__in=municipalities, role__in=wanted_roles(letter))
        .valid_on(at.astimezone(COPENHAGEN).date())
        .responsible_for(letter.meeting.policy_area)
        .select_related("municipality")
        .order_by("municipality__sort_key", "role", "pk")
    )
    return municipalities, list(offices)


def wanted_roles(letter: Letter) -> list[str]:
    """The roles that are invited, then those that are informed."""
    return list(dict.fromkeys([*letter.meeting.roles, *letter.copy_roles]))


def recipients_of(letter: Letter, offices: Iterable[Office]) -> list[Recipient]:
    roles = set(letter.meeting.roles)
    return [
        Recipient(office=office, mailbox=mailbox, for_orientation=office.role not in roles)
        for office in offices
        for mailbox in dict.fromkeys([office.mailbox, office.copy_mailbox])
        if mailbox
    ]


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


def _missing(
    letter: Letter, municipalities: Sequence[Municipality], recipients: Iterable[Recipient]
) -> list[Missing]:
    reached = {(recipient.municipality.pk, recipient.office.role) for recipient in recipients}
    return [
        Missing(municipality=municipality, role=role)
        for municipality in municipalities
        for role in wanted_roles(letter)
        if (municipality.pk, role) not in reached
    ]


def _problems(letter: Letter, municipalities: Sequence[Municipality], *, anybody: bool) -> Iterable[str]:
    if letter.is_sent:
        yield _("The letter has been sent already.")
    yield from problems_of_meeting(letter, letter.meeting)
    if not municipalities:
        yield _("No municipality belongs to the meeting's areas on the day of the meeting.")
    elif not anybody:
        yield _("None of the offices that the meeting invites has a mailbox.")


def problems_of_meeting(letter: Letter, meeting: Meeting) -> Iterable[str]:
    """Why the letter may not go to anybody, the first time or later."""
    if not meeting.is_published and letter.kind != Letter.Kind.SAVE_THE_DATE:
        yield _("Publish the meeting first: the letter's link must lead somewhere.")
    if meeting.is_cancelled and letter.kind != Letter.Kind.CANCELLATION:
        yield _("The meeting is cancelled.")
    if letter.is_personal and not meeting.has_form:
        yield _("The meeting has no registration, so there is no link of its own for each municipality.")


def _problems_of_cancelling(letter: Letter) -> Iterable[str]:
    if letter.kind == Letter.Kind.CANCELLATION and not letter.meeting.is_cancelled:
        yield _("The meeting is not cancelled. Cancel it: the letter is sent along with that.")


def _problems_of_time(letter: Letter) -> Iterable[str]:
    if letter.send_at is not None:
        time = date_format(timezone.localtime(letter.send_at, COPENHAGEN), "DATETIME_FORMAT")
        yield _("The letter is to be sent on %(time)s. Call that off first.") % {"time": time}

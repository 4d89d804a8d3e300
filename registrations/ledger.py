"""Who has answered, and who is still silent: one row a municipality, derived each time, stored nowhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from invitations.models import (
    Invitation,
    Meeting,
    Municipality,
)
from registrations import ledger_counts
from registrations.availability import deadline_for
from registrations.models import Decline, Registration


def silent_invitations(meeting: Meeting) -> QuerySet[Invitation]:
    """The invitations of municipalities that have said nothing yet, hosts included, in Danish order.

    Any registration that counts is an answer, one whose participants have all been withdrawn since as well:
    they have said that they do not come. So is a decline that stands. Whether they came by the invitation's
    link or by the open form makes no difference: the municipality is the unit.
    """
    registered, declined = _answers(meeting, OuterRef("municipality"))
    return (
        Invitation.objects.filter(~Exists(registered), ~Exists(declined), meeting=meeting)
        .select_related("municipality")
        .order_by("municipality__sort_key")
    )


def has_answered(meeting: Meeting, municipality: Municipality) -> bool:
    """Whether `municipality`, invited or not, has said something; see `silent_invitations`."""
    return any(answers.exists() for answers in _answers(meeting, municipality))


def _answers(
    meeting: Meeting, municipality: Municipality | OuterRef
) -> tuple[QuerySet[Registration], QuerySet[Decline]]:
    return (
        Registration.objects.counted().filter(meeting=meeting, municipality=municipality),
        Decline.objects.filter(meeting=meeting, municipality=municipality, undone_at=None),
    )


class LedgerState(TextChoices):
    """What a municipality has answered."""

    NOT_INVITED = "not_invited", _("not invited yet")
    SILENT = "silent", _("no answer")
    REGISTERED = "registered", _("registered")
    PARTLY = "partly", _("partly registered")
    WAITLISTED = "waitlisted", _("on the waiting list")
    WITHDRAWN = "withdrawn", _("all withdrawn")
    DECLINED = "declined", _("declined")


@dataclass(frozen=True, kw_only=True)
class LedgerRow:
    """One municipality and a meeting. Counts of people are those who take a place, unless they say otherwise.

    Attributes:
        region: its region on the day of the meeting; empty where it has none.
        invitation: empty where no letter has gone to it.
        registrations: how many delegations have registered.
        nameless: how many of the `registered` are places whose names follow.
        themes_missing: how many of the `registered` lack a theme in a round.
        unmatched: registrations that may be its answer, once staff have said whose they are.
        offices: to how many mailboxes a letter about the meeting has been written.
        failed: how many of those mails could not be delivered, nor a second one in their place.
        last_reminder_at: when the last reminder of the deadline left.
        answered_at: when it answered first.
        contact_name, contact_email: of its latest registration, else of its decline.
    """

    municipality: Municipality
    region: str = ""
    invitation: Invitation | None = None
    is_host: bool = False
    registrations: int = 0
    registered: int = 0
    nameless: int = 0
    waitlisted: int = 0
    themes_missing: int = 0
    unmatched: int = 0
    decline: Decline | None = None
    offices: int = 0
    failed: int = 0
    last_reminder_at: datetime | None = None
    answered_at: datetime | None = None
    contact_name: str = ""
    contact_email: str = ""

    @property
    def state(self) -> LedgerState:
        if self.registered:
            is_whole = not self.themes_missing and not self.waitlisted
            return LedgerState.REGISTERED if is_whole else LedgerState.PARTLY
        if self.waitlisted:
            return LedgerState.WAITLISTED
        if self.decline:
            return LedgerState.DECLINED
        if self.registrations:
            return LedgerState.WITHDRAWN
        return LedgerState.SILENT if self.invitation else LedgerState.NOT_INVITED

    def has_later_deadline(self, meeting: Meeting) -> bool:
        """Whether its own deadline makes a difference: the general one may have been moved beyond it."""
        return any(
            deadline_for(session, self.invitation) != session.deadline() for session in meeting.sessions.all()
        )

    @property
    def has_answered(self) -> bool:
        return self.state not in (LedgerState.NOT_INVITED, LedgerState.SILENT)


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How many of the municipalities that were `asked` (or answered without) have `answered`."""

    name: str
    answered: int
    asked: int


@dataclass(frozen=True)
class Ledger:
    """All rows in Danish order: the municipalities that were invited or have answered, then those of the
    meeting's areas to which nothing has been written yet, at their places in the order.
    """

    rows: Sequence[LedgerRow]

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many municipalities are in each state."""
        return Counter(row.state.value for row in self.rows)

    @property
    def total(self) -> Coverage:
        return coverage("", self.rows)

    @cached_property
    def regions(self) -> list[Coverage]:
        """By region, in the order of their names; municipalities without one are left out."""
        names = sorted({row.region for row in self.rows if row.region})
        return [coverage(name, (row for row in self.rows if row.region == name)) for name in names]

    @property
    def uninvited(self) -> int:
        """How many of those that have answered were not invited; the total counts them all the same."""
        return sum(row.has_answered and row.invitation is None for row in self.rows)

    @property
    def participants(self) -> int:
        """How many people of municipalities take a place; guests are nobody's answer."""
        return sum(row.registered for row in self.rows)


def coverage(name: str, rows: Iterable[LedgerRow]) -> Coverage:
    asked = [row for row in rows if row.state != LedgerState.NOT_INVITED]
    return Coverage(name=name, answered=sum(row.has_answered for row in asked), asked=len(asked))


def coverages(meetings: Iterable[Meeting]) -> dict[int, Coverage]:
    """By meeting what its ledger's `total` says, for a list of them and without making the ledgers."""
    ids = [meeting.pk for meeting in meetings]
    asked: defaultdict[int, set[int | None]] = defaultdict(set)
    answered: defaultdict[int, set[int | None]] = defaultdict(set)
    answers = (
        Registration.objects.counted().filter(meeting__in=ids),
        Decline.objects.filter(meeting__in=ids, undone_at=None),
    )
    for rows in answers:
        for meeting, municipality in rows.order_by().values_list("meeting", "municipality").distinct():
            answered[meeting].add(municipality)
    invited = Invitation.objects.filter(meeting__in=ids).values_list("meeting", "municipality")
    for meeting, municipality in invited:
        asked[meeting].add(municipality)
    return {
        pk: Coverage(name="", answered=len(answered[pk]), asked=len(asked[pk] | answered[pk])) for pk in ids
    }


def ledger(meeting: Meeting) -> Ledger:
    """The ledger of `meeting` as it is now, by a number of queries that does not grow."""
    invitations = {row.municipality_id: row for row in Invitation.objects.filter(meeting=meeting)}
    registrations = ledger_counts.registrations_of(meeting)
    participants = ledger_counts.participants_of(meeting)
    declines = {row.municipality_id: row for row in Decline.objects.filter(meeting=meeting, undone_at=None)}
    written = ledger_counts.written_to(meeting)
    reminders = ledger_counts.last_reminders(meeting)
    unmatched = ledger_counts.unmatched_of(meeting)
    themes_missing = ledger_counts.themes_missing_in(meeting)
    hosts = set(meeting.hosts.values_list("pk", flat=True))
    regions = ledger_counts.regions_of(meeting)
    concerned = {*invitations, *registrations, *declines, *hosts, *unmatched}
    in_areas = set(meeting.municipalities().order_by().values_list("pk", flat=True))
    municipalities = Municipality.objects.filter(pk__in=concerned | in_areas).in_danish_order()
    return Ledger(
        [
            LedgerRow(
                municipality=municipality,
                region=regions.get(municipality.pk, ""),
                invitation=invitations.get(municipality.pk),
                is_host=municipality.pk in hosts,
                themes_missing=themes_missing.get(municipality.pk, 0),
                unmatched=unmatched[municipality.pk],
                decline=declines.get(municipality.pk),
                last_reminder_at=reminders.get(municipality.code),
                **participants.get(municipality.pk, {}),
                **written.get(municipality.pk, {}),
                **_answer(registrations.get(municipality.pk), declines.get(municipality.pk)),
            )
            for municipality in municipalities
        ]
    )


def _answer(registration: dict[str, Any] | None, decline: Decline | None) -> dict[str, Any]:
    if registration:
        return registration
    if decline:
        return {
            "answered_at": decline.declined_at,
            "contact_name": decline.contact_name,
            "contact_email": decline.contact_email,
        }
    return {}

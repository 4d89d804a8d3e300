"""Whose registration is it? Somebody without a personal link chooses a municipality, and their mail address
speaks of one.

The domains are learned from the mailboxes of the offices. Where choice and domain disagree, or the address is
of no domain that the chosen municipality is known by, the registration waits: it takes its places, and staff
say whose it is. That holds also where no domain of the chosen municipality is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from invitations.history import record
from invitations.models import Meeting, Municipality, Office, Sender
from registrations import waiting_list
from registrations.delegations import active_participants
from registrations.models import Decline, Registration
from registrations.reminders import recall_of_municipality

# Where anybody can have an address, a municipality's office too: they speak of no municipality.
OPEN_TO_ALL = frozenset(
    {
        *("gmail.com", "googlemail.com", "hotmail.com", "hotmail.dk", "outlook.com", "outlook.dk"),
        *("live.com", "live.dk", "msn.com", "yahoo.com", "yahoo.dk", "icloud.com", "me.com", "mac.com"),
        *("mail.dk", "mail.com", "jubii.dk", "ofir.dk", "post.tele.dk", "tdcadsl.dk", "stofanet.dk"),
        *("youmail.dk", "webspeed.dk", "gmx.com", "gmx.net", "proton.me", "protonmail.com", "kl.dk"),
    }
)

Destination = Municipality | Registration.GuestKind


class MatchedMeanwhileError(Exception):
    """Somebody else has said whose the registration is; `registration` is how it stands now."""

    def __init__(self, registration: Registration) -> None:
        super().__init__(registration.reference)
        self.registration = registration


class TooManyMatchedError(Exception):
    """With the registration `municipality` would have `participants`, more than the `most` it may have."""

    def __init__(self, municipality: Municipality, participants: int, most: int) -> None:
        super().__init__(municipality, participants, most)
        self.municipality = municipality
        self.participants = participants
        self.most = most

    @property
    def message(self) -> str:
        return _(
            "%(municipality)s would have %(participants)d participants. At most %(most)d per municipality are"
            " allowed."
        ) % {"municipality": self.municipality, "participants": self.participants, "most": self.most}


@dataclass(frozen=True)
class KnownAddresses:
    """What the register of offices tells of mail addresses.

    Attributes:
        mailboxes: the municipality (its id) that has a mailbox; None where several have it.
        domains: the same for the domains of the mailboxes; None also where anybody can have an address.
    """

    mailboxes: Mapping[str, int | None]
    domains: Mapping[str, int | None]

    def municipality_of(self, email: str) -> int | None:
        """The municipality (its id) that `email` speaks of, by itself, its domain or the one above that."""
        if (owner := self.mailboxes.get(email.casefold())) is not None:
            return owner
        known = (domain for domain in _domains_above(mail_domain(email)) if domain in self.domains)
        return self.domains[found] if (found := next(known, None)) else None


def known_addresses() -> KnownAddresses:
    """Learn from all offices, those that are no longer valid as well: a domain outlives an office."""
    mailboxes: dict[str, set[int]] = defaultdict(set)
    domains: dict[str, set[int]] = defaultdict(set)
    for municipality, *addresses in Office.objects.values_list("municipality", "mailbox", "copy_mailbox"):
        for address in filter(None, addresses):
            mailboxes[address.casefold()].add(municipality)
            domains[mail_domain(address)].add(municipality)
    ours = mail_domain(Sender.objects.current().mailbox)
    return KnownAddresses(
        mailboxes={mailbox: _only(owners) for mailbox, owners in mailboxes.items()},
        domains={
            **{domain: _only(owners) for domain, owners in domains.items()},
            **dict.fromkeys([*OPEN_TO_ALL, ours]),
        },
    )


def mail_domain(email: str) -> str:
    """What stands behind the last @, in lower case."""
    return email.rpartition("@")[2].casefold()


@dataclass(frozen=True)
class Verdict:
    """Whether a registration waits to be matched, and with it the municipality (its id) of the address."""

    awaits_match: bool = False
    mail_municipality: int | None = None


def judge(chosen: Municipality, email: str) -> Verdict:
    """Whether `chosen`, in the open form, is to be believed of somebody who writes from `email`.

    It is where the address is of that municipality. One that speaks of nobody is unclear, also where no
    domain of `chosen` is known: anybody can choose a municipality.
    """
    owner = known_addresses().municipality_of(email)
    if owner == chosen.pk:
        return Verdict()
    return Verdict(awaits_match=True, mail_municipality=owner)


def waiting_registrations(meeting: Meeting | None = None) -> QuerySet[Registration]:
    """Those that wait to be matched, oldest first; without a meeting, those of all that are not cancelled.

    Of one whose data are erased nobody can tell any more whose it was.
    """
    waiting = Registration.objects.filter(awaits_match=True, erased_at=None).order_by("registered_at", "pk")
    if meeting is None:
        return waiting.filter(meeting__cancelled_at=None)
    return waiting.filter(meeting=meeting)


def waiting(meeting: Meeting | None = None) -> int:
    """How many registrations wait to be matched, of `meeting` or of all meetings."""
    return waiting_registrations(meeting).count()


def standing(registration: Registration) -> str:
    """Whose `registration` is, as a word to compare with later: what somebody saw who decides on it."""
    state = "waiting" if registration.awaits_match else "settled"
    return f"{state}:{registration.municipality_id or registration.guest_kind}"


def match(
    registration: Registration,
    to: Destination,
    *,
    seen: str,
    overrule: bool = False,
    at: datetime,
    by: User,
) -> bool:
    """Say whose `registration` is: a municipality's answer from now on, or that of guests.

    The municipality's decline is undone where somebody of the registration still comes, and its reminders
    that have not left are kept back. Nobody gets a mail. The same serves to mend what was matched wrongly.

    Args:
        seen: the `standing` that was decided on.
        overrule: even where the municipality has more participants then than it may have.
        at: when the button was pressed, aware.
        by: who pressed it.

    Returns:
        Whether this call did it: once more is harmless.

    Raises:
        MatchedMeanwhileError: it no longer stands as it did when it was `seen`.
        TooManyMatchedError: the municipality would have more participants than it may have.
    """
    with transaction.atomic():
        registration.meeting.lock()
        found = Registration.objects.select_related("meeting", "municipality").get(pk=registration.pk)
        before, whose = standing(found), _name(found)
        _assign(found, to)
        if standing(found) == before:
            return False
        if before != seen:
            raise MatchedMeanwhileError(Registration.objects.select_related("municipality").get(pk=found.pk))
        exceeded = _exceeded(found)
        if exceeded and not overrule:
            raise exceeded
        found.matched_at, found.matched_by = at, by
        found.save(update_fields=["municipality", "guest_kind", "awaits_match", "matched_at", "matched_by"])
        if found.municipality:
            if found.participants.filter(withdrawn_at=None).exists():
                Decline.undo(found.meeting, found.municipality, at=at)
            recall_of_municipality(found.meeting, found.municipality, at=at)
        # The municipality that it was of may have more again.
        waiting_list.move_up(found.meeting, at=at)
        message = " ".join(_history(found, was_waiting=before.startswith("waiting"), whose=whose))
        if exceeded:
            message += f" {exceeded.message}"
        record(found, message, by=by)
    return True


@dataclass(frozen=True)
class Consequences:
    """What follows once a registration is matched; `exceeded` says that it is more than allowed."""

    sentences: Sequence[str]
    exceeded: str = ""


def consequences(registration: Registration, to: Destination) -> Consequences:
    """What would follow if `registration` were matched with `to`. Changes nothing."""
    before, after = registration, copy(registration)
    _assign(after, to)
    exceeded = _exceeded(after)
    return Consequences([*_gained(after), *_lost(before, after)], exceeded.message if exceeded else "")


def _gained(after: Registration) -> Iterator[str]:
    if after.municipality is None:
        yield _("The registration is of no municipality. Its participants come as: %(kind)s.") % {
            "kind": after.get_guest_kind_display()
        }
        return
    yield _("The registration counts as the answer of %(municipality)s.") % {
        "municipality": after.municipality
    }
    declines = Decline.objects.filter(meeting=after.meeting, municipality=after.municipality, undone_at=None)
    if declines.exists() and after.participants.filter(withdrawn_at=None).exists():
        yield _("The decline of %(municipality)s lapses.") % {"municipality": after.municipality}


def _lost(before: Registration, after: Registration) -> Iterator[str]:
    if not before.awaits_match and before.municipality and before.municipality != after.municipality:
        others = Registration.objects.filter(
            meeting=before.meeting, municipality=before.municipality, awaits_match=False
        ).exclude(pk=before.pk)
        if not others.exists():
            yield _("%(municipality)s has no registration any more.") % {"municipality": before.municipality}
    yield _("Nobody gets a mail.")


def _assign(registration: Registration, to: Destination) -> None:
    registration.awaits_match = False
    if isinstance(to, Municipality):
        registration.municipality, registration.guest_kind = to, ""
    else:
        registration.municipality, registration.guest_kind = None, to


def _exceeded(registration: Registration) -> TooManyMatchedError | None:
    """What is too much once `registration` is its municipality's; it is not yet in the database."""
    municipality, most = registration.municipality, registration.meeting.max_per_municipality
    if municipality is None or most is None:
        return None
    coming = registration.participants.active().count()
    others = active_participants(registration.meeting, municipality).exclude(registration=registration)
    participants = others.count() + coming
    if not coming or participants <= most:
        return None
    return TooManyMatchedError(municipality, participants, most)


def _history(registration: Registration, *, was_waiting: bool, whose: str) -> Iterator[str]:
    now = _name(registration)
    if not was_waiting:
        yield _("Moved from %(before)s to %(now)s.") % {"before": whose, "now": now}
    elif registration.municipality is None:
        yield _("Matched: no municipality but %(now)s.") % {"now": now}
    else:
        yield _("Matched: %(now)s.") % {"now": now}


def _name(registration: Registration) -> str:
    return str(registration.municipality or registration.get_guest_kind_display())


def _domains_above(domain: str) -> Iterator[str]:
    """`skole.herning.dk`, then `herning.dk`, and never a country's alone."""
    labels = domain.split(".")
    return (".".join(labels[start:]) for start in range(len(labels) - 1))


def _only(owners: Iterable[int]) -> int | None:
    first, *others = owners
    return None if others else first

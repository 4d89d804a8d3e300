"""What has happened between a municipality and a meeting, put together from what was written down anyway."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from invitations.danish import capitalise
from invitations.history import name_of
from invitations.models import Dispatch, Invitation, Meeting, Municipality, OutgoingEmail
from registrations.messages import link_prefix, message_prefix
from registrations.models import Answer, Decline, Participant, Registration
from registrations.reminder_keys import deadline_prefix

Kind = OutgoingEmail.Kind

# What staff did to a row by hand, by its model and number.
Entries = Mapping[tuple[type[Model], int], list[LogEntry]]

# Mails whose key names the municipality, so that a mailbox that two share tells neither of the other.
_KEYED = {
    Kind.DEADLINE_REMINDER: deadline_prefix,
    Kind.MESSAGE: message_prefix,
    Kind.LINK: link_prefix,
}


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, as a line of the history.

    Attributes:
        words: what, as a sentence.
        by: who did it, where that is known: of the secretariat by name, else in which role.
        note: what was written beside it.
        mails: those that it is about, to be looked up.
    """

    at: datetime
    words: str
    by: str = ""
    note: str = ""
    mails: Sequence[OutgoingEmail] = ()


@dataclass(frozen=True, kw_only=True)
class Correspondence:
    """All that belongs to one municipality and one meeting; mails carry no texts, to be light."""

    invitation: Invitation | None
    registrations: Sequence[Registration]
    declines: Sequence[Decline]
    dispatches: Sequence[Dispatch]
    mails: Sequence[OutgoingEmail]

    @property
    def participants(self) -> list[Participant]:
        return [person for registration in self.registrations for person in registration.participants.all()]


def correspondence(meeting: Meeting, municipality: Municipality) -> Correspondence:
    """Read it, by a number of queries that does not grow."""
    registrations = list(
        Registration.objects.filter(meeting=meeting, municipality=municipality)
        .select_related("entered_by", "mail_municipality")
        .prefetch_related(
            "participants__session",
            "participants__theme_choices__theme",
            "participants__substitute_for",
            "participants__substitutes",
            Prefetch("answers", Answer.objects.sent().in_order()),
        )
        .order_by("pk")
    )
    declines = list(
        Decline.objects.filter(meeting=meeting, municipality=municipality)
        .select_related("entered_by")
        .order_by("pk")
    )
    dispatches = list(
        Dispatch.objects.filter(invitation__meeting=meeting, invitation__municipality=municipality)
        .select_related("letter", "email", "dispatched_by")
        .defer("email__text", "email__html", "email__calendar")
        .order_by("pk")
    )
    return Correspondence(
        invitation=Invitation.objects.filter(meeting=meeting, municipality=municipality).first(),
        registrations=registrations,
        declines=declines,
        dispatches=dispatches,
        mails=list(_mails(meeting, municipality, registrations, declines, dispatches)),
    )


def history(found: Correspondence) -> list[Event]:
    """Everything in the order of time, the latest first."""
    entries = _log_entries(found)
    events = [*_of_invitation(found), *_of_registrations(found, entries), *_of_declines(found, entries)]
    events += [*_of_mails(found, entries), *_of_corrections(found, entries)]
    # Those of one moment stay in the order of the flow, turned round as well.
    events.sort(key=lambda event: event.at)
    return events[::-1]


def _mails(
    meeting: Meeting,
    municipality: Municipality,
    registrations: Iterable[Registration],
    declines: Iterable[Decline],
    dispatches: Iterable[Dispatch],
) -> QuerySet[OutgoingEmail]:
    letters = [dispatch.email_id for dispatch in dispatches if dispatch.email_id]
    addresses = {
        *(dispatch.mailbox for dispatch in dispatches),
        *(registration.contact_email for registration in registrations),
        *(decline.contact_email for decline in declines),
        *(person.email for registration in registrations for person in registration.participants.all()),
    }
    keyed = Q()
    for kind, prefix in _KEYED.items():
        keyed |= Q(kind=kind, key__startswith=f"{prefix(meeting)}{municipality.code}:")
    by_address = Q(to__in=addresses - {""}) & ~Q(kind__in=[Kind.LETTER, *_KEYED])
    return (
        OutgoingEmail.objects.filter(about=meeting.slug)
        .filter(keyed | by_address | Q(pk__in=letters) | Q(resend_of__in=letters))
        .defer("text", "html", "calendar")
        .order_by("owed_at", "pk")
    )


def _of_invitation(found: Correspondence) -> Iterator[Event]:
    if found.invitation:
        yield Event(
            at=found.invitation.invited_at, words=_("Invited: the municipality has its personal link.")
        )


def _of_registrations(found: Correspondence, entries: Entries) -> Iterator[Event]:
    for registration in found.registrations:
        count = len(registration.participants.all())
        words = (
            ngettext("%(count)d participant registered.", "%(count)d participants registered.", count)
            if registration.is_erased
            else ngettext(
                "%(count)d participant registered by %(name)s.",
                "%(count)d participants registered by %(name)s.",
                count,
            )
        ) % {"count": count, "name": registration.contact_name}
        for entry in entries.get((Registration, registration.pk), []):
            if entry.is_addition():
                words = entry.get_change_message()
        yield Event(
            at=registration.registered_at,
            words=f"{registration.reference}: {words}",
            by=name_of(registration.entered_by),
            note=registration.staff_note,
        )
        yield from _of_withdrawals(registration, entries)
        yield from _of_places(registration)


def _of_withdrawals(registration: Registration, entries: Entries) -> Iterator[Event]:
    withdrawn: defaultdict[tuple[datetime, str], list[str]] = defaultdict(list)
    for person in registration.participants.all():
        if person.withdrawn_at:
            by = _last_author(entries.get((Participant, person.pk), []))
            by = by or person.get_withdrawn_by_display()
            withdrawn[person.withdrawn_at, by].append(str(person))
    for (at, by), names in withdrawn.items():
        yield Event(at=at, words=_("Withdrawn: %(names)s.") % {"names": ", ".join(names)}, by=by)


def _of_places(registration: Registration) -> Iterator[Event]:
    """Who got a place from the waiting list, those of one moment together."""
    moved: defaultdict[datetime, list[str]] = defaultdict(list)
    for person in registration.participants.all():
        if person.moved_up_at:
            moved[person.moved_up_at].append(str(person))
    for at, names in moved.items():
        words = _("Got a place from the waiting list: %(names)s.") % {"names": ", ".join(names)}
        yield Event(at=at, words=words)


def _of_declines(found: Correspondence, entries: Entries) -> Iterator[Event]:
    for decline in found.declines:
        words = (
            _("Declined by %(name)s.") % {"name": decline.contact_name}
            if decline.contact_name
            else _("Declined.")
        )
        yield Event(
            at=decline.declined_at,
            words=words,
            by=name_of(decline.entered_by),
            note="\n".join(filter(None, [decline.note, decline.staff_note])),
        )
        if decline.undone_at:
            changes = [entry for entry in entries.get((Decline, decline.pk), []) if not entry.is_addition()]
            yield Event(at=decline.undone_at, words=_("The decline was undone."), by=_last_author(changes))


def _of_mails(found: Correspondence, entries: Entries) -> Iterator[Event]:
    """One line for those of one kind that were owed together, as calendar invitations are."""
    together: defaultdict[tuple[datetime, str, bool], list[OutgoingEmail]] = defaultdict(list)
    dispatches = {dispatch.email_id: dispatch for dispatch in found.dispatches}
    for mail in found.mails:
        dispatch = dispatches.get(mail.resend_of_id or mail.pk)
        kind = (dispatch.letter if dispatch else mail).get_kind_display()
        together[mail.owed_at, kind, mail.resend_of_id is not None].append(mail)
    for (at, kind, is_again), mails in together.items():
        first = mails[0]
        dispatch = dispatches.get(first.pk)
        by = name_of(dispatch.dispatched_by) if dispatch else ""
        written = [
            entry
            for entry in entries.get((OutgoingEmail, first.resend_of_id or first.pk), [])
            if entry.is_addition() != is_again
        ]
        words = _("%(kind)s by mail, once more.") if is_again else _("%(kind)s by mail.")
        yield Event(
            at=at,
            words=words % {"kind": capitalise(kind)},
            by=by or _last_author(written),
            mails=mails,
        )


def _of_corrections(found: Correspondence, entries: Entries) -> Iterator[Event]:
    """What staff changed by hand; what they entered stands there as such."""
    for row in [*found.registrations, *([found.invitation] if found.invitation else [])]:
        for entry in entries.get((type(row), row.pk), []):
            if not entry.is_addition():
                # Of several registrations it says which; there is one invitation, of the page's municipality.
                which = f"{row.reference}: " if isinstance(row, Registration) else ""
                yield Event(
                    at=entry.action_time,
                    words=f"{which}{entry.get_change_message()}",
                    by=name_of(entry.user),
                )


def _log_entries(found: Correspondence) -> Entries:
    rows: Sequence[tuple[type[Model], Iterable[int]]] = [
        (Registration, [row.pk for row in found.registrations]),
        (Participant, [row.pk for row in found.participants]),
        (Decline, [row.pk for row in found.declines]),
        (Invitation, [found.invitation.pk] if found.invitation else []),
        (OutgoingEmail, [row.pk for row in found.mails]),
    ]
    condition = Q(pk__in=[])
    models = {}
    for model, ids in rows:
        content_type = ContentType.objects.get_for_model(model)
        models[content_type.pk] = model
        condition |= Q(content_type=content_type, object_id__in=[str(pk) for pk in ids])
    entries: defaultdict[tuple[type[Model], int], list[LogEntry]] = defaultdict(list)
    for entry in LogEntry.objects.filter(condition).select_related("user").order_by("action_time", "pk"):
        assert entry.content_type_id is not None
        entries[models[entry.content_type_id], int(entry.object_id or 0)].append(entry)
    return entries


def _last_author(entries: Sequence[LogEntry]) -> str:
    return name_of(entries[-1].user) if entries else ""

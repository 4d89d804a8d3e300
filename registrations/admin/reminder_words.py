"""The calendar of reminders in words: what each line says, with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from invitations.admin.meeting_pages import page_url
from invitations.danish import COPENHAGEN, Moment
from invitations.models import Letter, Meeting
from invitations.numbers_in_words import municipalities_in_words
from invitations.page_dates import moment, page_is_danish, when
from invitations.working_days import name_of_day_off
from registrations.names_reminders import Contacts, Unnamed, by_municipality
from registrations.reminder_entries import Entry, EntryState, Tally
from registrations.reminder_recipients import Addressee, LeftOut, Mailbox
from registrations.reminder_times import Deadline, DeadlineReminder, Reminder, deadline_of
from registrations.reminders import own_deadlines
from registrations.seats import seats_in_words


@dataclass(frozen=True)
class Group:
    """Some who are listed below a sentence that counts them: pairs of a name and what stands beside it."""

    summary: str
    rows: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the calendar as the page shows it.

    Attributes:
        at: where in time it stands; `when`: what it says of that.
        state: what the state is called in a class of our styles; empty for what is no mail.
        asides: said in a small voice below the heading, such as why the day is another one.
        sentences: what has become of it, or will.
        groups: who gets it, and who does not.
    """

    at: datetime
    when: str
    heading: str
    state: str = ""
    state_label: str = ""
    asides: Sequence[str] = ()
    sentences: Sequence[str] = ()
    groups: Sequence[Group] = ()
    mail_url: str = ""
    is_past: bool = False


@dataclass(frozen=True)
class Month:
    first_day: date
    lines: list[Line]


def months(meeting: Meeting, entries: list[Entry], *, at: datetime) -> list[Month]:
    """The calendar by month: the reminders, and between them the days that they are about."""
    lines = [*(_line(meeting, entry, at) for entry in entries), *_landmarks(meeting, at)]
    lines.sort(key=lambda line: line.at)
    by_month = groupby(lines, key=lambda line: line.at.astimezone(COPENHAGEN).date().replace(day=1))
    return [Month(first_day, list(of_month)) for first_day, of_month in by_month]


def next_in_words(entries: list[Entry]) -> str:
    """What goes out next, when and to how many; empty where nothing does."""
    coming = [entry for entry in entries if entry.goes_out_at]
    if not coming:
        return ""
    entry = min(coming, key=lambda entry: (entry.goes_out_at, entry.at))
    assert entry.goes_out_at is not None, "it was chosen for that"
    return announcement(entry, in_words(entry.goes_out_at))


def announcement(entry: Entry, when: str) -> str:
    """Which it is, when it goes out, and to how many."""
    return _("%(heading)s (%(when)s to %(whom)s)") % {
        "heading": heading_of(entry),
        "when": when,
        "whom": whom(entry),
    }


def whom(entry: Entry) -> str:
    """How many get it, as of now."""
    if entry.recipients:
        municipalities = {mailbox.municipality for mailbox in entry.recipients.mailboxes}
        return mailboxes_of_municipalities(len(entry.recipients.mailboxes), len(municipalities))
    if entry.contacts:
        return _contacts_in_words(len(entry.contacts.unnamed))
    count = entry.people.total if entry.people else 0
    return ngettext("%(count)d participant", "%(count)d participants", count) % {"count": count}


def _contacts_in_words(count: int) -> str:
    return ngettext("%(count)d contact person", "%(count)d contact persons", count) % {"count": count}


def in_words(at: datetime) -> str:
    """`fredag den 19. februar 2027 kl. 8.00`, of an instant (aware)."""
    local = at.astimezone(COPENHAGEN)
    return moment(Moment(local.date(), local.time().replace(second=0, microsecond=0)))


def day_in_words(at: datetime, *, now: datetime) -> str:
    """`today`, `yesterday`, `on 17 February`, of an instant (aware)."""
    day, today = at.astimezone(COPENHAGEN).date(), now.astimezone(COPENHAGEN).date()
    if day == today:
        return _("today")
    if (today - day).days == 1:
        return _("yesterday")
    return _("on %(day)s") % {"day": date_format(day, "MONTH_DAY_FORMAT")}


def heading_of(entry: Entry) -> str:
    if entry.is_of_names and entry.deadline:
        return ngettext(
            "Reminder of names, %(days)d day before the deadline",
            "Reminder of names, %(days)d days before the deadline",
            entry.deadline.days,
        ) % {"days": entry.deadline.days}
    if entry.is_of_names:
        return _("Reminder of names")
    if entry.deadline:
        days = entry.deadline.days
        heading = ngettext(
            "Reminder of the deadline, %(days)d day before",
            "Reminder of the deadline, %(days)d days before",
            days,
        ) % {"days": days}
        return _("%(heading)s (the last)") % {"heading": heading} if entry.deadline.is_last else heading
    if entry.session:
        of_session = when(entry.session.session)
        in_sentence = of_session[:1].lower() + of_session[1:] if page_is_danish() else of_session
        return _("Reminder of the meeting %(when)s") % {"when": in_sentence}
    return _("Reminder of the deadline, sent by hand") if entry.by_hand else _("Reminder of the deadline")


def mailboxes_of_municipalities(mailboxes: int, municipalities: int) -> str:
    return ngettext(
        "%(mailboxes)d mailbox in %(municipalities)s",
        "%(mailboxes)d mailboxes in %(municipalities)s",
        mailboxes,
    ) % {"mailboxes": mailboxes, "municipalities": municipalities_in_words(municipalities)}


def mailboxes_by_municipality(mailboxes: list[Mailbox]) -> list[tuple[str, str]]:
    """Each municipality with its addresses."""
    return [
        (municipality.name, ", ".join(mailbox.address for mailbox in own))
        for municipality, own in groupby(mailboxes, key=lambda mailbox: mailbox.municipality)
    ]


def _line(meeting: Meeting, entry: Entry, now: datetime) -> Line:
    return Line(
        at=entry.at,
        when=in_words(entry.at),
        heading=heading_of(entry),
        state=entry.state.value,
        state_label=str(entry.state.label),
        asides=[
            *([entry.session.session.where()] if entry.session and entry.session.session.where() else []),
            *(_own_deadline(entry.deadline) if entry.deadline else []),
            *(_moved(entry.reminder) if entry.reminder else []),
        ],
        sentences=[*_tally_sentences(entry.tally), *_state_sentences(entry, now)],
        groups=_groups(entry),
        mail_url=page_url("reminders_mail", meeting, reminder=entry.name) if entry.name else "",
        is_past=entry.at < now and entry.state not in (EntryState.DUE, EntryState.COMING),
    )


def _own_deadline(reminder: DeadlineReminder) -> list[str]:
    """That it is only for those who have that deadline."""
    if reminder.invitation is None:
        return []
    words = _("For municipalities with a deadline of their own: %(deadline)s.")
    return [words % {"deadline": _deadline_in_words(reminder.deadline)}]


def _deadline_in_words(deadline: Deadline) -> str:
    clock = deadline.until.astimezone(COPENHAGEN).time()
    return moment(Moment(deadline.last_day, clock if clock != time.min else None))


def _moved(reminder: Reminder) -> list[str]:
    if not reminder.is_moved:
        return []
    day = moment(Moment(reminder.wanted_on))
    if holiday := name_of_day_off(reminder.wanted_on):
        return [_("Brought forward from %(day)s, which is %(holiday)s.") % {"day": day, "holiday": holiday}]
    return [_("Brought forward from %(day)s, which is no working day.") % {"day": day}]


def _tally_sentences(tally: Tally) -> list[str]:
    sentences = []
    if tally.sent and tally.first_at and tally.last_at:
        words = ngettext(
            "%(count)d mail was sent %(when)s.", "%(count)d mails were sent %(when)s.", tally.sent
        )
        first, last = in_words(tally.first_at), in_words(tally.last_at)
        when = first if first == last else _("from %(first)s to %(last)s") % {"first": first, "last": last}
        sentences.append(words % {"count": tally.sent, "when": when})
    if tally.waiting:
        words = ngettext(
            "%(count)d mail waits to be sent.", "%(count)d mails wait to be sent.", tally.waiting
        )
        sentences.append(words % {"count": tally.waiting})
    if tally.failed:
        words = ngettext(
            "%(count)d mail could not be delivered.", "%(count)d mails could not be delivered.", tally.failed
        )
        sentences.append(words % {"count": tally.failed})
    return sentences


def _state_sentences(entry: Entry, now: datetime) -> list[str]:
    sentences = [entry.why] if entry.why else []
    if entry.state == EntryState.DUE and entry.goes_out_at:
        sentences.append(
            _("Goes out within five minutes.")
            if entry.goes_out_at <= now
            else _("Was not sent in time. Goes out %(when)s.") % {"when": in_words(entry.goes_out_at)}
        )
    return sentences


def _groups(entry: Entry) -> list[Group]:
    groups = []
    if entry.recipients:
        mailboxes = list(entry.recipients.mailboxes)
        if mailboxes:
            rows = mailboxes_by_municipality(mailboxes)
            sentence = _("To %(whom)s that have not answered")
            if not entry.goes_out_at:
                sentence = _("It would go to %(whom)s that have not answered")
            groups.append(Group(sentence % {"whom": whom(entry)}, rows))
        left_out = [(why, list(some)) for why, some in entry.recipients.left_out.items()]
        if left_out:
            municipalities = {addressee.municipality for _why, some in left_out for addressee in some} - {
                mailbox.municipality for mailbox in mailboxes
            }
            count = municipalities_in_words(len(municipalities))
            summary = (
                _("Not to %(count)s") % {"count": count} if municipalities else _("Not to all mailboxes")
            )
            groups.append(Group(summary, [_left_out_row(why, some) for why, some in left_out]))
    if entry.contacts:
        groups += _groups_of_contacts(entry, entry.contacts)
    if entry.people and entry.people.total:
        rows = [(name, str(count)) for name, count in entry.people.by_municipality]
        sentence = _("To %(whom)s") if entry.goes_out_at else _("It would go to %(whom)s")
        groups.append(Group(sentence % {"whom": whom(entry)}, rows))
    if entry.people and entry.people.left_out:
        left = sum(count for _why, count in entry.people.left_out)
        summary = ngettext("Not to %(count)d who is registered", "Not to %(count)d who are registered", left)
        rows = [(why, str(count)) for why, count in entry.people.left_out]
        groups.append(Group(summary % {"count": left}, rows))
    return groups


def _groups_of_contacts(entry: Entry, contacts: Contacts) -> list[Group]:
    groups = []
    if contacts.unnamed:
        sentence = _("To %(whom)s") if entry.goes_out_at else _("It would go to %(whom)s")
        groups.append(Group(sentence % {"whom": whom(entry)}, _rows_of_contacts(contacts.unnamed)))
    if left := [unnamed for some in contacts.left_out.values() for unnamed in some]:
        rows = [
            (f"{str(why.label).capitalize()} ({len(some)})", "; ".join(map(_contact, some)))
            for why, some in contacts.left_out.items()
        ]
        groups.append(Group(_("Not to %(whom)s") % {"whom": _contacts_in_words(len(left))}, rows))
    return groups


def _rows_of_contacts(some: Sequence[Unnamed]) -> list[tuple[str, str]]:
    return [(name, "; ".join(map(_contact, own))) for name, own in by_municipality(some)]


def _contact(unnamed: Unnamed) -> str:
    registration = unnamed.registration
    return f"{registration.contact_name} ({registration.reference}), {seats_in_words(unnamed.seats)}"


def _left_out_row(why: LeftOut, addressees: list[Addressee]) -> tuple[str, str]:
    of_municipality = (
        *(LeftOut.HOST, LeftOut.REGISTERED, LeftOut.DECLINED, LeftOut.UNMATCHED),
        LeftOut.OWN_DEADLINE,
    )
    names = [
        addressee.municipality.name
        if why in of_municipality or not addressee.mailboxes
        else f"{addressee.municipality.name} ({', '.join(box.address for box in addressee.mailboxes)})"
        for addressee in addressees
    ]
    return f"{str(why.label).capitalize()} ({len(names)})", ", ".join(names)


def _landmark_of(deadline: Deadline, heading: str) -> Line:
    # The deadline of a day without a clock time is the midnight after it.
    at = deadline.until - timedelta(microseconds=1)
    return Line(at=at, when=_deadline_in_words(deadline), heading=heading)


def _landmarks(meeting: Meeting, now: datetime) -> list[Line]:
    """What is no reminder, and tells where in time the others stand."""
    lines = [Line(at=now, when=in_words(now), heading=_("Today"))]
    if meeting.has_form and (deadline := deadline_of(meeting.sessions.all())):
        lines.append(_landmark_of(deadline, _("Registration deadline")))
    for deadline in own_deadlines(meeting):
        lines.append(_landmark_of(deadline, _("Registration deadline of municipalities with a later one")))
    for session in meeting.sessions.all():
        asides = [session.where()] if session.where() else []
        heading = session.label or _("The meeting")
        lines.append(
            Line(at=session.starts.start(), when=moment(session.starts), heading=heading, asides=asides)
        )
    for letter in Letter.objects.filter(meeting=meeting, sent_at=None, send_at__isnull=False):
        assert letter.send_at is not None, "it is not among those that have none"
        heading = _("%(letter)s is sent by itself") % {"letter": letter.get_kind_display().capitalize()}
        lines.append(Line(at=letter.send_at, when=in_words(letter.send_at), heading=heading))
    return lines

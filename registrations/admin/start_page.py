"""The start page of the admin: what needs a hand today, and the meetings to come, in words and with links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from invitations.admin.meeting_pages import page_url
from invitations.admin.meeting_states import State, state_of
from invitations.admin.office_unreachable import NO_LETTERS
from invitations.danish import COPENHAGEN, format_clock, format_weekday_day_and_month
from invitations.models import Meeting
from invitations.reachability import count_unreachable
from registrations.ledger import LedgerState
from registrations.matching import waiting
from registrations.reminders import paused_meetings
from registrations.start_page import (
    ComingMeeting,
    Step,
    coming_meetings,
    failed_mails,
    letters_not_sent,
    mails_that_wait,
)
from registrations.statements import what_is_wrong

# How long before its deadline a meeting with silent municipalities is named, and when that becomes urgent.
DEADLINE_NEAR = timedelta(days=7)
DEADLINE_URGENT = timedelta(days=2)
# A draft or a meeting without its letter is named so long before its day.
MEETING_NEAR = timedelta(days=60)


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something that needs a hand, and the page on which it is done."""

    text: str
    url: str
    urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class MeetingLine:
    coming: ComingMeeting
    state: State
    next: str
    url: str
    ledger_url: str
    participants_url: str


def start_context(request: HttpRequest) -> dict[str, Any] | None:
    """What the start page shows; None for those who may not see meetings."""
    meeting_admin = admin.site.get_model_admin(Meeting)
    if not meeting_admin.has_view_permission(request):
        return None
    now = timezone.now()
    meetings = coming_meetings(at=now)
    tasks = [*_mail_tasks(now), *_letter_tasks(), *_meeting_tasks(meetings, now), *_people_tasks(now)]
    return {
        # Those that are urgent first, else in the order of the flow.
        "tasks": sorted(tasks, key=lambda task: not task.urgent),
        "meetings": [_line(coming, now) for coming in meetings],
        "add_url": reverse("admin:invitations_meeting_add")
        if meeting_admin.has_add_permission(request)
        else "",
        "all_url": reverse("admin:invitations_meeting_changelist"),
    }


def moment_in_words(at: datetime) -> str:
    """`fredag den 8. marts`, where it is midnight at the end of that day, else with its time."""
    local = at.astimezone(COPENHAGEN)
    if (local.hour, local.minute) == (0, 0):
        return format_weekday_day_and_month((local - timedelta(days=1)).date())
    return f"{format_weekday_day_and_month(local.date())} kl. {format_clock(local.time())}"


def _mail_tasks(now: datetime) -> Iterator[Task]:
    mails = reverse("admin:invitations_outgoingemail_changelist")
    if failed := failed_mails(at=now).count():
        text = ngettext(
            "%(count)d mail could not be delivered", "%(count)d mails could not be delivered", failed
        )
        yield Task(text=text % {"count": failed}, url=f"{mails}?state__exact=failed", urgent=True)
    if waits := mails_that_wait(at=now).count():
        text = ngettext(
            "%(count)d mail has waited for more than 15 minutes: does the mail server answer?",
            "%(count)d mails have waited for more than 15 minutes: does the mail server answer?",
            waits,
        )
        yield Task(text=text % {"count": waits}, url=f"{mails}?state__exact=owed", urgent=True)


def _letter_tasks() -> Iterator[Task]:
    for letter in letters_not_sent():
        yield Task(
            text=gettext("%(letter)s was not sent at its time") % {"letter": letter},
            url=reverse("admin:invitations_letter_change", args=[letter.pk]),
            urgent=True,
        )


def _meeting_tasks(meetings: Sequence[ComingMeeting], now: datetime) -> Iterator[Task]:
    for coming in meetings:
        meeting = coming.meeting
        words = {"meeting": meeting.title, "date": format_weekday_day_and_month(coming.day)}
        is_near = coming.day <= (now + MEETING_NEAR).date()
        if coming.step is Step.PUBLISH and is_near:
            text = gettext("%(meeting)s on %(date)s has not been published") % words
            yield Task(text=text, url=page_url("change", meeting))
        elif coming.step is Step.SEND_LETTER and is_near:
            text = gettext("%(meeting)s on %(date)s: the letter has not been sent") % words
            yield Task(text=text, url=page_url("change", meeting))
        if coming.step is Step.DEADLINE and coming.deadline and coming.silent:
            left = coming.deadline - now
            if left <= DEADLINE_NEAR:
                yield Task(
                    text=ngettext(
                        "%(meeting)s: %(silent)d of %(asked)d municipalities has not answered. The deadline "
                        "is %(deadline)s",
                        "%(meeting)s: %(silent)d of %(asked)d municipalities have not answered. The deadline "
                        "is %(deadline)s",
                        coming.silent,
                    )
                    % {
                        **words,
                        "silent": coming.silent,
                        "asked": coming.coverage.asked,
                        "deadline": moment_in_words(coming.deadline),
                    },
                    url=f"{page_url('ledger', meeting)}?state={LedgerState.SILENT}",
                    urgent=left <= DEADLINE_URGENT,
                )
        if meeting.is_published and not meeting.is_cancelled and what_is_wrong(meeting, at=now):
            yield Task(
                text=gettext("%(meeting)s: what was sent is not right any more") % words,
                url=page_url("correction", meeting),
                urgent=True,
            )


def _people_tasks(now: datetime) -> Iterator[Task]:
    if count := waiting():
        text = ngettext(
            "%(count)d registration waits to be matched with a municipality",
            "%(count)d registrations wait to be matched with a municipality",
            count,
        )
        yield Task(text=text % {"count": count}, url=reverse("admin:registrations_registration_matching"))
    for meeting in paused_meetings(at=now):
        text = gettext("%(meeting)s: the reminders are paused") % {"meeting": meeting.title}
        yield Task(text=text, url=page_url("reminders", meeting))
    if count := count_unreachable(today=now.astimezone(COPENHAGEN).date()):
        text = ngettext(
            "%(count)d addressee cannot be reached", "%(count)d addressees cannot be reached", count
        )
        url = f"{reverse('admin:invitations_office_unreachable')}?reason={NO_LETTERS}"
        yield Task(text=text % {"count": count}, url=url)


def _line(coming: ComingMeeting, now: datetime) -> MeetingLine:
    meeting = coming.meeting
    last_day = max(session.last_date for session in meeting.sessions.all())
    return MeetingLine(
        coming=coming,
        state=state_of(meeting, last_day=last_day, today=now.astimezone(COPENHAGEN).date()),
        next=_next_in_words(coming),
        url=page_url("change", meeting),
        ledger_url=page_url("ledger", meeting),
        participants_url=page_url("participants", meeting),
    )


def _next_in_words(coming: ComingMeeting) -> str:
    when = moment_in_words(coming.step_at) if coming.step_at else ""
    return {
        Step.CANCELLED: "–",
        Step.PUBLISH: gettext("Publish"),
        Step.SEND_LETTER: gettext("Send the letter"),
        Step.LETTER_WAITS: gettext("The letter is sent %(when)s") % {"when": when},
        Step.OPENS: gettext("Registration opens %(when)s") % {"when": when},
        Step.DEADLINE: gettext("Deadline %(when)s") % {"when": when},
        Step.MEETING: gettext("Is held %(when)s") % {"when": format_weekday_day_and_month(coming.day)},
    }[coming.step]

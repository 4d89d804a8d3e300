"""Pausing and resuming the reminders of a meeting, each after a page that says what follows."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_pages import MeetingPage, page_url
from invitations.admin.meetings import Verb
from invitations.admin.pages import DanishAdmin, Text
from invitations.models import Meeting
from registrations.admin.reminder_words import announcement, in_words
from registrations.availability import is_over
from registrations.reminder_calendar import calendar
from registrations.reminder_entries import EntryState
from registrations.reminders import waiting_of_meeting
from registrations.reminding import pause, resume

TAB = "reminders"


def verbs(meeting: Meeting, *, at: datetime) -> list[Verb]:
    """What can be done at `at` (aware); what cannot be done just now says why on its page."""
    if _problems_of_a_past_meeting(meeting, at):
        return []
    found = []
    if meeting.has_form:
        found.append(Verb(_("Send a reminder now"), page_url("reminders_send", meeting)))
    if meeting.reminders_paused_at:
        found.append(Verb(_("Resume the reminders"), page_url("reminders_resume", meeting)))
    else:
        found.append(Verb(_("Pause the reminders"), page_url("reminders_pause", meeting)))
    return found


# Pause and resume.


def pause_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    assert request.user.is_authenticated
    now = timezone.now()
    problems = _problems_of_a_past_meeting(meeting, now)
    if meeting.reminders_paused_at:
        problems.append(gettext("The reminders are paused."))
    if request.method == "POST" and not _problems_of_a_past_meeting(meeting, now):
        if pause(meeting, at=now, by=request.user):
            messages.success(request, gettext("The reminders are paused. Nothing goes out by itself."))
        else:
            messages.info(request, gettext("The reminders were paused already."))
        return HttpResponseRedirect(page_url(TAB, meeting))
    return meeting_admin().confirm(
        request,
        meeting,
        title=_("Pause the reminders"),
        button=_("Pause"),
        sentences=_consequences_of_pausing(meeting, now),
        problems=problems,
        back_url=page_url(TAB, meeting),
    )


def resume_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    assert request.user.is_authenticated
    now = timezone.now()
    problems = _problems_of_a_past_meeting(meeting, now)
    if not meeting.reminders_paused_at:
        problems.append(gettext("The reminders are not paused."))
    if request.method == "POST" and not _problems_of_a_past_meeting(meeting, now):
        if resume(meeting, by=request.user):
            messages.success(request, gettext("The reminders go out again."))
        else:
            messages.info(request, gettext("The reminders were resumed already."))
        return HttpResponseRedirect(page_url(TAB, meeting))
    return meeting_admin().confirm(
        request,
        meeting,
        title=_("Resume the reminders"),
        button=_("Resume"),
        sentences=_consequences_of_resuming(meeting, now),
        problems=problems,
        back_url=page_url(TAB, meeting),
    )


def meeting_admin() -> DanishAdmin[Meeting]:
    found = admin.site.get_model_admin(Meeting)
    assert isinstance(found, DanishAdmin)
    return found


def _problems_of_a_past_meeting(meeting: Meeting, at: datetime) -> list[str]:
    if meeting.is_cancelled:
        return [gettext("The meeting is cancelled.")]
    # A draft without a date is not over.
    is_past = meeting.sessions.exists() and is_over(meeting, at=at)
    return [gettext("The meeting has been held.")] if is_past else []


def _consequences_of_pausing(meeting: Meeting, at: datetime) -> list[Text]:
    sentences = _what_goes_out(meeting, at, _("It will not be sent while paused: %(what)s."))
    if waiting := waiting_of_meeting(meeting, at=at).count():
        sentences.append(
            ngettext(
                "%(count)d reminder that waits to be sent is kept back.",
                "%(count)d reminders that wait to be sent are kept back.",
                waiting,
            )
            % {"count": waiting}
        )
    if not sentences:
        sentences.append(gettext("Just now there is no reminder to come."))
    sentences.append(gettext("Letters, receipts and calendar invitations go out as always."))
    sentences.append(gettext("The pause lasts until somebody resumes the reminders on this page."))
    return sentences


def _consequences_of_resuming(meeting: Meeting, at: datetime) -> list[Text]:
    running = Meeting.objects.get(pk=meeting.pk)
    running.reminders_paused_at = None
    sentences = _what_goes_out(running, at, _("It will be sent: %(what)s."))
    if not sentences:
        sentences.append(gettext("Just now there is no reminder to come."))
    sentences.append(
        gettext("Reminders whose time has passed during the pause are not made up for, but for those above.")
    )
    return sentences


def _what_goes_out(meeting: Meeting, at: datetime, sentence: Text) -> list[Text]:
    """A `sentence` for each reminder that goes out by itself."""
    found: list[Text] = []
    for entry in calendar(meeting, at=at):
        if entry.goes_out_at is None:
            continue
        when = (
            gettext("within five minutes")
            if entry.state == EntryState.DUE and entry.goes_out_at <= at
            else in_words(entry.goes_out_at)
        )
        what = announcement(entry, when)
        found.append(str(sentence) % {"what": what})
    return found


PAGES = (
    MeetingPage(name="reminders_pause", address="reminders/pause/", view=pause_view, changes=True),
    MeetingPage(name="reminders_resume", address="reminders/resume/", view=resume_view, changes=True),
)

"""When a meeting changes: what is wrong out there now, and the button that puts it right."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_pages import MeetingPage, may_change, meeting_page, page_url
from invitations.admin.pages import sentences_of
from invitations.models import Meeting
from registrations.correction_letters import list_of_changes, prepare_correction_letter
from registrations.corrections import (
    ChangedMeanwhileError,
    example_mail,
    plan_correction,
    send_correction,
)
from registrations.models import Correction
from registrations.statements import Statements, can_be_corrected, what_is_wrong


def banner(meeting: Meeting) -> Statements | None:
    """What the page of a meeting warns of; None where nothing is wrong."""
    return what_is_wrong(meeting, at=timezone.now()) or None


def warn_of_what_is_wrong(request: HttpRequest, meeting: Meeting) -> None:
    """Once a meeting has been saved: who leaves its page does not see the banner there."""
    if banner(Meeting.objects.get(pk=meeting.pk)):
        messages.warning(
            request,
            format_html(
                '{} <a href="{}">{}</a>',
                gettext("What has been sent about the meeting is not right any more."),
                page_url("correction", meeting),
                gettext("See what, and send a correction"),
            ),
        )


def correction_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    if request.method == "POST":
        if not may_change(request, meeting):
            raise PermissionDenied
        _send(request, meeting)
        return HttpResponseRedirect(page_url("correction", meeting))
    now = timezone.now()
    plan = plan_correction(meeting, at=now)
    draft = plan.draft
    return meeting_page(
        request,
        meeting,
        "admin/registrations/meeting/correction.html",
        {
            "title": _("Correction"),
            "plan": plan,
            "lines": plan.statements.lines(),
            "reason": "" if can_be_corrected(meeting, at=now) else _why_not(meeting),
            "prepare_url": page_url("correction_letter", meeting),
            "changes": (
                list_of_changes(draft.letter, plan.statements.letter_differences)
                if draft and not draft.letter.send_at
                else None
            ),
            "example": example_mail(plan, at=now),
            "corrections": Correction.objects.filter(meeting=meeting)
            .select_related("sent_by", "letter")
            .order_by("-sent_at", "-pk"),
        },
        tab="change",
    )


def correction_letter_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Draft the letter, or bring the list in it up to date."""
    if request.method == "POST":
        assert request.user.is_authenticated
        try:
            prepare_correction_letter(meeting, at=timezone.now(), by=request.user)
        except ValidationError as error:
            _say(request, error)
        else:
            messages.success(
                request,
                gettext("The letter says what has changed. Read it through before you send the correction."),
            )
    return HttpResponseRedirect(page_url("correction", meeting))


PAGES = [
    MeetingPage(name="correction", address="correction/", view=correction_view),
    MeetingPage(
        name="correction_letter", address="correction/letter/", view=correction_letter_view, changes=True
    ),
]


def _send(request: HttpRequest, meeting: Meeting) -> None:
    assert request.user.is_authenticated
    try:
        correction, is_new = send_correction(
            meeting,
            fingerprint=request.POST.get("fingerprint", ""),
            with_letter="letter" in request.POST,
            at=timezone.now(),
            by=request.user,
        )
    except ChangedMeanwhileError:
        messages.warning(
            request,
            gettext("Nothing has been sent: something has changed since you saw the page. Look once more."),
        )
    except ValidationError as error:
        _say(request, error)
    else:
        messages.success(request, _what_was_sent(correction, is_new=is_new))


def _what_was_sent(correction: Correction, *, is_new: bool) -> str:
    if not is_new:
        return gettext("The correction had been sent already. Nobody is told twice.")
    return ngettext(
        "The correction has been sent: %(count)d mail is on its way.",
        "The correction has been sent: %(count)d mails are on their way.",
        correction.mails,
    ) % {"count": correction.mails}


def _say(request: HttpRequest, error: ValidationError) -> None:
    for sentence in sentences_of(error):
        messages.error(request, sentence)


def _why_not(meeting: Meeting) -> Any:
    if meeting.is_cancelled:
        return _("The meeting is cancelled: there is nothing to put right any more.")
    if not meeting.is_published:
        return _("The meeting is a draft: nothing can be put right before it is published.")
    return _("The meeting has been held: there is nothing to put right any more.")

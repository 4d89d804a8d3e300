"""The page before a meeting is cancelled: who is told, and the letter that the offices get."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_pages import MeetingPage, page_url
from invitations.admin.pages import DanishAdmin, Text, sentences_of
from invitations.models import Letter, Meeting
from registrations.cancellation_letters import (
    can_be_told_by_letter,
    days_not_named,
    prepare_cancellation_letter,
)
from registrations.cancellations import (
    CancellationPlan,
    cancel_meeting,
    letters_to_call_off,
    mailboxes_to_tell,
    plan_cancellation,
)
from registrations.drafts import Draft, draft_of
from registrations.statements import what_is_wrong


def cancel_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    meeting_admin: DanishAdmin[Meeting] = admin.site.get_model_admin(Meeting)  # type: ignore[assignment]
    problems = problems_of_cancelling(meeting)
    if request.method == "POST" and not problems:
        try:
            return HttpResponseRedirect(_cancel(request, meeting))
        except ValidationError as error:
            problems = sentences_of(error)
    now = timezone.now()
    without = plan_cancellation(meeting, at=now)
    by_letter = bool(without.sessions) and not problems and can_be_told_by_letter(meeting)
    draft = draft_of(meeting, Letter.Kind.CANCELLATION, at=now) if by_letter else None
    return meeting_admin.confirm(
        request,
        meeting,
        title=_("Cancel the meeting"),
        button=_("Cancel the meeting"),
        sentences=[
            *consequences_of_cancelling(without, by_letter=by_letter, drafted=draft is not None),
            *called_off(letters_to_call_off(meeting).count()),
            gettext("This cannot be undone."),
        ],
        problems=problems,
        destructive=True,
        template="admin/registrations/meeting/cancel.html",
        wrong=what_is_wrong(meeting, at=now),
        by_letter=by_letter,
        draft=draft,
        unnamed=days_not_named(draft) if draft else "",
        told_by_letter=told_by_letter(meeting, draft) if draft else [],
        told_without_letter=silent_in_words(len(without.dispatches)),
        prepare_url=page_url("cancel_letter", meeting),
    )


def _cancel(request: HttpRequest, meeting: Meeting) -> str:
    """Cancel the meeting as the page has shown it; return where to go on."""
    assert request.user.is_authenticated
    now, letter = timezone.now(), None
    if "letter" in request.POST:
        draft = (
            draft_of(meeting, Letter.Kind.CANCELLATION, at=now) if can_be_told_by_letter(meeting) else None
        )
        if draft is None or request.POST["letter"] != draft.fingerprint:
            messages.warning(
                request,
                gettext(
                    "The meeting is not cancelled: the letter or its recipients have changed since you saw"
                    " them. Look once more."
                ),
            )
            return page_url("cancel", meeting)
        letter = draft.letter
    told = cancel_meeting(meeting, letter=letter, at=now, by=request.user)
    messages.success(request, what_was_done(told))
    meeting_admin: DanishAdmin[Meeting] = admin.site.get_model_admin(Meeting)  # type: ignore[assignment]
    return meeting_admin.url_of(meeting)


def cancel_letter_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Draft the letter about the cancellation."""
    if request.method == "POST":
        assert request.user.is_authenticated
        problems = problems_of_cancelling(meeting)
        try:
            if not problems:
                prepare_cancellation_letter(meeting, at=timezone.now(), by=request.user)
        except ValidationError as error:
            problems = sentences_of(error)
        for problem in problems:
            messages.error(request, problem)
        if not problems:
            messages.success(
                request, gettext("The letter is drafted. Read it through before you cancel the meeting.")
            )
    return HttpResponseRedirect(page_url("cancel", meeting))


PAGES = [
    MeetingPage(name="cancel", address="cancel/", view=cancel_view, changes=True),
    MeetingPage(name="cancel_letter", address="cancel/letter/", view=cancel_letter_view, changes=True),
]


def problems_of_cancelling(meeting: Meeting) -> list[str]:
    if meeting.is_cancelled:
        return [gettext("The meeting is cancelled.")]
    if not meeting.is_published:
        return [gettext("Only a published meeting can be cancelled.")]
    return []


def consequences_of_cancelling(plan: CancellationPlan, *, by_letter: bool, drafted: bool) -> list[Text]:
    """What follows, with its numbers.

    Args:
        by_letter: whether offices can be told by letter.
        drafted: whether there is such a letter, beside which stands whom it tells.
    """
    participants, waitlisted, contacts = len(plan.participants), len(plan.waitlisted), len(plan.contacts)
    sentences: list[Text] = []
    if participants:
        sentences.append(
            ngettext(
                "%(count)d participant gets a mail that takes the meeting out of the calendar.",
                "%(count)d participants get a mail that takes the meeting out of the calendar.",
                participants,
            )
            % {"count": participants}
        )
    if waitlisted:
        sentences.append(
            ngettext(
                "%(count)d person on the waiting list gets a mail.",
                "%(count)d persons on the waiting list get a mail.",
                waitlisted,
            )
            % {"count": waitlisted}
        )
    if contacts:
        sentences.append(
            ngettext(
                "%(count)d contact person gets a mail.", "%(count)d contact persons get a mail.", contacts
            )
            % {"count": contacts}
        )
    if plan.dispatches and not drafted:
        sentences.append(silent_in_words(len(plan.dispatches)))
    if not sentences and not by_letter:
        sentences.append(
            gettext("Nobody is told by mail: nobody is registered, and no letter has been sent.")
        )
    sentences.append(gettext("The page of the meeting says that it is cancelled, and nobody can register."))
    sentences.append(gettext("Reminders that have not been sent are dropped."))
    return sentences


def called_off(count: int) -> list[str]:
    if not count:
        return []
    return [
        ngettext(
            "%(count)d letter that waits for its time is called off.",
            "%(count)d letters that wait for their time are called off.",
            count,
        )
        % {"count": count}
    ]


def what_was_done(told: CancellationPlan | None) -> str:
    if told is None:
        return gettext("The meeting had been cancelled already. Nobody is told twice.")
    return ngettext(
        "The meeting is cancelled. %(count)d mail is on its way.",
        "The meeting is cancelled. %(count)d mails are on their way.",
        told.mails,
    ) % {"count": told.mails}


def silent_in_words(count: int) -> str:
    return ngettext(
        "%(count)d mailbox of municipalities that have not answered gets a mail.",
        "%(count)d mailboxes of municipalities that have not answered get a mail.",
        count,
    ) % {"count": count}


def told_by_letter(meeting: Meeting, draft: Draft) -> list[str]:
    """Who gets the letter, and who has got one before and gets a plain mail instead."""
    recipients, others = draft.recipients, len(mailboxes_to_tell(meeting, draft.recipients))
    sentences = [
        ngettext(
            "%(count)d mail carries the letter as PDF to those who have got a letter about the meeting.",
            "%(count)d mails carry the letter as PDF to those who have got a letter about the meeting.",
            recipients.mailboxes,
        )
        % {"count": recipients.mailboxes}
    ]
    if others:
        sentences.append(
            ngettext(
                "%(count)d mailbox that is no longer written to gets a mail without the letter.",
                "%(count)d mailboxes that are no longer written to get a mail without the letter.",
                others,
            )
            % {"count": others}
        )
    return sentences

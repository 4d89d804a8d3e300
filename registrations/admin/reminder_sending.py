"""Sending a reminder by hand: choose among the silent, see what follows, press."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_pages import MeetingPage, meeting_page, page_url
from invitations.admin.pages import Text, sentences_of
from invitations.models import Meeting
from invitations.numbers_in_words import municipalities_in_words
from registrations.admin.reminder_verbs import TAB, meeting_admin
from registrations.admin.reminder_words import (
    day_in_words,
    mailboxes_of_municipalities,
)
from registrations.reminder_samples import sample_mail
from registrations.reminding import (
    HOLDS,
    Candidate,
    RecipientsChangedError,
    Reminded,
    candidates,
    fingerprint,
    hold_by_hand,
    remind_now,
)


def send_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Choose among the silent, see what follows, and send: the first by GET, the others by POST."""
    now = timezone.now()
    token = _token(request.POST.get("token"))
    silent = candidates(meeting, at=now)
    hold = hold_by_hand(meeting, at=now)
    codes = request.POST.getlist("municipality")
    if request.method == "POST" and token and "send" in request.POST:
        return _send(request, meeting, codes, token, now)
    chosen = [candidate for candidate in silent if candidate.code in codes]
    if request.method == "POST" and token and chosen and not hold:
        return _confirm(request, meeting, chosen, token, now)
    if request.method == "POST":
        ticked = set(codes)
    else:
        wanted = set(request.GET.getlist("municipality"))
        ticked = {
            candidate.code
            for candidate in silent
            if (candidate.code in wanted if wanted else candidate.is_chosen_by_default)
        }
    return meeting_page(
        request,
        meeting,
        "admin/registrations/reminders_send.html",
        {
            "title": _("Send a reminder now"),
            "hold": str(HOLDS[hold]) if hold else "",
            "rows": [(candidate, candidate.code in ticked, _notes(candidate, now)) for candidate in silent],
            "warnings": warnings_of(silent, now=now),
            "error": gettext("Choose at least one municipality") if request.method == "POST" else "",
            "token": token or uuid.uuid4(),
            "back_url": page_url(TAB, meeting),
            "mail_url": page_url("reminders_mail", meeting, reminder="now"),
        },
        tab=TAB,
    )


def _confirm(
    request: HttpRequest, meeting: Meeting, chosen: Sequence[Candidate], token: uuid.UUID, now: datetime
) -> HttpResponse:
    mails = sum(len(candidate.mailboxes) for candidate in chosen)
    sample = f"now-{chosen[0].code}"
    sentences: list[Text] = [
        gettext("The reminder goes to %(whom)s at once.")
        % {"whom": mailboxes_of_municipalities(mails, len(chosen))},
        gettext("Who gets it now does not get a reminder that falls due today or on the next working day."),
    ]
    return meeting_admin().confirm(
        request,
        meeting,
        title=_("Send a reminder now"),
        button=ngettext("Send %(count)d reminder", "Send %(count)d reminders", mails) % {"count": mails},
        sentences=sentences,
        template="admin/registrations/reminders_confirm.html",
        back_url=_page_with(meeting, [candidate.code for candidate in chosen]),
        warnings=warnings_of(chosen, now=now),
        chosen=chosen,
        token=token,
        fingerprint=fingerprint(chosen),
        mail=sample_mail(meeting, sample, at=now),
        html_url=page_url("reminders_mail_html", meeting, reminder=sample),
    )


def _send(
    request: HttpRequest, meeting: Meeting, codes: list[str], token: uuid.UUID, now: datetime
) -> HttpResponse:
    assert request.user.is_authenticated
    seen = request.POST.get("recipients", "")
    try:
        reminded = remind_now(meeting, codes, token=token, seen=seen, at=now, by=request.user)
    except ValidationError as error:
        for sentence in sentences_of(error):
            messages.error(request, sentence)
    except RecipientsChangedError:
        messages.warning(
            request, gettext("The recipients have changed since you saw them. Look at them once more.")
        )
        return HttpResponseRedirect(_page_with(meeting, codes))
    else:
        messages.success(request, _what_was_done(reminded))
    return HttpResponseRedirect(page_url(TAB, meeting))


def _what_was_done(reminded: Reminded) -> str:
    if reminded.before:
        return ngettext(
            "The reminder had been sent already, as %(count)d mail. Nobody gets it twice.",
            "The reminder had been sent already, as %(count)d mails. Nobody gets it twice.",
            reminded.before,
        ) % {"count": reminded.before}
    return gettext("The reminder is on its way to %(whom)s.") % {
        "whom": mailboxes_of_municipalities(reminded.mails, reminded.municipalities)
    }


def warnings_of(some: Iterable[Candidate], *, now: datetime) -> list[str]:
    """That some have been written to or reminded recently, by day, and that some are hosts."""
    some = list(some)
    reminded = Counter(day_in_words(row.reminded_at, now=now) for row in some if row.reminded_at)
    asked = Counter(day_in_words(row.asked_at, now=now) for row in some if row.asked_at)
    hosts = sum(row.is_host for row in some)
    sentences = [
        gettext("%(municipalities)s got a reminder %(day)s.")
        % {"municipalities": municipalities_in_words(count), "day": day}
        for day, count in reminded.items()
    ]
    sentences += [
        gettext("%(municipalities)s got the letter %(day)s.")
        % {"municipalities": municipalities_in_words(count), "day": day}
        for day, count in asked.items()
    ]
    if hosts:
        sentences.append(
            gettext("%(municipalities)s: host of the meeting.")
            % {"municipalities": municipalities_in_words(hosts)}
        )
    return sentences


def _notes(candidate: Candidate, now: datetime) -> list[str]:
    notes = []
    if candidate.is_host:
        notes.append(gettext("Host of the meeting"))
    if candidate.reminded_at:
        notes.append(
            gettext("Got a reminder %(day)s") % {"day": day_in_words(candidate.reminded_at, now=now)}
        )
    if candidate.asked_at:
        notes.append(gettext("Got the letter %(day)s") % {"day": day_in_words(candidate.asked_at, now=now)})
    return notes


def _token(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _page_with(meeting: Meeting, codes: Sequence[str]) -> str:
    """The page with those municipalities chosen."""
    return f"{page_url('reminders_send', meeting)}?{urlencode({'municipality': codes}, doseq=True)}"


PAGES = (MeetingPage(name="reminders_send", address="reminders/send/", view=send_view, changes=True),)

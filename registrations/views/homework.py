"""The page on which a delegation answers the meeting's questions, bit by bit if it likes."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from invitations.public_pages import keeps_what_is_typed, public_letter, see
from registrations.homework import (
    ChangedMeanwhileError,
    is_open,
    open_until,
    save_draft,
    send,
    states,
)
from registrations.homework_form import HomeworkForm
from registrations.models import Registration
from registrations.refusals import TooLateError
from registrations.views.personal_links import row_of


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_what_is_typed
def homework(request: HttpRequest, token: str) -> HttpResponse:
    registration, now = get_registration(token), timezone.now()
    if request.method != "POST":
        if not is_open(registration, at=now):
            return _closed(request, registration, None)
        return _page(request, registration, HomeworkForm(states(registration)))
    form = HomeworkForm(states(registration), request.POST)
    if request.POST.get("do") == "edit":
        return _page(request, registration, form, as_typed=True)
    is_draft = request.POST.get("do") == "draft"
    if not is_open(registration, at=now):
        return _closed(request, registration, form)
    if not form.is_valid() or not (form.can_be_draft() if is_draft else form.can_be_sent()):
        return _page(request, registration, form)
    try:
        (save_draft if is_draft else send)(registration, form.written(), at=now)
    except ChangedMeanwhileError as refusal:
        # With what has been saved meanwhile.
        form = HomeworkForm(states(registration), request.POST)
        form.mark_conflicts(refusal.questions)
        return _page(request, registration, form, status=409)
    except TooLateError:
        return _closed(request, registration, form)
    page = reverse("registrations:homework", args=[token])
    return see(f"{page}?{'gemt' if is_draft else 'sendt'}")


@keeps_what_is_typed
def homework_again(request: HttpRequest, token: str) -> HttpResponse:
    """The form as typed, where the request was refused before it came to `homework`."""
    registration = get_registration(token)
    form = HomeworkForm(states(registration), request.POST)
    return _page(request, registration, form, expired=True, status=403)


def get_registration(token: str) -> Registration:
    """The registration with that link, of a meeting that has questions.

    Raises:
        Http404: there is none.
    """
    registrations = Registration.objects.select_related("meeting", "municipality").prefetch_related(
        "meeting__questions", "meeting__sessions"
    )
    registration = row_of(token, registrations)
    if not registration.meeting.questions.all():
        raise Http404
    return registration


def _page(
    request: HttpRequest,
    registration: Registration,
    form: HomeworkForm,
    *,
    expired: bool = False,
    as_typed: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "registration": registration,
        "meeting": registration.meeting,
        "form": form,
        "until": open_until(registration),
        "expired": expired,
        "summary": form.summary() if form.is_bound and not (expired or as_typed) else [],
        "was_saved": "gemt" in request.GET and not form.is_bound,
        "was_sent": "sendt" in request.GET and not form.is_bound,
    }
    return render(request, "registrations/homework.html", context, status=status)


def _closed(request: HttpRequest, registration: Registration, typed: HomeworkForm | None) -> HttpResponse:
    """What was sent, and what was not; what was typed too late stays on the page, to be copied."""
    context = {
        "registration": registration,
        "meeting": registration.meeting,
        "letter": public_letter(registration.meeting),
        "states": states(registration),
        "typed": typed,
    }
    return render(request, "registrations/homework_closed.html", context, status=409 if typed else 200)

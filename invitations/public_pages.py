"""What the public pages have in common: finding the meeting, and who may keep a copy of a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import cache_page

from invitations.models import Letter, Meeting

P = ParamSpec("P")

MeetingView = Callable[Concatenate[HttpRequest, Meeting, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

# Seconds that a public page may be older than what the database says.
MOMENT = 5


def of_meeting(*, announced: bool = False) -> Callable[[MeetingView[P]], Callable[..., HttpResponse]]:
    """Hand the view the published meeting of the address; a draft is as good as not there.

    Letters get typed off paper, so upper and lower case lead to the same meeting, by way of its own spelling.

    Args:
        announced: whether a draft that has been announced may be shown.
    """

    def decorate(view: MeetingView[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def found(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            meeting = public_meeting(slug, announced=announced)
            match = request.resolver_match
            if meeting.slug != slug and request.method in ("GET", "HEAD") and match is not None:
                return redirect(reverse(match.view_name, kwargs={**match.kwargs, "slug": meeting.slug}))
            return view(request, meeting, *args, **kwargs)

        return found

    return decorate


def public_meeting(slug: str, *, announced: bool = False) -> Meeting:
    """The meeting at `slug`, with what its pages print.

    Raises:
        Http404: there is none, or it is not public.
    """
    meetings = Meeting.objects.select_related("policy_area").prefetch_related(
        "sessions", "programme__themes", "questions"
    )
    # In lower case, as in the index that makes the slug unique.
    meeting = meetings.alias(lower_slug=Lower("slug")).filter(lower_slug=slug.lower()).first()
    if meeting is None or not (meeting.is_published or (announced and is_announced(meeting))):
        raise Http404
    return meeting


def is_announced(meeting: Meeting) -> bool:
    return Meeting.objects.announced().filter(pk=meeting.pk).exists()


def public_letter(meeting: Meeting) -> Letter | None:
    """The letter that everybody may read, see `LetterQuerySet.public_one`."""
    letter = Letter.objects.public_one(meeting)
    if letter is not None:
        letter.meeting = meeting
    return letter


def kept_for_a_moment(view: View[P]) -> View[P]:
    """For a page that is the same for everybody: built once in MOMENT by each process, however many open it
    in the hour after a letter went out. It may be so much behind. Who is logged in sees it as it is.
    """
    kept = cache_page(MOMENT, cache="pages")(view)

    @wraps(view)
    def from_cache(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        is_staff = settings.SESSION_COOKIE_NAME in request.COOKIES
        response = (view if is_staff else kept)(request, *args, **kwargs)
        # Only we keep it: a browser that did would show the page of before to who has just signed up.
        response["Cache-Control"] = "no-cache"
        response.headers.pop("Expires", None)
        return response

    return from_cache


def keeps_what_is_typed(view: View[P]) -> View[P]:
    """For pages with a long form: Back finds it as it was left, which `no-store` would prevent."""

    @wraps(view)
    def kept_in_browser(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_cache_control(response, no_cache=True, private=True)
        response["X-Robots-Tag"] = "noindex"
        return response

    return kept_in_browser


def see(address: str) -> HttpResponse:
    """Send the browser, after a form, on to a page that it may load again."""
    return HttpResponseRedirect(address, status=303)

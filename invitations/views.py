"""The public pages about meetings as such: the list, the letter, its enclosures, the calendar file."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.views.decorators.http import require_safe

from invitations import letters
from invitations.calendar import calendar_publication
from invitations.danish import COPENHAGEN
from invitations.letter_page import LetterPage
from invitations.mail_text import link, writing_in
from invitations.models import Enclosure, Meeting, Sender, StoredFile
from invitations.page_dates import page_language
from invitations.public_pages import of_meeting, public_letter
from invitations.session_events import session_event


@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate(timezone=COPENHAGEN)
    coming = Meeting.objects.from_day(today).prefetch_related("sessions", "area_links__area")
    announced = set(Meeting.objects.announced().values_list("pk", flat=True))
    meetings = [
        {"meeting": meeting, "is_announced": not meeting.is_published}
        for meeting in coming
        if meeting.is_published or meeting.pk in announced
    ]
    return render(request, "invitations/meeting_list.html", {"meetings": meetings})


@require_safe
def letter_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    # What 490 offices follow the link to has been sent, and asks the database once.
    if letter := letters.public_letter_as_sent(slug):
        return _file(request, letter.version.pdf, filename=letter.filename)
    return _draft_pdf(request, slug=slug)


@of_meeting()
def _draft_pdf(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    version = letters.public_version(meeting, at=timezone.now())
    if version is None:
        raise Http404
    return _file(request, version.pdf, filename=version.letter.filename)


@require_safe
@of_meeting()
def letter_page(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    version = letters.public_version(meeting, at=timezone.now())
    if version is None:
        raise Http404
    context = {"meeting": meeting, "page": LetterPage.of(version)}
    return render(request, "invitations/letter_page.html", context)


@require_safe
@of_meeting()
def enclosure(request: HttpRequest, meeting: Meeting, enclosure_pk: int, filename: str) -> HttpResponse:
    letter = public_letter(meeting)
    found = Enclosure.objects.filter(letter=letter, pk=enclosure_pk).select_related("file").first()
    if found is None or found.file is None or found.filename != filename:
        raise Http404
    return _file(request, found.file, filename=found.filename)


@require_safe
@of_meeting(announced=True)
def calendar(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The meeting's sessions, for calendars of people who have not signed up."""
    if meeting.is_cancelled:
        raise Http404
    sender = Sender.objects.get()
    domain = urlsplit(settings.PUBLIC_URL).hostname
    with writing_in(page_language()):
        page = link("registrations:meeting", meeting.slug)
    text = calendar_publication(
        (
            session_event(session, uid=f"session-{session.pk}@{domain}", sequence=0, url=page, sender=sender)
            for session in meeting.sessions.all()
        ),
        stamp=timezone.now(),
    )
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{meeting.slug}.ics") or ""
    return response


def _file(request: HttpRequest, stored: StoredFile, *, filename: str) -> HttpResponse:
    """The bytes, for the browser to show; known by their SHA-256, so that nobody fetches them twice."""
    etag = quote_etag(stored.sha256)
    response = HttpResponse(stored.data, content_type=stored.content_type)
    response["Content-Disposition"] = content_disposition_header(False, filename) or ""
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    return get_conditional_response(request, etag=etag, response=response) or response

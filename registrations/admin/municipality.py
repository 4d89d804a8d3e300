"""One municipality and one meeting: what it has answered, who wrote what to whom, and what can be done."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext

from invitations.admin.meeting_pages import MeetingPage, may_change, meeting_page, page_url
from invitations.admin.meetings import Verb
from invitations.admin.pages import sentences_of
from invitations.mail_text import link
from invitations.models import Meeting, Municipality
from registrations import ledger_counts
from registrations.addressees import addressees_of
from registrations.admin.answering import act_page, back_to_municipality
from registrations.admin.changing import may_change_registrations
from registrations.admin.writing import tell_what_is_on_its_way
from registrations.ledger import LedgerRow, ledger
from registrations.ledger_list import LedgerList
from registrations.ledger_words import BADGES, answer_words
from registrations.message_forms import AddresseesForm
from registrations.messages import send_link
from registrations.municipality_history import correspondence, history
from registrations.on_behalf import problems_of_answering
from registrations.own_deadlines import has_deadline
from registrations.submission_keys import submission_key


def municipality_page(request: HttpRequest, meeting: Meeting, code: str) -> HttpResponse:
    municipality = get_object_or_404(Municipality, code=code)
    chosen = LedgerList.of_query(request.GET)
    of_meeting = ledger(meeting)
    row = next((row for row in of_meeting.rows if row.municipality == municipality), None)
    if row is None:
        # The meeting does not invite it; it can answer all the same.
        region = ledger_counts.regions_of(meeting).get(municipality.pk, "")
        row = LedgerRow(municipality=municipality, region=region)
    shown = [other.municipality for other in chosen.rows(of_meeting)]
    place = shown.index(municipality) if municipality in shown else None
    found = correspondence(meeting, municipality)
    is_changer = may_change(request, meeting)
    can_answer = not problems_of_answering(meeting, at=timezone.now())
    context = {
        "title": municipality.official_name,
        "municipality": municipality,
        "row": row,
        "words": answer_words(row),
        "badge": BADGES[row.state],
        "found": found,
        "declines": [decline for decline in found.declines if decline.stands],
        "several_sessions": meeting.sessions.count() > 1,
        "history": history(found),
        "verbs": verbs(meeting, row, chosen, can_answer=can_answer) if is_changer else [],
        "changes_registrations": can_answer and may_change_registrations(request),
        "list_query": chosen.query(),
        "has_later_deadline": row.has_later_deadline(meeting),
        "personal_link": link("registrations:invitation", found.invitation.token)
        if found.invitation and is_changer
        else "",
        "matching_url": page_url("matching", meeting),
        "ledger_url": page_url("ledger", meeting) + chosen.query(),
        "ledger_words": chosen.words(),
        "previous": neighbour(meeting, shown, place, -1, chosen),
        "next": neighbour(meeting, shown, place, 1, chosen),
    }
    return meeting_page(
        request, meeting, "admin/registrations/ledger/municipality.html", context, tab="ledger"
    )


def neighbour(
    meeting: Meeting, shown: list[Municipality], place: int | None, step: int, chosen: LedgerList
) -> tuple[Municipality, str] | None:
    """The one before or after in the list that one came from, with its address."""
    if place is None or not 0 <= place + step < len(shown):
        return None
    other = shown[place + step]
    return other, page_url("municipality", meeting, code=other.code) + chosen.query()


def verbs(meeting: Meeting, row: LedgerRow, chosen: LedgerList, *, can_answer: bool) -> list[Verb]:
    """What can be done now, each on a page of its own."""

    def verb(label: str, name: str, *, destructive: bool = False) -> Verb:
        url = page_url(f"municipality_{name}", meeting, code=row.municipality.code) + chosen.query()
        return Verb(label, url, destructive)

    offered = [verb(gettext("Write"), "write")]
    if can_answer:
        offered.append(verb(gettext("Send the personal link"), "link"))
        offered.append(verb(gettext("Register"), "register"))
        if has_deadline(meeting) or (row.invitation and row.invitation.deadline):
            offered.append(verb(gettext("Give a later deadline"), "deadline"))
        if not row.decline:
            offered.append(verb(gettext("Decline on its behalf"), "decline", destructive=True))
    if row.decline:
        offered.append(verb(gettext("Undo the decline"), "undo_decline"))
    return offered


def link_page(request: HttpRequest, meeting: Meeting, code: str) -> HttpResponse:
    municipality, now = get_object_or_404(Municipality, code=code), timezone.now()
    addressees = addressees_of(meeting, [municipality], on=timezone.localdate(now))[municipality.pk]
    problems = problems_of_answering(meeting, at=now)
    if not addressees:
        problems.append(gettext("There is nobody to write to: no office has a mailbox."))
    form = AddresseesForm(request.POST if request.method == "POST" else None, addressees=addressees)
    if request.method == "POST" and not problems and form.is_valid():
        assert request.user.is_authenticated
        try:
            owed = send_link(
                meeting,
                municipality,
                form.chosen(),
                key=submission_key(request.POST),
                by=request.user,
                at=now,
            )
        except ValidationError as error:
            problems = sentences_of(error)
        else:
            tell_what_is_on_its_way(request, owed)
            return HttpResponseRedirect(back_to_municipality(request, meeting, municipality))
    sentences = [gettext("Each whom you choose gets a mail with the link by which the municipality answers.")]
    if not meeting.invitations.filter(municipality=municipality).exists():
        sentences.append(gettext("The municipality is invited by it, and stands as silent until it answers."))
    return act_page(
        request,
        meeting,
        municipality,
        {
            "title": gettext("Send the personal link to %(municipality)s") % {"municipality": municipality},
            "form": form,
            "summary": form.summary(),
            "submission_key": submission_key(request.POST),
            "sentences": sentences,
            "problems": problems,
            "button": gettext("Send the link"),
        },
    )


MUNICIPALITY = MeetingPage(name="municipality", address="ledger/<str:code>/", view=municipality_page)
LINK = MeetingPage(name="municipality_link", address="ledger/<str:code>/link/", view=link_page, changes=True)

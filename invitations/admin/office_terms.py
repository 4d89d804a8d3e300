"""The page before a council term is ended: who leaves, and what stays."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.office_pages import OfficePage, confirm_page, list_url, page_url
from invitations.council_terms import (
    CouncilTerm,
    council_term_on,
    end_council_term,
    holders_leaving,
    term_to_end,
)


def end_term_view(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    present = council_term_on(today)
    choices = {str(term.first_day.year): term for term in (present.previous, present)}
    term = choices.get(request.POST.get("term") or request.GET.get("term") or "", term_to_end(today))
    if request.method == "POST":
        assert isinstance(request.user, User)
        count = end_council_term(term, on=today, by=request.user)
        messages.success(request, _what_was_done(term, count))
        return HttpResponseRedirect(list_url())
    offices = list(holders_leaving(term, on=today))
    (other,) = [choice for choice in choices.values() if choice != term]
    return confirm_page(
        request,
        title=_("End the council term %(term)s") % {"term": term},
        button=_("End the council term"),
        sentences=_consequences(term, len(offices)),
        problems=[] if offices else [gettext("No political holder is left whom this term ends.")],
        back_url=list_url(),
        hidden=[("term", term.first_day.year)],
        offices=offices,
        with_holders=True,
        other_term=other,
        other_url=f"{page_url('end_term')}?term={other.first_day.year}",
        is_over=today > term.last_day,
    )


def _consequences(term: CouncilTerm, count: int) -> list[str]:
    last_day = date_format(term.last_day)
    return [
        ngettext(
            "%(count)d holder of a political office leaves with the end of %(last_day)s.",
            "%(count)d holders of political offices leave with the end of %(last_day)s.",
            count,
        )
        % {"count": count, "last_day": last_day},
        gettext("From the day after, they are not shown as holders any more. New ones are typed in by name."),
        gettext("The offices and their mailboxes stay, and so do officials."),
        gettext("Those who leave earlier keep their own date."),
    ]


def _what_was_done(term: CouncilTerm, count: int) -> str:
    if not count:
        return gettext("The council term %(term)s had been ended already. Nothing has changed.") % {
            "term": term
        }
    return ngettext(
        "The council term %(term)s is ended for %(count)d holder.",
        "The council term %(term)s is ended for %(count)d holders.",
        count,
    ) % {"term": term, "count": count}


PAGES = [OfficePage(name="end_term", address="end-term/", view=end_term_view, asks=("change",))]

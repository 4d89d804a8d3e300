"""Council terms, and the one act that ends the holders whom an election ends.

A term is four years from the 1 January after the election, and all members leave on 31 December of the next
election year (kommunal- og regionalvalgloven § 6, stk. 3). Offices, mailboxes and officials stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from invitations.models import Office
from invitations.models.addressees import POLITICAL_ROLES
from invitations.models.offices import OfficeQuerySet
from invitations.office_history import Entry, from_to, write_history

# The first year of a term, from which the others are counted.
_A_FIRST_YEAR = 2026
_YEARS = 4


@dataclass(frozen=True)
class CouncilTerm:
    """A term by its first and last day, both included."""

    first_day: date
    last_day: date

    def __str__(self) -> str:
        return f"{self.first_day.year}–{self.last_day.year}"

    @property
    def previous(self) -> CouncilTerm:
        return term_from(self.first_day.year - _YEARS)


def term_from(year: int) -> CouncilTerm:
    return CouncilTerm(date(year, 1, 1), date(year + _YEARS - 1, 12, 31))


def council_term_on(day: date) -> CouncilTerm:
    """The term that holds on `day`: 2026–2029 on 31 December 2029, 2030–2033 on the day after."""
    return term_from(_A_FIRST_YEAR + (day.year - _A_FIRST_YEAR) // _YEARS * _YEARS)


def term_to_end(day: date) -> CouncilTerm:
    """The term whose holders staff mean on `day`: until the summer after an election the one that is over."""
    term = council_term_on(day)
    return term.previous if day < date(term.first_day.year, 7, 1) else term


def holders_leaving(term: CouncilTerm, *, on: date) -> OfficeQuerySet:
    """The political offices whose holder would be ended with `term`, were it done on the day `on`.

    Those who leave before its last day do so on their own date. Once the term is over, a holder with a later
    date is a new one; before that, nobody can hold an office beyond it.
    """
    political = Office.objects.filter(role__in=POLITICAL_ROLES).exclude(holder_name="")
    standing = political.filter(Q(valid_to=None) | Q(valid_to__gte=term.last_day))
    undated = Q(holder_until=None)
    found = standing.filter(undated if on > term.last_day else undated | Q(holder_until__gt=term.last_day))
    return found.select_related("municipality", "policy_area").in_danish_order()


def end_council_term(term: CouncilTerm, *, on: date, by: User) -> int:
    """Let the political holders leave with the last day of `term`; return how many. Twice is once.

    Args:
        on: the day on which it is done.
        by: who pressed the button; the history of each office says so.
    """
    with transaction.atomic():
        offices = list(holders_leaving(term, on=on).select_for_update(of=("self",)))
        Office.objects.filter(pk__in=[office.pk for office in offices]).update(holder_until=term.last_day)
        write_history(
            (
                Entry(
                    office,
                    _("Ended the council term %(term)s. %(change)s.")
                    % {
                        "term": term,
                        "change": from_to("holder_until", office.holder_until, term.last_day),
                    },
                )
                for office in offices
            ),
            by=by,
        )
    return len(offices)

"""What one has chosen to see of a ledger, and in which order: it stands in the page's address, so that it
stays in links, in the sheet and in print.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from invitations.alphabet import search_key, sort_key
from invitations.models import Municipality
from registrations.ledger import Ledger, LedgerRow, LedgerState
from registrations.ledger_words import state_name

ANSWERED = "answered"
FAILED = "failed"
UNMATCHED = "unmatched"

# Which rows each choice shows: the states, and what staff look for across them.
SHOWN: Mapping[str, Callable[[LedgerRow], bool]] = {
    ANSWERED: lambda row: row.has_answered,
    **{
        state.value: lambda row, state=state: row.state == state  # type: ignore[misc]
        for state in LedgerState
    },
    FAILED: lambda row: row.failed > 0,
    UNMATCHED: lambda row: row.unmatched > 0,
}

# What each column sorts by; None, where there is nothing, stands last in either direction.
SORTS: Mapping[str, Callable[[LedgerRow], Any]] = {
    "municipality": lambda row: row.municipality.sort_key,
    "region": lambda row: sort_key(row.region) or None,
    "state": lambda row: (list(LedgerState).index(row.state), row.registered),
    "participants": lambda row: row.registered if row.registrations else None,
    "offices": lambda row: row.offices or None,
    "failed": lambda row: row.failed or None,
    "reminder": lambda row: row.last_reminder_at,
    "answered": lambda row: row.answered_at,
    "contact": lambda row: sort_key(row.contact_name) or None,
}
DEFAULT_SORT = "municipality"


@dataclass(frozen=True, kw_only=True)
class LedgerList:
    """A choice among the rows. `sort` is one of `SORTS`, with a hyphen before it for the other direction."""

    state: str = ""
    region: str = ""
    q: str = ""
    sort: str = DEFAULT_SORT

    @classmethod
    def of_query(cls, query: QueryDict) -> LedgerList:
        """What the address says; a value that no link of ours has is as good as none."""
        sort = query.get("sort", "")
        state = query.get("state", "")
        return cls(
            state=state if state in SHOWN else "",
            region=query.get("region", "").strip()[:100],
            q=" ".join(query.get("q", "").split())[:100],
            sort=sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT,
        )

    def values(self) -> dict[str, str]:
        """What stands in the address, by name."""
        values = {name: getattr(self, name) for name in ("state", "region", "q", "sort")}
        return {
            name: value for name, value in values.items() if value and (name, value) != ("sort", DEFAULT_SORT)
        }

    def query(self, **changes: str) -> str:
        """What follows the address of a page: `?state=silent`, or nothing for all rows in Danish order."""
        values = replace(self, **changes).values()
        return f"?{urlencode(values)}" if values else ""

    def rows(self, ledger: Ledger) -> list[LedgerRow]:
        rows = [row for row in self._found(ledger) if not self.state or SHOWN[self.state](row)]
        key = SORTS[self.sort.removeprefix("-")]
        known = [row for row in rows if key(row) is not None]
        # Those that are alike stay in Danish order either way.
        known.sort(key=key, reverse=self.sort.startswith("-"))
        return [*known, *(row for row in rows if key(row) is None)]

    def counts(self, ledger: Ledger) -> dict[str, int]:
        """How many rows each choice of `SHOWN` would show, and under the empty word how many there are."""
        found = self._found(ledger)
        return {"": len(found)} | {
            name: sum(1 for row in found if shows(row)) for name, shows in SHOWN.items()
        }

    def others(self, ledger: Ledger) -> Sequence[Municipality]:
        """Municipalities that are searched for and stand in no row: the meeting does not invite them."""
        if not search_key(self.q):
            return []
        in_ledger = [row.municipality.pk for row in ledger.rows]
        others = Municipality.objects.exclude(pk__in=in_ledger).in_danish_order()
        return [municipality for municipality in others if self._finds(municipality)]

    def words(self) -> str:
        """What is chosen, for the head of what is printed: `No answer, Region Midtjylland`."""
        chosen = [show_name(self.state) if self.state else _("All municipalities"), self.region]
        if self.q:
            chosen.append(_("name with “%(text)s”") % {"text": self.q})
        return ", ".join(filter(None, chosen))

    def _found(self, ledger: Ledger) -> list[LedgerRow]:
        return [
            row
            for row in ledger.rows
            if (not self.region or row.region == self.region) and self._finds(row.municipality)
        ]

    def _finds(self, municipality: Municipality) -> bool:
        text = f"{municipality.search_key} {search_key(municipality.official_name)} {municipality.code}"
        return all(word in text for word in search_key(self.q).split())


def show_name(name: str) -> str:
    """What a choice of `SHOWN` is called."""
    if name in LedgerState.values:
        return state_name(LedgerState(name))
    return {
        ANSWERED: _("Have answered"),
        FAILED: _("Mails that failed"),
        UNMATCHED: _("To be matched"),
    }[name]

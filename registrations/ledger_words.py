"""How the ledger speaks of a municipality's answer: the same words on the page, in the sheet and in print."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from invitations.danish import capitalise
from registrations.ledger import Coverage, LedgerRow, LedgerState

# The classes of the admin's badges; those that want something of staff stand out.
BADGES = {
    LedgerState.NOT_INVITED: "draft",
    LedgerState.SILENT: "silent",
    LedgerState.REGISTERED: "published",
    LedgerState.PARTLY: "owed",
    LedgerState.WAITLISTED: "owed",
    LedgerState.WITHDRAWN: "withdrawn",
    LedgerState.DECLINED: "held",
}


def answer_words(row: LedgerRow) -> str:
    """`Registered 5`, `Registered 5, 2 without a name`, `Partly: 2 without a theme`, `Waiting list 3`,
    `No answer`, with a capital.
    """
    if row.state == LedgerState.REGISTERED:
        registered = _("Registered %(count)d") % {"count": row.registered}
        return ", ".join([registered, *_nameless(row)])
    if row.state == LedgerState.PARTLY:
        return _("Partly: %(missing)s") % {"missing": ", ".join(_missing(row))}
    if row.state == LedgerState.WAITLISTED:
        return _("Waiting list %(count)d") % {"count": row.waitlisted}
    return state_name(row.state)


def state_name(state: LedgerState) -> str:
    """The state alone, with a capital, as the filter calls it."""
    return capitalise(str(state.label))


def coverage_words(coverage: Coverage) -> str:
    """`61 of 98`."""
    return _("%(answered)d of %(asked)d") % {"answered": coverage.answered, "asked": coverage.asked}


def total_words(total: Coverage) -> str:
    """`61 of 98 municipalities have answered`."""
    if not total.asked:
        return _("No municipality has been invited yet")
    return _("%(count)s municipalities have answered") % {"count": coverage_words(total)}


def uninvited_words(count: int) -> str:
    """That some of those counted as having answered were not invited; empty where there are none."""
    if not count:
        return ""
    return ngettext(
        "%(count)d of them has answered without being invited.",
        "%(count)d of them have answered without being invited.",
        count,
    ) % {"count": count}


def _nameless(row: LedgerRow) -> list[str]:
    if not row.nameless:
        return []
    words = ngettext("%(count)d without a name", "%(count)d without a name", row.nameless)
    return [words % {"count": row.nameless}]


def _missing(row: LedgerRow) -> list[str]:
    missing = _nameless(row)
    if row.themes_missing:
        missing.append(
            ngettext("%(count)d without a theme", "%(count)d without a theme", row.themes_missing)
            % {"count": row.themes_missing}
        )
    if row.waitlisted:
        missing.append(
            ngettext("%(count)d on the waiting list", "%(count)d on the waiting list", row.waitlisted)
            % {"count": row.waitlisted}
        )
    return missing

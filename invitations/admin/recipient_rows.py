"""Recipients as pages show them: a line for each municipality, which opens to its offices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext, ngettext

from invitations.admin.pages import Text
from invitations.dispatch_plan import DispatchPlan, Missing, Recipient
from invitations.fingerprints import digest_of
from invitations.models import Municipality
from invitations.numbers_in_words import municipalities_in_words


@dataclass
class MunicipalityRow:
    """A municipality and whom of it the letter goes to; `missing` are its offices without a mailbox."""

    municipality: Municipality
    recipients: list[Recipient] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)

    @property
    def informed(self) -> int:
        return sum(1 for recipient in self.recipients if recipient.for_orientation)

    @property
    def invited(self) -> int:
        return len(self.recipients) - self.informed

    @property
    def came_back(self) -> int:
        return sum(1 for recipient in self.recipients if recipient.came_back_on)


def municipality_rows(
    recipients: Iterable[Recipient], missing: Iterable[Missing] = ()
) -> list[MunicipalityRow]:
    """In Danish order."""
    rows: dict[Municipality, MunicipalityRow] = {}
    for recipient in recipients:
        municipality = recipient.municipality
        rows.setdefault(municipality, MunicipalityRow(municipality)).recipients.append(recipient)
    for office in missing:
        rows.setdefault(office.municipality, MunicipalityRow(office.municipality)).missing.append(office)
    return sorted(rows.values(), key=lambda row: row.municipality.sort_key)


def headline(plan: DispatchPlan) -> str:
    """`76 modtagere i 19 kommuner, 3 uden postkasse`."""
    words = in_municipalities(plan.recipients)
    if plan.missing:
        without = ngettext("%(count)d without a mailbox", "%(count)d without a mailbox", len(plan.missing))
        words = f"{words}, {without % {'count': len(plan.missing)}}"
    return words


def in_municipalities(recipients: Sequence[Recipient]) -> str:
    """`76 modtagere i 19 kommuner`."""
    municipalities = len({recipient.municipality.pk for recipient in recipients})
    return gettext("%(recipients)s in %(municipalities)s") % {
        "recipients": ngettext("%(count)d recipient", "%(count)d recipients", len(recipients))
        % {"count": len(recipients)},
        "municipalities": municipalities_in_words(municipalities),
    }


def fingerprint(recipients: Iterable[Recipient], content: str = "") -> str:
    """Tells whether the recipients, and what they get, are still those that the page showed."""
    rows = sorted((row.office.pk, row.mailbox, row.for_orientation) for row in recipients)
    return digest_of((rows, content))


def missing_by_office(plan: DispatchPlan) -> list[tuple[str, int]]:
    """How many mailboxes are missing of each kind of office."""
    counts: dict[str, int] = defaultdict(int)
    for office in plan.missing:
        counts[office.office_name] += 1
    return list(counts.items())


def words_about_mails(count: int, municipalities: int) -> Text:
    return ngettext(
        "%(mailboxes)d mail goes to offices in %(municipalities)s.",
        "%(mailboxes)d mails go to offices in %(municipalities)s.",
        count,
    ) % {"mailboxes": count, "municipalities": municipalities_in_words(municipalities)}


def words_about_shared_mailboxes(plan: DispatchPlan) -> list[Text]:
    """Why there are fewer mails than recipients, where there are."""
    shared = len(plan.recipients) - plan.mailboxes
    if not shared:
        return []
    return [
        ngettext(
            "%(count)d recipient has the same mailbox as another one there; both get one mail.",
            "%(count)d recipients have the same mailbox as another one there; each mailbox gets one mail.",
            shared,
        )
        % {"count": shared}
    ]

"""What happened to each mail that carried a letter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db import models
from django.utils.translation import gettext_lazy as _

from invitations.danish import COPENHAGEN
from invitations.models import Dispatch, Letter, OutgoingEmail


class State(models.TextChoices):
    """What staff ask of a mail; `sending` and `owed` are one."""

    PREPARED = "prepared", _("being prepared")
    WAITING = "owed", _("waiting")
    SENT = "sent", _("sent")
    FAILED = "failed", _("could not be delivered")
    DROPPED = "dropped", _("no longer needed")


@dataclass(frozen=True)
class Fate:
    """One row of the record: who was written to, and what became of the last mail to them.

    `mail` is the latest of those that were sent, the first or one that was sent again; None while the
    municipality's own letter is being made.
    """

    dispatch: Dispatch
    mail: OutgoingEmail | None

    @property
    def municipality_id(self) -> int:
        return self.dispatch.invitation.municipality_id

    @property
    def municipality_name(self) -> str:
        # Rows of before were written without the name.
        return self.dispatch.municipality_name or self.dispatch.invitation.municipality.official_name

    @property
    def state(self) -> State:
        if self.mail is None:
            return State.PREPARED
        if self.mail.state == OutgoingEmail.State.SENDING:
            return State.WAITING
        return State(self.mail.state)

    @property
    def has_failed(self) -> bool:
        return self.state is State.FAILED

    @property
    def was_sent_again(self) -> bool:
        return self.mail is not None and self.mail.pk != self.dispatch.email_id

    @property
    def mailbox_is_another(self) -> bool:
        """Whether the office has another mailbox by now than the one that was written to."""
        office = self.dispatch.office
        if office is None:
            return False
        known = {office.mailbox.casefold(), office.copy_mailbox.casefold()}
        return bool(office.mailbox) and self.dispatch.mailbox.casefold() not in known

    @property
    def came_back_on(self) -> date | None:
        """The day on which mail to the office came back after this one, as staff noted it."""
        office = self.dispatch.office
        if office is None or office.returned_on is None:
            return None
        day = self.dispatch.dispatched_at.astimezone(COPENHAGEN).date()
        return office.returned_on if office.returned_on >= day else None


@dataclass(frozen=True)
class Wave:
    """All that was sent by one press of the button."""

    at: datetime
    by: str
    rows: Sequence[Fate]

    @property
    def mails(self) -> int:
        return len({(row.municipality_id, row.dispatch.mailbox.casefold()) for row in self.rows})

    @property
    def municipalities(self) -> int:
        return len({row.municipality_id for row in self.rows})


def fates(letter: Letter) -> list[Fate]:
    """The record of a letter, by the time of sending and the Danish order of the municipalities."""
    dispatches = (
        Dispatch.objects.filter(letter=letter)
        .select_related("invitation__municipality", "office", "email", "dispatched_by")
        .defer("email__text", "email__html", "email__calendar")
        .order_by("dispatched_at", "invitation__municipality__sort_key", "pk")
    )
    again = (
        OutgoingEmail.objects.filter(resend_of__dispatches__letter=letter)
        .defer("text", "html", "calendar")
        .order_by("pk")
    )
    latest = {mail.resend_of_id: mail for mail in again}
    return [Fate(row, latest.get(row.email_id, row.email)) for row in dispatches]


def waves(rows: Iterable[Fate]) -> list[Wave]:
    return [
        Wave(at=at, by=by, rows=list(of_wave))
        for (at, by), of_wave in groupby(
            rows, key=lambda row: (row.dispatch.dispatched_at, sent_by(row.dispatch))
        )
    ]


def sent_by(dispatch: Dispatch) -> str:
    """What who pressed the button was called then."""
    return dispatch.dispatched_by_name or str(dispatch.dispatched_by or "")

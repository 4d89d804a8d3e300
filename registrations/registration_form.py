"""The form of a delegation as a whole: contact, participants, places without a name, contribution.

Everything travels in the form itself, so that no session can expire under it. It is *empty*, or it shows what
was *typed* and finds no fault with it, where a participant was added or removed; or it is *checked*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import BadRequest
from django.http import QueryDict

from invitations.models import Meeting, Municipality, Question
from registrations import bots
from registrations.availability import Availability
from registrations.delegations import Allotment, Delegation
from registrations.forms import ContactForm, ContributionForm, WaitingForm, municipality_choices
from registrations.part_form import PartForm, SummaryLine
from registrations.participant_form import ParticipantForm
from registrations.pasted_form import PastedForm
from registrations.refusals import MOST_PARTICIPANTS, Problem
from registrations.seats_form import SeatsForm
from registrations.submission_keys import submission_key


class RegistrationForm:
    """The form of one page.

    Args:
        municipality: the one whose personal link it is; None where it is chosen in the form.
        data: what the browser sent; None makes an empty form.
        checked: whether faults are looked for in it.
        rows: the participants' rows to show, where they are not those of `data`.
    """

    contact_form = ContactForm
    # Of something that is not registered yet: what was typed into it may be brought back after a crash.
    is_new = True

    def __init__(
        self,
        meeting: Meeting,
        places: Availability,
        *,
        municipality: Municipality | None = None,
        data: QueryDict | None = None,
        checked: bool = False,
        rows: Sequence[str] | None = None,
    ) -> None:
        self.meeting = meeting
        self.municipality = municipality
        self.data = data
        self.checked = checked
        self.submission_key = submission_key(data)
        self.list_problems: list[str] = []
        self._municipalities, choices = ({}, []) if municipality else municipality_choices(meeting)
        read = data if checked else None
        rows = rows_of(data) if rows is None else rows
        self.contact = self.contact_form(read, choices=choices)
        self.participants = [
            self.make_participant_form(
                read, row=row, number=number, is_only_one=len(rows) == 1, meeting=meeting, places=places
            )
            for number, row in enumerate(rows, start=1)
        ]
        self.pasted = PastedForm(read)
        self.seats = SeatsForm(read, typed=data, places=places)
        if read is not None and self.seats.is_asked_for():
            for participant in self.participants:
                if participant.is_blank():
                    participant.leave_out(read)
        self.waiting = WaitingForm(read)
        # Who sends the form of a full meeting has been told that they will wait.
        self.waits_by_itself = places.is_full and (data is None or "waits" in data)
        self.seats_waiting = 0
        self.offers_waiting = data is not None and "waits" in data
        self.contribution = ContributionForm(read, questions=self.questions(meeting))
        # What the browser copies when it adds a row by itself.
        self.blank_participant = self.make_participant_form(
            None, row="__row__", number=0, is_only_one=False, meeting=meeting, places=places
        )
        if data is not None and not checked:
            for part in self.parts:
                part.show_typed(data)

    def make_participant_form(self, data: QueryDict | None, *, row: str, **kwargs: Any) -> ParticipantForm:
        return ParticipantForm(data, row=row, **kwargs)

    def questions(self, meeting: Meeting) -> list[Question]:
        """Those that the form asks."""
        return list(meeting.questions.all())

    @property
    def hidden(self) -> dict[str, Any]:
        """What travels with the form besides what is typed."""
        opened = self._carried(bots.STAMP) or bots.stamp(self.submission_key)
        return {"submission_key": self.submission_key, bots.STAMP: opened}

    @property
    def trap(self) -> tuple[str, str] | None:
        """The field that only programs fill in, and what they wrote; None where nobody is suspected."""
        if self.municipality or not self.is_new:
            return None
        return bots.TRAP, self._carried(bots.TRAP)

    def _carried(self, name: str) -> str:
        return self.data.get(name, "") if self.data is not None else ""

    @property
    def is_suspicious(self) -> bool:
        """Whether a program seems to have sent it, by the open form."""
        if self.trap is None or self.data is None:
            return False
        return bots.is_suspicious(self.data, self.submission_key)

    @property
    def is_blank(self) -> bool:
        """Whether it is a new form, as it is before anything is typed."""
        return self.is_new and self.data is None

    @property
    def parts(self) -> list[PartForm]:
        return [
            self.contact,
            self.pasted,
            *self.participants,
            self.seats,
            self.waiting,
            self.contribution,
        ]

    @property
    def attending(self) -> list[ParticipantForm]:
        """The participants without the rows that nobody filled in, where there are places without a name."""
        return [participant for participant in self.participants if not participant.is_left_out]

    def is_valid(self) -> bool:
        """Whether it was checked and no fault found."""
        return self.checked and not self.summary()

    @property
    def waits(self) -> bool:
        """Whether those for whom there is no place wait for one, once the form is valid."""
        return bool(self.waiting.cleaned_data["waits"])

    def delegation(self) -> Delegation:
        """What was typed, once the form is valid."""
        contact = self.contact.cleaned_data
        return Delegation(
            municipality=self.municipality or self._municipalities[contact["municipality"]],
            committee=contact["committee"],
            contact_name=contact["contact_name"],
            contact_email=contact["contact_email"],
            contact_phone=contact["contact_phone"],
            submission_key=self.submission_key,
            participants=(
                *(participant.attendee() for participant in self.attending),
                *self.seats.attendees(),
            ),
            answers=self.contribution.answers(),
            topics=self.contribution.cleaned_data["topics"],
            waits=self.waits,
        )

    def mailboxes(self) -> list[str]:
        """Whom sending it would owe a mail, once the form is valid: one for each that is named."""
        typed = [participant.cleaned_data.get("email") for participant in self.attending]
        return [mailbox for mailbox in (self.contact.cleaned_data.get("contact_email"), *typed) if mailbox]

    def add_problems_of_list(self, problems: Sequence[str]) -> None:
        """Show what was wrong when rows were made of the pasted list."""
        self.pasted = PastedForm(self.data, problems=problems)

    def show_outcome(self, allotted: Sequence[Allotment]) -> None:
        """Say at each participant, and at the places without a name, what they get as it stands now."""
        attending = self.attending
        for participant, got in zip(attending, allotted, strict=False):
            participant.allotted = got
        self.seats_waiting = sum(got.waits for got in allotted[len(attending) :])

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Show `problems` where they belong: at a participant's field, at the places without a name, or above
        the list of participants.
        """
        attending = self.attending
        for problem in problems:
            self.offers_waiting = self.offers_waiting or problem.can_wait
            if problem.position is None:
                self.list_problems.append(problem.message)
            elif problem.position < len(attending):
                attending[problem.position].add_problem(problem)
            else:
                self.seats.add_problem(problem)

    def summary(self) -> list[SummaryLine]:
        """Everything that is wrong, in the order of the page."""
        if not self.checked:
            above_list = (SummaryLine(message, "participants") for message in self.list_problems)
            return [*self.pasted.summary(), *above_list]
        return [
            *self.contact.summary(),
            *self.pasted.summary(),
            *(SummaryLine(message, "participants") for message in self.list_problems),
            *self.waiting.summary(),
            *(line for participant in self.participants for line in participant.summary()),
            *self.seats.summary(),
            *self.contribution.summary(),
        ]


def rows_of(data: QueryDict | None) -> list[str]:
    """The participants' rows in the order of the page: a number stays with its row, whatever others do.

    Raises:
        BadRequest: there are more than any page has, so that nobody can make the server build thousands.
    """
    sent = data.getlist("row") if data is not None else []
    if len(sent) > 2 * MOST_PARTICIPANTS:
        raise BadRequest("no page of ours has so many participants")
    return list(dict.fromkeys(row for row in sent if re.fullmatch(r"\d{1,4}", row, re.ASCII))) or ["0"]


def rows_with_one_more(rows: Sequence[str]) -> list[str]:
    return [*rows, str(max(map(int, rows)) + 1)]


def rows_without(rows: Sequence[str], row: str) -> list[str]:
    """Those but `row`; one is always left, empty if need be."""
    return [other for other in rows if other != row] or rows_with_one_more(rows)[-1:]

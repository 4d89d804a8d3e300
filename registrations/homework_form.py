"""The form with the meeting's questions: what is written, and what it was made from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from registrations.fields import ParagraphsField
from registrations.homework import QuestionState, Written
from registrations.models.registrations import FREE_TEXT_LENGTH
from registrations.part_form import PartForm


class QuestionLine(NamedTuple):
    """A question as the page shows it; `meanwhile` is what another tab has saved, where that differs."""

    field: forms.BoundField
    seen_name: str
    seen: str
    state: QuestionState
    meanwhile: str | None


class HomeworkForm(PartForm):
    def __init__(self, states: Sequence[QuestionState], data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.states = {f"question-{state.question.pk}": state for state in states}
        self.conflicts: Collection[int] = ()
        for name, state in self.states.items():
            self.fields[name] = ParagraphsField(
                label=state.question.text,
                label_is_danish=True,
                max_length=FREE_TEXT_LENGTH,
                required=False,
                initial=state.shown,
            )

    def lines(self) -> Iterator[QuestionLine]:
        for name, state in self.states.items():
            is_conflict = state.question.pk in self.conflicts
            # Who has been shown what another tab saved, may replace it.
            sees_it = is_conflict or not self.is_bound
            seen = state.fingerprint if sees_it else self.data.get(_seen(name), "")
            meanwhile = state.shown if is_conflict else None
            yield QuestionLine(self[name], _seen(name), seen, state, meanwhile)

    def written(self) -> Mapping[int, Written]:
        """By the ids of the questions, once the form is valid."""
        return {
            state.question.pk: Written(self.cleaned_data[name], self.data.get(_seen(name), ""))
            for name, state in self.states.items()
        }

    def can_be_draft(self) -> bool:
        """Whether all of it can be a draft; an empty one of a sent answer can not, which is said there."""
        for name, state in self.states.items():
            if state.sent and not self.cleaned_data.get(name) and not self.has_error(name):
                self.add_error(name, _("An answer has been sent. Send again if it is to be taken back"))
        return not self.errors

    def can_be_sent(self) -> bool:
        """Whether there is something to send or to take back."""
        if not any(self.cleaned_data.get(name) or state.sent for name, state in self.states.items()):
            self.add_error(next(iter(self.states)), _("Answer at least one question"))
        return not self.errors

    def mark_conflicts(self, questions: Collection[int]) -> None:
        self.conflicts = questions
        for name, state in self.states.items():
            if state.question.pk in questions:
                self.add_error(name, _("Another answer has been saved meanwhile. Choose which is to stand"))


def _seen(name: str) -> str:
    return f"seen-{name}"

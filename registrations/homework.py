"""A delegation's answers to the meeting's questions: kept as a draft, sent, and sent anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from invitations.danish import Moment
from invitations.fingerprints import digest_of
from invitations.models import Question
from registrations.models import Answer, Registration
from registrations.refusals import TooLateError


@dataclass(frozen=True)
class QuestionState:
    """A question with what KL has got as the answer, and what is not finished yet."""

    question: Question
    sent: str = ""
    draft: str = ""

    @property
    def shown(self) -> str:
        """What the form begins with."""
        return self.draft or self.sent

    @property
    def fingerprint(self) -> str:
        return digest_of(self.shown)


@dataclass(frozen=True)
class Written:
    """What one tab wrote as an answer, and the fingerprint of what its form was made from."""

    text: str
    seen: str


class ChangedMeanwhileError(Exception):
    """Another tab has saved another answer since the form was made; nothing was written.

    `questions` are the ids of those of which that is so.
    """

    def __init__(self, questions: frozenset[int]) -> None:
        super().__init__(sorted(questions))
        self.questions = questions


def states(registration: Registration) -> list[QuestionState]:
    """Each of the meeting's questions, in their order, with what `registration` has answered so far."""
    answers = {answer.question_id: answer for answer in Answer.objects.filter(registration=registration)}
    return [
        QuestionState(question, answer.text, answer.draft)
        if (answer := answers.get(question.pk))
        else QuestionState(question)
        for question in registration.meeting.questions.all()
    ]


def open_until(registration: Registration) -> Moment | None:
    """Until when answers are taken: until the last session starts that somebody of the delegation comes to.

    One whose time is not known takes them until midnight. None where nobody comes or waits for a place, or
    the meeting is cancelled.
    """
    coming = registration.participants.filter(withdrawn_at=None).select_related("session")
    starts = [participant.session.starts for participant in coming]
    return None if registration.meeting.is_cancelled else max(starts, default=None, key=Moment.end)


def is_open(registration: Registration, *, at: datetime) -> bool:
    """Whether answers are taken at `at` (aware)."""
    until = open_until(registration)
    return until is not None and at < until.end()


def save_draft(registration: Registration, written: Mapping[int, Written], *, at: datetime) -> None:
    """Keep what was written, by the ids of the questions, for the delegation alone.

    What is as it was sent is no draft; neither is nothing, which leaves what was sent as it is.

    Args:
        at: when the button was pressed, aware.

    Raises:
        ChangedMeanwhileError: another tab has saved something else.
        TooLateError: the meeting has started or is cancelled, or nobody comes any more.
    """
    with transaction.atomic():
        for state in _locked(registration, written, at=at, sends=False):
            draft = _merged(state, written[state.question.pk])
            _write(registration, state, sent=state.sent, draft="" if draft == state.sent else draft)


def send(registration: Registration, written: Mapping[int, Written], *, at: datetime) -> None:
    """Send what was written to KL, in place of what was sent before; an empty answer is taken back.

    Args:
        at: when the button was pressed, aware.

    Raises:
        As `save_draft` does.
    """
    with transaction.atomic():
        before = _locked(registration, written, at=at, sends=True)
        for state in before:
            _write(registration, state, sent=written[state.question.pk].text, draft="")
        if any(state.sent != written[state.question.pk].text for state in before):
            # From now on the registration is not what the first form said.
            registration.count_change()


def _locked(
    registration: Registration, written: Mapping[int, Written], *, at: datetime, sends: bool
) -> Sequence[QuestionState]:
    """What is answered so far to the questions of `written`, once it is sure that it may be replaced."""
    registration.meeting.lock()
    registration.meeting.refresh_from_db(fields=["cancelled_at"])
    if not is_open(registration, at=at):
        raise TooLateError
    known = [state for state in states(registration) if state.question.pk in written]
    conflicts = {
        state.question.pk for state in known if _is_conflict(state, written[state.question.pk], sends=sends)
    }
    if conflicts:
        raise ChangedMeanwhileError(frozenset(conflicts))
    return known


def _is_conflict(state: QuestionState, written: Written, *, sends: bool) -> bool:
    """Whether `written` would take the place of something that its author has not seen.

    Who has changed nothing overwrites nothing with a draft; but sends nothing unseen either.
    """
    if written.seen == state.fingerprint or written.text == state.shown:
        return False
    return sends or digest_of(written.text) != written.seen


def _merged(state: QuestionState, written: Written) -> str:
    """What was written here, or where nothing was, what another tab has saved."""
    return state.shown if digest_of(written.text) == written.seen else written.text


def _write(registration: Registration, state: QuestionState, *, sent: str, draft: str) -> None:
    if (sent, draft) == (state.sent, state.draft):
        return
    if sent or draft:
        Answer.objects.update_or_create(
            registration=registration, question=state.question, defaults={"text": sent, "draft": draft}
        )
    else:
        Answer.objects.filter(registration=registration, question=state.question).delete()

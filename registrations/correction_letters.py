"""The letter that tells the offices what has changed: drafted from the differences, then edited like any."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.admin.models import ADDITION
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from invitations.danish import format_date
from invitations.history import record
from invitations.letter_drafts import draft_letter, last_sent
from invitations.mail_text import in_danish, title_in_sentence
from invitations.models import Letter, Meeting, Section
from registrations.differences import Difference
from registrations.drafts import free_date, waiting_letter
from registrations.statements import what_is_wrong

_BULLET = "- **"
# What our Markdown would take for markup, or a letter for a placeholder.
_MARKUP = re.compile(r"[\\*_\[\]]")


@dataclass(frozen=True)
class ListOfChanges:
    """How the list in a draft differs from what is wrong now: the meeting may have changed since.

    Attributes:
        missing: lines that ought to stand in the letter.
        outdated: lines that stand there and are not so.
    """

    missing: Sequence[str] = ()
    outdated: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.outdated)


def prepare_correction_letter(meeting: Meeting, *, at: datetime.datetime, by: User) -> Letter:
    """Draft the letter that says what has changed; bring the list in a draft that is there up to date.

    Args:
        at: now, aware; the letter is dated that day.
        by: who pressed the button, for the letter's history.

    Raises:
        ValidationError: no office holds a letter that is wrong, or the letter waits for its time already.
    """
    with transaction.atomic():
        # Of two at once the second one finds the draft.
        meeting.lock()
        meeting = Meeting.objects.prefetch_related("sessions").get(pk=meeting.pk)
        differences = what_is_wrong(meeting, at=at).letter_differences
        if not differences:
            raise ValidationError(_("What the letters say is right."), code="nothing_wrong")
        draft = waiting_letter(meeting, Letter.Kind.CHANGE)
        if draft and draft.send_at:
            raise ValidationError(
                _("A letter about the change waits for its time already."), code="scheduled"
            )
        with in_danish():
            if draft:
                _rewrite(draft, differences)
                return draft
            lead = _lead(meeting, differences)
        letter = draft_letter(
            meeting, Letter.Kind.CHANGE, date=free_date(meeting, Letter.Kind.CHANGE, at=at), lead=lead
        )
        record(letter, _("Drafted from what has changed."), by=by, action=ADDITION)
    return letter


def list_of_changes(letter: Letter, differences: Iterable[Difference]) -> ListOfChanges:
    """Compare the list in the letter with `differences`."""
    with in_danish():
        wanted = _bullets(differences)
    written = [
        line.strip()
        for text in letter.sections.values_list("text", flat=True)
        for line in text.splitlines()
        if line.startswith(_BULLET)
    ]
    return ListOfChanges(
        missing=[_plain(line) for line in wanted if line not in written],
        outdated=[_plain(line) for line in written if line not in wanted],
    )


def _lead(meeting: Meeting, differences: Iterable[Difference]) -> str:
    # The last to leave, whatever day is printed in it; the letter takes its place.
    last = last_sent(meeting)
    title = _literal(title_in_sentence(meeting.title))
    since = f"vores brev af {format_date(last.date)}" if last else "det, vi har skrevet til jer"
    parts = [
        f"Der er ændringer til {title}. I forhold til {since} er dette nyt:",
        "\n".join(_bullets(differences)),
    ]
    if meeting.has_form:
        parts.append("Har I tilmeldt jer, gælder tilmeldingen stadig, og I skal ikke gøre noget.")
    return "\n\n".join(parts)


def _bullets(differences: Iterable[Difference]) -> list[str]:
    return [
        f"{_BULLET}{_literal(difference.new_label)}:** {_literal(difference.is_and_was)}"
        for difference in differences
    ]


def _rewrite(letter: Letter, differences: Iterable[Difference]) -> None:
    """Put the list in its place; what staff have written around it stays."""
    bullets = _bullets(differences)
    sections = list(letter.sections.all())
    for section in sections:
        lines = section.text.splitlines()
        places = [number for number, line in enumerate(lines) if line.startswith(_BULLET)]
        if places:
            rest = [line for line in lines[places[0] :] if not line.startswith(_BULLET)]
            section.text = "\n".join([*lines[: places[0]], *bullets, *rest])
            section.save(update_fields=["text"])
            return
    text = "\n".join(bullets)
    if sections:
        sections[0].text = f"{text}\n\n{sections[0].text}".strip()
        sections[0].save(update_fields=["text"])
    else:
        Section.objects.create(letter=letter, text=text)


def _literal(text: str) -> str:
    """`text` as it is typed into a letter to be printed as it stands."""
    return _MARKUP.sub(r"\\\g<0>", text).replace("{", "{{").replace("}", "}}")


def _plain(line: str) -> str:
    """A line of the list as it is read."""
    text = line.removeprefix(_BULLET).replace(":**", ":", 1).replace("{{", "{").replace("}}", "}")
    return re.sub(r"\\([\\*_\[\]])", r"\1", text)

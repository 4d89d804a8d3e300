"""Putting a pasted list of people into the rows of the form, see `pasted_names`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registrations.part_form import PartForm
from registrations.pasted_names import PastedNames, PastedPerson, read_names, text_of
from registrations.refusals import MOST_PARTICIPANTS


class PastedForm(PartForm):
    """The field for the list. What still stands in it when the form is checked would be forgotten."""

    pasted = forms.CharField(
        label=gettext_lazy("Names and e-mail addresses"),
        help_text=gettext_lazy(
            "As Outlook writes them: Bo Hansen <bo@municipality.dk>; Kis Juhl <kis@municipality.dk>. "
            "Or from Excel, a line for each with name, title and e-mail address."
        ),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )

    def __init__(self, data: QueryDict | None, *, problems: Sequence[str] = ()) -> None:
        """`problems` are what was wrong when rows were made of the list; without, that was not done yet."""
        super().__init__(data)
        self.problems = problems
        self.fields["pasted"].validators = []

    @property
    def is_filled(self) -> bool:
        return bool(str(self["pasted"].value() or "").strip())

    def clean_pasted(self) -> str:
        text: str = self.cleaned_data["pasted"]
        if self.problems:
            raise ValidationError(list(self.problems))
        if text.strip():
            raise ValidationError(_("Press “Make rows” to add the names, or delete them"))
        return text


@dataclass(frozen=True, kw_only=True)
class Pasted:
    """The form after rows were made: `data` and `rows` to show, how many were `added`, and what was wrong."""

    data: QueryDict
    rows: tuple[str, ...]
    added: int
    known: int
    problems: tuple[str, ...]

    @property
    def note(self) -> str:
        """What has happened, for the top of the list; nothing where nothing has."""
        sentences = []
        if self.added:
            sentences.append(
                ngettext(
                    "%(count)d participant has been added from the list. Check that it is right.",
                    "%(count)d participants have been added from the list. Check that they are right.",
                    self.added,
                )
                % {"count": self.added}
            )
        if self.known:
            sentences.append(
                ngettext(
                    "%(count)d was on the list already.", "%(count)d were on the list already.", self.known
                )
                % {"count": self.known}
            )
        return " ".join(sentences)


def paste(sent: QueryDict, rows: Sequence[str]) -> Pasted:
    """Move the people of the list into `rows`, the empty ones first; what is left over stays in the field."""
    data = sent.copy()
    text = data.get("pasted", "")
    names = read_names(text)
    typed = {row: _typed(data, row) for row in rows}
    known = {person.identity for person in typed.values()}
    new = [person for person in names.people if person.identity not in known]
    free = [row for row, person in typed.items() if person == PastedPerson()]
    room = MOST_PARTICIPANTS - len(rows) + len(free)
    taken, left = new[:room], new[room:]
    next_row = max(map(int, rows)) + 1
    added_rows = [str(next_row + number) for number in range(max(0, len(taken) - len(free)))]
    for row, person in zip([*free, *added_rows], taken, strict=False):
        for name in ("name", "title", "email"):
            data[f"participant-{row}-{name}"] = getattr(person, name)
    data["pasted"] = "\n".join([*names.unread, *map(text_of, left)])
    return Pasted(
        data=data,
        rows=(*rows, *added_rows),
        added=len(taken),
        known=len(names.people) - len(new) + names.listed_twice,
        problems=tuple(_problems(text, names, left)),
    )


def _typed(data: QueryDict, row: str) -> PastedPerson:
    name, title, email = (
        " ".join(data.get(f"participant-{row}-{field}", "").split()) for field in ("name", "title", "email")
    )
    return PastedPerson(name=name, title=title, email=email)


def _problems(text: str, names: PastedNames, left: Sequence[PastedPerson]) -> list[str]:
    problems = []
    if not text.strip():
        problems.append(_("Paste the names and e-mail addresses first"))
    if unread := len(names.unread):
        problems.append(
            ngettext(
                "%(count)d line could not be read and is still in the field. Write it as Name <mail>",
                "%(count)d lines could not be read and are still in the field. Write them as Name <mail>",
                unread,
            )
            % {"count": unread}
        )
    if left:
        problems.append(
            ngettext(
                "You can register at most %(most)d participants at a time. %(count)d is still in the field",
                "You can register at most %(most)d participants at a time. %(count)d are still in the field",
                len(left),
            )
            % {"most": MOST_PARTICIPANTS, "count": len(left)}
        )
    return problems

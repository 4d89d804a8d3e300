"""The form that a copy of a meeting is made from: it asks for what cannot be the same again."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AdminDateWidget, AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.forms.widgets import Script
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.forms import AdminForm, error_messages
from invitations.admin.meeting_forms import SLUG_LENGTH, free_address
from invitations.danish import capitalise, format_date_with_weekday
from invitations.meeting_copies import (
    CopyDates,
    LetterDates,
    copied_session,
    likely_dates,
    likely_input_deadline,
    next_days,
    typed_copy,
)
from invitations.models import Letter, Meeting, Session
from invitations.models.validation import YEARS

# Letters that are written anew for each meeting anyway are offered, and not chosen.
LIKELY_KINDS = (Letter.Kind.INVITATION, Letter.Kind.SAVE_THE_DATE)


def day_field(label: Any, *, required: bool = False, help_text: str = "") -> forms.DateField:
    field = forms.DateField(
        label=label, required=required, help_text=help_text, validators=YEARS, widget=AdminDateWidget
    )
    field.error_messages.update(error_messages(field))
    return field


class CopyForm(AdminForm[Meeting]):
    """Title, address and dates of the copy; each session and each letter has fields of its own.

    Its instance is the copy as it would be, so that what the database forbids is said at its field.
    """

    slug = forms.CharField(label=_("address"), max_length=SLUG_LENGTH, widget=AdminTextInputWidget)
    registration_opens_date = day_field(_("registration opens"))
    registration_deadline_date = day_field(_("registration deadline"))

    constraint_fields = {
        "meeting_slug_is_unique": "slug",
        "meeting_registration_opens_before_its_deadline": "registration_opens_date",
    }

    class Meta:
        model = Meeting
        fields = ["title", "slug", "registration_opens_date", "registration_deadline_date"]
        widgets = {"title": AdminTextInputWidget}

    class Media:
        css = {"all": ["admin_kl/meeting_copy.css"]}
        js = [Script("admin_kl/meeting_copy.js", type="module")]

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        source: Meeting,
        today: datetime.date,
        with_letters: bool,
    ) -> None:
        self.source = source
        self.sessions = list(source.sessions.all())
        letters = Letter.objects.filter(meeting=source).order_by("date", "pk") if with_letters else []
        self.letters = list(letters)
        initial = suggestions(source, next_days(source, today=today), self.letters, today=today)
        super().__init__(data, instance=typed_copy(source, copied_from=source), initial=initial)
        for name in ("registration_opens", "registration_deadline"):
            before = getattr(source, f"{name}_date")
            self.fields[f"{name}_date"].help_text = (
                last_time(before) if before else gettext("None last time.")
            )
        for number, session in enumerate(self.sessions, start=1):
            self._add_session(session, number)
        latest = {letter.kind: letter for letter in self.letters}
        for letter in self.letters:
            self._add_letter(letter, chosen=latest[letter.kind] is letter and letter.kind in LIKELY_KINDS)

    def _add_session(self, session: Session, number: int) -> None:
        several = len(self.sessions) > 1
        name = session.label or gettext("Session %(number)d") % {"number": number}
        where = ", ".join(part for part in (session.when(), session.where()) if part)
        self.fields[f"session-{session.pk}"] = day_field(
            gettext("%(session)s: date") % {"session": name} if several else gettext("Date"),
            required=True,
            help_text=gettext("Last time: %(what)s.") % {"what": where},
        )
        if session.registration_deadline_date:
            self.fields[f"session-{session.pk}-deadline"] = day_field(
                gettext("%(session)s: own registration deadline") % {"session": name}
                if several
                else gettext("Own registration deadline"),
                help_text=last_time(session.registration_deadline_date),
            )

    def _add_letter(self, letter: Letter, *, chosen: bool) -> None:
        name = f"{capitalise(letter.get_kind_display())} {date_format(letter.date, 'SHORT_DATE_FORMAT')}"
        self.fields[f"letter-{letter.pk}"] = forms.BooleanField(label=name, required=False, initial=chosen)
        self.fields[f"letter-{letter.pk}-date"] = day_field(gettext("Date of the copied letter"))
        if letter.input_deadline_date:
            self.fields[f"letter-{letter.pk}-input"] = day_field(
                gettext("Deadline for input"), help_text=last_time(letter.input_deadline_date)
            )

    # What the page shows.

    def session_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("session-")]

    def letter_fields(self) -> list[tuple[forms.BoundField, list[forms.BoundField]]]:
        """The tick of each letter, with its dates."""
        return [
            (
                self[f"letter-{letter.pk}"],
                [self[name] for name in self.fields if name.startswith(f"letter-{letter.pk}-")],
            )
            for letter in self.letters
        ]

    # What was typed.

    def dates(self) -> CopyDates:
        """The dates as far as they could be read."""
        typed = self.cleaned_data
        days = {session.pk: typed.get(f"session-{session.pk}") for session in self.sessions}
        return CopyDates(
            days={pk: day for pk, day in days.items() if day},
            deadlines={session.pk: typed.get(f"session-{session.pk}-deadline") for session in self.sessions},
            opens=typed.get("registration_opens_date"),
            deadline=typed.get("registration_deadline_date"),
        )

    def chosen_letters(self) -> dict[int, LetterDates]:
        typed = self.cleaned_data
        return {
            letter.pk: LetterDates(
                date=typed[f"letter-{letter.pk}-date"], input_deadline=typed.get(f"letter-{letter.pk}-input")
            )
            for letter in self.letters
            if typed.get(f"letter-{letter.pk}") and typed.get(f"letter-{letter.pk}-date")
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # A time without its date would be refused; times of dates that stay are compared.
        for name in ("registration_opens", "registration_deadline"):
            if not cleaned.get(f"{name}_date"):
                setattr(self.instance, f"{name}_time", None)
        dates = self.dates()
        too_late = _("The registration deadline must lie before the meeting.")
        if dates.deadline and dates.days and dates.deadline > max(dates.days.values()):
            self.add_error("registration_deadline_date", too_late)
        for session in self.sessions:
            day, deadline = dates.days.get(session.pk), dates.deadlines.get(session.pk)
            if day is None:
                continue
            if deadline and deadline > day:
                self.add_error(f"session-{session.pk}-deadline", too_late)
            try:
                copied_session(session, dates).clean()
            except ValidationError as error:
                self.add_error(f"session-{session.pk}", error.messages)
        self._clean_letters()
        return cleaned

    def _clean_letters(self) -> None:
        kept: set[tuple[str, datetime.date]] = set()
        for letter in self.letters:
            name = f"letter-{letter.pk}-date"
            if not self.cleaned_data.get(f"letter-{letter.pk}") or name in self.errors:
                continue
            date = self.cleaned_data.get(name)
            if date is None:
                self.add_error(name, self.fields[name].error_messages["required"])
            elif (letter.kind, date) in kept:
                self.add_error(name, _("The meeting has a letter of this kind and date already."))
            elif letter.kind != Letter.Kind.CHANGE:
                kept.add((letter.kind, date))

    def _get_validation_exclusions(self) -> set[str]:
        times = {"registration_opens_time", "registration_deadline_time"}
        return cast("set[str]", super()._get_validation_exclusions()) - times  # type: ignore[misc]


def last_time(day: datetime.date) -> str:
    return gettext("Last time: %(what)s.") % {"what": format_date_with_weekday(day)}


def suggestions(
    source: Meeting, days: Mapping[int, datetime.date], letters: list[Letter], *, today: datetime.date
) -> dict[str, Any]:
    """What the fields of a `CopyForm` hold at first, where the sessions are on `days`."""
    dates = likely_dates(source, days)
    starts = source.starts()
    before, after = str(starts.date.year if starts else ""), str(min(days.values()).year if days else "")
    slug = source.slug.replace(before, after) if before and before in source.slug else ""
    return {
        "title": source.title.replace(before, after) if before else source.title,
        "slug": free_address(slug or f"{source.slug[: SLUG_LENGTH - 10]}-{after}".strip("-")),
        "registration_opens_date": dates.opens,
        "registration_deadline_date": dates.deadline,
        **{f"session-{pk}": day for pk, day in days.items()},
        **{f"session-{pk}-deadline": day for pk, day in dates.deadlines.items()},
        **{f"letter-{letter.pk}-date": today for letter in letters},
        **{f"letter-{letter.pk}-input": likely_input_deadline(source, letter, days) for letter in letters},
    }

"""What is typed about a meeting, and what must fit together in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet, inlineformset_factory
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.forms import AdminForm, DaysField, RolesField
from invitations.admin.ordering import MOST_ROWS
from invitations.danish import danish_slug
from invitations.models import Meeting, Session
from invitations.models.validation import default_reminder_days, default_roles

SLUG_LENGTH = Meeting._meta.get_field("slug").max_length or 0

_SessionsAsTyped: type[BaseInlineFormSet[Session, Meeting, Any]] = inlineformset_factory(
    Meeting,
    Session,
    fields=["starts_date", "starts_time", "ends_date", "ends_time"],
    extra=0,
    max_num=MOST_ROWS,
    absolute_max=MOST_ROWS,
)


def sessions_as_typed(data: Mapping[str, Any], meeting: Meeting) -> list[Session]:
    """The sessions as they stand on the page, saved or not; without those that are wrong or deleted."""
    rows = _SessionsAsTyped(data, instance=meeting, prefix="sessions")
    return [
        row.instance
        for row in rows.forms
        if row.is_valid() and row.cleaned_data and not row.cleaned_data["DELETE"]
    ]


class MeetingForm(AdminForm[Meeting]):
    slug = forms.CharField(label=_("address"), max_length=SLUG_LENGTH, required=False, strip=True)
    roles = RolesField(label=_("offices"), initial=default_roles)
    reminder_days = DaysField(
        label=_("reminders, days before the deadline"),
        required=False,
        initial=default_reminder_days,
        help_text=_(
            "Offices of municipalities that have not answered are reminded, for example 14, 3. "
            "Empty: nobody is."
        ),
    )

    constraint_fields = {
        "meeting_slug_is_unique": "slug",
        "meeting_opening_time_has_a_date": "registration_opens_date",
        "meeting_deadline_time_has_a_date": "registration_deadline_date",
        "meeting_registration_opens_before_its_deadline": "registration_opens_date",
        "meeting_capacity_is_positive": "capacity",
        "meeting_max_per_municipality_is_positive": "max_per_municipality",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slug = self.fields["slug"]
        slug.widget.attrs["class"] = "vTextField"
        if self.address_is_out:
            slug.widget.attrs["readonly"] = True
            slug.help_text = gettext("Letters and mails may print it already, so it stays.")
        else:
            slug.help_text = gettext(
                "The letter prints %(address)s/ and this. Left empty, it is made from the title."
            ) % {"address": settings.PUBLIC_URL}

    @cached_property
    def address_is_out(self) -> bool:
        """Whether somebody may know the address: the meeting is public, or a letter about it was sent."""
        meeting = self.instance
        return meeting.is_published or (not meeting._state.adding and meeting.letters.sent().exists())

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if self.address_is_out and slug != self.instance.slug:
            raise ValidationError(
                _("The address “%(slug)s” is out already: letters and mails may print it, so it stays."),
                code="published",
                params={"slug": self.instance.slug},
            )
        return slug

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if "slug" in cleaned and not cleaned["slug"]:
            cleaned["slug"] = free_slug(cleaned.get("title", ""))
            if not cleaned["slug"] and "title" in cleaned:
                self.add_error("slug", _("Write an address: none can be made from this title."))
        deadline = cleaned.get("registration_deadline_date")
        sessions = sessions_as_typed(self.data, self.instance)
        if deadline and sessions and deadline > max(session.starts_date for session in sessions):
            self.add_error(
                "registration_deadline_date", _("The registration deadline must lie before the meeting.")
            )
        return cleaned


def free_slug(title: str) -> str:
    """An address made from a title, numbered where another meeting has it; empty for one without letters."""
    return free_address(danish_slug(title))


def free_address(slug: str) -> str:
    """The address itself, numbered where another meeting has it."""
    slug = slug[: SLUG_LENGTH - 4].strip("-")
    taken = {
        used.lower() for used in Meeting.objects.filter(slug__istartswith=slug).values_list("slug", flat=True)
    }
    candidates = [slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3))] if slug else [""]
    return next(candidate for candidate in candidates if candidate.lower() not in taken)


class SessionForm(AdminForm[Session]):
    constraint_fields = {
        "session_ends_after_it_starts": "ends_time",
        "session_end_time_has_a_start_time": "starts_time",
        "session_capacity_is_positive": "capacity",
        "session_deadline_time_has_a_date": "registration_deadline_date",
    }

    # The place that was typed and is not kept, in words.
    removed_place = ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("online"):
            self._remove_place(cleaned)
        deadline, starts = cleaned.get("registration_deadline_date"), cleaned.get("starts_date")
        if deadline and starts and deadline > starts:
            self.add_error(
                "registration_deadline_date", _("The registration deadline must lie before the meeting.")
            )
        return cleaned

    def _remove_place(self, cleaned: dict[str, Any]) -> None:
        """Who ticks "online" need not empty six fields; what stood there is said once it is saved."""
        place = {name: cleaned[name] for name in cleaned if name.startswith("venue_") and cleaned[name]}
        self.removed_place = Session(**place).where() or ", ".join(place.values())
        cleaned.update(dict.fromkeys(place, ""))

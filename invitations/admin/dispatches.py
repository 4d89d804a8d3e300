"""Who has been invited, and which letter went to which mailbox: written by the system, to be looked up."""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.filters import MeetingFilter
from invitations.admin.pages import ReadOnlyAdmin
from invitations.models import Dispatch, Invitation


def mail_badge(dispatch: Dispatch) -> str:
    """What became of the mail; before there is one, that the municipality's own letter is being made."""
    state, label = (
        (dispatch.email.state, dispatch.email.get_state_display())
        if dispatch.email
        else ("owed", gettext("being prepared"))
    )
    return format_html('<span class="state state-{}">{}</span>', state, label.capitalize())


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin[Invitation]):
    list_display = ["municipality_name", "meeting", "invited_at"]
    list_filter = [("meeting", MeetingFilter)]
    list_select_related = ["municipality", "meeting"]
    list_per_page = 100
    folded_fields = ["municipality__name", "meeting__title", "meeting__slug"]
    ordering = ["-invited_at", "municipality__sort_key"]
    fields = ["meeting", "municipality", "invited_at"]

    @admin.display(description=_("municipality"), ordering="municipality__sort_key")
    def municipality_name(self, invitation: Invitation) -> str:
        return invitation.municipality.name


@admin.register(Dispatch)
class DispatchAdmin(ReadOnlyAdmin[Dispatch]):
    list_display = ["office_name", "municipality_name", "mailbox", "mail_state", "time", "letter"]
    list_filter = ["email__state", ("letter__meeting", MeetingFilter), "letter__kind", "for_orientation"]
    list_per_page = 100
    folded_fields = ["office_name", "mailbox", "invitation__municipality__name", "letter__meeting__title"]
    ordering = ["-pk"]
    fields = ["letter", "municipality_name", "office_name", "mailbox", "for_orientation", "mail"]
    readonly_fields = ["municipality_name", "mail"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Dispatch]:
        dispatches = (
            super()
            .get_queryset(request)
            .select_related("letter__meeting", "invitation__municipality", "email")
        )
        return dispatches.defer("email__text", "email__html", "email__calendar")

    @admin.display(description=_("municipality"), ordering="invitation__municipality__sort_key")
    def municipality_name(self, dispatch: Dispatch) -> str:
        return dispatch.invitation.municipality.name

    @admin.display(description=_("dispatched"), ordering="dispatched_at")
    def time(self, dispatch: Dispatch) -> str:
        return date_format(timezone.localtime(dispatch.dispatched_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("mail"), ordering="email__state")
    def mail_state(self, dispatch: Dispatch) -> str:
        return mail_badge(dispatch)

    @admin.display(description=_("mail"))
    def mail(self, dispatch: Dispatch) -> str:
        if dispatch.email is None:
            return mail_badge(dispatch)
        url = reverse("admin:invitations_outgoingemail_change", args=[dispatch.email_id])
        return format_html('<a href="{}">{}</a>', url, dispatch.email)

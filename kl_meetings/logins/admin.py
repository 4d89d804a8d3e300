"""What administrators decide about logins: of whom a second step is required."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from invitations.admin.forms import AdminForm
from invitations.admin.pages import DanishAdmin
from kl_meetings.logins.models import LoginSettings
from kl_meetings.roles import ROLES

# Its pages show secrets; phones are set up by those who have them, and taken away on their user's page.
admin.site.unregister(TOTPDevice)


class LoginSettingsForm(AdminForm[LoginSettings]):
    two_step_roles = forms.ModelMultipleChoiceField(
        Group.objects.filter(name__in=ROLES).order_by("pk"),
        label=_("Two-step login is required of"),
        help_text=LoginSettings._meta.get_field("two_step_roles").help_text,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


@admin.register(LoginSettings)
class LoginSettingsAdmin(DanishAdmin[LoginSettings]):
    form = LoginSettingsForm
    fields = ["two_step_roles"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LoginSettings | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(self.url_of(LoginSettings.current()))

    def response_post_save_change(self, request: HttpRequest, obj: LoginSettings) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.url_of(obj))

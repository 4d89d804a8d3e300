"""The start page of the admin: what staff work with, in the order of the flow."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

# Headings, and the models below each; a heading leads to the page of its first model's app.
GROUPS = (
    (_("Meetings and letters"), ("invitations.Meeting", "invitations.Letter")),
    (_("Answers"), ("registrations.Registration", "registrations.Participant", "registrations.Decline")),
    (_("What went out"), ("invitations.Invitation", "invitations.Dispatch", "invitations.OutgoingEmail")),
    (
        _("Municipalities and addressees"),
        ("invitations.Office", "invitations.Municipality", "invitations.Area", "invitations.PolicyArea"),
    ),
    (_("Settings and users"), ("invitations.Sender", "auth.User", "logins.LoginSettings", "admin.LogEntry")),
)

# Django's own words that our Danish says in another way; named here so that they stay in the catalogue.
DJANGOS_WORDS = (
    gettext_noop("Add another %(verbose_name)s"),
    gettext_noop("View site"),
    gettext_noop("log entry"),
    gettext_noop("log entries"),
    gettext_noop("The {name} “{obj}” was added successfully."),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below."),
    gettext_noop("You may edit it again below."),
)


class MeetingsAdminSite(admin.AdminSite):
    site_header = _("KL Meetings")
    site_title = _("KL Meetings")
    index_title = _("Overview")

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Each deletion has a page of its own that says what goes along with it.
        self.disable_action("delete_selected")

    def get_urls(self) -> list[Any]:
        # Their models are not there yet when this module is read.
        from kl_meetings.logins import openid_pages, pages

        return [*pages.urls(self), *openid_pages.urls(), *super().get_urls()]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from kl_meetings.logins import forms, openid_pages, pages, throttle

        if way := pages.next_step(request):
            return way
        self.login_form = forms.LoginForm
        response = super().login(request, {**openid_pages.button(request), **(extra_context or {})})
        if request.method == "POST" and request.user.is_authenticated:
            throttle.remember_browser(request, response, request.user)
        return response

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from registrations.admin.start_page import start_context  # which needs this very site

        return super().index(request, {"start": start_context(request), **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """What this user may see, in groups of ours; the page of one app is as Django has it."""
        apps: list[Any] = super().get_app_list(request, app_label)
        if app_label:
            return apps
        models = {
            f"{app['app_label']}.{model['object_name']}": (app, model)
            for app in apps
            for model in app["models"]
        }
        groups = []
        for name, names in GROUPS:
            found = [models.pop(model) for model in names if model in models]
            if found:
                first_app = found[0][0]
                groups.append({**first_app, "name": name, "models": [model for _app, model in found]})
        others = {app["app_label"]: {**app, "models": []} for app, _model in models.values()}
        for app, model in models.values():
            others[app["app_label"]]["models"].append(model)
        return [*groups, *others.values()]


class MeetingsAdminConfig(AdminConfig):
    default_site = "kl_meetings.admin_site.MeetingsAdminSite"

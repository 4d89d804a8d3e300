"""The people who log in, and their roles. Who has left is made inactive: the history names them for ever."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, User
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from invitations.admin.change_messages import TellsValues
from invitations.admin.pages import BoundedSearch
from kl_meetings.logins.staff_verbs import LoginVerbs
from kl_meetings.roles import ADMINISTRATOR, ROLES

# Roles are given to users here; what a role may do is ours (`roles.py`).
admin.site.unregister(Group)
admin.site.unregister(User)


class RolesField(forms.ModelMultipleChoiceField[Group]):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"queryset": Group.objects.filter(name__in=ROLES).order_by("pk"), "required": False}
        super().__init__(**kwargs)


ROLES_HELP = _(
    "The secretariat works with meetings, letters, addressees and answers. Readers see the same and change "
    "nothing. Administrators look after users and the sender. Whoever orders the food has, beside one of the "
    "first two, the role that sees food and special needs."
)


class StaffForm(UserChangeForm):  # type: ignore[type-arg]
    groups = RolesField(label=_("Roles"), help_text=ROLES_HELP)

    # Set by the page: who is logged in.
    editor: User

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance == self.editor:
            if not cleaned.get("is_active", True):
                self.add_error("is_active", _("You cannot make yourself inactive. Ask a colleague."))
            keeps = any(group.name == ADMINISTRATOR for group in cleaned.get("groups", ()))
            had = self.instance.groups.filter(name=ADMINISTRATOR).exists()
            if had and not keeps:
                self.add_error("groups", _("You cannot take this role from yourself. Ask a colleague."))
        return cleaned


class NewStaffForm(AdminUserCreationForm):  # type: ignore[type-arg]
    groups = RolesField(label=_("Roles"), help_text=ROLES_HELP)


@admin.register(User)
class StaffAdmin(LoginVerbs, TellsValues, BoundedSearch[User], UserAdmin):  # type: ignore[type-arg]
    actions = None
    form = StaffForm
    add_form = NewStaffForm
    list_display = ["username", "full_name", "email", "roles", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]
    ordering = ["-is_active", "first_name", "last_name", "username"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": [("first_name", "last_name"), "email"]}),
        (_("May do"), {"fields": ["groups", "is_active", "is_superuser"]}),
        (_("Login"), {"fields": ["second_step", "tries"]}),
        (_("Important dates"), {"fields": [("last_login", "date_joined")]}),
    ]
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["username", "usable_password", "password1", "password2"]}),
        (_("Person"), {"fields": [("first_name", "last_name"), "email"]}),
        (_("May do"), {"fields": ["groups"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        # Only who may do everything makes somebody who may do everything.
        superuser = [] if is_superuser(request) else ["is_superuser"]
        return ["last_login", "date_joined", "second_step", "tries", *superuser]

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"editor": request.user})

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or not obj.is_superuser or is_superuser(request))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        # A form that sets a password has no fields that may be kept.
        if "password1" in form.fields:
            return UserAdmin.construct_change_message(self, request, form, formsets, add)
        return super().construct_change_message(request, form, formsets, add)

    @admin.display(description=_("name"), ordering="first_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "–"

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        return ", ".join([*([str(_("everything"))] if user.is_superuser else []), *names]) or "–"


def is_superuser(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_superuser

"""The register of offices: the list, the form of one, and the way to the pages about many."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin import office_files, office_marks, office_terms, office_unreachable
from invitations.admin.forms import AdminForm
from invitations.admin.office_filters import (
    HolderFilter,
    MailboxFilter,
    OfficeAreaFilter,
    ValidityFilter,
    VerificationFilter,
)
from invitations.admin.office_marks import MARKS, mark_action
from invitations.admin.office_pages import badges, breakable
from invitations.admin.pages import DanishAdmin
from invitations.council_terms import council_term_on
from invitations.models import Municipality, Office
from invitations.reachability import Reason, failure_of, mail_failures, reasons_of


class OfficeForm(AdminForm[Office]):
    constraint_fields = {
        "office_ends_after_it_starts": "valid_to",
        "office_has_a_known_role": "role",
        "office_policy_area_fits_its_role": "policy_area",
    }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk:
            changed = {name: cleaned.get(name) for name in self.changed_data}
            further = self.instance.consequences(changed, on=timezone.localdate())
            cleaned |= further
            # The history tells what changed along with what was typed.
            self.changed_data += [name for name in further if name not in self.changed_data]
        return cleaned


class OfficeList(ChangeList):
    """The rows of the list with what is wrong with each, asked once for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        today, failures = timezone.localdate(), mail_failures()
        self.result_list: Any = list(self.result_list)
        for office in self.result_list:
            office.reasons = reasons_of(office, day=today, today=today, failures=failures)


@admin.register(Office)
class OfficeAdmin(DanishAdmin[Office]):
    form = OfficeForm
    change_list_template = "admin/invitations/office/change_list.html"
    change_form_template = "admin/invitations/office/change_form.html"
    list_display = [
        "municipality_name",
        "office",
        "role_mailbox",
        "holder",
        "state",
        "valid_until",
        "verified",
    ]
    list_display_links = ["office"]
    list_filter = [
        "role",
        OfficeAreaFilter,
        ValidityFilter,
        MailboxFilter,
        VerificationFilter,
        HolderFilter,
        "policy_area",
    ]
    list_select_related = ["municipality", "policy_area"]
    folded_fields = ["municipality__name", "name", "mailbox", "copy_mailbox", "holder_name"]
    ordering = ["municipality__sort_key", "role", "pk"]
    actions = [mark_action(name) for name in MARKS]

    def get_fieldsets(self, request: HttpRequest, obj: Office | None = None) -> Any:
        term = council_term_on(timezone.localdate())
        return [
            (None, {"fields": [("municipality", "role"), "policy_area", "name"]}),
            (_("Where letters go"), {"fields": [("mailbox", "copy_mailbox"), "returned_on"]}),
            (
                _("Holder"),
                {
                    "fields": [("holder_name", "holder_until")],
                    "description": gettext("The council term runs from %(first)s to %(last)s.")
                    % {"first": date_format(term.first_day), "last": date_format(term.last_day)},
                },
            ),
            (
                _("Validity"),
                {
                    "fields": [("valid_from", "valid_to"), "verified_on"],
                    "description": _(
                        "An office outlives its holder: an election ends the holder's term, not the office."
                    ),
                },
            ),
        ]

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "municipality":
            kwargs.setdefault("queryset", Municipality.objects.in_danish_order())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OfficeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_change = self.has_change_permission(request)
        return super().changelist_view(request, {"may_change": may_change, **(extra_context or {})})

    # What the list shows.

    @admin.display(description=_("municipality"), ordering="municipality__sort_key")
    def municipality_name(self, office: Office) -> str:
        return office.municipality.name

    @admin.display(description=_("office"), ordering="role")
    def office(self, office: Office) -> str:
        return office.display_name

    @admin.display(description=_("mailbox"), ordering="mailbox")
    def role_mailbox(self, office: Office) -> str:
        return breakable(office.mailbox)

    @admin.display(description=_("holder today"), ordering="holder_name")
    def holder(self, office: Office) -> str:
        if office.holder_has_left(timezone.localdate()):
            return format_html('<span class="quiet">{}</span>', gettext("holder has left"))
        return office.holder_name or "–"

    @admin.display(description=_("valid to"), ordering="valid_to")
    def valid_until(self, office: Office) -> str:
        return date_format(office.valid_to, "SHORT_DATE_FORMAT") if office.valid_to else "–"

    @admin.display(description=_("verified"), ordering="verified_on")
    def verified(self, office: Office) -> str:
        return date_format(office.verified_on, "SHORT_DATE_FORMAT") if office.verified_on else "–"

    @admin.display(description=_("state"))
    def state(self, office: Office) -> str:
        reasons = office.reasons  # type: ignore[attr-defined]
        if not reasons and office.valid_from and office.valid_from > timezone.localdate():
            return format_html('<span class="state">{}</span>', gettext("Not valid yet"))
        return badges(reasons) or format_html('<span class="quiet">{}</span>', gettext("can be reached"))

    # The pages.

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(page.address, self.admin_site.admin_view(page), name=f"invitations_office_{page.name}")
            for page in (
                *office_files.PAGES,
                *office_unreachable.PAGES,
                *office_marks.PAGES,
                *office_terms.PAGES,
            )
        ]
        return [*pages, *super().get_urls()]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Office | None = None,
    ) -> HttpResponse:
        if obj:
            today, failures = timezone.localdate(), mail_failures()
            reasons = reasons_of(obj, day=today, today=today, failures=failures)
            context |= {
                "badges": badges(reasons),
                "failed_at": failure_of(obj, failures) if Reason.FAILED in reasons else None,
                "holder_has_left": obj.holder_has_left(today),
                "marks": office_marks.marks_of(request, obj),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

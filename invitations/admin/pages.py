"""What all of our admin builds on: search as Danes spell, and pages for verbs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from invitations.admin.change_messages import TellsValues
from invitations.admin.deletions import plan_deletion
from invitations.admin.forms import FIELD_OVERRIDES, AdminForm
from invitations.danish import join_words, search_key

M = TypeVar("M", bound=models.Model)
Text = str | Promise
# Characters; the rest is left out. Each word is a condition of its own, and no database takes thousands.
LONGEST_SEARCH = 200
# How many of the things that forbid a deletion are shown, each with a link.
FORBIDDING_SHOWN = 20


def way_back(request: HttpRequest) -> str:
    """Where the page that led here wants to be returned to, by `back`; empty where it is no page of ours."""
    back = request.POST.get("back") or request.GET.get("back") or ""
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""


class BoundedSearch(admin.ModelAdmin[M]):
    """An admin whose search costs little, whatever is pasted into it."""

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[M], search_term: str
    ) -> tuple[models.QuerySet[M], bool]:
        return super().get_search_results(request, queryset, search_term[:LONGEST_SEARCH])


class DanishAdmin(TellsValues, BoundedSearch[M]):
    """An admin in which Århus finds Aarhus and a verb has a page that says what follows.

    `folded_fields` are searched whatever the case and the spelling of æ, ø and å, of which SQLite knows
    nothing. They are compared in Python: for tables of hundreds or thousands of rows.
    """

    form: Any = AdminForm
    formfield_overrides = FIELD_OVERRIDES
    folded_fields: list[str] = []
    delete_confirmation_template = "admin/confirm_deletion.html"

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # What is chosen is changed on its own page; from here it can only be added.
            field.widget.can_change_related = field.widget.can_delete_related = False
            field.widget.can_view_related = False
        return field

    def get_search_fields(self, request: HttpRequest) -> Any:
        # Django shows the search box where this is not empty.
        return self.search_fields or self.folded_fields

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[M], search_term: str
    ) -> tuple[models.QuerySet[M], bool]:
        if not self.folded_fields:
            return super().get_search_results(request, queryset, search_term)
        words = search_key(search_term[:LONGEST_SEARCH]).split()
        if not words:
            return queryset, False
        # A field of related rows makes several rows of one: their texts are put together again.
        texts: dict[int, set[str]] = {}
        for pk, *row in self.model._default_manager.order_by().values_list("pk", *self.folded_fields):
            texts.setdefault(pk, set()).update(str(text) for text in row if text)
        found = [
            pk for pk, of_row in texts.items() if all(word in search_key(" ".join(of_row)) for word in words)
        ]
        return queryset.filter(pk__in=found), False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            # Somebody wrote the same between our check and our writing; this time the check sees it.
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except IntegrityError:
            # Somebody began to use it between our check and our deleting; this time the check sees it.
            return super().delete_view(request, object_id, extra_context)

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        found: M = context["object"]
        plan = plan_deletion(found)
        problems = plan.problems()
        if context["perms_lacking"] and not problems:
            things = join_words(sorted(map(str, context["perms_lacking"])))
            problems.append(
                gettext("You may not delete what goes along with it: %(things)s.") % {"things": things}
            )
        return super().render_delete_form(
            request,
            {
                **context,
                "original": found,
                "back_url": self.url_of(found),
                "button": gettext("Delete"),
                "destructive": True,
                "sentences": plan.consequences(found),
                "problems": problems,
                "forbidding": [
                    (thing, self._shown_at(thing)) for thing in plan.forbidding[:FORBIDDING_SHOWN]
                ],
                "more": max(len(plan.forbidding) - FORBIDDING_SHOWN, 0),
            },
        )

    def _shown_at(self, thing: models.Model) -> str:
        """The address of the thing's page, empty where it has none."""
        return self.url_of(thing) if self.admin_site.is_registered(type(thing)) else ""

    def object_or_404(self, request: HttpRequest, object_id: int, *, change: bool = True) -> M:
        """The object of a page of its own.

        Raises:
            Http404: there is none.
            PermissionDenied: this user may not see it, or with `change` may not change it.
        """
        found = self.get_object(request, str(object_id))
        if found is None:
            raise Http404
        if not (
            self.has_change_permission(request, found) if change else self.has_view_permission(request, found)
        ):
            raise PermissionDenied
        return found

    def page(
        self, request: HttpRequest, found: M, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        """A page about `found` inside the admin's frame."""
        return TemplateResponse(
            request,
            template,
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "original": found,
                "back_url": self.url_of(found),
                **context,
            },
        )

    def confirm(
        self,
        request: HttpRequest,
        found: M,
        *,
        title: Text,
        button: Text,
        sentences: Iterable[Text],
        problems: Iterable[Text] = (),
        template: str = "admin/confirm.html",
        **context: Any,
    ) -> TemplateResponse:
        """The page before a verb: what follows in `sentences`, and a button unless there are `problems`."""
        return self.page(
            request,
            found,
            template,
            {
                "title": title,
                "button": button,
                "sentences": list(sentences),
                "problems": list(problems),
                **context,
            },
        )

    def url_of(self, found: models.Model) -> str:
        """The address of the page of `found` in this admin."""
        return reverse(f"admin:{found._meta.app_label}_{found._meta.model_name}_change", args=[found.pk])


class ReadOnlyAdmin(DanishAdmin[M]):
    """Rows that the system writes: to be looked at, never typed."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


def sentences_of(error: ValidationError) -> list[str]:
    """The sentences of an error, wherever they belong."""
    return list(error.messages)

"""The letter beside its form: shown as it is typed, with what is wrong at the field where it is mended."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from invitations.admin.forms import AdminForm
from invitations.admin.letter_pages import LetterPages
from invitations.admin.typed_letters import Rows, WrittenLetter, stored_letter, typed_letter
from invitations.draft_preview import DraftPreview, draft_preview
from invitations.letter_html import LOGO_URL, letter_document
from invitations.letter_problems import place_in_words
from invitations.letters import lay_out, letter_images
from invitations.models import Letter, Sender

NO_MEETING = _("Choose the meeting first: the letter prints from it.")


@dataclass(frozen=True)
class Elsewhere:
    """Something wrong that is not in the letter, and where it is mended."""

    place: str
    sentences: list[str]
    url: str


class LetterBesideForm:
    """A draft as the page shows it.

    Attributes:
        letter: its HTML.
        fields: the sentences for each field of the form in which something is wrong, by the field's id.
        places: what these fields are called, by their ids, in the order of the letter.
        elsewhere: what is wrong with the meeting, or with the letter as a whole.
    """

    def __init__(self, written: WrittenLetter) -> None:
        self.written = written
        self.preview: DraftPreview = draft_preview(written.content, has_date=written.has_date)
        self.letter: SafeString = mark_safe(
            self.preview.body().replace(LOGO_URL, reverse("admin:invitations_sender_logo"))
        )
        self.placeholders = self.preview.placeholders
        self.fields: dict[str, list[str]] = {}
        self.places: dict[str, str] = {}
        self.elsewhere: list[Elsewhere] = []
        for at, sentences in self.preview.problems.items():
            if field := self._field(at):
                self.fields[field] = list(dict.fromkeys([*self.fields.get(field, ()), *sentences]))
                self.places.setdefault(field, place_in_words(re.sub(r"^recipients\[\d+\]", "recipients", at)))
            elif at == NON_FIELD_ERRORS:
                self.elsewhere.append(Elsewhere("", sentences, ""))
            else:
                self.elsewhere.append(Elsewhere(place_in_words(at), sentences, self._url(at)))

    @property
    def count(self) -> int:
        """In how many places something is wrong."""
        return len(self.fields) + len(self.elsewhere)

    def _field(self, at: str) -> str:
        """The id of the field for a path such as `sections[2].text`; empty where the letter has none."""
        if section := re.fullmatch(r"sections\[(\d+)\]\.(\w+)", at):
            return f"id_{self.written.sections[int(section[1])]}-{section[2]}"
        if field := re.fullmatch(r"(title|recipients|salutation|closing)(\[\d+\])?", at):
            return f"id_{field[1]}"
        return ""

    def _url(self, at: str) -> str:
        """Where on the page of the meeting `programme[1].notes` is mended."""
        page = reverse("admin:invitations_meeting_change", args=[self.written.content.letter.meeting.pk])
        field = re.sub(r"\[(\d+)\]", r"-\1", at).replace(".", "-")
        return f"{page}#id_{field}"


def show_at_fields(all_forms: Iterable[AdminForm[Any]], problems: dict[str, list[str]]) -> None:
    """Put the sentences below their fields, where what reads the page aloud finds them, too."""
    for form in all_forms:
        for name, field in form.fields.items():
            bound = form[name]
            if sentences := problems.get(bound.auto_id):
                listed = format_html_join("", "<li>{}</li>", ((sentence,) for sentence in sentences))
                # Django shows a help text as HTML, and ours are written so.
                help_text = mark_safe(bound.help_text)
                bound.help_text = format_html('<ul class="problems-here">{}</ul>{}', listed, help_text)
                field.widget.attrs["aria-invalid"] = "true"


class LetterPreviewPages(LetterPages):
    """A letter's form with the letter beside it, and the addresses to which the form sends what is typed.

    Nothing that is typed is stored by them.
    """

    def get_urls(self) -> list[URLPattern]:
        views = (("live", "live/", self.live_view), ("live_pdf", "live/pdf/", self.live_pdf_view))
        pages = []
        for name, address, view in views:
            wrapped = self.admin_site.admin_view(view)
            pages += [
                path(address, wrapped, name=f"invitations_letter_new_{name}"),
                path(f"<int:object_id>/{address}", wrapped, name=f"invitations_letter_{name}"),
            ]
        return [*pages, *super().get_urls()]

    # The page with the form.

    def beside_form(self, context: dict[str, Any], letter: Letter | None) -> LetterBesideForm | None:
        """The letter as the form in `context` has it; None while it has no meeting."""
        form: AdminForm[Letter] = context["adminform"].form
        formsets: list[Rows] = [rows.formset for rows in context["inline_admin_formsets"]]
        written = None
        if form.is_bound:
            written = typed_letter(form, formsets)
        elif letter:
            written = stored_letter(letter, formsets)
        if written is None:
            return None
        beside = LetterBesideForm(written)
        show_at_fields([form, *(row for formset in formsets for row in formset.forms)], beside.fields)
        return beside

    def live_urls(self, letter: Letter | None) -> dict[str, str]:
        if letter:
            return {name: self.url(name, letter) for name in ("live", "live_pdf")}
        return {name: reverse(f"admin:invitations_letter_new_{name}") for name in ("live", "live_pdf")}

    def warn_of_problems(self, request: HttpRequest, letter: Letter) -> None:
        """Say after saving what keeps the letter from being sent; a draft may have it."""
        try:
            letter_document(letter)
        except ValidationError as error:
            count = len(error.message_dict)
            messages.warning(
                request,
                ngettext(
                    "The letter is saved, but cannot be sent yet: something is missing in %(count)d place.",
                    "The letter is saved, but cannot be sent yet: something is missing in %(count)d places.",
                    count,
                )
                % {"count": count},
            )

    # What the form asks while one types.

    @method_decorator(require_POST)
    def live_view(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        try:
            written = self._written(request, object_id)
        except ValidationError as error:
            return JsonResponse({"message": error.messages[0]}, status=409)
        beside = written and LetterBesideForm(written)
        shown = {"beside": beside, "nothing": NO_MEETING}
        return JsonResponse(
            {
                "letter": render_to_string("admin/invitations/letter/_letter.html", shown),
                "standing": render_to_string("admin/invitations/letter/_standing.html", shown),
                "placeholders": render_to_string(
                    "admin/invitations/letter/_placeholders.html",
                    {"placeholders": beside.placeholders if beside else []},
                ),
                "fields": beside.fields if beside else {},
            }
        )

    @method_decorator(require_POST)
    def live_pdf_view(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        try:
            written = self._written(request, object_id)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return HttpResponseRedirect(reverse("admin:invitations_letter_change", args=[object_id]))
        if written is None:
            return self._cannot_be_printed_as_typed(request, None, [str(NO_MEETING)])
        letter = written.content.letter
        beside = LetterBesideForm(written)
        problems = [sentence for sentences in written.unreadable.values() for sentence in sentences]
        for field, sentences in beside.fields.items():
            problems += [f"{beside.places[field]}: {sentence}" for sentence in sentences]
        for other in beside.elsewhere:
            problems += [f"{other.place}: {sentence}".removeprefix(": ") for sentence in other.sentences]
        if not problems:
            try:
                pdf = lay_out(letter, beside.preview.html, images=letter_images(Sender.objects.current()))
            except ValidationError as error:
                problems = list(error.messages)
            else:
                response = HttpResponse(pdf, content_type="application/pdf")
                response.headers["Content-Disposition"] = f'inline; filename="{letter.filename}"'
                return response
        return self._cannot_be_printed_as_typed(request, letter, problems)

    def _written(self, request: HttpRequest, object_id: int | None) -> WrittenLetter | None:
        """The letter as the form has sent it; None while it has no meeting.

        Raises:
            ValidationError: it can no longer be changed.
            Http404, PermissionDenied: as for the page of the form.
        """
        letter = None if object_id is None else self.object_or_404(request, object_id, change=False)
        if letter is None and not self.has_add_permission(request):
            raise PermissionDenied
        if letter and not self.has_change_permission(request, letter):
            if not self.has_change_permission(request):
                raise PermissionDenied
            raise ValidationError(_("The letter can no longer be changed."), code="frozen")
        fields = flatten_fieldsets(self.get_fieldsets(request, letter))
        form_class: Any = self.get_form(request, letter, change=letter is not None, fields=fields)
        # Files are not read: they would be kept.
        form = form_class(request.POST, instance=letter)
        formsets = [
            formset_class(
                request.POST,
                instance=form.instance,
                prefix=formset_class.get_default_prefix(),
                queryset=inline.get_queryset(request),
            )
            for formset_class, inline in self.get_formsets_with_inlines(request, letter)
        ]
        return typed_letter(form, formsets)

    def _cannot_be_printed_as_typed(
        self, request: HttpRequest, letter: Letter | None, problems: list[str]
    ) -> HttpResponse:
        saved = letter if letter and letter.pk else None
        return TemplateResponse(
            request,
            "admin/invitations/letter/typed_problems.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "original": saved or gettext("New letter"),
                "back_url": self.url_of(saved) if saved else reverse("admin:invitations_letter_add"),
                "title": _("The letter cannot be printed yet"),
                "problems": problems,
            },
        )

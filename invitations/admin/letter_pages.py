"""The pages that show how a letter looks."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from invitations.admin.pages import DanishAdmin
from invitations.letter_html import LOGO_URL
from invitations.letter_problems import problems_in_words
from invitations.letters import preview
from invitations.models import Letter, LetterVersion, StoredFile
from invitations.personal_copies import sample


def stored_file_response(file: StoredFile, *, filename: str, download: bool) -> HttpResponse:
    """The bytes as they were stored, shown by the browser or saved."""
    return _file_response(file.data, file.content_type, filename, download)


def pdf_response(pdf: bytes, *, filename: str, download: bool) -> HttpResponse:
    return _file_response(pdf, "application/pdf", filename, download)


def _file_response(data: bytes, content_type: str, filename: str, download: bool) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    response.headers["Content-Disposition"] = (
        f'{"attachment" if download else "inline"}; filename="{filename}"'
    )
    return response


class LetterPages(DanishAdmin[Letter]):
    """How a letter looks. Each class that builds on this one adds pages of its own to `pages`."""

    def pages(self) -> list[tuple[str, Callable[..., HttpResponse], str]]:
        """What follows the letter's address, the view, and the name after `admin:invitations_letter_`."""
        return [
            ("preview/", self.preview_view, "preview"),
            ("pdf/", self.pdf_view, "pdf"),
            ("page/", self.page_view, "page"),
            ("enclosures/<int:enclosure_id>/", self.enclosure_view, "enclosure"),
        ]

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"<int:object_id>/{address}",
                self.admin_site.admin_view(view),
                name=f"invitations_letter_{name}",
            )
            for address, view, name in self.pages()
        ]
        return [*pages, *super().get_urls()]

    def url(self, name: str, letter: Letter, *more: int) -> str:
        return reverse(f"admin:invitations_letter_{name}", args=[letter.pk, *more])

    def may_send(self, request: HttpRequest) -> bool:
        """Whether this user may send letters; whether this one can be changed is another question."""
        return self.has_change_permission(request)

    # How it looks.

    def preview_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        letter = self.object_or_404(request, object_id, change=False)
        try:
            preview(letter, at=timezone.now())
        except ValidationError as error:
            return self._cannot_be_printed(request, letter, error)
        return self.page(
            request,
            letter,
            "admin/invitations/letter/preview.html",
            {
                "title": _("The letter as PDF"),
                "pdf_url": self.url("pdf", letter),
                "page_url": self.url("page", letter),
                "send_url": self.url("send", letter) if self.may_send(request) and not letter.is_sent else "",
                "example": letter.is_personal and not letter.is_sent,
            },
        )

    @method_decorator(xframe_options_sameorigin)
    def pdf_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        letter = self.object_or_404(request, object_id, change=False)
        try:
            version = preview(letter, at=timezone.now())
            pdf = version.pdf.data
            if letter.is_personal and not letter.is_sent:
                # That of one municipality, which is what anybody will get.
                pdf = sample(letter, version)
        except ValidationError as error:
            return self._cannot_be_printed(request, letter, error)
        return pdf_response(pdf, filename=letter.filename, download="download" in request.GET)

    def page_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        letter = self.object_or_404(request, object_id, change=False)
        try:
            version = preview(letter, at=timezone.now())
        except ValidationError as error:
            return self._cannot_be_printed(request, letter, error)
        return TemplateResponse(
            request,
            "admin/invitations/letter/page.html",
            {"letter": letter, "body": body_of(version), "back_url": self.url_of(letter)},
        )

    def _cannot_be_printed(
        self, request: HttpRequest, letter: Letter, error: ValidationError
    ) -> HttpResponse:
        return self.page(
            request,
            letter,
            "admin/invitations/letter/preview.html",
            {"title": _("The letter cannot be printed yet"), "problems": problems_in_words(error)},
        )

    def enclosure_view(self, request: HttpRequest, object_id: int, enclosure_id: int) -> HttpResponse:
        letter = self.object_or_404(request, object_id, change=False)
        enclosure = letter.enclosures.select_related("file").filter(pk=enclosure_id).first()
        if enclosure is None or enclosure.file is None:
            raise Http404
        return stored_file_response(enclosure.file, filename=enclosure.filename, download=False)


def body_of(version: LetterVersion) -> str:
    """The body of a letter's HTML, which our own template has written, with the address of its logo."""
    body = version.html.partition("<body>")[2].rpartition("</body>")[0]
    return mark_safe(body.replace(LOGO_URL, reverse("admin:invitations_sender_logo")))

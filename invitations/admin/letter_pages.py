"""The pages around a letter: how it looks, who would get it, and the button that sends it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from invitations.admin.pages import DanishAdmin, Text
from invitations.letter_html import LOGO_URL
from invitations.letters import DispatchPlan, dispatch, plan_dispatch, preview
from invitations.models import Letter, LetterVersion, StoredFile

# Words for the paths at which a letter that cannot be printed says what is wrong (`LetterBuilder.document`).
_PLACES = {
    "sections": _("Section"),
    "recipients": _("Recipients, line"),
    "programme": _("Programme, item"),
    "themes": _("theme"),
    "title": _("Title"),
    "salutation": _("Salutation"),
    "closing": _("Closing"),
    "heading": _("heading"),
    "text": _("text"),
    "block": _("block"),
    "details": _("text above the themes"),
    "notes": _("text below the themes"),
    "practical_information": _("Practical information"),
}


def place_in_words(path: str) -> str:
    """`sections[2].text` as staff count: `Section 3, text`."""
    words = []
    for name, number in re.findall(r"(\w+)(?:\[(\d+)\])?", path):
        word = str(_PLACES.get(name, name))
        words.append(f"{word} {int(number) + 1}" if number else word)
    return ", ".join(words)


def problems_in_words(error: ValidationError) -> list[str]:
    """The sentences of a letter that cannot be printed, each with its place."""
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    return [
        message if place == NON_FIELD_ERRORS else f"{place_in_words(place)}: {message}"
        for place, sentences in error.message_dict.items()
        for message in sentences
    ]


def stored_file_response(file: StoredFile, *, filename: str, download: bool) -> HttpResponse:
    """The bytes as they were stored, shown by the browser or saved."""
    response = HttpResponse(file.data, content_type=file.content_type)
    response.headers["Content-Disposition"] = (
        f'{"attachment" if download else "inline"}; filename="{filename}"'
    )
    return response


def fingerprint(plan: DispatchPlan) -> str:
    """Tells whether the recipients are still those that the page showed."""
    rows = sorted(
        (recipient.office.pk, recipient.mailbox, recipient.for_orientation) for recipient in plan.recipients
    )
    return hashlib.sha256(repr(rows).encode()).hexdigest()


class LetterPages(DanishAdmin[Letter]):
    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"<int:object_id>/{address}",
                self.admin_site.admin_view(view),
                name=f"invitations_letter_{name}",
            )
            for address, view, name in (
                ("preview/", self.preview_view, "preview"),
                ("pdf/", self.pdf_view, "pdf"),
                ("page/", self.page_view, "page"),
                ("send/", self.send_view, "send"),
                ("enclosures/<int:enclosure_id>/", self.enclosure_view, "enclosure"),
            )
        ]
        return [*pages, *super().get_urls()]

    def url(self, name: str, letter: Letter) -> str:
        return reverse(f"admin:invitations_letter_{name}", args=[letter.pk])

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
                "send_url": self.url("send", letter) if self.has_change_permission(request, letter) else "",
            },
        )

    @method_decorator(xframe_options_sameorigin)
    def pdf_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        letter = self.object_or_404(request, object_id, change=False)
        try:
            version = preview(letter, at=timezone.now())
        except ValidationError as error:
            return self._cannot_be_printed(request, letter, error)
        return stored_file_response(version.pdf, filename=letter.filename, download="download" in request.GET)

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

    # Who would get it, and the button.

    def send_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        letter = self.object_or_404(request, object_id, change=False)
        if letter.is_sent:
            messages.info(request, gettext("The letter has been sent already."))
            return HttpResponseRedirect(self.url_of(letter))
        letter = self.object_or_404(request, object_id)
        now = timezone.now()
        plan = plan_dispatch(letter, at=now)
        problems: Sequence[Text] = [*plan.problems, *self._printing_problems(letter)]
        if request.method == "POST" and not problems:
            if request.POST.get("recipients") != fingerprint(plan):
                messages.warning(
                    request,
                    gettext("The recipients have changed since you saw them. Look at them once more."),
                )
                return HttpResponseRedirect(self.url("send", letter))
            try:
                count = self.send(request, letter)
            except ValidationError as error:
                problems = problems_in_words(error)
            else:
                messages.success(
                    request,
                    ngettext(
                        "The letter has been sent: %(count)d mail is on its way.",
                        "The letter has been sent: %(count)d mails are on their way.",
                        count,
                    )
                    % {"count": count},
                )
                return HttpResponseRedirect(self.url_of(letter))
        return self.confirm(
            request,
            letter,
            title=_("Send the letter"),
            button=ngettext("Send %(count)d mail", "Send %(count)d mails", plan.mailboxes)
            % {"count": plan.mailboxes},
            sentences=self.consequences_of_sending(letter, plan),
            problems=problems,
            template="admin/invitations/letter/send.html",
            plan=plan,
            fingerprint=fingerprint(plan),
            recipients_by_municipality=[
                (municipality, list(recipients))
                for municipality, recipients in groupby(
                    plan.recipients, key=lambda recipient: recipient.municipality
                )
            ],
            preview_url=self.url("preview", letter),
        )

    def send(self, request: HttpRequest, letter: Letter) -> int:
        """Send the letter and write that into its history; raises ValidationError as `dispatch` does."""
        assert request.user.is_authenticated
        with transaction.atomic():
            count = dispatch(letter, at=timezone.now(), by=request.user)
            self.log_change(
                request,
                letter,
                ngettext("Sent as %(count)d mail.", "Sent as %(count)d mails.", count) % {"count": count},
            )
        return count

    def _printing_problems(self, letter: Letter) -> list[str]:
        try:
            preview(letter, at=timezone.now())
        except ValidationError as error:
            return problems_in_words(error)
        return []

    def consequences_of_sending(self, letter: Letter, plan: DispatchPlan) -> list[Text]:
        """What follows, with its numbers."""
        reached = ngettext(
            "%(mailboxes)d mail goes to offices in %(municipalities)s.",
            "%(mailboxes)d mails go to offices in %(municipalities)s.",
            plan.mailboxes,
        ) % {
            "mailboxes": plan.mailboxes,
            "municipalities": ngettext(
                "%(count)d municipality", "%(count)d municipalities", plan.municipalities
            )
            % {"count": plan.municipalities},
        }
        sentences: list[Text] = [reached]
        files = sum(1 for enclosure in letter.enclosures.all() if enclosure.file_id)
        if files:
            sentences.append(
                ngettext(
                    "Each carries the letter as PDF and %(count)d enclosure.",
                    "Each carries the letter as PDF and %(count)d enclosures.",
                    files,
                )
                % {"count": files}
            )
        else:
            sentences.append(gettext("Each carries the letter as PDF."))
        sentences.append(gettext("A letter is sent once. It can not be changed or called back afterwards."))
        return sentences


def body_of(version: LetterVersion) -> str:
    """The body of a letter's HTML, which our own template has written, with the address of its logo."""
    body = version.html.partition("<body>")[2].rpartition("</body>")[0]
    return mark_safe(body.replace(LOGO_URL, reverse("admin:invitations_sender_logo")))

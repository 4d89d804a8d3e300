"""Every mail that has been owed: what stood in it, what became of it, and a button to send it again."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from invitations.admin.letter_pages import stored_file_response
from invitations.admin.pages import ReadOnlyAdmin
from invitations.models import OutgoingEmail, PersonalLetter, StoredFile

# A mail's HTML carries its own styles. In a frame it may have those, and nothing else: no script, no picture
# from elsewhere that would tell somebody that it is being read.
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


# The personal links of `registrations.urls`.
_SECRET = re.compile(r"/(svar|deltager|kvittering)/[A-Za-z0-9_-]+")


def without_secrets(text: str) -> str:
    """`text` in which nobody can follow the personal link of a municipality or a participant."""
    # A calendar breaks its lines anywhere (RFC 5545 section 3.1).
    whole = re.sub(r"\r?\n[ \t]", "", text) if text.startswith("BEGIN:VCALENDAR") else text
    return _SECRET.sub(r"/\1/…", whole)


def is_personal(file: StoredFile) -> bool:
    """Whether it is a letter that prints a municipality's own link."""
    return PersonalLetter.objects.filter(pdf=file).exists()


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnlyAdmin[OutgoingEmail]):
    change_form_template = "admin/invitations/outgoingemail/change_form.html"
    list_display = ["subject", "to", "state_badge", "kind", "about", "time"]
    list_filter = ["state", "kind", "owed_at"]
    search_fields = ["to", "to_name", "subject", "about", "message_id"]
    ordering = ["-owed_at", "-pk"]
    list_per_page = 100
    show_full_result_count = False
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "state_badge",
                    "last_error",
                    "attempts",
                    "owed_at",
                    "next_try",
                    "of_use_until",
                    "sent_at",
                    "sent_again_from",
                ]
            },
        ),
        (_("Headers"), {"fields": ["sender", "recipient", "subject", "message_id", "kind", "about", "key"]}),
    ]
    readonly_fields = [
        "state_badge",
        "next_try",
        "sender",
        "recipient",
        "sent_again_from",
        "message_id",
        "key",
    ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[OutgoingEmail]:
        mails = super().get_queryset(request)
        listing = (
            request.resolver_match is not None
            and request.resolver_match.url_name == "invitations_outgoingemail_changelist"
        )
        return mails.defer("text", "html", "calendar") if listing else mails

    # What list and page show.

    @admin.display(description=_("to"), ordering="to")
    def recipient(self, mail: OutgoingEmail) -> str:
        return f"{mail.to_name} <{mail.to}>" if mail.to_name else mail.to

    @admin.display(description=_("when"), ordering="owed_at")
    def time(self, mail: OutgoingEmail) -> str:
        return date_format(timezone.localtime(mail.sent_at or mail.owed_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("from"))
    def sender(self, mail: OutgoingEmail) -> str:
        return settings.DEFAULT_FROM_EMAIL

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, mail: OutgoingEmail) -> str:
        return format_html(
            '<span class="state state-{}">{}</span>', mail.state, mail.get_state_display().capitalize()
        )

    @admin.display(description=_("next try"))
    def next_try(self, mail: OutgoingEmail) -> str:
        waits = mail.state in (OutgoingEmail.State.OWED, OutgoingEmail.State.SENDING)
        return date_format(timezone.localtime(mail.due_at), "DATETIME_FORMAT") if waits else "–"

    @admin.display(description=_("sent again from"))
    def sent_again_from(self, mail: OutgoingEmail) -> str:
        if mail.resend_of_id is None:
            return "–"
        return format_html(
            '<a href="{}">{}</a>', self._url("change", mail.resend_of_id), gettext("The first mail")
        )

    def _url(self, name: str, *args: int) -> str:
        return reverse(f"admin:invitations_outgoingemail_{name}", args=args)

    # The page of a mail.

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> OutgoingEmail | None:
        mail = super().get_object(request, object_id, from_field)
        if mail and not self.has_resend_permission(request):
            # Who only looks on must not be able to answer for somebody.
            for name in ("text", "html", "calendar"):
                setattr(mail, name, without_secrets(getattr(mail, name)))
        return mail

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("invitations.change_outgoingemail")

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: OutgoingEmail | None = None,
    ) -> HttpResponse:
        if obj:
            context |= {
                "html_url": self._url("html", obj.pk) if obj.html else "",
                "attachments": [
                    (attachment, self._url("attachment", obj.pk, attachment.pk))
                    for attachment in obj.attachments.select_related("file").defer("file__content")
                ],
                "resends": [
                    (resend, self._url("change", resend.pk)) for resend in obj.resends.order_by("pk")
                ],
                "resend_url": self._url("resend", obj.pk) if self.has_resend_permission(request) else "",
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"<int:object_id>/{address}",
                self.admin_site.admin_view(view),
                name=f"invitations_outgoingemail_{name}",
            )
            for address, view, name in (
                ("html/", self.html_view, "html"),
                ("attachments/<int:attachment_id>/", self.attachment_view, "attachment"),
                ("resend/", self.resend_view, "resend"),
            )
        ]
        return [*pages, *super().get_urls()]

    @method_decorator(xframe_options_sameorigin)
    def html_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        mail = self.object_or_404(request, object_id, change=False)
        response = HttpResponse(mail.html)
        response.headers["Content-Security-Policy"] = MAIL_POLICY
        return response

    def attachment_view(self, request: HttpRequest, object_id: int, attachment_id: int) -> HttpResponse:
        mail = self.object_or_404(request, object_id, change=False)
        attachment = mail.attachments.select_related("file").filter(pk=attachment_id).first()
        if attachment is None:
            raise Http404
        if not self.has_resend_permission(request) and is_personal(attachment.file):
            raise PermissionDenied
        return stored_file_response(attachment.file, filename=attachment.filename, download=True)

    def resend_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        mail = self.object_or_404(request, object_id, change=False)
        if not self.has_resend_permission(request):
            raise PermissionDenied
        problems = self.problems_of_resending(mail)
        if request.method == "POST" and not problems:
            again = self.resend(request, mail)
            messages.success(request, gettext("The mail is on its way once more."))
            return HttpResponseRedirect(self.url_of(again))
        return self.confirm(
            request,
            mail,
            title=_("Send the mail again"),
            button=_("Send again"),
            sentences=self.consequences_of_resending(mail),
            problems=problems,
        )

    def resend(self, request: HttpRequest, mail: OutgoingEmail) -> OutgoingEmail:
        """Owe the mail once more and write that into its history; return the mail that is on its way."""
        now = timezone.now()
        with transaction.atomic():
            again = mail.resend(at=now)
            if again.owed_at == now:
                self.log_change(request, mail, gettext("Sent again."))
        return again

    def problems_of_resending(self, mail: OutgoingEmail) -> list[str]:
        original = mail.resend_of or mail
        if OutgoingEmail.objects.filter(Q(pk=original.pk) | Q(resend_of=original)).unfinished().exists():
            return [gettext("The mail is still waiting to be sent. There is no need to send it again.")]
        return []

    def consequences_of_resending(self, mail: OutgoingEmail) -> list[str]:
        """What follows, with its numbers."""
        sentences = [
            gettext("1 mail goes to %(mailbox)s, with the same text and attachments.") % {"mailbox": mail.to}
        ]
        if mail.state == OutgoingEmail.State.SENT:
            sentences.append(
                gettext("It has been sent before, on %(time)s: the recipient gets it twice.")
                % {"time": date_format(timezone.localtime(mail.sent_at), "DATETIME_FORMAT")}
            )
        elif mail.state == OutgoingEmail.State.DROPPED:
            sentences.append(gettext("It was not sent because it was no longer needed. Is it now?"))
        return sentences

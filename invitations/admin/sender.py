"""The one sender: a page, not a list."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from PIL import Image

from invitations.admin.forms import AdminForm
from invitations.admin.letter_pages import stored_file_response
from invitations.admin.pages import DanishAdmin
from invitations.admin.uploads import Upload, UploadField
from invitations.models import Sender, StoredFile

MAX_LOGO_BYTES = 1_000_000
MAX_LOGO_PIXELS = 2000


class LogoField(UploadField):
    accept = ".png,.jpg,.jpeg,image/png,image/jpeg"
    max_bytes = MAX_LOGO_BYTES

    def store(self, content: bytes, name: str) -> Upload:
        if len(content) > MAX_LOGO_BYTES:
            raise ValidationError(_("The picture is larger than 1 MB. Make it smaller."), code="too_large")
        try:
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
                content_type = Image.MIME[picture.format or ""]
                if max(picture.size) > MAX_LOGO_PIXELS:
                    raise ValidationError(
                        _(
                            "The picture is %(width)d × %(height)d pixels; at most 2000 × 2000 are of use "
                            "in a letter."
                        ),
                        code="too_many_pixels",
                        params={"width": picture.width, "height": picture.height},
                    )
                picture.load()
        except (
            OSError,
            SyntaxError,
            ValueError,
            Image.DecompressionBombError,
            Image.DecompressionBombWarning,
        ) as error:
            raise ValidationError(
                _("The file is not a PNG or JPEG picture, or is damaged."), code="no_picture"
            ) from error
        suffix = content_type.removeprefix("image/")
        return Upload(StoredFile.objects.store(content, content_type=content_type), f"logo.{suffix}")


class SenderForm(AdminForm[Sender]):
    upload = LogoField(
        label=_("logo"),
        required=False,
        help_text=_("PNG or JPEG, at most 1 MB and 2000 × 2000 pixels. Replaces the present one."),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        upload: Upload | None = cleaned.get("upload")
        if upload:
            self.instance.logo = upload.file
        return cleaned


@admin.register(Sender)
class SenderAdmin(DanishAdmin[Sender]):
    form = SenderForm
    fieldsets = [
        (
            None,
            {
                "fields": ["name", "address", "website", "phone", "mailbox", "registration_number"],
                "description": _(
                    "Printed at the head of each letter and below each mail. Letters that were sent stay "
                    "as they are."
                ),
            },
        ),
        (_("Logo"), {"fields": ["current_logo", "upload"]}),
    ]
    readonly_fields = ["current_logo"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Sender | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.refuse_who_may_not_see(request)
        return HttpResponseRedirect(self.url_of(Sender.objects.current()))

    def refuse_who_may_not_see(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def response_post_save_change(self, request: HttpRequest, obj: Sender) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.url_of(obj))

    def get_urls(self) -> list[URLPattern]:
        logo = path("logo/", self.admin_site.admin_view(self.logo_view), name="invitations_sender_logo")
        return [logo, *super().get_urls()]

    def logo_view(self, request: HttpRequest) -> HttpResponse:
        self.refuse_who_may_not_see(request)
        logo = Sender.objects.current().logo
        if logo is None:
            raise Http404
        return stored_file_response(
            logo, filename=f"logo.{logo.content_type.removeprefix('image/')}", download=False
        )

    @admin.display(description=_("present logo"))
    def current_logo(self, sender: Sender) -> str:
        if sender.logo_id is None:
            return gettext("None: letters show the name.")
        url = reverse("admin:invitations_sender_logo")
        return format_html('<img class="logo" src="{}" alt="{}">', url, sender.name)

"""The register of offices out to a file and back in: upload, look at what would change, carry out."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.office_pages import OfficePage, list_url, office_page, page_url
from invitations.admin.uploads import Upload, UploadField
from invitations.models import Office, StoredFile
from invitations.office_file import (
    MAX_BYTES,
    ImportPlan,
    ImportSummary,
    OfficeFileError,
    PlanChangedError,
    content_type_of,
    export_csv,
    export_xlsx,
    import_offices,
    plan_import,
)
from invitations.office_file.columns import EXPORTED
from invitations.office_file.tables import CSV, XLSX

# How many rows of each kind a preview shows; a page of ten thousand helps nobody.
SHOWN = 300
_RECENT = 5


class OfficeFileField(UploadField):
    accept = f".xlsx,.csv,.txt,{XLSX},{CSV}"
    max_bytes = MAX_BYTES

    def store(self, content: bytes, name: str) -> Upload:
        try:
            content_type = content_type_of(content)
        except OfficeFileError as error:
            raise ValidationError([str(problem) for problem in error.problems], code="unreadable") from error
        shown = "".join(
            character for character in PurePath(name.replace("\\", "/")).name if character.isprintable()
        )
        return Upload(StoredFile.objects.store(content, content_type=content_type), shown[:100])


class OfficeFileForm(forms.Form):
    upload = OfficeFileField(
        label=_("File"),
        help_text=_("A workbook (.xlsx) or a CSV file, at most 5 MB. Nothing changes yet."),
        error_messages={"required": _("Choose a file"), "empty": _("The file is empty.")},
    )


# In.


def import_view(request: HttpRequest) -> HttpResponse:
    """Choose a file; nothing changes before its preview has been looked at."""
    form = OfficeFileForm(request.POST, request.FILES) if request.method == "POST" else OfficeFileForm()
    if form.is_valid():
        return HttpResponseRedirect(_preview_url(form.cleaned_data["upload"]))
    return office_page(
        request,
        "admin/invitations/office/import.html",
        {
            "title": _("Import offices"),
            "form": form,
            "columns": EXPORTED,
            "recent": LogEntry.objects.filter(content_type__model="office", object_id=None)
            .select_related("user")
            .order_by("-action_time", "-pk")[:_RECENT],
        },
        status=400 if form.errors else 200,
    )


def preview_view(request: HttpRequest) -> HttpResponse:
    """What the file would do; on POST, that it does, if it still is what was looked at."""
    upload = Upload.from_token(request.GET.get("file"))
    if upload is None:
        messages.warning(request, gettext("The file is not here any more. Choose it once more."))
        return HttpResponseRedirect(page_url("import"))
    if request.method == "POST":
        return _carry_out(request, upload)
    today = timezone.localdate()
    context: dict[str, Any] = {
        "title": _("What the file changes"),
        "filename": upload.filename,
        "form": OfficeFileForm(),
        "import_url": page_url("import"),
        "shown": SHOWN,
        "first_rows": f":{SHOWN}",
    }
    try:
        plan = plan_import(upload.file.data, today=today)
    except OfficeFileError as error:
        context |= {"title": _("The file cannot be imported yet"), "problems": error.problems}
    else:
        context |= {
            "plan": plan,
            "summary": _would(plan),
            "end_missing": _end_missing(plan),
            "fingerprint": plan.fingerprint(),
        }
    return office_page(request, "admin/invitations/office/preview.html", context)


def _carry_out(request: HttpRequest, upload: Upload) -> HttpResponse:
    assert isinstance(request.user, User)
    try:
        summary = import_offices(
            upload.file.data,
            filename=upload.filename,
            fingerprint=request.POST.get("fingerprint", ""),
            end_missing="end_missing" in request.POST,
            today=timezone.localdate(),
            by=request.user,
        )
    except (PlanChangedError, OfficeFileError):
        messages.warning(
            request,
            gettext(
                "The register has changed since you saw this. Nothing was imported. Look at it once more."
            ),
        )
        return HttpResponseRedirect(_preview_url(upload))
    messages.success(request, _did(summary))
    return HttpResponseRedirect(list_url())


def _preview_url(upload: Upload) -> str:
    return f"{page_url('preview')}?{urlencode({'file': upload.token})}"


def _would(plan: ImportPlan) -> list[str]:
    """What the file does, a sentence for each kind."""
    added, changed, unchanged = len(plan.additions), len(plan.lasting()), len(plan.unchanged)
    ended = len(plan.endings())
    counts = (
        (added, ngettext("%(count)d office is added.", "%(count)d offices are added.", added)),
        (changed, ngettext("%(count)d office is changed.", "%(count)d offices are changed.", changed)),
        (ended, ngettext("%(count)d office is ended.", "%(count)d offices are ended.", ended)),
        (
            unchanged,
            ngettext("%(count)d office stays as it is.", "%(count)d offices stay as they are.", unchanged),
        ),
    )
    sentences = [sentence % {"count": count} for count, sentence in counts if count]
    if expired := len(plan.expired()):
        sentences.append(
            ngettext(
                "%(count)d office that the file names has expired, and the file does not change that.",
                "%(count)d offices that the file names have expired, and the file does not change that.",
                expired,
            )
            % {"count": expired}
        )
    if plan.sheet:
        sentences.append(
            gettext("The file has several sheets. Only the first, “%(sheet)s”, is read.")
            % {"sheet": plan.sheet}
        )
    return sentences


def _end_missing(plan: ImportPlan) -> str:
    """The words beside the box that ends what the file lacks."""
    return ngettext(
        "End the %(count)d office that is missing in the file, with %(last_day)s as its last day",
        "End the %(count)d offices that are missing in the file, with %(last_day)s as their last day",
        len(plan.missing),
    ) % {"count": len(plan.missing), "last_day": date_format(plan.last_day)}


def _did(summary: ImportSummary) -> str:
    if not (summary.added or summary.changed or summary.ended):
        return gettext("Everything in the file stood in the register already. Nothing has changed.")
    return gettext("The file has been imported: %(summary)s.") % {"summary": summary}


# Out.


def export_view(request: HttpRequest, kind: str) -> HttpResponse:
    """The list of offices as it is filtered, searched and sorted, as a file that can be imported again."""
    office_admin = admin.site.get_model_admin(Office)
    try:
        found = office_admin.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:
        return HttpResponseRedirect(list_url())
    offices = found.select_related("municipality", "policy_area")
    if kind == "csv":
        return file_response(
            export_csv(offices), "modtagere", content_type=f"{CSV}; charset=utf-8", suffix="csv"
        )
    return file_response(export_xlsx(offices), "modtagere")


def file_response(
    content: bytes, name: str, *, content_type: str = XLSX, suffix: str = "xlsx"
) -> HttpResponse:
    """A file to be saved, called `name` and the day of today."""
    filename = f"{name}-{timezone.localdate().isoformat()}.{suffix}"
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


PAGES = [
    OfficePage(name="import", address="import/", view=import_view, asks=("add", "change")),
    OfficePage(name="preview", address="import/preview/", view=preview_view, asks=("add", "change")),
    OfficePage(name="export_xlsx", address="export.xlsx", view=lambda request: export_view(request, "xlsx")),
    OfficePage(name="export_csv", address="export.csv", view=lambda request: export_view(request, "csv")),
]

"""Files that staff upload: checked by what they are, not by what they are called, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing

from invitations.enclosures import MAX_BYTES, check_enclosure, enclosure_filename
from invitations.models import StoredFile

_SALT = "invitations.admin.uploads"


@dataclass(frozen=True)
class Upload:
    """A file that has been received and kept, with the name to show and to send it under."""

    file: StoredFile
    filename: str

    @property
    def token(self) -> str:
        """What the page carries, so that a form shown again has not lost the file."""
        return signing.dumps([self.file.pk, self.filename], salt=_SALT)

    @classmethod
    def from_token(cls, token: str | None) -> Upload | None:
        """The upload that `token` stands for; None where there is none or somebody has changed it."""
        try:
            pk, filename = signing.loads(token or "", salt=_SALT)
        except signing.BadSignature:
            return None
        file = StoredFile.objects.defer("content").filter(pk=pk).first()
        return cls(file, filename) if file else None


class UploadInput(forms.FileInput):
    template_name = "admin/widgets/upload.html"

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return super().value_from_datadict(data, files, name) or Upload.from_token(data.get(f"{name}-kept"))

    def format_value(self, value: Any) -> Any:
        return value if isinstance(value, Upload) else None


class UploadField(forms.FileField):
    """A file that becomes an `Upload`. What it may be, and what it is called, say its subclasses.

    It is stored while the form is checked: only so can a form with an error in another field be shown again
    without the file having to be chosen again. A file that nothing refers to in the end is reached by nobody.
    """

    accept: str
    max_bytes: int

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=UploadInput(attrs={"accept": self.accept}), **kwargs)
        self.received: Upload | None = None

    def to_python(self, data: Any) -> Any:
        if isinstance(data, Upload):
            self.received = data
            return data
        uploaded = super().to_python(data)
        if uploaded is None:
            return None
        uploaded.seek(0)
        # One byte more than allowed is enough to tell that it is too much.
        self.received = self.store(uploaded.read(self.max_bytes + 1), uploaded.name or "")
        return self.received

    def bound_data(self, data: Any, initial: Any) -> Any:
        return self.received or super().bound_data(data, initial)

    def store(self, content: bytes, name: str) -> Upload:
        """Keep the file that was uploaded as `name`; raises ValidationError where it is a wrong one."""
        raise NotImplementedError


class PdfField(UploadField):
    accept = ".pdf,application/pdf"
    max_bytes = MAX_BYTES

    def store(self, content: bytes, name: str) -> Upload:
        check_enclosure(content)
        file = StoredFile.objects.store(content, content_type="application/pdf")
        return Upload(file, enclosure_filename(name))

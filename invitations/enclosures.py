"""What may be enclosed with a letter: a PDF of bounded size, whatever its name says."""

from __future__ import annotations

from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from invitations.alphabet import danish_slug

MAX_BYTES = 10_000_000


def check_enclosure(content: bytes) -> None:
    """Raise ValidationError unless `content` is a whole PDF of at most 10 MB.

    Told by its bytes, not by its name: the signature at the start and the end mark that the last kilobyte
    must hold (ISO 32000-1, 7.5.2 and 7.5.5).
    """
    if len(content) > MAX_BYTES:
        raise ValidationError(
            _("The file is larger than 10 MB. Make it smaller, or send it in another way."), code="too_large"
        )
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-1024:]:
        raise ValidationError(_("The file is not a PDF."), code="not_pdf")


def enclosure_filename(name: str) -> str:
    """A name that is safe in a header, an address and a folder: `Kerneværdier (2).pdf` becomes
    `kernevaerdier-2.pdf`.
    """
    stem = danish_slug(PurePath(name.replace("\\", "/")).stem)[:80].strip("-")
    return f"{stem or 'bilag'}.pdf"

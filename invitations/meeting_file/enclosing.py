"""The PDFs that lie beside a meeting file, and the names under which it refers to them."""

from __future__ import annotations

from pathlib import Path, PurePath

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from invitations.enclosures import MAX_BYTES, check_enclosure, enclosure_filename
from invitations.meeting_file.problems import Place
from invitations.meeting_file.rows import Data
from invitations.models import Enclosure, StoredFile


def name_beside(enclosure: Enclosure) -> str:
    """`kernevaerdier-1f0c2ab9.pdf`: with the start of its SHA-256, so that two files never share a name."""
    assert enclosure.file is not None
    return f"{PurePath(enclosure.filename).stem}-{_mark(enclosure.file)}.pdf"


def enclosed_file(place: Place, name: str) -> Data:
    """The fields of an enclosure with the PDF that is called `name` beside the file; none if it is wrong."""
    folder = place.source.path.parent.resolve()
    try:
        file = (folder / name).resolve()
        if not file.is_relative_to(folder) or not file.is_file():
            raise FileNotFoundError(name)
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
        check_enclosure(content)
    except (OSError, RuntimeError):
        place.report(
            _("There is no file “%(name)s” beside the meeting file that can be read.") % {"name": name}
        )
        return {}
    except ValidationError as error:
        place.report(" ".join(error.messages))
        return {}
    stored = StoredFile.objects.store(content, content_type="application/pdf")
    # Without the mark of an export, which would otherwise grow with each.
    stem = Path(name).stem.removesuffix(f"-{_mark(stored)}")
    return {"file": stored, "filename": enclosure_filename(f"{stem}.pdf")}


def _mark(stored: StoredFile) -> str:
    return stored.sha256[:8]

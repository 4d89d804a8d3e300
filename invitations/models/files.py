"""Files that must never change under those who refer to them: letters as sent, enclosures, attachments of
mails.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db import models
from django.utils.translation import gettext_lazy as _


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    def store(self, content: bytes, *, content_type: str) -> StoredFile:
        """Keep `content` once, whoever stores it and however often; return the row that holds it."""
        sha256 = hashlib.sha256(content).hexdigest()
        stored, _created = self.get_or_create(
            sha256=sha256,
            defaults={"content": content, "content_type": content_type, "size": len(content)},
        )
        return stored

    def store_all(self, contents: Sequence[bytes], *, content_type: str) -> list[StoredFile]:
        """Keep each of `contents` as `store` does; return the rows that hold them, in their order."""
        rows = {
            (sha256 := hashlib.sha256(content).hexdigest()): StoredFile(
                sha256=sha256, content=content, content_type=content_type, size=len(content)
            )
            for content in contents
        }
        # An update that changes nothing, so that the rows that were there first are returned as well.
        self.bulk_create(
            rows.values(), update_conflicts=True, unique_fields=["sha256"], update_fields=["sha256"]
        )
        return [rows[hashlib.sha256(content).hexdigest()] for content in contents]


StoredFileManager = models.Manager.from_queryset(StoredFileQuerySet)


class StoredFile(models.Model):
    """Bytes in the database, known by their SHA-256.

    They live in the database and not in a folder: a rollback takes them along, a backup holds them, no web
    server can serve them by mistake, and the letter that 500 mails carry is kept once. A row is never
    updated.
    """

    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True, editable=False)
    content = models.BinaryField(_("content"))
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("size in bytes"))

    objects = StoredFileManager()

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")

    def __str__(self) -> str:
        return f"{self.content_type}, {self.size} B, {self.sha256[:12]}"

    @property
    def data(self) -> bytes:
        """The content as bytes; psycopg hands out a memoryview."""
        return bytes(self.content)

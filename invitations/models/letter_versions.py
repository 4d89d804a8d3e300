"""What became of a letter when it was sent: the frozen version, and each municipality's own copy of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from invitations.alphabet import danish_slug
from invitations.models.files import StoredFile
from invitations.models.letters import Letter


class LetterVersion(models.Model):
    """The letter as rendered: HTML, PDF and the facts they state. Replaced while the letter is a draft,
    then frozen.
    """

    letter = models.OneToOneField(
        Letter, on_delete=models.CASCADE, related_name="version", verbose_name=_("letter")
    )
    source_sha256 = models.CharField(_("SHA-256 of the content"), max_length=64)
    html = models.TextField(_("HTML"))
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("PDF"))
    facts = models.JSONField(_("facts stated"), default=dict)
    # The picture that the HTML names; a personal letter's copies are printed with that of the day of sending.
    logo = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    # What the mails say, from the moment of sending: those who get theirs later get the same.
    mail_words = models.JSONField(default=dict)
    rendered_at = models.DateTimeField(_("rendered"))

    class Meta:
        verbose_name = _("letter version")
        verbose_name_plural = _("letter versions")

    def __str__(self) -> str:
        return f"{self.letter} ({self.pdf.sha256[:12]})"


class PersonalLetter(models.Model):
    """A municipality's own copy of a letter that is one for each: made from the frozen version, in the
    background.

    Written when the letter is sent, so that what is to be made is known; `pdf` is empty until it has been.
    """

    letter = models.ForeignKey(
        Letter, on_delete=models.PROTECT, related_name="personal_letters", verbose_name=_("letter")
    )
    invitation = models.ForeignKey(
        "invitations.Invitation",
        on_delete=models.PROTECT,
        related_name="personal_letters",
        verbose_name=_("invitation"),
    )
    municipality_name = models.CharField(_("municipality as printed"), max_length=80)
    pdf = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("PDF")
    )
    # Until when the worker that has taken it may work on it; one that died is followed by another.
    claim_token = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    rendered_at = models.DateTimeField(_("rendered"), null=True)
    problem = models.TextField(_("why it could not be made"), blank=True)

    class Meta:
        verbose_name = _("personal letter")
        verbose_name_plural = _("personal letters")
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "invitation"], name="municipality_has_one_copy_of_a_personal_letter"
            ),
            models.CheckConstraint(
                name="personal_letter_is_rendered_when_it_says_so",
                condition=Q(pdf=None, rendered_at=None) | Q(pdf__isnull=False, rendered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} – {self.municipality_name}"

    @property
    def filename(self) -> str:
        """That of the letter and the municipality: `moede-invitation-2027-01-25-herning.pdf`."""
        name = self.municipality_name.removesuffix(" Kommune")
        return f"{self.letter.filename.removesuffix('.pdf')}-{danish_slug(name)}.pdf"

"""Fields for what people type: clear sentences, nothing invisible, no number that tells who somebody is."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import Widget
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from registrations.models.needs import NEEDS_KEPT_DAYS, NEEDS_LENGTH

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

format_html_lazy = lazy(format_html, SafeString)

# Six digits that are a date and four more (bekendtgørelse af lov om Det Centrale Personregister § 3).
_CPR_NUMBER = re.compile(r"(?<!\d)(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d[ -]?\d{4}(?!\d)")

# Control characters would reach mail headers and calendars; the others turn the direction of what follows.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

# What mail programs make a link of: names go into mails to others, and nobody is to write to them through us.
_LINK = re.compile(
    r"://|\bwww\.|[\w-]\.(?:com|net|org|info|biz|dk|eu|se|de|uk|ru|cn|io|app|dev|xyz|top|site|online|shop|link)"
    r"(?:\b(?!\.)|/)",
    re.IGNORECASE,
)

_FOREIGN_PHONE = re.compile(r"(?:\+|00)\d{6,15}", re.ASCII)


def refuse_cpr_number(text: str) -> None:
    """Raise ValidationError where `text` holds what looks like a CPR number."""
    if _CPR_NUMBER.search(text):
        raise ValidationError(_("Do not write CPR numbers here"), code="cpr")


class TextField(forms.CharField):
    """Text of one or more lines.

    The browser is not told the greatest length, so that a text that was pasted is not cut off without a word:
    the field says afterwards how long it may be.
    """

    default_error_messages = {
        "invisible": _("Write the text without invisible characters"),
        "max_length": _("Write at most %(limit_value)d characters"),
    }
    default_validators = [refuse_cpr_number]

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return unicodedata.normalize("NFC", re.sub("\r\n?", "\n", text))

    def validate(self, value: str) -> None:
        super().validate(value)
        if _INVISIBLE.search(value):
            raise ValidationError(self.error_messages["invisible"], code="invisible")

    def widget_attrs(self, widget: Widget) -> dict[str, Any]:
        return _without_maxlength(super().widget_attrs(widget))


class LineField(TextField):
    """Text of one line: spaces are made single, a line break or another control character is refused."""

    default_error_messages = {
        "invisible": _("Write the text on one line without invisible characters"),
    }

    def to_python(self, value: Any) -> str:
        return re.sub("[ \u00a0]+", " ", super().to_python(value))

    def validate(self, value: str) -> None:
        super().validate(value)
        if "\n" in value or "\t" in value:
            raise ValidationError(self.error_messages["invisible"], code="invisible")


class NameField(LineField):
    """What somebody or something is called: it is printed in mails to people who have never written to us.

    So it holds no web address, which would make each such mail an advertisement for whoever typed it.
    """

    def validate(self, value: str) -> None:
        super().validate(value)
        if _LINK.search(value):
            raise ValidationError(_("Write it without web addresses"), code="link")


class ParagraphsField(TextField):
    """Text of any number of lines, with a hint that counts what is left (see `counting.js`).

    `label_is_danish` where staff have typed the label, so that it is Danish on the English page, too.
    """

    widget = forms.Textarea

    def __init__(self, *, max_length: int, label_is_danish: bool = False, **kwargs: Any) -> None:
        self.label_is_danish = label_is_danish
        kwargs.setdefault("help_text", format_lazy(_("At most {most} characters"), most=max_length))
        super().__init__(max_length=max_length, **kwargs)

    def widget_attrs(self, widget: Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "rows": 4, "data-max-length": self.max_length}


class NeedsField(ParagraphsField):
    """What somebody needs in order to take part, as the kitchen and the venue have to know it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Food and special needs"),
            # The part that counts stands apart from the part that stays.
            help_text=format_html_lazy(
                "{} <span data-count>{}</span>",
                _("Write only what the kitchen or the venue has to know, no reasons or diagnoses."),
                format_lazy(_("At most {most} characters"), most=NEEDS_LENGTH),
            ),
            max_length=NEEDS_LENGTH,
            **kwargs,
        )

    def widget_attrs(self, widget: Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "rows": 2}


class ConsentField(forms.BooleanField):
    """The box below it, never ticked beforehand (GDPR article 4 (11), recital 32)."""

    noun = _("Consent")

    def __init__(self, label: _StrPromise) -> None:
        super().__init__(label=format_lazy(label, days=NEEDS_KEPT_DAYS), required=False)


CONSENT_IS_MISSING = _(
    "Tick the box if KL may use what you wrote about food or special needs, or delete the text in the field"
)


class EmailAddressField(forms.EmailField):
    """An e-mail address of the length that the models keep (RFC 5321 4.5.3.1.3)."""

    default_error_messages = {
        "required": _("Enter an e-mail address"),
        "invalid": _("Enter an e-mail address such as name@municipality.dk"),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def run_validators(self, value: str) -> None:
        """Say one sentence for whatever is wrong; a quoted local part, which may hold anything, is wrong."""
        try:
            super().run_validators(value)
        except ValidationError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if '"' in value:
            raise ValidationError(self.error_messages["invalid"], code="invalid")

    def widget_attrs(self, widget: Widget) -> dict[str, Any]:
        return {**_without_maxlength(super().widget_attrs(widget)), "spellcheck": "false"}


class PhoneField(LineField):
    """A Danish number of eight digits, or one with a country code; people put spaces and signs between."""

    widget = forms.TextInput(attrs={"type": "tel"})
    default_error_messages = {"invalid": _("Enter a valid phone number")}
    default_validators = []

    def validate(self, value: str) -> None:
        super().validate(value)
        digits = re.sub(r"[ ()./-]", "", value)
        is_danish = re.fullmatch(r"\d{8}", digits, re.ASCII)
        is_foreign = _FOREIGN_PHONE.fullmatch(digits)
        if value and not is_danish and not is_foreign:
            raise ValidationError(self.error_messages["invalid"], code="invalid")


def _without_maxlength(attrs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attrs.items() if name != "maxlength"}

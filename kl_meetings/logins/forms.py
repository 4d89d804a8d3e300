from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kl_meetings.logins import second_factor, throttle


class LoginForm(AdminAuthenticationForm):
    """Django's, with a limit to how often it is tried."""

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("username") or not self.cleaned_data.get("password"):
            return self.cleaned_data
        assert self.request is not None
        tried = throttle.count_try(self.request, self.cleaned_data["username"], at=timezone.now())
        cleaned: dict[str, Any] = super().clean()
        tried.forgive()
        return cleaned


class CodeField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        # A recovery code has letters, so that the keyboard is one of digits only where none is expected.
        numeric = {"inputmode": "numeric"} if kwargs.pop("numeric", False) else {}
        attrs = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false", **numeric}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attrs), **kwargs)


class SetUpForm(forms.Form):
    code = CodeField(label=_("Code from the app"), numeric=True)


class CodeForm(forms.Form):
    code = CodeField(
        label=_("Code"),
        help_text=_("The six digits that the app on your phone shows, or one of your recovery codes."),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        self.device = second_factor.verify(self.user, code, at=timezone.now())
        return code


class PasswordAndCodeForm(forms.Form):
    """What somebody shows who is logged in already, before the second step is weakened."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = CodeField(label=_("Code"), help_text=CodeForm.base_fields["code"].help_text)

    def __init__(self, request: HttpRequest, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user = user
        if not user.has_usable_password():  # they come by way of the provider
            del self.fields["password"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        at = timezone.now()
        if "password" in self.fields:
            try:
                if not throttle.check_password(self.request, self.user, cleaned.get("password", ""), at=at):
                    self.add_error("password", gettext("The password is wrong."))
            except throttle.MustWaitError as error:
                self.add_error("password", error)
        # Only who knows the password gets to use up a code.
        if not self.errors:
            try:
                second_factor.verify(self.user, cleaned["code"], at=at)
            except forms.ValidationError as error:
                self.add_error("code", error)
        return cleaned

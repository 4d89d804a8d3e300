"""The pages of a login's second step, and the page on which staff look after their own login."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, auth, messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from invitations.history import record
from kl_meetings.logins import second_factor
from kl_meetings.logins.backend import half_logged_in
from kl_meetings.logins.forms import CodeForm, PasswordAndCodeForm, SetUpForm
from kl_meetings.logins.throttle import MustWaitError


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """The addresses below that of the admin."""
    pages = Pages(site)
    typed = sensitive_post_parameters("password", "code")
    return [
        path("login/code/", never_cache(typed(pages.code)), name="login_code"),
        path("login/set-up/", never_cache(typed(pages.set_up)), name="login_set_up"),
        path("login/cancel/", never_cache(require_POST(pages.cancel)), name="login_cancel"),
        path("account/", site.admin_view(pages.account), name="account"),
        path("account/new-codes/", site.admin_view(typed(pages.new_codes)), name="account_new_codes"),
        path("account/turn-off/", site.admin_view(typed(pages.turn_off)), name="account_turn_off"),
    ]


def next_step(request: HttpRequest) -> HttpResponse | None:
    """The way on for whoever has given a password and no more; None for anybody else."""
    user = half_logged_in(request)
    if user is None:
        return None
    name = "login_code" if second_factor.device_of(user) else "login_set_up"
    return redirect(f"{reverse(f'admin:{name}')}?{urlencode({'next': way_on(request)})}")


def way_on(request: HttpRequest) -> str:
    """Where the user wanted to go; never to another site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else reverse("admin:index")


class Pages:
    def __init__(self, site: admin.AdminSite) -> None:
        self.site = site

    def code(self, request: HttpRequest) -> HttpResponse:
        """The second step of a login."""
        user = half_logged_in(request)
        if user is None or not second_factor.device_of(user):
            return next_step(request) or redirect(way_on(request))
        form = CodeForm(user, request.POST or None)
        if form.is_valid():
            second_factor.note_passed(request, form.device)
            left = second_factor.recovery_codes_left(user)
            if left <= 2:
                sentence = ngettext(
                    "You have %(count)d recovery code left.", "You have %(count)d recovery codes left.", left
                )
                messages.warning(request, sentence % {"count": left})
            return redirect(way_on(request))
        return self._page(request, "code", gettext("Two-step login"), form=form, next=way_on(request))

    def set_up(self, request: HttpRequest) -> HttpResponse:
        """Take a phone into use: of one's own accord, or because a role requires it."""
        half = half_logged_in(request)
        user = half or request.user
        if not isinstance(user, User):
            return redirect("admin:login")
        if second_factor.device_of(user):
            return next_step(request) or redirect("admin:account")
        form = SetUpForm(request.POST or None)
        if form.is_valid():
            try:
                codes = second_factor.confirm(user, form.cleaned_data["code"], at=timezone.now())
            except (second_factor.WrongCodeError, MustWaitError) as error:
                form.add_error("code", error)
            else:
                device = second_factor.device_of(user)
                assert device is not None
                second_factor.note_passed(request, device)
                record(user, gettext("Turned two-step login on."), by=user)
                request.user = user
                return self._codes(request, codes)
        device = second_factor.offered_device(user)
        modules, squares = second_factor.qr_path(device)
        return self._page(
            request,
            "set_up",
            gettext("Set up two-step login"),
            form=form,
            half=half,
            modules=modules,
            squares=squares,
            secret=second_factor.secret_in_words(device),
            next=way_on(request),
        )

    def cancel(self, request: HttpRequest) -> HttpResponse:
        """Begin the login anew, as somebody else."""
        auth.logout(request)
        return redirect("admin:login")

    def account(self, request: HttpRequest) -> HttpResponse:
        user = _staff(request)
        return self._page(
            request,
            "account",
            gettext("My account"),
            is_on=second_factor.device_of(user) is not None,
            is_required=getattr(user, "needs_device", False),
            by_provider=request.session.get(second_factor.PASSED) == second_factor.BY_PROVIDER,
            codes_left=second_factor.recovery_codes_left(user),
            roles=[group.name for group in user.groups.order_by("pk")],
        )

    def new_codes(self, request: HttpRequest) -> HttpResponse:
        user = _staff(request)
        if not second_factor.device_of(user):
            return redirect("admin:account")
        form = PasswordAndCodeForm(request, user, request.POST or None)
        if form.is_valid():
            codes = second_factor.new_recovery_codes(user)
            record(user, gettext("Made new recovery codes."), by=user)
            return self._codes(request, codes)
        return self._page(
            request,
            "prove",
            gettext("New recovery codes"),
            form=form,
            button=gettext("Make new codes"),
            sentences=[gettext("The codes that you have now stop working.")],
        )

    def turn_off(self, request: HttpRequest) -> HttpResponse:
        user = _staff(request)
        if not second_factor.device_of(user):
            return redirect("admin:account")
        form = PasswordAndCodeForm(request, user, request.POST or None)
        if form.is_valid():
            second_factor.turn_off(user)
            record(user, gettext("Turned two-step login off."), by=user)
            messages.success(request, gettext("Two-step login is off."))
            return redirect("admin:account")
        sentences = [gettext("From then on your password is enough to log in.")]
        if getattr(user, "needs_device", False):
            sentences = [gettext("Your role requires it: you set it up again at once, with another phone.")]
        return self._page(
            request,
            "prove",
            gettext("Turn two-step login off"),
            form=form,
            button=gettext("Turn off"),
            sentences=sentences,
        )

    def _codes(self, request: HttpRequest, codes: list[str]) -> HttpResponse:
        return self._page(request, "codes", gettext("Your recovery codes"), codes=codes, next=way_on(request))

    def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
        return TemplateResponse(
            request,
            f"admin/logins/{name}.html",
            {**self.site.each_context(request), "title": title, **context},
        )


def _staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user

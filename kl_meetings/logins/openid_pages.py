"""To the OpenID provider and back."""

from __future__ import annotations

import logging

from django.conf import settings
from django.contrib import auth, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.utils.translation import gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from kl_meetings.logins import openid, openid_users, pages
from kl_meetings.logins.second_factor import BY_PROVIDER, PASSED

logger = logging.getLogger(__name__)

FLOW = "openid_flow"


def urls() -> list[URLPattern]:
    return [
        path("login/provider/", never_cache(require_GET(leave)), name="login_provider"),
        path("login/provider/back/", never_cache(require_GET(come_back)), name="login_provider_back"),
    ]


def button(request: HttpRequest) -> dict[str, object]:
    """What the page for logging in shows of the provider."""
    return {"provider": openid.is_on(), "provider_query": urlencode({"next": pages.way_on(request)})}


def leave(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    if not openid.is_on():
        raise Http404
    flow = openid.Flow.begin(pages.way_on(request))
    try:
        url = openid.authorization_url(flow, redirect_uri=redirect_uri())
    except (openid.UnreachableError, openid.RefusedError) as error:
        return _unreachable(request, error)
    request.session[FLOW] = flow.stored()
    return redirect(url)


def come_back(request: HttpRequest) -> HttpResponse:
    """Let in whom the provider vouches for; the state is good for this once."""
    if not openid.is_on():
        raise Http404
    stored = request.session.pop(FLOW, None)
    if not stored or not constant_time_compare(request.GET.get("state", ""), stored["state"]):
        return _refuse(request, gettext("That login was begun elsewhere, or too long ago. Begin again."))
    flow = openid.Flow(**stored)
    code = request.GET.get("code")
    if "error" in request.GET or not code:
        logger.info("The OpenID provider refused a login: %.100s", request.GET.get("error", "no code"))
        return _refuse(request, gettext("Microsoft did not log you in. Try again."))
    try:
        user = openid_users.user_of(openid.redeem(code, flow, redirect_uri=redirect_uri()))
    except openid.UnreachableError as error:
        return _unreachable(request, error)
    except openid.RefusedError as error:
        logger.warning("What the OpenID provider sent is not believed: %s", error)
        return _refuse(request, gettext("What Microsoft sent could not be trusted. Try again."))
    except openid_users.UnknownUserError:
        return _refuse(
            request,
            gettext("Microsoft knows you, but you are no user here. Ask an administrator to make you one."),
        )
    auth.login(request, user)
    request.session[PASSED] = BY_PROVIDER
    return redirect(flow.way_on)


def redirect_uri() -> str:
    """What is registered with the provider; the same in each language."""
    with override(settings.LANGUAGE_CODE):
        return f"{settings.PUBLIC_URL}{reverse('admin:login_provider_back')}"


def _unreachable(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("The OpenID provider cannot be reached: %s", error)
    return _refuse(
        request, gettext("Microsoft cannot be reached just now. Try again, or log in with your password.")
    )


def _refuse(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("admin:login")

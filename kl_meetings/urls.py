"""Every address of the site. Meetings stand at the root, as the letters print them, and so come last."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

handler400 = "registrations.views.errors.bad_request"
handler404 = "registrations.views.errors.not_found"
handler500 = "registrations.views.errors.server_error"


def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for the icon of what is no page, such as a PDF."""
    return redirect(static("favicon.svg"))


urlpatterns = [
    path("favicon.ico", favicon),
    # Nothing appends slashes for us, as public addresses end without one. These two are typed by hand.
    path("en", RedirectView.as_view(url="/en/")),
    *i18n_patterns(
        path("admin", RedirectView.as_view(pattern_name="admin:index")),
        path("admin/", admin.site.urls),
        path("", include("invitations.urls")),
        path("", include("registrations.urls")),
        prefix_default_language=False,
    ),
]

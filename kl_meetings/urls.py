"""Every address of the site. Meetings stand at the root, as the letters print them, and so come last."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
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

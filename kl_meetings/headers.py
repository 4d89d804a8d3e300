"""What each answer tells the browser beside its own words; the settings under "security" tell the rest.

At the level that the HTTP Observatory grades A+ (developer.mozilla.org/observatory/docs/tests_and_scoring).
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Nothing of these is used here, and no page that might be led astray is to ask for it.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation"),
        *("gyroscope", "magnetometer", "microphone", "midi", "payment", "usb", "xr-spatial-tracking"),
    )
)


class HeadersMiddleware:
    """The outermost middleware, so that errors, redirects and static files are told the same."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Images, scripts and data of ours are for pages of ours.
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        if is_personal(request):
            # No search engine lists it, and no browser or proxy keeps a copy, unless the view says how.
            response.headers["X-Robots-Tag"] = "noindex"
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


def is_personal(request: HttpRequest) -> bool:
    """Whether the address belongs to somebody: it holds the secret of a link, or is the admin's."""
    match = request.resolver_match
    return match is not None and ("token" in match.kwargs or "admin" in match.app_names)

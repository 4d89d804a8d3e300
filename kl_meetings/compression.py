"""Pages compressed on their way: a form is a quarter of its size then, and what a telephone waits for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PageCompression(GZipMiddleware):
    """Compress HTML, and leave everything else alone.

    PDF and xlsx are compressed within, and keep their length and their strong ETag; WhiteNoise has the static
    files compressed beforehand. The length of a page tells nobody what is in it (the BREACH attack, which
    guesses a secret beside what it makes us repeat): Django adds up to a hundred random bytes to each answer,
    and masks the token of forms anew each time.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)

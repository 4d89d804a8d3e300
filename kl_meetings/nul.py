"""What is asked with a NUL in it: PostgreSQL keeps none in a text, and nobody types one on purpose."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import bad_request

NUL = "\0"


class NulMiddleware:
    """Answer 404 for a path with a NUL in it, and 400 for a query.

    What is posted goes on to the forms, which say so at the field. What comes to the database past all forms,
    and is refused there, is the sender's fault, not ours: 400.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path_info:
            raise Http404("NUL in the path")
        if NUL in unquote(request.META.get("QUERY_STRING", "")):
            raise BadRequest("NUL in the query")
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return bad_request(request, exception) if is_about_nul(exception) else None


def is_about_nul(exception: Exception) -> bool:
    """Whether PostgreSQL, or its driver, has refused a text (or JSON) for a NUL."""
    words = str(exception)
    return isinstance(exception, DataError) and ("NUL" in words or "\\u0000" in words)

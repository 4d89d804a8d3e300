from __future__ import annotations

from django import template
from django.contrib.admin.models import LogEntry
from django.utils.safestring import SafeString

from invitations.admin.history import lines_as_html, subject_as_html
from invitations.history import name_of

register = template.Library()

register.filter("who", name_of)


@register.filter
def lines(entry: LogEntry) -> SafeString:
    return lines_as_html(entry)


@register.filter
def subject(entry: LogEntry) -> SafeString:
    return subject_as_html(entry)

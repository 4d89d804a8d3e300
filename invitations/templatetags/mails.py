"""What the templates of mails need beside those of Django."""

from __future__ import annotations

from django import template
from django.utils.html import format_html

from invitations.mail_text import DANISH, is_danish

register = template.Library()


@register.filter
def danish(text: str) -> str:
    """What staff have typed, marked as Danish where the mail is not (WCAG 2.1, 3.1.2)."""
    return text if is_danish() else format_html('<span lang="{}">{}</span>', DANISH, text)

"""What the public pages say about a meeting, and the way to the same page in the other language."""

from __future__ import annotations

import re

from django import template
from django.template import Context
from django.urls import translate_url
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from invitations import page_dates
from invitations.letter_html import phone_url
from invitations.mail_text import title_in_sentence
from invitations.markdown import inline
from invitations.models import Session
from invitations.page_dates import page_is_danish

register = template.Library()

register.filter("where", page_dates.where)
register.filter("moment", page_dates.moment)
register.filter("full_date", page_dates.full_date)
register.filter("day_and_month", page_dates.day_and_month)
register.filter("phone_url", phone_url)
register.filter("title_in_sentence", title_in_sentence)


@register.filter
def when(session: Session) -> str:
    """As `page_dates.when`, on one line between the two clock times: `kl. 15.30-18.30`."""
    return re.sub(r"(?<=\d)([-–])(?=\d)", "\u2060\\1\u2060", page_dates.when(session))


@register.filter
def typeset(text: str) -> SafeString:
    """Text that staff typed, with Danish typography; its addresses are links."""
    return inline(text)


@register.simple_tag
def danish_lang() -> SafeString:
    """The attribute for what is written in Danish whatever language the page is in (WCAG 2.1, 3.1.2)."""
    return SafeString("") if page_is_danish() else format_html(' lang="{}"', "da")


@register.simple_tag
def in_danish_note() -> str:
    """Says of a link on a page in another language that what it leads to is Danish: ` (in Danish)`."""
    return "" if page_is_danish() else f" {_('(in Danish)')}"


@register.simple_tag(takes_context=True)
def this_page_in(context: Context, language: str, *, path_only: bool = False) -> str:
    """The address of this page in `language`; with `path_only` without what stands after a question mark."""
    request = context["request"]
    return translate_url(request.path if path_only else request.get_full_path(), language)


@register.simple_tag
def ways_to_write(mailbox: str, phone: str) -> SafeString:
    """`moeder@kl.dk or 33 70 33 70`, both as links; the number is left out where there is none."""
    mail = format_html('<a href="mailto:{0}">{0}</a>', mailbox)
    if not phone:
        return mail
    return format_html(
        _("{mail} or {phone}"), mail=mail, phone=format_html('<a href="{}">{}</a>', phone_url(phone), phone)
    )

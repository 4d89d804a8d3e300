"""The facts that mails about a meeting list below their first sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from invitations.danish import Moment, capitalise, format_deadline
from invitations.models import Session, Theme


class Fact(NamedTuple):
    """A line such as `Sted: Rådhuset`; `is_link` where the value is an address to click on."""

    label: str | Promise
    value: str
    is_link: bool = False


def facts_of_session(session: Session, *, with_join_url: bool) -> list[Fact]:
    """When and where; how to join an online meeting only for those who take part."""
    facts = [Fact(_("Date and time"), session.when())]
    if where := session.where():
        facts.append(Fact(_("Place"), where))
    if with_join_url and session.join_url:
        facts.append(Fact(_("Link to the online meeting"), session.join_url, is_link=True))
    return facts


def facts_of_themes(themes: Iterable[Theme]) -> list[Fact]:
    return [Fact(_("Theme"), theme.title) for theme in themes]


def fact_of_deadline(deadline: Moment) -> Fact:
    return Fact(_("Registration deadline"), capitalise(format_deadline(deadline, weekday=True)))

"""Every address of the site, each with something behind it, for tests that look at all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import URLPattern, URLResolver, get_resolver

from invitations.history import record
from invitations.models import (
    Attachment,
    Meeting,
    PersonalLetter,
    Sender,
    StoredFile,
)
from registrations.models import Decline
from tests.factories import (
    NOW,
    PDF,
    create_area,
    create_dispatch,
    create_needs,
    create_office,
    get_municipality,
)
from tests.public_states import create_states

# Where an address is written as a regular expression, or its object is not that of its model's page.
WRITTEN_OUT = {
    "admin/(?P<url>.*)$": "/admin/findes-ikke/",
    "admin/r/<path:content_type_id>/<path:object_id>/": "/admin/r/0/0/",
}
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
APP_LIST = "admin/<app_label>/"


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Each address as `urls.py` writes it, the English ones aside."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield APP_LIST if "(?P<app_label>" in route else route
        else:
            yield from routes(pattern, route)


def create_site() -> dict[str, str]:
    """An address for each of `routes`; needs the clock at NOW.

    There is one of everything. The letter is a draft, to be written on, with what goes with a sent one.
    """
    create_states()
    meeting = Meeting.objects.get(slug="moede")
    registration = meeting.registrations.get()
    participant, _withdrawn = registration.participants.all()
    create_needs(participant=participant)
    letter = meeting.letters.get()
    enclosure = letter.enclosures.get()
    invitation = meeting.invitations.get(municipality=get_municipality())
    office = create_office()
    dispatch = create_dispatch(invitation=invitation, letter=letter, mailbox=office.mailbox)
    mail = dispatch.email
    assert mail is not None
    mail.html = "<p>Hej</p>"
    mail.save()
    pdf = StoredFile.objects.store(PDF, content_type="application/pdf")
    attachment = Attachment.objects.create(email=mail, filename="invitation.pdf", file=pdf)
    own = StoredFile.objects.store(PDF + b"%", content_type="application/pdf")
    personal = PersonalLetter.objects.create(letter=letter, invitation=invitation, pdf=own, rendered_at=NOW)
    logo = StoredFile.objects.store(LOGO, content_type="image/svg+xml")
    Sender.objects.update(logo=logo)
    somebody = User.objects.create_user("en-anden", is_staff=True)
    record(meeting, "Ændret.", by=somebody)
    objects: dict[str, Any] = {
        "logentry": LogEntry.objects.get().pk,
        "area": create_area().pk,
        "invitation": invitation.pk,
        "dispatch": dispatch.pk,
        "letter": letter.pk,
        "municipality": get_municipality().pk,
        "policyarea": meeting.policy_area_id,
        "office": office.pk,
        "outgoingemail": mail.pk,
        "sender": Sender.objects.current().pk,
        "user": somebody.pk,
        "decline": Decline.objects.get().pk,
        "participant": participant.pk,
        "meeting": meeting.pk,
        "registration": registration.pk,
    }
    parameters: dict[str, Any] = {
        "enclosure_id": enclosure.pk,
        "enclosure_pk": enclosure.pk,
        "filename": enclosure.filename,
        "dispatch_id": dispatch.pk,
        "personal_id": personal.pk,
        "attachment_id": attachment.pk,
        "code": "0657",
        "pk": registration.pk,
        "reminder": f"session-{meeting.sessions.all()[0].pk}",
        "name": "verified",
        "slug": meeting.slug,
    }
    tokens = {"svar": invitation.token, "kvittering": registration.token, "deltager": participant.token}

    def address(route: str) -> str:
        if route in WRITTEN_OUT:
            return WRITTEN_OUT[route]
        if route == APP_LIST:
            return "/admin/invitations/"
        parts = route.split("/")

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name in ("object_id", "id") or parts[1:2] == ["auth"]:
                return str(objects.get(parts[2], 1))
            return tokens[parts[0]] if name == "token" else str(parameters[name])

        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", value, route)

    return {route: address(route) for route in routes()}


def dump() -> dict[str, list[Any]]:
    """All that the database holds, by table, sessions aside: a browser's own."""
    return {
        model._meta.db_table: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models(include_auto_created=True)
        if model is not Session
    }


def changed_tables(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    return [table for table, rows in after.items() if rows != before[table]]

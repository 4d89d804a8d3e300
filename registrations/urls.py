from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from registrations.views import (
    answers,
    changing,
    homework,
    meetings,
    needs,
    notices,
    participants,
    receipts,
    registering,
)

app_name = "registrations"


class TokenConverter(StringConverter):
    """The secret of a link, as `new_token` of the models makes it; nothing else is looked up."""

    regex = "[A-Za-z0-9_-]{1,40}"


register_converter(TokenConverter, "token")

# The first parts of these are in RESERVED_SLUGS, so that no meeting hides a page. Meetings come last.
urlpatterns = [
    path("privatliv", notices.privacy, name="privacy"),
    path("was", notices.accessibility_statement, name="accessibility_statement"),
    path("svar/<token:token>", answers.invitation, name="invitation"),
    path("svar/<token:token>/tilmeld", registering.register_invited, name="register_invited"),
    path("svar/<token:token>/afbud", answers.decline, name="decline"),
    path("kvittering/<token:token>", receipts.receipt, name="receipt"),
    path("kvittering/<token:token>/ret", changing.change, name="change"),
    path("kvittering/<token:token>/svar", homework.homework, name="homework"),
    path("kvittering/<token:token>/afmeld", changing.withdraw_people, name="withdraw_people"),
    path("deltager/<token:token>", participants.participant, name="participant"),
    path("deltager/<token:token>/ret", participants.change_participant, name="change_participant"),
    path("deltager/<token:token>/afmeld", participants.withdraw, name="withdraw"),
    path("deltager/<token:token>/behov", needs.needs, name="needs"),
    path("<slug:slug>", meetings.meeting, name="meeting"),
    path("<slug:slug>/tilmeld", registering.register, name="register"),
]

from __future__ import annotations

from django.urls import path

from registrations.views import answers, meetings, notices, registering

app_name = "registrations"

# The first parts of these are in RESERVED_SLUGS, so that no meeting hides a page. Meetings come last.
urlpatterns = [
    path("privatliv", notices.privacy, name="privacy"),
    path("was", notices.accessibility_statement, name="accessibility_statement"),
    path("svar/<str:token>", answers.invitation, name="invitation"),
    path("svar/<str:token>/tilmeld", registering.register_invited, name="register_invited"),
    path("svar/<str:token>/afbud", answers.decline, name="decline"),
    path("kvittering/<str:token>", registering.receipt, name="receipt"),
    path("deltager/<str:token>", answers.participant, name="participant"),
    path("deltager/<str:token>/afmeld", answers.withdraw, name="withdraw"),
    path("<slug:slug>", meetings.meeting, name="meeting"),
    path("<slug:slug>/tilmeld", registering.register, name="register"),
]

from __future__ import annotations

from django.urls import path

from invitations import views

app_name = "invitations"

urlpatterns = [
    path("", views.meeting_list, name="meeting_list"),
    path("<slug:slug>/invitation.pdf", views.letter_pdf, name="letter_pdf"),
    path("<slug:slug>/invitation", views.letter_page, name="letter_page"),
    path("<slug:slug>/calendar.ics", views.calendar, name="calendar"),
    path("<slug:slug>/bilag/<int:enclosure_pk>/<str:filename>", views.enclosure, name="enclosure"),
]

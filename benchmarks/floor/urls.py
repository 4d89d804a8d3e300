from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from benchmarks.floor.models import Meeting, Participant, Registration


def meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """A small page from one query."""
    return render(request, "meeting.html", {"meeting": Meeting.objects.get(slug=slug)})


@transaction.atomic
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """A registration with its participants, in one transaction."""
    registration = Registration.objects.create(
        meeting=Meeting.objects.get(slug=slug),
        contact_name=request.POST["contact_name"],
        contact_email=request.POST["contact_email"],
    )
    Participant.objects.bulk_create(
        Participant(registration=registration, name=name, email=email)
        for name, email in zip(request.POST.getlist("name"), request.POST.getlist("email"), strict=True)
    )
    return HttpResponse(f"Registration {registration.pk}")


urlpatterns = [path("<slug:slug>", meeting), path("<slug:slug>/tilmeld", register)]

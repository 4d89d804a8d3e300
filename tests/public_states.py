"""Every state of every public page, for tests that look at all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client, override_settings

from invitations.models import Announcement, Meeting
from registrations.differences import Difference, Kind
from registrations.models import Correction
from tests.factories import (
    NOW,
    create_answer,
    create_decline,
    create_enclosure,
    create_invitation,
    create_letter,
    create_meeting,
    create_participant,
    create_programme_item,
    create_question,
    create_registration,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)
from tests.pages import typed

TITLE = "Politisk møde i Region Midtjylland"


@dataclass(frozen=True, kw_only=True)
class PublicState:
    """A page as somebody meets it.

    Attributes:
        path: its Danish address.
        post: what is sent to it; None where it is only read.
        headings: its h1 in Danish and in English.
        says: what tells the state, in Danish and in English.
        titles: the page's title where it does not begin with the heading.
        closed: whether the whole site is, for maintenance.
    """

    path: str
    headings: tuple[str, str]
    says: tuple[str, str]
    titles: tuple[str, str] = ("", "")
    status: int = 200
    post: Mapping[str, Any] | None = None
    closed: bool = False
    enforce_csrf: bool = field(default=False)

    def visit(self, language: str = "da") -> HttpResponse:
        """What the server answers."""
        client = Client(enforce_csrf_checks=self.enforce_csrf)
        path = self.path if language == "da" else f"/en{self.path}"
        with self.site():
            response: HttpResponse = (
                client.get(path) if self.post is None else client.post(path, self.post)  # type: ignore[assignment]
            )
        return response

    @contextmanager
    def site(self) -> Iterator[None]:
        """The site while this state lasts."""
        with override_settings(MAINTENANCE=self.closed or settings.MAINTENANCE):
            yield


def create_states() -> dict[str, PublicState]:
    """A state by what it is called; needs the clock at NOW."""
    meeting = _create_full_meeting()
    invitations = {
        name: create_invitation(meeting=meeting, municipality=get_municipality(name)).token
        for name in ("Herning", "Viborg", "Skive")
    }
    registration = meeting.registrations.get()
    participant, withdrawn = registration.participants.all()
    create_decline(meeting=meeting, municipality=get_municipality("Viborg"))
    form = f"/{meeting.slug}/tilmeld"
    filled = typed(do="check", topics="Et\nto")
    for item in meeting.programme.all():
        filled |= {f"participant-0-theme-{item.pk}": str(theme.pk) for theme in item.themes.all()[1:]}
    sign_up = (
        "Tilmeld jer politisk møde i Region Midtjylland",
        "Sign up for politisk møde i Region Midtjylland",
    )
    return {
        **_meetings(meeting),
        "the form": PublicState(path=form, headings=sign_up, says=("Trin 1 af 3", "Step 1 of 3")),
        "the form of several sessions": PublicState(
            path="/flere/tilmeld", headings=sign_up, says=("Vælg møde", "Choose a meeting")
        ),
        "the form by a personal link": PublicState(
            path=f"/svar/{invitations['Skive']}/tilmeld",
            headings=sign_up,
            says=("Skive Kommune", "Skive Kommune"),
        ),
        "the form with faults": PublicState(
            path=form,
            post=typed(contact_name="", contact_email="nej"),
            headings=sign_up,
            titles=("Fejl: Tilmeld jer", "Error: Sign up"),
            says=("Der er problemer", "There are problems"),
        ),
        "the form with a pasted list": PublicState(
            path=form,
            post={**filled, "do": "paste", "pasted": "Kis <kis@x.example>\nBo <bo@>"},
            headings=sign_up,
            titles=("Fejl: Tilmeld jer", "Error: Sign up"),
            says=("1 deltager er sat ind fra listen.", "1 participant has been added from the list."),
        ),
        "the answers to check": PublicState(
            path=form,
            post=filled,
            headings=("Tjek jeres svar", "Check your answers"),
            says=("Trin 2 af 3", "Step 2 of 3"),
        ),
        "the form sent too late": PublicState(
            path="/lukket/tilmeld",
            post=filled,
            status=409,
            headings=(TITLE, TITLE),
            titles=sign_up,
            says=("Det, I skrev, er ikke sendt", "What you wrote has not been sent"),
        ),
        "the form that was open for too long": PublicState(
            path=form,
            post=filled,
            status=403,
            enforce_csrf=True,
            headings=sign_up,
            titles=("Fejl: Tilmeld jer", "Error: Sign up"),
            says=(
                "Siden har været åben for længe. Dine svar er ikke sendt.",
                "The page has been open",
            ),
        ),
        "the form, closed": PublicState(
            path="/lukket/tilmeld",
            headings=(TITLE, TITLE),
            titles=sign_up,
            says=("Tilmeldingen er lukket.", "Registration is closed."),
        ),
        **_changing(meeting),
        **_waiting(),
        "the receipt": PublicState(
            path=f"/kvittering/{registration.token}",
            headings=("Kvittering", "Receipt"),
            says=("Referencenummer", "Reference number"),
        ),
        "an invitation": PublicState(
            path=f"/svar/{invitations['Skive']}",
            headings=(TITLE, TITLE),
            titles=("Svar for Skive Kommune", "Answer for Skive Kommune"),
            says=("Skive Kommune har ikke svaret endnu.", "Skive Kommune has not answered yet."),
        ),
        "an invitation answered": PublicState(
            path=f"/svar/{invitations['Herning']}",
            headings=(TITLE, TITLE),
            titles=("Svar for Herning Kommune", "Answer for Herning Kommune"),
            says=("Herning Kommune har tilmeldt 1 deltager.", "Herning Kommune has signed up 1 participant."),
        ),
        "an invitation declined": PublicState(
            path=f"/svar/{invitations['Viborg']}",
            headings=(TITLE, TITLE),
            titles=("Svar for Viborg Kommune", "Answer for Viborg Kommune"),
            says=("Vi har noteret, at Viborg Kommune ikke deltager.", "Viborg Kommune does not take part."),
        ),
        "declining": PublicState(
            path=f"/svar/{invitations['Skive']}/afbud",
            headings=("Meld afbud til politisk møde", "Decline the invitation to politisk møde"),
            titles=("Afbud fra Skive Kommune", "Decline for Skive Kommune"),
            says=("Besked til os", "Message to us"),
        ),
        "declining with participants": PublicState(
            path=f"/svar/{invitations['Herning']}/afbud",
            headings=("Meld afbud til politisk møde", "Decline the invitation to politisk møde"),
            titles=("Afbud fra Herning Kommune", "Decline for Herning Kommune"),
            says=("Afmeld alle, og meld afbud", "Withdraw everybody and decline"),
        ),
        "a participant": PublicState(
            path=f"/deltager/{participant.token}",
            headings=(TITLE, TITLE),
            titles=("Bo Hansen", "Bo Hansen"),
            says=("Bo Hansen er tilmeldt mødet.", "Bo Hansen is signed up for the meeting."),
        ),
        "a participant withdrawn": PublicState(
            path=f"/deltager/{withdrawn.token}",
            headings=(TITLE, TITLE),
            titles=("Kis Juhl", "Kis Juhl"),
            says=("Kis Juhl er afmeldt mødet.", "Kis Juhl has been withdrawn from the meeting."),
        ),
        **{
            f"a wrong link below {part}": PublicState(
                path=f"/{part}/forkert",
                status=404,
                headings=("Linket virker ikke", "The link does not work"),
                says=("så sender vi et nyt link", "and we send you a new link"),
            )
            for part in ("svar", "kvittering", "deltager")
        },
        "the letter": PublicState(
            path="/moede/invitation",
            headings=("Invitation til", "Invitation til"),
            says=("Invitationen som PDF", "The invitation as PDF"),
        ),
        "the notice": PublicState(
            path="/privatliv",
            headings=("Sådan behandler vi dine oplysninger", "How we treat your data"),
            says=("Den glemmer det, når du har sendt", "It forgets it when you have sent"),
        ),
        "not found": PublicState(
            path="/findes/ikke",
            status=404,
            headings=("Siden kunne ikke findes", "The page could not be found"),
            says=("(fejl 404)", "(error 404)"),
        ),
        "damaged": PublicState(
            path=form,
            post=typed(row=[str(row) for row in range(101)]),
            status=400,
            headings=("Formularen kunne ikke læses", "The form could not be read"),
            says=("(fejl 400)", "(error 400)"),
        ),
        "open for too long": PublicState(
            path=f"/deltager/{participant.token}/afmeld",
            post={},
            status=403,
            enforce_csrf=True,
            headings=("Siden har været åben for længe", "The page has been open for too long"),
            says=("Åbn siden igen", "Open the page again"),
        ),
        "maintenance": PublicState(
            path="/moede",
            status=503,
            closed=True,
            headings=("Vi arbejder på siden", "We are working on the site"),
            says=("(fejl 503)", "(error 503)"),
        ),
    }


def _meetings(full: Meeting) -> dict[str, PublicState]:
    """The page of a meeting in each of its states, and the list of meetings."""
    several = create_meeting(slug="flere", session=False)
    for day in (20, 21):
        create_session(meeting=several, starts_date=date(2027, 4, day), online=day == 20, capacity=day)
    create_meeting(slug="aflyst").cancel(at=NOW)
    create_meeting(slug="lukket", registration_deadline_date=date(2027, 1, 31))
    create_registration(meeting=create_meeting(slug="fuldt", capacity=1))
    create_registration(meeting=create_meeting(slug="faa", capacity=11))
    create_meeting(slug="aabner", registration_opens_date=date(2027, 2, 10))
    create_meeting(slug="uden", registration="none")
    create_meeting(slug="kladde", published_at=None)
    past = create_meeting(slug="holdt", session=False, registration_deadline_date=None)
    create_session(meeting=past, starts_date=date(2027, 1, 20))
    Announcement.objects.create(
        letter=create_letter(), meeting=create_meeting(slug="juni", published_at=None)
    )
    moved = create_meeting(slug="flyttet")
    moves = Difference(kind=Kind.TIME, old="kl. 15-17", new="kl. 17-19")
    Correction.objects.create(
        meeting=moved,
        fingerprint="x",
        differences=[moves.as_json()],
        calendar_mails=1,
        sent_at=NOW,
        sent_by=create_staff(username="flytter"),
    )
    says = {
        "moede": ("Tilmeld jer", "Sign up"),
        "flere": ("Virtuelt", "Registration deadline"),
        "aflyst": ("Mødet er aflyst.", "The meeting is cancelled."),
        "lukket": ("Tilmeldingen er lukket.", "Registration is closed."),
        "fuldt": ("Der er ikke flere ledige pladser.", "There are no more places."),
        "faa": ("Kun 10 pladser tilbage", "Only 10 places left"),
        "aabner": ("Tilmeldingen åbner onsdag den", "Registration opens Wednesday 10 February 2027"),
        "uden": ("Der er ingen tilmelding.", "There is nothing to sign up for."),
        "holdt": ("Mødet er holdt.", "The meeting has been held."),
        "juni": ("Reservér datoen", "Save the date"),
        "flyttet": ("Nyt tidspunkt: kl. 17-19 (før: kl. 15-17)", "kl. 17-19"),
    }
    return {
        "the list": PublicState(
            path="/",
            headings=("Kommende politiske møder", "Coming political meetings"),
            says=("Reservér datoen", "Save the date"),
        ),
        **{
            f"the meeting {slug}": PublicState(path=f"/{slug}", headings=(TITLE, TITLE), says=words)
            for slug, words in says.items()
        },
        "a draft": PublicState(
            path="/kladde",
            status=404,
            headings=("Siden kunne ikke findes", "The page could not be found"),
            says=("(fejl 404)", "(error 404)"),
        ),
    }


def _changing(meeting: Meeting) -> dict[str, PublicState]:
    """The pages on which what is registered is changed."""
    registration = meeting.registrations.get()
    participant = registration.participants.order_by("position")[0]
    receipt, person = f"/kvittering/{registration.token}", f"/deltager/{participant.token}"
    return {
        "changing a registration": PublicState(
            path=f"{receipt}/ret",
            headings=("Ret jeres tilmelding", "Change your registration for politisk møde"),
            titles=("Ret tilmelding", "Change registration"),
            says=("Trin 1 af 3", "Step 1 of 3"),
        ),
        "answering the questions": PublicState(
            path=f"{receipt}/svar",
            headings=("Svar på spørgsmålene", "Answer the questions"),
            says=("Gem kladde", "Save draft"),
        ),
        "withdrawing everybody": PublicState(
            path=f"{receipt}/afmeld",
            headings=("Afmeld deltagere", "Withdraw participants"),
            says=("Hver af dem får en mail", "Each of them gets a mail"),
        ),
        "a participant changing": PublicState(
            path=f"{person}/ret",
            headings=("Ret din tilmelding", "Change your registration"),
            says=("Gem ændringer", "Save changes"),
        ),
        "a participant's needs": PublicState(
            path=f"{person}/behov",
            headings=("Fortæl os om mad og særlige behov", "Tell us about food and special needs"),
            says=("Gem", "Save"),
        ),
    }


def _waiting() -> dict[str, PublicState]:
    """The pages of the full meeting's waiting list."""
    registration = Meeting.objects.get(slug="fuldt").registrations.get()
    waiting = create_participant(registration=registration, name="Eva Holm", waitlisted_at=NOW)
    return {
        "the form of the waiting list": PublicState(
            path="/fuldt/tilmeld",
            headings=("Tilmeld jer politisk møde", "Sign up for politisk møde"),
            says=("venteliste", "waiting list"),
        ),
        "somebody who waits": PublicState(
            path=f"/deltager/{waiting.token}",
            headings=(TITLE, TITLE),
            titles=("Eva Holm", "Eva Holm"),
            says=("venteliste", "waiting list"),
        ),
        "the receipt of somebody who waits": PublicState(
            path=f"/kvittering/{registration.token}",
            headings=("Kvittering", "Receipt"),
            says=("venteliste", "waiting list"),
        ),
    }


def _create_full_meeting() -> Meeting:
    """A meeting with everything that a page can show, and a registration for it."""
    meeting = create_meeting(
        slug="moede",
        capacity=100,
        asks_about_needs=True,
        hosts=[get_municipality()],
        practical_information="Se [vejen](https://example.dk).\n\n- Et\n- To",
    )
    create_programme_item(meeting=meeting, title="Velkommen", speakers="Bo", time=time(17))
    item = create_programme_item(meeting=meeting, title="Temaer", time=time(17, 30))
    themes = [create_theme(item=item, title="Trivsel", capacity=1), create_theme(item=item, title="Skoledag")]
    question = create_question(meeting=meeting)
    letter = create_letter(meeting=meeting, title="Invitation til {title}", contact_phone="12345678")
    create_enclosure(letter=letter)
    registration = create_registration(meeting=meeting, participants=0, topics="Et\nto")
    create_participant(registration=registration, name="Bo Hansen", themes=themes[:1])
    create_participant(registration=registration, name="Kis Juhl", withdrawn_at=NOW)
    create_answer(registration=registration, question=question)
    return meeting

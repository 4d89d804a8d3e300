"""One municipality and one meeting on a page: its answer, its mails, its history, and what can be done."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from invitations.models import Meeting, OutgoingEmail
from registrations import changing, municipality_history, on_behalf, registering
from registrations.addressees import Addressee, Group
from registrations.matching import match, standing
from registrations.messages import Message, write
from registrations.models import Author
from tests.admin_pages import count_queries
from tests.delegations import make_delegation
from tests.factories import (
    NOW,
    create_answer,
    create_decline,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_participant,
    create_programme_item,
    create_question,
    create_registration,
    create_staff,
    create_theme,
    get_municipality,
)
from tests.mails import owe_mail
from tests.wishes import as_it_is, instead_of, wanted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


@pytest.fixture
def meeting() -> Meeting:
    meeting = create_meeting()
    create_invitation(meeting=meeting)
    return meeting


def page(meeting: Meeting, code: str = "0657", query: str = "") -> str:
    return reverse("admin:invitations_meeting_municipality", args=[meeting.pk, code]) + query


def history(response: Any) -> list[tuple[str, str]]:
    return [(event.words, event.by) for event in response.context["history"]]


def verbs(response: Any) -> list[str]:
    return [str(verb.label) for verb in response.context["verbs"]]


def test_it_shows_who_comes_with_themes_answers_and_notes(officer: Client, meeting: Meeting) -> None:
    theme = create_theme(item=create_programme_item(meeting=meeting), title="Dagtilbud")
    registration = create_registration(
        meeting=meeting, participants=0, topics="Busser", contact_phone="12345678", staff_note="Ringede"
    )
    create_participant(registration=registration, name="Bo Formand", title="Formand", themes=[theme])
    create_participant(registration=registration, name="Ida", withdrawn_at=NOW)
    create_participant(registration=registration, name="Ole", waitlisted_at=NOW)
    create_answer(registration=registration, question=create_question(meeting=meeting), text="Samarbejdet.")

    response = officer.get(page(meeting))

    for shown in (
        "Delvist: 1 på venteliste",
        "Bo Formand",
        "Dagtilbud",
        "Samarbejdet.",
        "Busser",
        "12345678",
        "Ringede",
        registration.reference,
        "På venteliste",
    ):
        assertContains(response, shown)
    assertContains(response, 'aria-label="Afmeld Bo Formand"')
    assertNotContains(response, 'aria-label="Afmeld Ida"')


def test_a_decline_is_shown_with_its_note(officer: Client, meeting: Meeting) -> None:
    create_decline(meeting=meeting, note="Byråd samme dag", staff_note="Pr. telefon")

    response = officer.get(page(meeting))

    assertContains(response, "Byråd samme dag")
    assertContains(response, "Pr. telefon")


def test_offices_stand_with_what_became_of_their_mails(officer: Client, meeting: Meeting) -> None:
    dispatch = create_dispatch(invitation=meeting.invitations.get(), mailbox="udvalg@herning.example")
    OutgoingEmail.objects.filter(dispatches=dispatch).update(state="failed")

    response = officer.get(page(meeting))

    mail = reverse("admin:invitations_outgoingemail_change", args=[dispatch.email_id])
    assertContains(response, f'<a class="state state-failed" href="{mail}">Kunne ikke leveres</a>')


def test_the_personal_link_is_shown_to_those_who_may_change_the_meeting_only(
    officer: Client, client: Client, meeting: Meeting
) -> None:
    token = meeting.invitations.get().token
    shown = officer.get(page(meeting))
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_meeting"))
    client.force_login(reader)
    hidden = client.get(page(meeting))

    assertContains(shown, f'value="http://127.0.0.1:8000/svar/{token}" readonly')
    assertNotContains(hidden, token)
    assert (hidden.status_code, verbs(hidden)) == (200, [])


def test_one_that_is_not_invited_has_its_page_too(officer: Client, meeting: Meeting) -> None:
    response = officer.get(page(meeting, "0492"))

    assertContains(response, "Ikke inviteret endnu")
    assertContains(response, "Region Syddanmark")
    assertContains(response, "Der er ikke sket noget endnu.")
    assertNotContains(response, "Personligt link")


def test_acts_are_offered_as_the_meeting_and_the_answer_allow(officer: Client, meeting: Meeting) -> None:
    silent = verbs(officer.get(page(meeting)))
    create_decline(meeting=meeting)
    declined = verbs(officer.get(page(meeting)))
    meeting.cancel(at=NOW)
    cancelled = verbs(officer.get(page(meeting)))

    assert silent == ["Skriv", "Send det personlige link", "Tilmeld", "Giv senere frist", "Meld afbud"]
    assert declined == [
        "Skriv",
        "Send det personlige link",
        "Tilmeld",
        "Giv senere frist",
        "Fortryd afbuddet",
    ]
    assert cancelled == ["Skriv", "Fortryd afbuddet"]


def test_one_goes_through_the_list_that_one_came_from(officer: Client, meeting: Meeting) -> None:
    for name in ("Aarhus", "Ærø", "Viborg"):
        create_invitation(meeting=meeting, municipality=get_municipality(name))
    create_registration(meeting=meeting, municipality=get_municipality("Viborg"))

    response = officer.get(page(meeting, "0492", "?state=silent"))

    assert [
        (found[0].name, found[1]) for found in (response.context["previous"], response.context["next"])
    ] == [
        ("Herning", page(meeting, "0657", "?state=silent")),
        ("Aarhus", page(meeting, "0751", "?state=silent")),
    ]
    assertContains(response, "Intet svar</a>")


def test_the_first_has_none_before_it_and_one_beside_the_list_no_neighbours(
    officer: Client, meeting: Meeting
) -> None:
    first = officer.get(page(meeting, "0710"))
    beside = officer.get(page(meeting, query="?state=declined"))

    assert (first.context["previous"], first.context["next"][0].name) == (None, "Hedensted")
    assert (beside.context["previous"], beside.context["next"]) == (None, None)


def test_history_names_a_matched_registration_by_its_number(officer: Client, meeting: Meeting) -> None:
    registration = create_registration(meeting=meeting, awaits_match=True)
    staff = User.objects.get()
    match(registration, get_municipality(), seen=standing(registration), at=NOW, by=staff)

    response = officer.get(page(meeting))

    assertContains(response, f"{registration.reference}: Knyttet til Herning Kommune.")
    assertNotContains(response, "Herning Kommune: Knyttet")


def test_history_tells_everything_with_the_latest_first(officer: Client, meeting: Meeting) -> None:
    staff = User.objects.get()
    invitation = meeting.invitations.get()
    create_dispatch(invitation=invitation, mailbox="udvalg@herning.example")
    owe_mail(
        key=f"deadline-reminder:{meeting.pk}:0657:udvalg@herning.example:x",
        kind="deadline_reminder",
        about=meeting.slug,
        to="udvalg@herning.example",
        at=NOW + timedelta(hours=1),
    )
    on_behalf.decline(meeting, get_municipality(), by=staff, at=NOW + timedelta(hours=2))
    on_behalf.undo_decline(meeting, get_municipality(), by=staff, at=NOW + timedelta(hours=3))
    registration = on_behalf.register(
        meeting, make_delegation(meeting, people=2), by=staff, at=NOW + timedelta(hours=4)
    )
    withdrawn = registration.participants.all()[0]
    registering.withdraw(withdrawn, at=NOW + timedelta(hours=5))
    write(
        meeting,
        {get_municipality(): [Addressee(group=Group.CONTACT, name="Anne", email="anne@herning.example")]},
        Message(subject="Husk", text="Husk mødet."),
        key=uuid.uuid4(),
        by=staff,
        at=NOW + timedelta(hours=6),
    )

    response = officer.get(page(meeting))

    name = "sekretariatet"
    assert history(response) == [
        ("Besked fra sekretariatet på mail.", name),
        ("Afmelding på mail.", ""),
        (f"Afmeldt: {withdrawn.name}.", "kontaktpersonen"),
        ("Kalenderinvitation på mail.", ""),
        ("Kvittering på mail.", ""),
        (f"{registration.reference}: 2 deltagere tilmeldt på kommunens vegne.", name),
        ("Afbuddet bortfaldt.", name),
        ("Afbud.", name),
        ("Påmindelse om fristen på mail.", ""),
        ("Invitation på mail.", ""),
        ("Inviteret: Kommunen har fået sit personlige link.", ""),
    ]
    assert [len(event.mails) for event in response.context["history"]] == [1, 1, 0, 2, 1, 0, 0, 0, 1, 1, 0]


def test_a_mail_that_was_sent_again_says_who_did_it(officer: Client, meeting: Meeting) -> None:
    dispatch = create_dispatch(invitation=meeting.invitations.get())
    assert dispatch.email
    OutgoingEmail.objects.filter(dispatches=dispatch).update(state="failed")

    officer.post(reverse("admin:invitations_outgoingemail_resend", args=[dispatch.email_id]))

    assert history(officer.get(page(meeting)))[0] == ("Invitation på mail, sendt igen.", "sekretariatet")


def test_withdrawing_by_staff_is_told_once_with_who_did_it(officer: Client, meeting: Meeting) -> None:
    participant = create_participant(
        registration=create_registration(meeting=meeting, participants=0), name="Bo Formand"
    )

    officer.post(reverse("admin:registrations_participant_withdraw", args=[participant.pk]))

    told = [line for line in history(officer.get(page(meeting))) if "Bo Formand" in line[0]]
    assert told == [("Afmeldt: Bo Formand.", "sekretariatet")]


def test_other_municipalities_and_meetings_have_a_history_of_their_own(
    officer: Client, meeting: Meeting
) -> None:
    viborg = get_municipality("Viborg")
    shared = "faelles@example.dk"
    create_dispatch(invitation=create_invitation(meeting=meeting, municipality=viborg), mailbox=shared)
    create_dispatch(invitation=create_invitation(), mailbox=shared)
    create_registration(meeting=meeting, municipality=viborg)
    owe_mail(
        key=f"deadline-reminder:{meeting.pk}:0791:{shared}:x",
        kind="deadline_reminder",
        about=meeting.slug,
        to=shared,
    )

    assert history(officer.get(page(meeting))) == [("Inviteret: Kommunen har fået sit personlige link.", "")]


def test_no_such_municipality_is_no_page(officer: Client, meeting: Meeting) -> None:
    assert officer.get(page(meeting, "9999")).status_code == 404


def test_a_stranger_sees_nothing(client: Client, meeting: Meeting) -> None:
    client.force_login(User.objects.create_user("stranger", is_staff=True))

    assert client.get(page(meeting)).status_code == 403


def test_more_of_everything_asks_the_database_as_often(officer: Client, meeting: Meeting) -> None:
    counts = []
    for _ in range(2):
        theme = create_theme(item=create_programme_item(meeting=meeting))
        registration = create_registration(meeting=meeting, entered_by=User.objects.get())
        create_participant(registration=registration, themes=[theme])
        create_answer(registration=registration, question=create_question(meeting=meeting))
        create_dispatch(invitation=meeting.invitations.get())
        counts.append(count_queries(officer, page(meeting)))

    assert counts == [counts[0]] * 2


def withdrawals(meeting: Meeting) -> list[tuple[str, str]]:
    """What the history says of them, and who did it; the latest first."""
    found = municipality_history.correspondence(meeting, get_municipality())
    events = municipality_history.history(found)
    return [(event.words, event.by) for event in events if event.words.startswith("Afmeldt")]


def test_each_withdrawal_says_who_did_it_also_within_a_change(meeting: Meeting) -> None:
    registration = create_registration(meeting=meeting, participants=0)
    names = ("Ane", "Bo", "Cilla", "Dan", "Eva")
    people = {name: create_participant(registration=registration, name=name) for name in names}
    staff = create_staff(username="mette")

    def change(*without: str, instead: str = "", by: Author) -> None:
        registration.refresh_from_db()
        entries = [
            instead_of(person, name="Ida", email="ida@example.dk") if name == instead else as_it_is(person)
            for name, person in people.items()
            if name not in without
        ]
        wish = wanted(registration, *entries)
        if by is Author.STAFF:
            on_behalf.change(registration, wish, by=staff, at=NOW + timedelta(hours=2))
        else:
            changing.change(registration, wish, author=by, at=NOW + timedelta(hours=1))

    changing.withdraw_one(people["Ane"], author=Author.PARTICIPANT, at=NOW)
    change("Ane", "Bo", by=Author.CONTACT)
    change("Ane", "Bo", "Cilla", instead="Dan", by=Author.STAFF)

    assert withdrawals(meeting) == [
        ("Afmeldt: Cilla, Dan.", "mette"),
        ("Afmeldt: Bo.", "kontaktpersonen"),
        ("Afmeldt: Ane.", "deltageren selv"),
    ]


def test_who_is_withdrawn_by_a_decline_that_staff_note_is_withdrawn_by_them(meeting: Meeting) -> None:
    create_registration(meeting=meeting)
    staff = create_staff(username="mette")

    on_behalf.decline(meeting, get_municipality(), withdraw_participants=True, by=staff, at=NOW)

    assert [by for _words, by in withdrawals(meeting)] == ["mette"]

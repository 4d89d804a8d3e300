"""Changing what is registered in the browser: by the link of the receipt."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from time_machine import Traveller

from invitations.models import Meeting, OutgoingEmail
from registrations.models import Participant, Registration
from tests.delegations import END_OF_DEADLINE
from tests.factories import (
    NOW,
    create_guests,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_session,
    create_theme,
)
from tests.pages import inputs, page_text, summary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def page(registration: Registration) -> str:
    return f"/kvittering/{registration.token}/ret"


def delegation(meeting: Meeting | None = None) -> Registration:
    """Herning's Ane and Bo."""
    registration = create_registration(meeting=meeting or create_meeting(), participants=0)
    for name in ("Ane", "Bo"):
        create_participant(registration=registration, name=name, email=f"{name.lower()}@herning.example")
    return registration


def test_the_receipt_leads_to_the_form_until_the_deadline(client: Client, clock: Traveller) -> None:
    registration = delegation()
    receipt = f"/kvittering/{registration.token}"

    assert f'href="{page(registration)}"' in client.get(receipt).content.decode()
    assert "I rette tilmeldingen frem til fredag den 19. marts 2027" in page_text(client.get(receipt))

    clock.move_to(END_OF_DEADLINE)
    assert f'href="{page(registration)}"' not in client.get(receipt).content.decode()


def test_the_form_shows_what_is_registered(client: Client) -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting)
    theme = create_theme(item=item)
    registration = create_registration(meeting=meeting, participants=0, committee="Børneudvalget")
    ane = create_participant(
        registration=registration, name="Ane", email="ane@herning.example", title="Formand", themes=[theme]
    )

    sent = inputs(client.get(page(registration)))

    assert {name: values for name, values in sent.items() if name not in ("submission_key", "pasted")} == {
        "version": ["1"],
        "committee": ["Børneudvalget"],
        "contact_name": ["Anne Sekretær"],
        "contact_email": ["anne@herning.example"],
        "contact_phone": [""],
        "row": ["0"],
        "participant-0-known": [str(ane.pk)],
        "participant-0-name": ["Ane"],
        "participant-0-title": ["Formand"],
        "participant-0-email": ["ane@herning.example"],
        f"participant-0-theme-{item.pk}": [str(theme.pk)],
        f"seats-{ane.session_id}": [""],
        "topics": [""],
    }


def test_a_change_is_checked_then_saved(client: Client) -> None:
    registration = delegation()
    typed = inputs(client.get(page(registration))) | {
        "participant-0-title": "Formand",
        "participant-1-name": "Ida",
        "participant-1-email": "ida@herning.example",
        "participant-1-instead": "on",
    }

    check = client.post(page(registration), typed | {"do": "check"})

    assert (
        "Det her bliver ændret. Intet er gemt endnu. Stedfortræder: Ida kommer i stedet for Bo "
        "Titel for Ane: Formand" in page_text(check)
    )
    assert OutgoingEmail.objects.count() == 0

    saved = client.post(page(registration), inputs(check) | {"do": "send"})

    assert saved.headers["Location"] == f"/kvittering/{registration.token}?rettet"
    receipt = page_text(client.get(saved.headers["Location"]))
    assert receipt.startswith("Trin 3 af 3 Kvittering Jeres ændringer er gemt")
    assert "Ida ida@herning.example Kommer i stedet for Bo" in receipt
    assert Participant.objects.get(name="Ida").substitute_for == Participant.objects.get(name="Bo")


def test_somebody_is_added_and_somebody_withdrawn_without_javascript(client: Client) -> None:
    registration = delegation()
    without_bo = client.post(page(registration), inputs(client.get(page(registration))) | {"do": "remove:1"})
    one_more = inputs(client.post(page(registration), inputs(without_bo) | {"do": "add"}))
    [_first, row] = one_more["row"]

    check = client.post(
        page(registration),
        one_more
        | {
            f"participant-{row}-name": "Kaj",
            f"participant-{row}-email": "kaj@herning.example",
            "do": "check",
        },
    )
    client.post(page(registration), inputs(check) | {"do": "send"})

    assert "Tilføjet: Kaj Afmeldt: Bo" in page_text(check)
    assert list(registration.participants.filter(withdrawn_at=None).values_list("name", flat=True)) == [
        "Ane",
        "Kaj",
    ]


def test_back_from_the_check_keeps_all_that_was_typed(client: Client) -> None:
    registration = delegation()
    typed = inputs(client.get(page(registration))) | {
        "participant-1-name": "Ida",
        "participant-1-instead": "on",
        "topics": "Skolefravær",
    }
    check = client.post(page(registration), typed | {"do": "check"})

    again = inputs(client.post(page(registration), inputs(check) | {"do": "edit"}))

    assert again["participant-1-name"] == ["Ida"]
    assert again["participant-1-instead"] == ["True"]
    assert again["topics"] == ["Skolefravær"]


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(client: Client) -> None:
    registration = delegation()
    typed = inputs(client.get(page(registration))) | {
        "participant-0-title": "Formand",
        "participant-1-email": "bo@",
        "do": "check",
    }

    response = client.post(page(registration), typed)

    assert summary(response) == [
        ("Bo: Indtast en e-mailadresse som navn@kommune.dk", "participant-1-email"),
    ]
    assert inputs(response)["participant-0-title"] == ["Formand"]
    assert inputs(response)["participant-1-email"] == ["bo@"]


def test_nothing_changed_is_said(client: Client) -> None:
    registration = delegation()

    check = client.post(page(registration), inputs(client.get(page(registration))) | {"do": "check"})

    assert "I har ikke ændret noget." in page_text(check)
    assert 'value="send"' not in check.content.decode()


def test_a_form_older_than_the_registration_changes_nothing_and_shows_what_was_typed(
    client: Client,
) -> None:
    registration = delegation()
    old = inputs(client.get(page(registration))) | {"participant-0-title": "Formand"}
    client.post(page(registration), inputs(client.get(page(registration))) | {"topics": "Nyt", "do": "send"})

    for button in ("check", "send"):
        response = client.post(page(registration), old | {"do": button})

        assert response.status_code == 409
        assert "Tilmeldingen er blevet ændret i mellemtiden" in page_text(response)
        assert "Formand" in page_text(response)
    assert Participant.objects.get(name="Ane").title == ""


def test_the_same_page_sent_twice_is_one_change(client: Client) -> None:
    registration = delegation()
    typed = inputs(client.get(page(registration))) | {"participant-0-title": "Formand", "do": "send"}

    answers = [client.post(page(registration), typed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert OutgoingEmail.objects.count() == 1


def test_a_substitute_sent_twice_is_one_substitute(client: Client) -> None:
    registration = delegation()
    typed = inputs(client.get(page(registration))) | {
        "participant-1-name": "Ida",
        "participant-1-email": "ida@herning.example",
        "participant-1-instead": "on",
        "do": "send",
    }

    answers = [client.post(page(registration), typed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert list(registration.participants.filter(withdrawn_at=None).values_list("name", flat=True)) == [
        "Ane",
        "Ida",
    ]


def test_what_was_typed_is_shown_without_what_only_the_form_knows(client: Client, clock: Traveller) -> None:
    registration = delegation()
    typed = inputs(client.get(page(registration)))
    clock.move_to(END_OF_DEADLINE)

    text = page_text(client.post(page(registration), typed | {"do": "check"}))

    assert "Deltagerens navn Ane Deltagerens e-mailadresse ane@herning.example Deltager 2" in text


def test_a_deadline_that_passes_while_typing_loses_nothing(client: Client, clock: Traveller) -> None:
    registration = delegation()
    typed = inputs(client.get(page(registration))) | {"participant-0-title": "Formand"}
    clock.move_to(END_OF_DEADLINE)

    for button in ("check", "send"):
        response = client.post(page(registration), typed | {"do": button})

        assert response.status_code == 409
        text = page_text(response)
        assert "Tilmeldingsfristen er overskredet. Fristen var fredag den 19. marts 2027." in text
        assert "hvis noget skal rettes" in text
        assert "Formand" in text


def test_a_session_that_was_removed_while_typing_is_asked_for_again(client: Client) -> None:
    meeting = create_meeting()
    other = create_session(meeting=meeting, starts_date=date(2027, 4, 16))
    third = create_session(meeting=meeting, starts_date=date(2027, 4, 17))
    registration = delegation(meeting)
    typed = inputs(client.get(page(registration))) | {"participant-1-session": str(other.pk)}
    other.delete()

    response = client.post(page(registration), typed | {"do": "send"})

    assert summary(response) == [
        (
            "Bo: Vælg, om I deltager den 15.\xa0april eller 17.\xa0april",
            "participant-1-session_0",
        )
    ]
    assert third.participants.count() == 0


def test_a_theme_renamed_while_typing_is_still_the_one_that_was_picked(client: Client) -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting)
    one, two = create_theme(item=item, title="Et"), create_theme(item=item, title="To")
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, name="Ane", email="ane@herning.example", themes=[one])
    typed = inputs(client.get(page(registration))) | {f"participant-0-theme-{item.pk}": str(two.pk)}
    two.title = "Trivsel"
    two.save()

    check = client.post(page(registration), typed | {"do": "check"})

    assert "Tema for Ane: Trivsel" in page_text(check)


def test_after_the_deadline_the_page_says_whom_to_contact(client: Client, clock: Traveller) -> None:
    registration = delegation()
    clock.move_to(END_OF_DEADLINE)

    text = page_text(client.get(page(registration)))

    assert "Tilmeldingen kan ikke længere rettes her Tilmeldingsfristen er overskredet." in text
    assert "I kan stadig afmelde deltagere. Kontakt KL på" in text


def test_a_place_without_a_name_may_stay_so_or_be_named(client: Client) -> None:
    registration = delegation()
    for position in (2, 3):
        Participant.objects.create(
            registration=registration,
            session=registration.meeting.sessions.all()[0],
            position=position,
        )
    typed = inputs(client.get(page(registration))) | {
        "participant-3-name": "Kaj",
        "participant-3-email": "kaj@herning.example",
        "do": "send",
    }

    client.post(page(registration), typed)

    assert list(registration.participants.values_list("name", flat=True)) == ["Ane", "Bo", "", "Kaj"]


def test_a_place_without_a_name_needs_name_and_address_together(client: Client) -> None:
    registration = delegation()
    Participant.objects.create(
        registration=registration, session=registration.meeting.sessions.all()[0], position=2
    )

    response = client.post(
        page(registration),
        inputs(client.get(page(registration))) | {"participant-2-title": "Formand", "do": "send"},
    )

    assert summary(response) == [
        ("Deltager 3: Navn følger: Indtast deltagerens navn", "participant-2-name"),
        ("Deltager 3: Navn følger: Indtast en e-mailadresse", "participant-2-email"),
    ]


def test_everybody_is_withdrawn_by_a_page_with_a_button(client: Client) -> None:
    registration = delegation()
    address = f"/kvittering/{registration.token}/afmeld"

    form = inputs(client.get(address))
    assert form["participants"] == [str(one.pk) for one in registration.participants.all()]
    assert registration.participants.active().count() == 2
    response = client.post(address, form)

    assert response.headers["Location"] == f"/kvittering/{registration.token}"
    assert registration.participants.active().count() == 0
    assert "Ingen er tilmeldt længere." in page_text(client.get(address))


def test_the_receipt_leads_to_withdrawing_one_and_to_nobodys_own_page(client: Client) -> None:
    registration = delegation()
    bo = Participant.objects.get(name="Bo")
    receipt = client.get(f"/kvittering/{registration.token}").content.decode()
    address = f"/kvittering/{registration.token}/afmeld?deltager={bo.pk}"

    assert f'href="{address}"' in receipt
    assert "/deltager/" not in receipt
    form = inputs(client.get(address))
    answers = [client.post(address, form).status_code for _ in range(2)]

    assert (form["participants"], answers) == ([str(bo.pk)], [303, 303])
    assert [one.name for one in registration.participants.active()] == ["Ane"]
    assert sorted(OutgoingEmail.objects.values_list("kind", "to")) == [
        ("change", "anne@herning.example"),
        ("withdrawal", "bo@herning.example"),
    ]


@pytest.mark.parametrize("ticked", [[], ["0"], ["x"], ["\x00"], ["9" * 25]])
def test_who_ticks_nobody_is_asked_to(client: Client, ticked: list[str]) -> None:
    registration = delegation()
    address = f"/kvittering/{registration.token}/afmeld"

    response = client.post(address, {"participants": ticked})

    assert summary(response) == [("Sæt kryds ved dem, der skal afmeldes", "participants")]
    assert registration.participants.active().count() == 2


def test_what_the_secretariat_entered_for_guests_is_not_changed_here(client: Client) -> None:
    guests = create_guests(meeting=create_meeting())

    response = client.get(page(guests))

    assert "Tilmeldingen kan ikke længere rettes her" in page_text(response)
    assert "<form" not in response.content.decode().split("<main")[1].split("</main")[0]


def test_an_expired_form_comes_back_as_typed() -> None:
    strict = Client(enforce_csrf_checks=True)
    registration = delegation()
    typed = inputs(strict.get(page(registration))) | {"participant-0-title": "Formand", "do": "send"}

    response = strict.post(page(registration), typed)

    assert response.status_code == 403
    assert inputs(response)["participant-0-title"] == ["Formand"]
    assert inputs(response)["version"] == ["1"]


def test_a_withdrawn_participant_is_not_in_the_form(client: Client) -> None:
    registration = delegation()
    Participant.objects.filter(name="Bo").update(withdrawn_at=NOW)

    assert inputs(client.get(page(registration)))["row"] == ["0"]

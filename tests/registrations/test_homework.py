"""Answering the meeting's questions: as a draft, then sent, from two tabs, and until the meeting starts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from invitations.admin.meeting_pages import page_url
from invitations.models import Meeting, OutgoingEmail, Question
from registrations import registering
from registrations.models import Answer, Registration
from tests.delegations import make_delegation
from tests.factories import (
    NOW,
    create_answer,
    create_meeting,
    create_question,
    create_registration,
    create_session,
    create_staff,
    get_municipality,
)
from tests.pages import inputs, page_text, summary, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def registration() -> Registration:
    """Herning's, of a meeting with two questions."""
    meeting = create_meeting()
    create_question(meeting=meeting, text="Hvad lykkes?")
    create_question(meeting=meeting, text="Hvad er svært?")
    return create_registration(meeting=meeting)


def page(registration: Registration) -> str:
    return f"/kvittering/{registration.token}/svar"


def fields(registration: Registration) -> list[str]:
    return [f"question-{question.pk}" for question in registration.meeting.questions.all()]


def write(
    client: Client, registration: Registration, *texts: str, do: str = "draft", form: Any = None
) -> Any:
    """Open the page unless `form` is open, write into its fields and press a button."""
    form = inputs(client.get(page(registration))) if form is None else form
    return client.post(
        page(registration), {**form, **dict(zip(fields(registration), texts, strict=False)), "do": do}
    )


def shown(client: Client, registration: Registration) -> list[str]:
    """What stands in the fields when the page is opened."""
    form = inputs(client.get(page(registration)))
    return [form[name][0] for name in fields(registration)]


def stored() -> list[tuple[str, str]]:
    return list(Answer.objects.order_by("question__position").values_list("text", "draft"))


def test_a_draft_is_kept_and_nobody_at_kl_sees_it(client: Client, registration: Registration) -> None:
    saved = write(client, registration, "Samarbejdet\n🙂", "")

    assert (saved.status_code, saved["Location"]) == (303, f"{page(registration)}?gemt")
    assert "Kladden er gemt. Den er ikke sendt endnu." in page_text(client.get(saved["Location"]))
    assert stored() == [("", "Samarbejdet\n🙂")]
    assert shown(client, registration) == ["Samarbejdet\n🙂", ""]


def test_what_is_sent_takes_the_place_of_draft_and_earlier_answer(
    client: Client, registration: Registration
) -> None:
    create_answer(registration=registration, question=registration.meeting.questions.all()[0], text="Før")
    write(client, registration, "Kladde", "Andet")

    sent = write(client, registration, "Nyt", "Andet", do="send")

    assert sent["Location"] == f"{page(registration)}?sendt"
    assert "Tak. Jeres svar er sendt." in page_text(client.get(sent["Location"]))
    assert stored() == [("Nyt", ""), ("Andet", "")]


def test_while_there_is_a_draft_the_page_says_what_kl_has_got(
    client: Client, registration: Registration
) -> None:
    create_answer(registration=registration, question=registration.meeting.questions.all()[0], text="Før")

    write(client, registration, "Kladde")

    text = page_text(client.get(page(registration)))
    assert "En kladde, ikke sendt. Det, KL har fået fra jer: Før" in text
    assert stored() == [("Før", "Kladde")]


def test_a_draft_that_is_as_it_was_sent_is_none(client: Client, registration: Registration) -> None:
    create_answer(registration=registration, question=registration.meeting.questions.all()[0], text="Før")
    write(client, registration, "Kladde")

    write(client, registration, "Før")

    assert stored() == [("Før", "")]


def test_an_answer_is_taken_back_by_sending_it_empty_and_not_by_a_draft(
    client: Client, registration: Registration
) -> None:
    create_answer(registration=registration, question=registration.meeting.questions.all()[0], text="Før")

    draft = write(client, registration, "")
    kept = stored()
    write(client, registration, "", do="send")

    assert summary(draft) == [
        ("I har sendt et svar her. Tryk på Send svar, hvis det skal trækkes tilbage", fields(registration)[0])
    ]
    assert (kept, stored()) == ([("Før", "")], [])


def test_nothing_at_all_is_not_sent_but_a_draft_may_be_emptied(
    client: Client, registration: Registration
) -> None:
    refused = write(client, registration, "", "", do="send")
    write(client, registration, "Kladde")
    write(client, registration, "")

    assert summary(refused) == [("Svar på mindst ét spørgsmål", fields(registration)[0])]
    assert stored() == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * 2001, "Skriv højst 2000 tegn"),
        ("CPR 010203-1234", "Skriv ikke CPR-numre her"),
        ("a\x00b", "Skriv teksten uden usynlige tegn"),
    ],
)
@pytest.mark.parametrize("do", ["draft", "send"])
def test_what_cannot_be_kept_is_said_at_the_field_and_stays_there(
    client: Client, registration: Registration, text: str, sentence: str, do: str
) -> None:
    response = write(client, registration, "Godt", text, do=do)

    assert summary(response) == [(sentence, fields(registration)[1])]
    assert inputs(response)[fields(registration)[0]] == ["Godt"]
    assert stored() == []


# Two tabs.


@pytest.mark.parametrize("do", ["draft", "send"])
def test_a_tab_does_not_overwrite_what_another_has_saved_and_shows_both(
    client: Client, registration: Registration, do: str
) -> None:
    first = inputs(client.get(page(registration)))
    write(client, registration, "Fra den anden", "Også")

    refused = write(client, registration, "Fra den første", "", do=do, form=first)

    assert refused.status_code == 409
    assert ("Et andet svar er gemt imens. Vælg, hvilket der skal gælde", fields(registration)[0]) in summary(
        refused
    )
    assert inputs(refused)[fields(registration)[0]] == ["Fra den første"]
    assert "Gemt imens fra et andet vindue Fra den anden" in page_text(refused)
    assert stored() == [("", "Fra den anden"), ("", "Også")]

    write(client, registration, "Begge dele", do=do, form=inputs(refused))

    assert stored()[0] == (("", "Begge dele") if do == "draft" else ("Begge dele", ""))


def test_a_tab_that_wrote_nothing_new_takes_over_what_another_has_saved(
    client: Client, registration: Registration
) -> None:
    first = inputs(client.get(page(registration)))
    write(client, registration, "Fra den anden")

    saved = write(client, registration, "", "Fra den første", form=first)

    assert saved.status_code == 303
    assert stored() == [("", "Fra den anden"), ("", "Fra den første")]


def test_a_tab_sends_nothing_that_it_has_not_shown(client: Client, registration: Registration) -> None:
    first = inputs(client.get(page(registration)))
    write(client, registration, "Ikke set")

    refused = write(client, registration, "", "Fra den første", do="send", form=first)

    assert refused.status_code == 409
    assert [target for _sentence, target in summary(refused)] == fields(registration)[:1]
    assert stored() == [("", "Ikke set")]


@pytest.mark.parametrize("do", ["draft", "send"])
def test_sent_twice_it_is_done_once(client: Client, registration: Registration, do: str) -> None:
    form = inputs(client.get(page(registration)))

    answers = [write(client, registration, "Svar", do=do, form=form).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert stored() == [("", "Svar") if do == "draft" else ("Svar", "")]


def test_who_tampers_with_what_was_seen_overwrites_nothing(
    client: Client, registration: Registration
) -> None:
    write(client, registration, "Fra den anden")

    response = client.post(page(registration), {fields(registration)[0]: "Nyt", "do": "draft"})

    assert (response.status_code, stored()) == (409, [("", "Fra den anden")])


def test_a_page_that_was_open_for_too_long_comes_back_with_what_was_typed(registration: Registration) -> None:
    client = Client(enforce_csrf_checks=True)

    response = write(client, registration, "Langt svar")

    assert response.status_code == 403
    assert "Siden har været åben for længe." in page_text(response)
    assert inputs(response)[fields(registration)[0]] == ["Langt svar"]


# Until when.


@pytest.mark.parametrize("do", ["draft", "send"])
def test_answers_are_taken_until_the_meeting_starts(
    client: Client, registration: Registration, clock: Traveller, do: str
) -> None:
    form = inputs(client.get(page(registration)))
    clock.move_to("2027-04-15T16:59:00+02:00")
    early = write(client, registration, "Til tiden", do=do)
    clock.move_to("2027-04-15T17:00:00+02:00")

    late = write(client, registration, "For sent", do=do, form=form)

    assert (early.status_code, late.status_code) == (303, 409)
    assert "Det, I skrev, er ikke sendt" in page_text(late)
    assert "For sent" in page_text(late)
    assert stored() == [("", "Til tiden") if do == "draft" else ("Til tiden", "")]


def test_afterwards_the_page_shows_what_was_sent_and_what_was_not(
    client: Client, registration: Registration, clock: Traveller
) -> None:
    write(client, registration, "Sendt svar", do="send")
    write(client, registration, "Sendt svar", "Ufærdigt")
    clock.move_to("2027-04-15T17:00:00+02:00")

    text = page_text(client.get(page(registration)))

    assert "Der kan ikke svares længere." in text
    assert (
        "Hvad lykkes? Sendt svar Hvad er svært? Der er ikke sendt et svar. En kladde, ikke sendt. Ufærdigt"
        in text
    )


def test_who_comes_to_the_second_of_two_sessions_answers_until_that(
    client: Client, registration: Registration, clock: Traveller
) -> None:
    second = create_session(meeting=registration.meeting, starts_date=NOW.date().replace(month=6))
    registration.participants.update(session=second)
    clock.move_to("2027-05-01T12:00:00+02:00")

    assert write(client, registration, "Svar").status_code == 303


@pytest.mark.parametrize("change", ["cancelled", "withdrawn"])
def test_a_cancelled_meeting_and_a_delegation_that_does_not_come_answer_nothing(
    client: Client, registration: Registration, change: str
) -> None:
    form = inputs(client.get(page(registration)))
    if change == "cancelled":
        registration.meeting.cancel(at=NOW)
    else:
        registering.withdraw(registration.participants.get(), at=NOW)

    assert write(client, registration, "Svar", form=form).status_code == 409
    assert stored() == []


def test_a_meeting_without_questions_has_no_such_page(client: Client) -> None:
    assert client.get(page(create_registration())).status_code == 404


def test_who_follows_the_address_changes_nothing(client: Client, registration: Registration) -> None:
    client.get(page(registration), {fields(registration)[0]: "Nyt", "do": "send"})

    assert stored() == []


# Who sees what.


def test_only_what_is_sent_is_shown_to_the_secretariat_and_on_the_receipt(
    client: Client, registration: Registration
) -> None:
    write(client, registration, "SENDTSVAR", do="send")
    write(client, registration, "KLADDEN", "KLADDEN")
    client.force_login(create_staff())
    pages = [
        page_url("municipality", registration.meeting, code="0657"),
        reverse("admin:registrations_registration_change", args=[registration.pk]),
        f"/kvittering/{registration.token}",
    ]

    contents = [client.get(url).content.decode() for url in pages]

    assert [("SENDTSVAR" in text, "KLADDEN" in text) for text in contents] == [(True, False)] * 3


def test_the_receipt_leads_to_the_page_and_says_that_there_is_a_draft(
    client: Client, registration: Registration
) -> None:
    receipt = f"/kvittering/{registration.token}"
    before = page_text(client.get(receipt))
    write(client, registration, "Kladde")

    after = client.get(receipt)

    assert "Svar på mødets spørgsmål" in before
    assert "I har en kladde, der ikke er sendt. Svar på mødets spørgsmål" in page_text(after)
    assert f'href="{page(registration)}"' in after.content.decode()


@pytest.mark.parametrize("has_questions", [True, False])
def test_the_mail_of_the_receipt_names_the_page_where_there_are_questions(has_questions: bool) -> None:
    meeting = create_meeting()
    if has_questions:
        create_question(meeting=meeting)

    registration = registering.register(meeting, make_delegation(meeting), at=NOW)

    mail = OutgoingEmail.objects.get(kind="receipt")
    assert [page(registration) in part for part in (mail.text, mail.html)] == [has_questions] * 2
    assert [("Svar på dem nu eller senere" in part) for part in (mail.text, mail.html)] == [has_questions] * 2


# The first form.


def test_what_stands_in_the_first_form_is_sent_with_it(client: Client) -> None:
    meeting = create_meeting()
    question = create_question(meeting=meeting)

    client.post(f"/{meeting.slug}/tilmeld", typed({f"question-{question.pk}": "Svar"}, do="send"))

    assert stored() == [("Svar", "")]


def test_the_first_form_sent_again_is_the_same_whatever_has_been_answered_since(client: Client) -> None:
    meeting = create_meeting()
    question = create_question(meeting=meeting)
    data = typed({f"question-{question.pk}": "Svar"}, do="send")
    address = f"/{meeting.slug}/tilmeld"
    first = client.post(address, data)
    registration = Registration.objects.get()

    write(client, registration, "Kladde")
    after_a_draft = client.post(address, data)
    write(client, registration, "Andet svar", do="send")
    after_another = client.post(address, data)

    assert [one["Location"] for one in (after_a_draft, after_another)] == [first["Location"]] * 2
    assert stored() == [("Andet svar", "")]


def test_the_first_form_sent_again_with_another_answer_is_another(client: Client) -> None:
    meeting = create_meeting()
    question = create_question(meeting=meeting)
    data = typed({f"question-{question.pk}": "Svar"}, do="send")
    client.post(f"/{meeting.slug}/tilmeld", data)

    again = client.post(f"/{meeting.slug}/tilmeld", {**data, f"question-{question.pk}": "Andet"})

    assert again.status_code == 409
    assert stored() == [("Svar", "")]


def test_each_delegation_answers_for_itself(client: Client, registration: Registration) -> None:
    other = create_registration(meeting=registration.meeting, municipality=get_municipality("Aarhus"))

    write(client, registration, "Hernings", do="send")
    write(client, other, "Aarhus'", do="send")

    assert Meeting.objects.count() == 1
    assert Question.objects.count() == 2
    assert stored() == [("Hernings", ""), ("Aarhus'", "")]

from __future__ import annotations

from datetime import date, time

import pytest
from django.utils import translation
from pytest_django import Settings

from invitations.mail_text import compose, day_in_sentence, link, title_in_sentence
from invitations.models import Sender, Session
from tests.factories import create_meeting


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Politisk møde i Region Midtjylland", "politisk møde i Region Midtjylland"),
        ("Regionalt politisk møde", "regionalt politisk møde"),
        ("Møde for udvalgsformænd", "møde for udvalgsformænd"),
        ("Temamøde om dagtilbud", "temamøde om dagtilbud"),
        ("KL's møde for formænd", "KL's møde for formænd"),
        ("Herning inviterer", "Herning inviterer"),
        ("Politiken i Aarhus", "Politiken i Aarhus"),
        ("", ""),
    ],
)
def test_a_title_within_a_sentence_begins_with_a_small_letter_unless_it_is_a_name(
    title: str, expected: str
) -> None:
    assert title_in_sentence(title) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"starts_time": time(17), "ends_time": time(19)}, "28. marts 2019 kl. 17-19"),
        ({"starts_time": time(17), "ends_time": time(18, 45)}, "28. marts 2019 kl. 17.00-18.45"),
        ({"starts_time": time(9, 30)}, "28. marts 2019 kl. 9.30"),
        ({}, "28. marts 2019"),
        (
            {"starts_time": time(9), "ends_date": date(2019, 3, 29), "ends_time": time(16)},
            "28. marts 2019 kl. 9.00",
        ),
    ],
)
def test_a_day_within_a_sentence_has_the_time_of_the_session(fields: dict[str, time], expected: str) -> None:
    assert day_in_sentence(Session(starts_date=date(2019, 3, 28), **fields)) == expected


@pytest.mark.django_db
def test_links_are_absolute_and_danish_whatever_the_language(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.example"

    with translation.override("en"):
        assert link("registrations:participant", "abc") == "https://tilmeld.example/deltager/abc"


@pytest.mark.django_db
def test_a_mail_is_signed_by_the_sender_of_the_admin() -> None:
    Sender.objects.update(name="KL", mailbox="moeder@kl.example", phone="1234 5678")

    text = compose("registrations/mail/decline", {"meeting": create_meeting()}).text

    assert text.split("--\n")[0].endswith("Med venlig hilsen\nKL\nmoeder@kl.example\nTlf. 1234 5678\n\n")


@pytest.mark.django_db
def test_a_subject_is_one_line_whatever_the_title() -> None:
    context = {"title": "politisk møde\r\nBcc: alle@example.com", "when": "28. marts 2019"}

    subject = compose("registrations/mail/withdrawal", context).subject

    assert subject == "Afmeldt: politisk møde Bcc: alle@example.com den 28. marts 2019"

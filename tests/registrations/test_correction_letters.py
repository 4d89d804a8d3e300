from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import translation

from invitations.letters import preview
from invitations.models import Letter, Meeting
from registrations.correction_letters import list_of_changes, prepare_correction_letter
from registrations.drafts import draft_of
from tests.factories import (
    NOW,
    PUBLISHED,
    create_letter,
    create_meeting,
    create_office,
    create_staff,
    get_municipality,
)
from tests.told import fresh, send_letter, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    return create_staff()


@pytest.fixture
def meeting() -> Meeting:
    """Its letter of 25 January says that it is from 17 to 19, and it is from 18 to 20 by now."""
    meeting = create_meeting()
    send_letter(meeting)
    meeting.sessions.update(starts_time=time(18), ends_time=time(20))
    return meeting


def prepare(meeting: Meeting, staff: User) -> Letter:
    return prepare_correction_letter(fresh(meeting), at=NOW, by=staff)


def lead_of(letter: Letter) -> list[str]:
    return letter.sections.all()[0].text.split("\n")


def test_the_letter_says_what_has_changed_since_the_one_that_it_replaces(
    meeting: Meeting, staff: User
) -> None:
    letter = prepare(meeting, staff)

    assert (letter.kind, letter.date, letter.replaces) == ("change", NOW.date(), date(2027, 1, 25))
    assert lead_of(letter) == [
        "Der er ændringer til politisk møde i Region Midtjylland. "
        "I forhold til vores brev af 25. januar 2027 er dette nyt:",
        "",
        "- **Nyt tidspunkt:** kl. 18-20 (før: kl. 17-19)",
        "",
        "Har I tilmeldt jer, gælder tilmeldingen stadig, og I skal ikke gøre noget.",
    ]


def test_the_letter_is_danish_whoever_drafts_it(meeting: Meeting, staff: User) -> None:
    with translation.override("en"):
        letter = prepare(meeting, staff)

    assert lead_of(letter)[2] == "- **Nyt tidspunkt:** kl. 18-20 (før: kl. 17-19)"


def test_what_looks_like_markup_or_a_placeholder_is_printed_as_it_stands(
    meeting: Meeting, staff: User
) -> None:
    meeting.sessions.update(venue_name="Sal *1* [øst] {nord} _ny_", venue_street="")

    letter = prepare(meeting, staff)

    version = preview(letter, at=NOW)
    assert "Sal *1* [øst] {nord} _ny_" in version.html.replace("\u00a0", " ")


def test_preparing_twice_is_one_draft(meeting: Meeting, staff: User) -> None:
    first, again = prepare(meeting, staff), prepare(meeting, staff)

    assert again == first
    assert Letter.objects.filter(kind="change").count() == 1


def test_what_staff_have_written_stays_when_the_list_is_put_right(meeting: Meeting, staff: User) -> None:
    letter = prepare(meeting, staff)
    section = letter.sections.all()[0]
    section.text = section.text.replace("er dette nyt:", "flytter vi mødet en time:") + "\n\nVi beklager."
    section.save()
    meeting.sessions.update(starts_time=time(19), ends_time=time(21), venue_street="Torvet 7")

    prepare(meeting, staff)

    letter.refresh_from_db()
    assert lead_of(letter) == [
        "Der er ændringer til politisk møde i Region Midtjylland. "
        "I forhold til vores brev af 25. januar 2027 flytter vi mødet en time:",
        "",
        "- **Nyt tidspunkt:** kl. 19-21 (før: kl. 17-19)",
        "- **Nyt sted:** Rådhuset i Herning, Torvet 7, 7400 Herning "
        "(før: Rådhuset i Herning, Torvet 5, 7400 Herning)",
        "",
        "Har I tilmeldt jer, gælder tilmeldingen stadig, og I skal ikke gøre noget.",
        "",
        "Vi beklager.",
    ]


def test_a_draft_that_was_written_by_hand_gets_the_list_in_front(meeting: Meeting, staff: User) -> None:
    letter = create_letter(meeting=meeting, kind=Letter.Kind.CHANGE, letter_date=date(2027, 1, 30))

    prepare(meeting, staff)

    assert lead_of(letter) == [
        "- **Nyt tidspunkt:** kl. 18-20 (før: kl. 17-19)",
        "",
        "Vi vil gerne invitere jer til et politisk møde.",
    ]


def test_a_draft_tells_what_it_lacks_and_what_is_no_longer_so(meeting: Meeting, staff: User) -> None:
    letter = prepare(meeting, staff)
    right = list_of_changes(letter, wrong(meeting).letter_differences)
    meeting.sessions.update(starts_time=time(19), ends_time=time(21))

    outdated = list_of_changes(letter, wrong(meeting).letter_differences)

    assert not right
    assert (outdated.missing, outdated.outdated) == (
        ["Nyt tidspunkt: kl. 19-21 (før: kl. 17-19)"],
        ["Nyt tidspunkt: kl. 18-20 (før: kl. 17-19)"],
    )


def test_the_second_letter_of_a_day_is_dated_that_day_and_has_a_file_name_of_its_own(
    meeting: Meeting, staff: User
) -> None:
    first = send_letter(meeting, kind=Letter.Kind.CHANGE, letter_date=NOW.date())
    meeting.sessions.update(starts_time=time(19), ends_time=time(21))

    second = prepare(meeting, staff)

    assert second.date == NOW.date()
    assert [letter.filename.removeprefix(meeting.slug) for letter in (first, second)] == [
        "-aendring-2027-02-01.pdf",
        "-aendring-2027-02-01-2.pdf",
    ]


def test_the_letter_goes_on_from_the_one_that_was_sent_last(meeting: Meeting, staff: User) -> None:
    create_letter(
        meeting=meeting,
        kind=Letter.Kind.SAVE_THE_DATE,
        letter_date=date(2027, 1, 29),
        sent_at=PUBLISHED - timedelta(days=9),
    )

    letter = prepare(meeting, staff)

    assert letter.replaces == date(2027, 1, 25)
    assert "I forhold til vores brev af 25. januar 2027" in lead_of(letter)[0]


def test_a_follow_up_is_no_letter_to_go_on_from(meeting: Meeting, staff: User) -> None:
    send_letter(meeting, kind=Letter.Kind.FOLLOW_UP, letter_date=date(2027, 1, 30))

    assert "I forhold til vores brev af 25. januar 2027" in lead_of(prepare(meeting, staff))[0]


def test_where_nothing_is_wrong_no_letter_is_drafted(staff: User) -> None:
    meeting = create_meeting()
    send_letter(meeting)

    with pytest.raises(ValidationError, match="Det, der står i brevene, passer"):
        prepare(meeting, staff)


def test_where_no_letter_has_been_sent_none_is_drafted(staff: User) -> None:
    with pytest.raises(ValidationError):
        prepare(create_meeting(), staff)


def test_a_letter_that_waits_for_its_time_is_not_drafted_anew(meeting: Meeting, staff: User) -> None:
    letter = prepare(meeting, staff)
    Letter.objects.filter(pk=letter.pk).update(send_at=NOW + timedelta(days=1), send_by=staff)

    with pytest.raises(ValidationError, match="venter allerede"):
        prepare(meeting, staff)
    draft = draft_of(fresh(meeting), Letter.Kind.CHANGE, at=NOW)

    assert draft is not None
    assert not draft.can_be_sent
    assert draft.problems == [
        "Brevet er planlagt til at blive sendt den 2. februar 2027 kl. 12.00. Fortryd det først."
    ]


def test_a_draft_says_why_it_cannot_be_sent(meeting: Meeting, staff: User) -> None:
    prepare(meeting, staff)
    get_municipality().offices.update(mailbox="")

    draft = draft_of(fresh(meeting), Letter.Kind.CHANGE, at=NOW)
    create_office()
    mended = draft_of(fresh(meeting), Letter.Kind.CHANGE, at=NOW)

    assert draft is not None
    assert mended is not None
    assert draft.problems == ["Ingen af de modtagere, som mødet inviterer, har en postkasse."]
    assert (mended.problems, mended.can_be_sent) == ([], True)

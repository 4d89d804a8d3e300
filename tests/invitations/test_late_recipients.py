"""Those who should have a letter, and came to be recipients after it had been sent."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from invitations import letters
from invitations.late_recipients import (
    corrected,
    late_recipients,
    send_to_corrected_mailbox,
    send_to_late,
)
from invitations.letter_mails import mail_words
from invitations.models import (
    AreaMembership,
    Dispatch,
    Invitation,
    Letter,
    LetterVersion,
    Meeting,
    Office,
    OutgoingEmail,
    PersonalLetter,
    Role,
)
from invitations.personal_letters import make_due
from invitations.resending import plan_resending, resend_failed
from tests.factories import (
    NOW,
    create_area,
    create_letter,
    create_meeting,
    create_office,
    create_staff,
    get_municipality,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=2)


def sent(letter: Letter | None = None) -> Letter:
    """A letter that went to the committee of Herning."""
    create_office(mailbox="udvalg@herning.example")
    letter = letter or create_letter()
    letters.dispatch(letter, at=NOW, by=create_staff())
    return letter


def waiting(letter: Letter) -> list[str]:
    return [recipient.mailbox for recipient in late_recipients(letter, at=LATER)]


def send_later(letter: Letter, *, name: str = "bo") -> int:
    return send_to_late(letter, at=LATER, by=create_staff(username=name))


def refusal(letter: Letter) -> list[str]:
    before = (OutgoingEmail.objects.count(), Dispatch.objects.count())
    with pytest.raises(ValidationError) as refused:
        send_later(letter, name="afvist")
    assert (OutgoingEmail.objects.count(), Dispatch.objects.count()) == before
    return list(refused.value.messages)


def fail(mailbox: str) -> None:
    OutgoingEmail.objects.filter(to=mailbox).update(state="failed", last_error="550 No such user")


# Who is new.


def test_nobody_is_new_right_after_sending() -> None:
    assert waiting(sent()) == []


def test_an_office_that_was_added_is_new() -> None:
    letter = sent()
    create_office(municipality=get_municipality("Skive"), mailbox="udvalg@skive.example")

    assert waiting(letter) == ["udvalg@skive.example"]


def test_a_mailbox_that_was_typed_in_later_is_new() -> None:
    office = create_office(municipality=get_municipality("Skive"), mailbox="")
    letter = sent()
    office.mailbox = "udvalg@skive.example"
    office.save()

    assert waiting(letter) == ["udvalg@skive.example"]


def test_a_municipality_that_came_to_the_area_is_new() -> None:
    area = create_area(municipalities=[get_municipality()])
    create_office(municipality=get_municipality("Aalborg"), mailbox="udvalg@aalborg.example")
    letter = sent(create_letter(meeting=create_meeting(areas=[area])))
    AreaMembership.objects.create(area=area, municipality=get_municipality("Aalborg"))

    assert waiting(letter) == ["udvalg@aalborg.example"]


def test_an_office_is_new_while_it_is_valid_and_wanted_only() -> None:
    letter = sent()
    for fields in (
        {"valid_to": date(2027, 2, 2)},
        {"valid_from": date(2027, 2, 4)},
        {"role": Role.MAYOR},
    ):
        create_office(municipality=get_municipality("Skive"), **fields)

    assert waiting(letter) == []


@pytest.mark.parametrize("mailbox", ["udvalg@herning.example", "UDVALG@Herning.example"])
def test_a_mailbox_gets_a_letter_once_whatever_the_office(mailbox: str) -> None:
    letter = sent()
    create_office(mailbox=mailbox)

    assert waiting(letter) == []


def test_an_office_that_has_got_it_does_not_get_it_at_a_second_mailbox() -> None:
    letter = sent()
    Office.objects.update(mailbox="nyt@herning.example", copy_mailbox="kopi@herning.example")

    assert waiting(letter) == []


def test_an_office_whose_mail_failed_gets_it_at_its_corrected_mailbox_once() -> None:
    letter = sent()
    fail("udvalg@herning.example")
    before = waiting(letter)
    Office.objects.update(mailbox="nyt@herning.example", copy_mailbox="kopi@herning.example")
    corrected_one = waiting(letter)
    send_later(letter)

    assert (before, corrected_one, waiting(letter)) == ([], ["nyt@herning.example"], [])


def test_an_office_whose_mail_came_back_gets_it_at_its_corrected_mailbox() -> None:
    letter = sent()
    Office.objects.update(mailbox="nyt@herning.example", returned_on=date(2027, 2, 2))

    assert waiting(letter) == ["nyt@herning.example"]


def test_mail_that_came_back_before_the_letter_was_sent_says_nothing_about_it() -> None:
    letter = sent()
    Office.objects.update(mailbox="nyt@herning.example", returned_on=date(2027, 1, 2))

    assert waiting(letter) == []


# What they get.


def test_they_get_the_same_letter_with_their_own_time_and_person() -> None:
    letter = sent()
    create_office(municipality=get_municipality("Skive"), mailbox="udvalg@skive.example")
    frozen = LetterVersion.objects.get()
    Meeting.objects.update(title="Noget andet")

    assert send_later(letter) == 1

    dispatch = Dispatch.objects.get(mailbox="udvalg@skive.example")
    invitation = Invitation.objects.get(municipality__name="Skive")
    mail = dispatch.email
    assert mail is not None
    assert (dispatch.dispatched_at, dispatch.dispatched_by_name) == (LATER, "bo")
    assert (dispatch.municipality_name, dispatch.invitation) == ("Skive Kommune", invitation)
    assert invitation.invited_at == LATER
    assert mail.attachments.get().file == frozen.pdf
    assert invitation.token in mail.text
    assert "Noget andet" not in mail.text + mail.subject
    assert LetterVersion.objects.get() == frozen
    assert Dispatch.objects.get(mailbox="udvalg@herning.example").dispatched_at == NOW
    assert OutgoingEmail.objects.count() == 2


def test_a_letter_sent_before_its_words_were_kept_is_sent_with_those_of_now() -> None:
    letter = sent()
    LetterVersion.objects.update(mail_words={})
    create_office(municipality=get_municipality("Skive"), mailbox="udvalg@skive.example")

    send_later(letter)

    mail = OutgoingEmail.objects.get(to="udvalg@skive.example")
    assert mail.subject == mail_words(letter)["invited"]["subject"]


def test_a_new_municipality_gets_its_own_letter_and_a_new_office_that_of_its_municipality() -> None:
    letter = sent(create_letter(is_personal=True))
    make_due(at=NOW)
    own = PersonalLetter.objects.get().pdf
    create_office(municipality=get_municipality("Skive"), mailbox="udvalg@skive.example")
    create_office(mailbox="andet@herning.example")

    assert send_later(letter) == 2
    assert make_due(at=LATER) == 2

    skive, herning = (
        OutgoingEmail.objects.get(to=mailbox).attachments.get().file
        for mailbox in ("udvalg@skive.example", "andet@herning.example")
    )
    assert herning == own
    assert skive == PersonalLetter.objects.get(municipality_name="Skive Kommune").pdf != own
    assert not Dispatch.objects.filter(email=None).exists()


# What is refused.


def test_where_nobody_is_new_nothing_is_sent() -> None:
    assert refusal(sent()) == ["Alle, der skal have brevet, har fået det."]


def test_twice_is_once() -> None:
    letter = sent()
    create_office(municipality=get_municipality("Skive"))
    send_later(letter)

    assert refusal(letter) == ["Alle, der skal have brevet, har fået det."]


def test_a_draft_is_sent_in_another_way() -> None:
    create_office()

    assert refusal(create_letter()) == ["Brevet er ikke sendt endnu."]


def test_nobody_is_invited_to_a_meeting_that_is_cancelled() -> None:
    letter = sent()
    create_office(municipality=get_municipality("Skive"))
    Meeting.objects.update(cancelled_at=NOW)

    assert refusal(letter) == ["Mødet er aflyst."]


def test_nobody_is_invited_to_a_meeting_that_has_been_held() -> None:
    letter = sent()
    create_office(municipality=get_municipality("Skive"))

    with pytest.raises(ValidationError) as refused:
        send_to_late(
            letter, at=datetime.fromisoformat("2027-04-15T19:00+02:00"), by=create_staff(username="bo")
        )

    assert refused.value.messages == ["Mødet er holdt."]


# One office, to the mailbox that it has now.


def test_a_letter_is_sent_to_the_mailbox_that_an_office_has_now() -> None:
    letter = sent()
    Office.objects.update(mailbox="nyt@herning.example")
    dispatch = Dispatch.objects.select_related("office__municipality", "letter__meeting").get()

    count = send_to_corrected_mailbox(dispatch, at=LATER, by=create_staff(username="bo"))

    assert count == 1
    assert OutgoingEmail.objects.get(to="nyt@herning.example").dispatches.get().letter == letter
    assert corrected(dispatch) is None
    with pytest.raises(ValidationError, match="Den postkasse, modtageren har nu, har fået brevet"):
        send_to_corrected_mailbox(dispatch, at=LATER, by=dispatch.dispatched_by or create_staff())


def test_an_office_that_has_the_same_mailbox_or_is_gone_has_no_corrected_one() -> None:
    sent()
    same = Dispatch.objects.select_related("office__municipality").get()
    Office.objects.all().delete()
    gone = Dispatch.objects.select_related("office__municipality").get()

    assert (corrected(same), corrected(gone)) == (None, None)


# All that could not be delivered.


def test_what_failed_goes_again_to_the_same_mailbox_or_to_the_corrected_one() -> None:
    for town in ("Skive", "Viborg"):
        create_office(municipality=get_municipality(town), mailbox=f"udvalg@{town.lower()}.example")
    letter = sent()
    fail("udvalg@herning.example")
    fail("udvalg@skive.example")
    OutgoingEmail.objects.filter(to="udvalg@viborg.example").update(state="sent", sent_at=NOW)
    Office.objects.filter(mailbox="udvalg@skive.example").update(mailbox="nyt@skive.example")
    plan = plan_resending(letter, at=LATER)

    count = resend_failed(letter, at=LATER, by=create_staff(username="bo"))

    again = OutgoingEmail.objects.get(to="udvalg@herning.example", state="owed")
    assert (plan.count, count) == (2, 2)
    assert again.resend_of == OutgoingEmail.objects.get(to="udvalg@herning.example", state="failed")
    assert OutgoingEmail.objects.get(to="nyt@skive.example").dispatches.get().letter == letter
    assert OutgoingEmail.objects.count() == 5


def test_all_that_failed_is_sent_again_once() -> None:
    letter = sent()
    fail("udvalg@herning.example")
    staff = create_staff(username="bo")
    resend_failed(letter, at=LATER, by=staff)

    with pytest.raises(ValidationError) as refused:
        resend_failed(letter, at=LATER, by=staff)

    assert refused.value.messages == ["Der er ingen mails, der ikke kunne leveres."]
    assert OutgoingEmail.objects.count() == 2


def test_what_failed_again_can_go_again() -> None:
    letter = sent()
    staff = create_staff(username="bo")
    for _ in range(3):
        fail("udvalg@herning.example")
        resend_failed(letter, at=LATER, by=staff)

    assert OutgoingEmail.objects.count() == 4
    assert OutgoingEmail.objects.filter(state="owed").count() == 1

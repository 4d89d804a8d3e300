from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any

import icalendar
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from invitations.models import Letter, Meeting, OutgoingEmail, Session, Theme
from registrations.correction_letters import prepare_correction_letter
from registrations.corrections import ChangedMeanwhileError, example_mail, plan_correction, send_correction
from registrations.models import CalendarInvitation, Correction, Participant
from registrations.registering import withdraw
from tests.factories import (
    NOW,
    create_meeting,
    create_office,
    create_programme_item,
    create_registration,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)
from tests.told import correct, fresh, lines, send_letter, sign_up, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _public_url(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.example"


@pytest.fixture
def staff() -> User:
    return create_staff()


@pytest.fixture
def meeting() -> Meeting:
    return create_meeting()


def move(meeting: Meeting, **values: Any) -> None:
    meeting.sessions.update(**{"starts_time": time(18), "ends_time": time(20), **values})


def mails_since(number: int) -> list[tuple[str, str]]:
    """What has been owed beyond the first `number` mails."""
    return sorted(OutgoingEmail.objects.order_by("pk").values_list("kind", "to")[number:])


def test_each_who_was_told_the_old_gets_an_update_with_what_was_and_what_is(meeting: Meeting) -> None:
    bo = sign_up(meeting, email="bo@example.dk")
    move(meeting)

    correct(meeting)

    told, update = OutgoingEmail.objects.filter(to="bo@example.dk").order_by("pk")
    assert update.subject == (
        "Ændret: Du er tilmeldt politisk møde i Region Midtjylland den 15. april 2027 kl. 18-20"
    )
    assert update.text.splitlines()[:8] == [
        "Mødet er ændret: politisk møde i Region Midtjylland den 15. april 2027 kl. 18-20.",
        "Nyt tidspunkt: kl. 18-20 (før: kl. 17-19)",
        "",
        "Du er fortsat tilmeldt. Sig ja til invitationen i denne mail, så bliver din kalender rettet.",
        "",
        "Dato og tid: Torsdag den 15. april 2027 kl. 18-20",
        "Sted: Rådhuset i Herning, Torvet 5, 7400 Herning",
        "",
    ]
    assert f"https://tilmeld.example/deltager/{bo.token}" in update.text
    assert f'href="https://tilmeld.example/deltager/{bo.token}"' in update.html
    before, after = (icalendar.Calendar.from_ical(mail.calendar) for mail in (told, update))
    (old,), (new,) = before.walk("VEVENT"), after.walk("VEVENT")
    assert (str(after["METHOD"]), new["UID"], old["SEQUENCE"], new["SEQUENCE"]) == (
        "REQUEST",
        old["UID"],
        0,
        1,
    )
    assert new.decoded("DTSTART").time() == time(18)
    assert update.conversation == told.conversation


def test_a_meeting_that_goes_online_brings_its_link(meeting: Meeting) -> None:
    sign_up(meeting, email="bo@example.dk")
    Session.objects.update(
        online=True,
        join_url="https://video.example/1",
        **dict.fromkeys(("venue_name", "venue_street", "venue_postcode", "venue_city"), ""),
    )

    correct(meeting)

    mail = OutgoingEmail.objects.filter(to="bo@example.dk").last()
    assert mail is not None
    assert mail.text.splitlines()[1:3] == [
        "Nyt sted: Virtuelt (før: Rådhuset i Herning, Torvet 5, 7400 Herning)",
        "Nyt mødelink: https://video.example/1",
    ]
    assert '<a href="https://video.example/1">https://video.example/1</a>' in mail.html


def test_the_old_link_is_named_and_leads_nowhere(meeting: Meeting) -> None:
    meeting.sessions.update(join_url="https://video.example/1")
    sign_up(meeting, email="bo@example.dk")
    meeting.sessions.update(join_url="https://video.example/2")

    correct(meeting)

    mail = OutgoingEmail.objects.filter(to="bo@example.dk").last()
    assert mail is not None
    assert "Nyt mødelink: https://video.example/2 (før: https://video.example/1)" in mail.text
    assert ("(før: https://video.example/1)" in mail.html, 'href="https://video.example/1"' in mail.html) == (
        True,
        False,
    )


def test_each_is_told_who_signed_them_up_in_text_and_html(meeting: Meeting) -> None:
    for name, email in (("Anne <Sø>", "anne@example.dk"), ("Ole Å", "ole@example.dk")):
        registration = create_registration(
            meeting=meeting, participants=0, contact_name=name, contact_email=email
        )
        sign_up(meeting, email=f"til-{email}", registration=registration)
    move(meeting)

    correct(meeting)

    first, second = (
        OutgoingEmail.objects.filter(to=f"til-{name}@example.dk").order_by("-pk")[0]
        for name in ("anne", "ole")
    )
    assert "fordi Anne <Sø>, Herning Kommune, har tilmeldt dig" in first.text
    assert "fordi Anne &lt;Sø&gt;, Herning Kommune, har tilmeldt dig" in first.html
    assert "fordi Ole Å, Herning Kommune, har tilmeldt dig" in second.text


def test_a_renamed_theme_is_told_to_those_who_chose_it_and_their_contact(meeting: Meeting) -> None:
    item = create_programme_item(meeting=meeting)
    skole, unge = create_theme(item=item, title="Skole"), create_theme(item=item, title="Unge")
    herning = create_registration(meeting=meeting, participants=0, contact_email="anne@example.dk")
    aarhus = create_registration(
        meeting=meeting,
        municipality=get_municipality("Aarhus"),
        participants=0,
        contact_email="ole@example.dk",
    )
    sign_up(meeting, email="bo@example.dk", themes=[skole], registration=herning)
    sign_up(meeting, email="ida@example.dk", themes=[unge], registration=herning)
    sign_up(meeting, email="eva@example.dk", themes=[unge], registration=aarhus)
    before = OutgoingEmail.objects.count()
    Theme.objects.filter(pk=skole.pk).update(title="Skole og SFO")

    correct(meeting)

    assert mails_since(before) == [("calendar", "bo@example.dk"), ("correction", "anne@example.dk")]
    update = OutgoingEmail.objects.get(kind="calendar", subject__startswith="Ændret")
    assert "Tema omdøbt: Skole og SFO (før: Skole)" in update.text.splitlines()
    (event,) = icalendar.Calendar.from_ical(update.calendar).walk("VEVENT")
    assert str(event["DESCRIPTION"]).splitlines()[0] == "Tema: Skole og SFO"


def test_a_contact_gets_one_mail_about_all_whom_they_have_signed_up(meeting: Meeting) -> None:
    other = create_session(meeting=meeting, starts_date=date(2027, 4, 20), ends_time=time(21))
    for session, names in ((meeting.sessions.all()[0], ("bo", "ida")), (other, ("eva",))):
        registration = create_registration(
            meeting=meeting, participants=0, contact_email="Anne@example.dk", contact_name="Anne Sø"
        )
        for name in names:
            person = sign_up(meeting, email=f"{name}@example.dk", session=session, registration=registration)
            Participant.objects.filter(pk=person.pk).update(name=name.capitalize())
    move(meeting)

    correct(meeting)

    mail = OutgoingEmail.objects.get(kind="correction")
    assert (mail.to, mail.to_name) == ("Anne@example.dk", "Anne Sø")
    assert mail.subject == "Ændret: politisk møde i Region Midtjylland"
    assert mail.text.splitlines()[:14] == [
        "Mødet er ændret: politisk møde i Region Midtjylland.",
        "Du skal ikke gøre noget: De deltagere, du har tilmeldt, og som er nævnt herunder, "
        "får hver en ny kalenderinvitation.",
        "",
        "Nyt tidspunkt, 15. april 2027: kl. 18-20 (før: kl. 17-19)",
        "",
        "Det gælder:",
        "- Bo",
        "- Ida",
        "",
        "Nyt tidspunkt, 20. april 2027: kl. 18-20 (før: kl. 17-21)",
        "",
        "Det gælder:",
        "- Eva",
        "",
    ]


def test_a_contact_who_comes_along_gets_only_the_update_of_the_calendar(meeting: Meeting) -> None:
    registration = create_registration(meeting=meeting, participants=0, contact_email="anne@example.dk")
    sign_up(meeting, email="Anne@example.dk", registration=registration)
    sign_up(meeting, email="bo@example.dk", registration=registration)
    before = OutgoingEmail.objects.count()
    move(meeting)

    correct(meeting)

    assert mails_since(before) == [("calendar", "Anne@example.dk"), ("calendar", "bo@example.dk")]


def test_the_offices_get_the_letter_and_the_calendars_are_put_right_in_one(
    meeting: Meeting, staff: User
) -> None:
    send_letter(meeting, "Herning", "Holstebro")
    sign_up(meeting, email="bo@example.dk")
    before = OutgoingEmail.objects.count()
    move(meeting)
    letter = prepare_correction_letter(fresh(meeting), at=NOW, by=staff)

    correction = correct(meeting, with_letter=True)

    assert mails_since(before) == [
        ("calendar", "bo@example.dk"),
        ("correction", "anne@herning.example"),
        ("letter", "udvalg-0657@example.dk"),
        ("letter", "udvalg-0661@example.dk"),
    ]
    letter.refresh_from_db()
    assert (letter.is_sent, correction.letter) == (True, letter)
    assert (correction.letter_mails, correction.calendar_mails, correction.contact_mails) == (2, 1, 1)
    assert [str(difference) for difference in correction.changes] == ["Tidspunkt: kl. 17-19 er nu kl. 18-20"]
    assert not wrong(meeting)


def test_without_the_letter_the_offices_still_hold_the_old(meeting: Meeting, staff: User) -> None:
    send_letter(meeting)
    sign_up(meeting, email="bo@example.dk")
    move(meeting)
    prepare_correction_letter(fresh(meeting), at=NOW, by=staff)

    correct(meeting)

    assert lines(meeting) == [("Tidspunkt: kl. 17-19 er nu kl. 18-20", 1, 0)]
    assert Letter.objects.get(kind="change").is_sent is False


def test_a_deadline_that_moves_is_told_by_letter_only(meeting: Meeting, staff: User) -> None:
    send_letter(meeting)
    sign_up(meeting, email="bo@example.dk")
    before = OutgoingEmail.objects.count()
    Meeting.objects.update(registration_deadline_date=date(2027, 3, 26))
    prepare_correction_letter(fresh(meeting), at=NOW, by=staff)

    correct(meeting, with_letter=True)

    assert mails_since(before) == [("letter", "udvalg-0657@example.dk")]


def test_history_says_who_sent_what(meeting: Meeting, staff: User) -> None:
    send_letter(meeting)
    sign_up(meeting, email="bo@example.dk")
    move(meeting)
    letter = prepare_correction_letter(fresh(meeting), at=NOW, by=staff)
    plan = plan_correction(fresh(meeting), at=NOW)

    send_correction(fresh(meeting), fingerprint=plan.fingerprint, with_letter=True, at=NOW, by=staff)

    assert [
        (entry.user, entry.object_id, entry.content_type.model, entry.get_change_message())
        for entry in LogEntry.objects.select_related("content_type").order_by("pk")
        if entry.content_type
    ] == [
        (staff, str(letter.pk), "letter", "Skrevet som kladde ud fra det, der er ændret."),
        (
            staff,
            str(meeting.pk),
            "meeting",
            "Sendte rettelse: 1 brev, 1 kalender, 1 kontaktperson. Tidspunkt: kl. 17-19 er nu kl. 18-20",
        ),
        (staff, str(letter.pk), "letter", "Sendt som 1 mail."),
    ]


def test_history_names_only_those_who_got_something(meeting: Meeting, staff: User) -> None:
    send_letter(meeting)
    move(meeting)
    prepare_correction_letter(fresh(meeting), at=NOW, by=staff)
    plan = plan_correction(fresh(meeting), at=NOW)

    send_correction(fresh(meeting), fingerprint=plan.fingerprint, with_letter=True, at=NOW, by=staff)

    messages = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert "Sendte rettelse: 1 brev. Tidspunkt: kl. 17-19 er nu kl. 18-20" in messages


def test_the_same_page_sends_once(meeting: Meeting, staff: User) -> None:
    sign_up(meeting, email="bo@example.dk")
    move(meeting)
    plan = plan_correction(fresh(meeting), at=NOW)
    first = send_correction(fresh(meeting), fingerprint=plan.fingerprint, with_letter=False, at=NOW, by=staff)
    before = OutgoingEmail.objects.count()

    again = send_correction(fresh(meeting), fingerprint=plan.fingerprint, with_letter=False, at=NOW, by=staff)

    assert (first[1], again) == (True, (first[0], False))
    assert (OutgoingEmail.objects.count(), Correction.objects.count()) == (before, 1)


@pytest.mark.parametrize(
    "change",
    [
        lambda meeting: meeting.sessions.update(starts_time=time(19), ends_time=time(21)),
        lambda meeting: Letter.objects.filter(kind="change").update(title="Nyt tidspunkt"),
        lambda meeting: create_office(municipality=get_municipality("Horsens")),
        lambda meeting: withdraw(Participant.objects.get(email="bo@example.dk"), at=NOW),
    ],
    ids=["meeting", "letter", "recipients", "withdrawal"],
)
def test_what_has_changed_since_the_page_was_seen_is_shown_anew(
    meeting: Meeting, staff: User, change: Callable[[Meeting], object]
) -> None:
    send_letter(meeting)
    sign_up(meeting, email="bo@example.dk")
    move(meeting)
    prepare_correction_letter(fresh(meeting), at=NOW, by=staff)
    plan = plan_correction(fresh(meeting), at=NOW)
    change(meeting)
    before = OutgoingEmail.objects.count()

    with pytest.raises(ChangedMeanwhileError):
        send_correction(fresh(meeting), fingerprint=plan.fingerprint, with_letter=True, at=NOW, by=staff)

    assert (OutgoingEmail.objects.count(), Correction.objects.count()) == (before, 0)


def test_who_signs_up_after_the_change_keeps_nobody_waiting_and_is_not_told(
    meeting: Meeting, staff: User
) -> None:
    sign_up(meeting, email="bo@example.dk")
    move(meeting)
    plan = plan_correction(fresh(meeting), at=NOW)
    sign_up(meeting, email="ny@example.dk")
    before = OutgoingEmail.objects.count()

    send_correction(fresh(meeting), fingerprint=plan.fingerprint, with_letter=False, at=NOW, by=staff)

    assert mails_since(before) == [("calendar", "bo@example.dk"), ("correction", "anne@herning.example")]


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_a_draft_or_cancelled_meeting_is_not_corrected(meeting: Meeting, staff: User, state: str) -> None:
    sign_up(meeting, email="bo@example.dk")
    move(meeting)
    Meeting.objects.update(**({"published_at": None} if state == "draft" else {"cancelled_at": NOW}))
    before = OutgoingEmail.objects.count()

    with pytest.raises(ValidationError, match="Der er ikke noget at sende"):
        correct(meeting)

    assert OutgoingEmail.objects.count() == before


def test_a_letter_that_has_not_been_prepared_is_not_sent(meeting: Meeting) -> None:
    send_letter(meeting)
    sign_up(meeting, email="bo@example.dk")
    move(meeting)

    with pytest.raises(ValidationError, match="Der er ikke noget brev at sende"):
        correct(meeting, with_letter=True)

    assert Correction.objects.count() == 0


def test_a_letter_that_cannot_be_printed_keeps_everything_back(meeting: Meeting, staff: User) -> None:
    send_letter(meeting)
    sign_up(meeting, email="bo@example.dk")
    move(meeting)
    prepare_correction_letter(fresh(meeting), at=NOW, by=staff)
    Letter.objects.filter(kind="change").update(title="{sted}")
    before = OutgoingEmail.objects.count()

    with pytest.raises(ValidationError):
        correct(meeting, with_letter=True)

    assert (OutgoingEmail.objects.count(), Correction.objects.count()) == (before, 0)


def test_a_correction_back_and_forth_is_three_corrections(meeting: Meeting) -> None:
    sign_up(meeting, email="bo@example.dk")

    for hour in (18, 17, 18):
        meeting.sessions.update(starts_time=time(hour), ends_time=time(hour + 2))
        correct(meeting)

    assert CalendarInvitation.objects.get().sequence == 3
    assert [mail.subject[-9:] for mail in OutgoingEmail.objects.filter(kind="calendar").order_by("pk")] == [
        "kl. 17-19",
        "kl. 18-20",
        "kl. 17-19",
        "kl. 18-20",
    ]


def test_the_update_does_not_overtake_the_invitation(meeting: Meeting) -> None:
    sign_up(meeting, email="bo@example.dk")
    move(meeting)
    correct(meeting)

    due = OutgoingEmail.objects.due(at=NOW).filter(kind="calendar")
    assert [mail.subject[:8] for mail in due] == ["Du er ti"]


def test_offices_that_the_letter_does_not_reach_are_named(meeting: Meeting, staff: User) -> None:
    send_letter(meeting, "Herning", "Holstebro")
    get_municipality("Holstebro").offices.update(mailbox="")
    move(meeting)
    prepare_correction_letter(fresh(meeting), at=NOW, by=staff)

    plan = plan_correction(fresh(meeting), at=NOW)

    assert [sent.mailbox for sent in plan.not_reached] == ["udvalg-0661@example.dk"]


def test_the_example_is_the_mail_that_is_sent(meeting: Meeting) -> None:
    sign_up(meeting, email="bo@example.dk")
    move(meeting)
    plan = plan_correction(fresh(meeting), at=NOW)
    before = (OutgoingEmail.objects.count(), CalendarInvitation.objects.get().sequence)

    example = example_mail(plan, at=NOW)
    unchanged = (OutgoingEmail.objects.count(), CalendarInvitation.objects.get().sequence)
    correct(meeting)

    assert example is not None
    sent = OutgoingEmail.objects.get(key=example.key)
    assert (sent.to, sent.subject, sent.text, sent.html) == (
        example.to,
        example.subject,
        example.text,
        example.html,
    )
    assert unchanged == before


def test_who_comes_back_after_a_withdrawal_is_not_told_of_a_change(meeting: Meeting) -> None:
    bo = sign_up(meeting, email="bo@example.dk")
    withdraw(bo, at=NOW)
    move(meeting)
    again = sign_up(meeting, email="bo@example.dk", registration=bo.registration)

    mail = OutgoingEmail.objects.filter(kind="calendar").order_by("-pk")[0]
    assert mail.subject.startswith("Du er tilmeldt")
    assert wrong(meeting).participants == []
    assert again.calendar_invitations.get().sequence == 0


def test_a_correction_that_tells_nobody_is_refused_by_the_database(meeting: Meeting, staff: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.create(meeting=meeting, fingerprint="x", sent_at=NOW, sent_by=staff)


@pytest.mark.parametrize("participants", [1, 40])
def test_correcting_for_many_takes_as_many_queries_as_for_one(
    meeting: Meeting, staff: User, participants: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    registration = create_registration(meeting=meeting, participants=0)
    for number in range(participants):
        sign_up(meeting, email=f"{number}@example.dk", registration=registration)
    move(meeting)
    plan = plan_correction(fresh(meeting), at=NOW)
    found = fresh(meeting)

    # What the history writes about is looked up once by each process.
    ContentType.objects.get_for_models(Meeting, Letter)

    with django_assert_num_queries(35):
        send_correction(found, fingerprint=plan.fingerprint, with_letter=False, at=NOW, by=staff)

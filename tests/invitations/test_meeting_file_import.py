from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest
from django.core.management import call_command

from invitations.danish import Moment
from invitations.meeting_file import export_meetings, import_meetings
from invitations.models import Enclosure, Letter, Meeting, PolicyArea, Role
from tests.factories import NOW, PDF, create_enclosure, create_letter, create_meeting, create_staff
from tests.meeting_files import EVERYTHING, SMALL, bring_in, changed, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the meeting files lie, with the PDF that one of them encloses."""
    (tmp_path / "fakta.pdf").write_bytes(PDF)
    return tmp_path


def test_the_meeting_is_what_the_file_says(folder: Path) -> None:
    bring_in(folder, EVERYTHING)

    meeting = Meeting.objects.get(slug="Fritid-2027")
    assert meeting.title == "Dialogmøde om fritid: hvad kan vi sammen?"
    assert [area.name for area in meeting.ordered_areas()] == [
        "Region Midtjylland",
        "Region Hovedstaden (Storkøbenhavn)",
    ]
    assert meeting.roles == ["committee", "committee_chair", "mayor"]
    assert meeting.policy_area.name == "kultur- og fritidsområdet"
    assert [host.name for host in meeting.ordered_hosts()] == ["Skive", "Aarhus", "København"]
    assert meeting.co_organiser_names == ["Dansk Idræt", "Foreningen Fritid & Fællesskab"]
    assert meeting.has_form
    assert meeting.registration_opens == Moment(date(2027, 1, 11), time(8))
    assert meeting.registration_deadline == Moment(date(2027, 3, 31))
    assert (meeting.capacity, meeting.max_per_municipality) == (120, 6)
    assert meeting.asks_about_needs
    assert [question.text for question in meeting.questions.all()] == [
        "Hvad lykkes hos jer?",
        "Hvilke rammer mangler I?",
    ]
    assert meeting.practical_information == "Parkering ved rådhuset."


def test_a_new_meeting_is_a_draft(folder: Path) -> None:
    bring_in(folder, EVERYTHING)

    assert [meeting.is_published for meeting in Meeting.objects.all()] == [False, False]


def test_the_sessions_are_what_the_file_says(folder: Path) -> None:
    bring_in(folder, EVERYTHING)

    west, east = Meeting.objects.get(slug="Fritid-2027").sessions.all()
    assert west.starts == Moment(date(2027, 4, 20), time(16))
    assert west.ends == Moment(date(2027, 4, 20), time(18, 30))
    assert west.ends_date is None
    assert west.venue_lines() == ["Kulturhuset", "Store sal", "Havnegade 3", "0800 Skive C"]
    assert (west.label, west.venue_place, west.capacity, west.online) == ("Vest", "Skive", 80, False)
    assert west.registration_deadline == Moment(date(2027, 4, 6), time(12))
    assert east.starts == Moment(date(2027, 4, 21), time(16))
    assert (east.label, east.online, east.join_url) == ("Øst", True, "https://video.example/øst?a=1")


def test_the_programme_is_what_the_file_says(folder: Path) -> None:
    bring_in(folder, EVERYTHING)

    welcome, first, second, last = Meeting.objects.get(slug="Fritid-2027").programme.all()
    assert (welcome.time, welcome.title, welcome.speakers, welcome.room) == (
        time(16),
        "Velkommen",
        "borgmester Ida Lund",
        "Store sal",
    )
    assert (first.time, first.until) == (time(16, 15), time(17))
    assert (first.details, first.notes) == ("Vælg et tema i {area}:", "Der er **kaffe** undervejs.")
    clubs, grounds = first.themes.all()
    assert (clubs.title, clubs.speakers, clubs.room) == ("Foreninger", "Eva Dam, formand", "Lokale 1")
    assert (clubs.capacity, clubs.details) == (25, "- Hvem er med?\n- Hvem mangler?")
    assert grounds.title == "Idrætsanlæg"
    assert [theme.title for theme in second.themes.all()] == ["Biblioteker", "Musikskoler"]
    assert (last.time, last.until) == (time(18), time(18, 30))


def test_the_letter_is_what_the_file_says(folder: Path) -> None:
    bring_in(folder, EVERYTHING)

    letter = Letter.objects.get(kind="invitation")
    assert letter.meeting.slug == "Fritid-2027"
    assert letter.date == date(2027, 1, 12)
    assert (letter.case_number, letter.document_number) == ("SAG-2027-00042", "3141592")
    assert (letter.contact_email, letter.contact_phone) == ("fritid@kl.example", "3370 1234")
    assert letter.recipient_lines == ["Udvalget med ansvar for fritid i {area}", "Borgmesteren"]
    assert letter.copy_roles == ["municipal_director", "head_of_department"]
    assert letter.title == "Invitation til dialogmøde den {dates}"
    assert letter.salutation == "Kære udvalgsmedlemmer"
    assert letter.closing == "Vi ses, og med venlig hilsen"
    assert letter.input_deadline == Moment(date(2027, 3, 1), time(12))
    assert letter.input_email == "input@kl.example"
    assert [meeting.slug for meeting in letter.announced_meetings()] == ["fritid-efteraar-2027"]
    assert [(signatory.name, signatory.title_lines) for signatory in letter.signatories.all()] == [
        ("Bo Krogh", ["Formand", "KL's Kulturudvalg"]),
        ("Mia Friis", ["Kontorchef"]),
        ("Jens Holm", []),
    ]
    assert [(section.heading, section.block) for section in letter.sections.all()] == [
        ("", ""),
        ("Program\nbegge dage {time}", "programme"),
        ("Møderne", "sessions"),
        ("Overvej inden mødet", "questions"),
        ("Praktisk", "practical_information"),
        ("", "attachments"),
        ("Reservér datoen", "announced_meetings"),
    ]


def test_a_change_names_the_letter_it_replaces(folder: Path) -> None:
    bring_in(folder, EVERYTHING)

    assert Letter.objects.get(kind="change").replaces == date(2027, 1, 12)


def test_enclosed_pdfs_are_stored(folder: Path) -> None:
    bring_in(folder, EVERYTHING)

    separate, facts = Letter.objects.get(kind="invitation").enclosures.all()
    assert (separate.title, separate.file, separate.filename) == ("Sendes særskilt", None, "")
    assert (facts.title, facts.filename) == ("Fakta, som vi ved dem", "fakta.pdf")
    assert facts.file is not None
    assert facts.file.data == PDF


def test_what_was_done_is_told(folder: Path) -> None:
    names = [
        "Fritid-2027",
        "fritid-efteraar-2027",
        "Fritid-2027-invitation-2027-01-12.pdf",
        "Fritid-2027-change-2027-02-02.pdf",
    ]

    first = bring_in(folder, EVERYTHING)
    again = bring_in(folder, EVERYTHING)
    edited = bring_in(folder, changed(EVERYTHING, ("title: Velkommen", "title: Goddag")))

    assert (first.created, first.updated, first.unchanged) == (names, [], [])
    assert (again.created, again.updated, again.unchanged) == ([], [], names)
    assert (edited.created, edited.updated, edited.unchanged) == ([], names[:1], names[1:])


def test_twice_changes_no_row(folder: Path) -> None:
    bring_in(folder, EVERYTHING)
    rows = {
        model: list(model.objects.order_by("pk").values())
        for model in (Meeting, Letter, Enclosure, PolicyArea)
    }

    bring_in(folder, EVERYTHING)

    assert {model: list(model.objects.order_by("pk").values()) for model in rows} == rows


def test_without_roles_it_invites_the_committee(tmp_path: Path) -> None:
    bring_in(tmp_path, SMALL)

    assert Meeting.objects.get().roles == [Role.COMMITTEE]


def test_without_a_policy_area_it_is_about_children_and_schools(tmp_path: Path) -> None:
    bring_in(tmp_path, SMALL)

    assert Meeting.objects.get().policy_area.name == "børne- og undervisningsområdet"


def test_an_alias_of_a_policy_area_is_that_policy_area(tmp_path: Path) -> None:
    bring_in(tmp_path, changed(SMALL, ("areas:", "policy_area: Børne- og Ungeområdet\n    areas:")))

    assert Meeting.objects.get().policy_area.name == "børne- og undervisningsområdet"
    assert PolicyArea.objects.count() == 1


def test_a_letter_closes_as_its_file_says_or_not_at_all(tmp_path: Path) -> None:
    bring_in(tmp_path, SMALL)

    assert Letter.objects.get().closing == ""


def test_a_null_is_what_stands_where_nothing_is_typed(tmp_path: Path) -> None:
    bring_in(
        tmp_path,
        changed(
            SMALL,
            (
                "areas:",
                "roles: ~\n    registration: null\n    capacity:\n"
                "    hosts: ~\n    policy_area: Null\n    areas:",
            ),
            ("recipients:", "closing: ~\n    title:\n    contact: ~\n    copy_roles:\n    recipients:"),
            ("        ends: 2027-04-20 18:00", "        ends:\n        venue: ~\n        online: ~"),
        ),
    )

    letter = Letter.objects.get()
    assert (letter.meeting.roles, letter.meeting.registration) == ([Role.COMMITTEE], "form")
    assert letter.meeting.capacity is None
    assert (letter.closing, letter.title, letter.contact_email, letter.copy_roles) == ("", "", "", [])
    assert letter.meeting.sessions.get().ends is None


def test_what_the_file_does_not_name_stays(tmp_path: Path) -> None:
    full = changed(
        SMALL,
        (
            "areas:",
            "capacity: 40\n    hosts: [Skive]\n    questions: [Hvad?]\n    roles: [mayor]\n    areas:",
        ),
        ("recipients:", "title: Invitation\n    closing: Hilsen\n    recipients:"),
    )
    bring_in(tmp_path, full)
    before = export_meetings(Meeting.objects.all())

    bring_in(tmp_path, SMALL)

    assert export_meetings(Meeting.objects.all()) == before


def test_a_null_empties_what_it_names(tmp_path: Path) -> None:
    bring_in(
        tmp_path,
        changed(
            SMALL,
            ("areas:", "capacity: 40\n    hosts: [Skive]\n    questions: [Hvad?]\n    areas:"),
            ("recipients:", "closing: Hilsen\n    recipients:"),
        ),
    )

    bring_in(
        tmp_path,
        changed(
            SMALL,
            ("areas:", "capacity: ~\n    hosts: []\n    questions: ~\n    areas:"),
            ("recipients:", "closing: ''\n    recipients:"),
        ),
    )

    meeting = Meeting.objects.get()
    assert meeting.capacity is None
    assert (meeting.hosts.count(), meeting.questions.count()) == (0, 0)
    assert Letter.objects.get().closing == ""


def test_sessions_items_and_themes_keep_their_rows_by_position(folder: Path) -> None:
    bring_in(folder, EVERYTHING)
    meeting = Meeting.objects.get(slug="Fritid-2027")
    sessions = [session.pk for session in meeting.sessions.all()]
    themes = [theme.pk for item in meeting.programme.all() for theme in item.themes.all()]

    bring_in(
        folder,
        changed(
            EVERYTHING, ("label: Vest", "label: Jylland"), ("Foreninger", "Frivillige"), ("Første", "1.")
        ),
    )

    assert [session.pk for session in meeting.sessions.all()] == sessions
    assert meeting.sessions.all()[0].label == "Jylland"
    items = meeting.programme.all()
    assert [theme.pk for item in items for theme in item.themes.all()] == themes
    assert items[1].title == "1. runde"
    assert items[1].themes.all()[0].title == "Frivillige"


def test_a_row_that_nobody_has_chosen_may_go(folder: Path) -> None:
    bring_in(folder, EVERYTHING)

    bring_in(folder, changed(EVERYTHING, ("          - {title: Idrætsanlæg}\n", "")))

    item = Meeting.objects.get(slug="Fritid-2027").programme.all()[1]
    assert [theme.title for theme in item.themes.all()] == ["Foreninger"]


def test_a_row_is_what_the_file_says_of_it(tmp_path: Path) -> None:
    bring_in(tmp_path, changed(SMALL, ("starts:", "capacity: 4\n        starts:")))

    bring_in(tmp_path, SMALL)

    assert Meeting.objects.get().sessions.get().capacity is None


def test_the_order_of_areas_is_that_of_the_file(tmp_path: Path) -> None:
    two = changed(SMALL, ("[Region Midtjylland]", "[Region Midtjylland, Region Sjælland]"))
    bring_in(tmp_path, two)

    bring_in(tmp_path, changed(two, ("Midtjylland, Region Sjælland", "Sjælland, Region Midtjylland")))

    assert [area.name for area in Meeting.objects.get().ordered_areas()] == [
        "Region Sjælland",
        "Region Midtjylland",
    ]


def test_a_meeting_is_known_by_its_slug_in_upper_or_lower_case(tmp_path: Path) -> None:
    bring_in(tmp_path, SMALL)

    bring_in(tmp_path, changed(SMALL, ("slug: dialog", "slug: Dialog"), ("Dialogmøde", "Samtale")))

    meeting = Meeting.objects.get()
    assert (meeting.slug, meeting.title) == ("Dialog", "Samtale")


def test_a_published_meeting_stays_published(tmp_path: Path) -> None:
    bring_in(tmp_path, SMALL)
    Meeting.objects.get().publish(at=NOW)

    bring_in(tmp_path, changed(SMALL, ("Dialogmøde", "Samtale")))

    assert Meeting.objects.get().published_at == NOW


def test_letters_of_another_kind_or_date_are_other_letters(tmp_path: Path) -> None:
    bring_in(tmp_path, SMALL)

    bring_in(tmp_path, changed(SMALL, ("date: 2027-01-12", "date: 2027-01-13")))
    bring_in(tmp_path, changed(SMALL, ("kind: invitation", "kind: follow_up")))

    assert Letter.objects.count() == 3


def test_a_letter_may_come_without_its_meeting(tmp_path: Path) -> None:
    create_meeting(slug="dialog")

    bring_in(tmp_path, SMALL[SMALL.index("letters:") :])

    assert Letter.objects.get().meeting.slug == "dialog"


def test_a_letter_may_come_before_its_meeting_in_another_file(tmp_path: Path) -> None:
    cut = SMALL.index("letters:")

    bring_in(tmp_path, SMALL[cut:], SMALL[:cut])

    assert Letter.objects.get().meeting.slug == "dialog"


def test_an_uploaded_pdf_stays_with_its_title(tmp_path: Path) -> None:
    letter = create_letter(meeting=create_meeting(slug="dialog"), letter_date=date(2027, 1, 12))
    create_enclosure(letter=letter, title="Fakta", filename="fakta.pdf")

    bring_in(tmp_path, SMALL + "    attachments: [Andet, Fakta]\n")

    other, facts = letter.enclosures.all()
    assert (other.title, other.file) == ("Andet", None)
    assert (facts.title, facts.filename) == ("Fakta", "fakta.pdf")
    assert facts.file is not None


def test_an_uploaded_pdf_goes_where_the_file_says_there_is_none(tmp_path: Path) -> None:
    letter = create_letter(meeting=create_meeting(slug="dialog"), letter_date=date(2027, 1, 12))
    create_enclosure(letter=letter, title="Fakta", filename="fakta.pdf")

    bring_in(tmp_path, SMALL + "    attachments: [{title: Fakta, file: ~}]\n")

    assert letter.enclosures.get().file is None


def sent(folder: Path, text: str) -> Letter:
    bring_in(folder, text)
    letter = Letter.objects.get(kind="invitation")
    letter.mark_sent(at=NOW, by=create_staff())
    return letter


def test_an_equal_letter_may_come_again(folder: Path) -> None:
    letter = sent(folder, EVERYTHING)

    summary = bring_in(folder, EVERYTHING)

    assert f"{letter.known_as}.pdf" in summary.unchanged
    letter.refresh_from_db()
    assert letter.sent_at == NOW


def test_its_meeting_may_change(folder: Path) -> None:
    sent(folder, SMALL)

    summary = bring_in(folder, changed(SMALL, ("sessions:", "sessions:\n      - starts: 2027-04-19 16:00")))

    assert summary.updated == ["dialog"]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("2019", "2019"),
        ("yes", "yes"),
        ("null og nix", "null og nix"),
        ("'~'", "~"),
        ("1.50", "1.50"),
        ("0x1F", "0x1F"),
        ("17:00", "17:00"),
        ("2027-04-20", "2027-04-20"),
        ("!!str 12", "12"),
        ("'KL''s møde'", "KL's møde"),
        ('"Linje\\u00e6"', "Linjeæ"),
        ("Møde 🎉 for alle", "Møde 🎉 for alle"),
        (">\n      Et møde\n      om alt", "Et møde om alt"),
        ("|\n      Et møde\n      om alt", "Et møde om alt"),
        ("To  mellemrum", "To  mellemrum"),
        ("Hvad nu?", "Hvad nu?"),
    ],
)
def test_text_is_taken_as_it_is_typed(typed: str, title: str, tmp_path: Path) -> None:
    bring_in(tmp_path, changed(SMALL, ("title: Dialogmøde", f"title: {typed}")))

    assert Meeting.objects.get().title == title


def test_a_question_may_stand_in_brackets(tmp_path: Path) -> None:
    questions = "questions: [Hvad lykkes hos jer?, Hvad ikke? Og hvorfor?]\n    areas:"

    bring_in(tmp_path, changed(SMALL, ("areas:", questions)))

    assert [question.text for question in Meeting.objects.get().questions.all()] == [
        "Hvad lykkes hos jer?",
        "Hvad ikke? Og hvorfor?",
    ]


@pytest.mark.parametrize("typed", ["16:00", '"16:00"', "16.00", "'16.00'", "16", "kl. 16.00", "16:00:00"])
def test_a_clock_time_may_be_typed_in_many_ways(typed: str, tmp_path: Path) -> None:
    programme = f"programme: [{{time: {typed}, title: Velkommen}}]\n    areas:"

    bring_in(tmp_path, changed(SMALL, ("areas:", programme)))

    assert Meeting.objects.get().programme.get().time == time(16)


@pytest.mark.parametrize("typed", ["true", "yes", "on", "ja", "True", '"true"'])
def test_true_may_be_typed_in_many_ways(typed: str, tmp_path: Path) -> None:
    bring_in(tmp_path, changed(SMALL, ("starts:", f"online: {typed}\n        starts:")))

    assert Meeting.objects.get().sessions.get().online


@pytest.mark.parametrize("typed", ["false", "no", "off", "nej", "~", "''"])
def test_so_may_false(typed: str, tmp_path: Path) -> None:
    bring_in(tmp_path, changed(SMALL, ("starts:", f"online: {typed}\n        starts:")))

    assert not Meeting.objects.get().sessions.get().online


def test_a_byte_order_mark_and_windows_line_ends_make_no_difference(tmp_path: Path) -> None:
    text = changed(SMALL, ("areas:", "practical_information: |\n      Et\n      To\n    areas:"))

    bring_in(tmp_path, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    assert Meeting.objects.get().practical_information == "Et\nTo"


def test_an_alias_repeats_what_its_anchor_names(tmp_path: Path) -> None:
    bring_in(
        tmp_path,
        changed(
            SMALL,
            ("        ends: 2027-04-20 18:00", "        venue: &hall {name: Kulturhuset, city: Skive}"),
            ("letters:", "      - {starts: 2027-04-20 18:00, venue: *hall}\nletters:"),
        ),
    )

    assert [session.where() for session in Meeting.objects.get().sessions.all()] == [
        "Kulturhuset, Skive",
        "Kulturhuset, Skive",
    ]


def test_a_merged_alias_gives_the_keys_that_do_not_stand_there(tmp_path: Path) -> None:
    bring_in(
        tmp_path,
        changed(
            SMALL,
            ("- starts: 2027-04-20 16:00", "- &first\n        starts: 2027-04-20 16:00"),
            ("letters:", "      - {<<: *first, label: Øst, ends: 2027-04-20 19:00}\nletters:"),
        ),
    )

    first, second = Meeting.objects.get().sessions.all()
    assert second.starts == first.starts
    assert (second.label, second.ends) == ("Øst", Moment(date(2027, 4, 20), time(19)))


def test_an_end_after_midnight_is_on_the_next_day(tmp_path: Path) -> None:
    bring_in(
        tmp_path,
        changed(SMALL, ("ends: 2027-04-20 18:00", "ends: 2027-04-21 01:00"), ("{date}", "{dates}")),
    )

    assert Meeting.objects.get().sessions.get().ends == Moment(date(2027, 4, 21), time(1))


def test_the_command_tells_what_it_has_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, SMALL)

    call_command("import_meetings", path)
    call_command("import_meetings", path)

    told = [line.partition(": ")[2] for line in capsys.readouterr().out.splitlines()]
    assert told == ["dialog", "dialog-invitation-2027-01-12.pdf"] * 2


def test_a_file_beside_a_link_to_a_folder_is_found(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write(folder, EVERYTHING)
    link = tmp_path_factory.mktemp("links") / "folder"
    link.symlink_to(folder)

    import_meetings([link / path.name])

    assert Enclosure.objects.exclude(file=None).count() == 1


def test_changes_of_one_day_come_back_in_their_order(tmp_path: Path) -> None:
    change = """\
  - meeting: dialog
    kind: change
    date: 2027-01-12
    recipients: [Borgmesteren]
    title: %s
    sections:
      - text: Mødet er flyttet.
"""
    two = SMALL + change % "Den første" + change % "Den anden"
    bring_in(tmp_path, two)
    changes = Letter.objects.filter(kind="change").order_by("pk")
    before = list(changes.values_list("pk", "title"))

    again = bring_in(tmp_path, export_meetings(Meeting.objects.all()))
    bring_in(tmp_path, two.replace("Den anden", "Den sidste"))

    assert [title for _pk, title in before] == ["Den første", "Den anden"]
    assert again.updated == []
    assert again.unchanged == [
        "dialog",
        "dialog-change-2027-01-12.pdf",
        "dialog-change-2027-01-12-2.pdf",
        "dialog-invitation-2027-01-12.pdf",
    ]
    assert list(changes.values_list("pk", "title")) == [before[0], (before[1][0], "Den sidste")]

"""Letters that are one for each municipality, made in the background from the letter as it was sent."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
import qrcode
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from page import ValidationProfile
from PIL import Image
from pytest_django import DjangoAssertNumQueries, Settings

from invitations import letters, personal_letters
from invitations.models import (
    Dispatch,
    Invitation,
    Letter,
    LetterVersion,
    Meeting,
    OutgoingEmail,
    PersonalLetter,
    Role,
    Sender,
    StoredFile,
)
from invitations.pdf import render_pdf
from invitations.personal_copies import MASK, PIXELS_PER_MODULE, PersonalCopies
from invitations.personal_letters import LEASE, make_due, progress
from invitations.tasks import make_personal_letters
from registrations.cancellations import cancel_meeting
from tests.factories import (
    NOW,
    create_enclosure,
    create_letter,
    create_meeting,
    create_office,
    create_staff,
    get_area,
    get_municipality,
)
from tests.invitations.test_letter_pdf_structure import failures, logo
from tests.pdf_reader import PdfReader

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
TOWNS = ("Herning", "Skive", "Viborg")


@pytest.fixture(autouse=True)
def _public_url(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.kl.dk"


def create_personal_letter(*, asks: bool = True, **fields: Any) -> Letter:
    letter = create_letter(
        meeting=fields.pop("meeting", None) or create_meeting(slug="moede"), is_personal=True, **fields
    )
    if asks:
        letter.sections.create(position=1, heading="Tilmelding", text="Her: {registration_url}.")
    letter.sections.create(position=2, heading="Sted", text="Vi ses.")
    return letter


def sent(letter: Letter | None = None, *, towns: tuple[str, ...] = TOWNS) -> Letter:
    letter = letter or create_personal_letter()
    for town in towns:
        create_office(municipality=get_municipality(town), mailbox=f"udvalg@{town.lower()}.example")
    letters.dispatch(letter, at=NOW, by=create_staff())
    return letter


def own(town: str) -> PersonalLetter:
    return PersonalLetter.objects.get(municipality_name=f"{town} Kommune")


def url_of(town: str) -> str:
    invitation = Invitation.objects.get(municipality__name=town)
    return f"https://tilmeld.kl.dk/svar/{invitation.token}"


def pdf_of(town: str) -> bytes:
    file = own(town).pdf
    assert file is not None
    return file.data


def blocks_of(pdf: bytes) -> list[tuple[str, str]]:
    return PdfReader(pdf).blocks


# What a municipality gets.


def test_each_municipality_gets_its_own_with_its_name_its_link_and_its_code() -> None:
    sent()

    made = make_due(at=NOW)

    assert made == 3
    for town in TOWNS:
        words = blocks_of(pdf_of(town))
        til = words.index(("P", "Til"))
        assert words[til : til + 3] == [
            ("P", "Til"),
            ("P", f"{town} Kommune"),
            ("P", "Udvalget med ansvar for børne-\u00a0og undervisningsområdet"),
        ]
        heading = words.index(("H1", "Tilmelding"))
        assert words[heading + 1 : heading + 5] == [
            ("P", f"Her: {url_of(town)}."),
            ("P", f"Linket er {town} Kommunes eget og gælder både tilmelding og afbud."),
            ("Figure", ""),
            ("H1", "Sted"),
        ]


def test_the_public_link_stands_nowhere_in_a_municipalitys_own_letter() -> None:
    letter = create_personal_letter()
    letter.sections.filter(position=2).update(text="Se [mødets side]({registration_url}).")
    sent(letter)
    make_due(at=NOW)

    reader = PdfReader(pdf_of("Skive"))

    links = [link for node in reader.document.nodes() for link in node.links]
    assert [link for link in links if link.endswith("/moede")] == []
    assert links.count(url_of("Skive")) == 2
    assert ("P", "Se mødets side.") in reader.blocks


def test_the_link_and_the_code_lead_to_the_answer_of_that_municipality() -> None:
    sent()
    make_due(at=NOW)

    reader = PdfReader(pdf_of("Skive"))

    assert url_of("Skive") in [link for node in reader.document.nodes() for link in node.links]
    (figure,) = reader.document.find("Figure")
    assert str(figure.attributes["Alt"]) == "QR-kode, der åbner Skive Kommunes eget link"
    assert code_in(pdf_of("Skive")) == code_of(url_of("Skive"))
    assert code_in(pdf_of("Skive")) != code_of(url_of("Herning"))


def code_in(pdf: bytes) -> list[list[bool]]:
    """The dark modules of the only picture in the PDF."""
    with pikepdf.open(BytesIO(pdf)) as document:
        (picture,) = (image for leaf in document.pages for image in leaf.get_images().values())
        image = pikepdf.PdfImage(picture).as_pil_image().convert("L")  # type: ignore[arg-type]
    size = image.width // PIXELS_PER_MODULE
    small = image.resize((size, size), Image.Resampling.NEAREST)
    return [[small.getpixel((x, y)) == 0 for x in range(size)] for y in range(size)]


def code_of(text: str) -> list[list[bool]]:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0, mask_pattern=MASK)
    code.add_data(text)
    return [[bool(module) for module in row] for row in code.get_matrix()]


@pytest.mark.parametrize("with_logo", [True, False])
def test_it_is_pdf_ua_1_and_pdf_a_3a_at_once(with_logo: bool) -> None:
    if with_logo:
        Sender.objects.update(logo=StoredFile.objects.store(logo(), content_type="image/png"))
    sent()
    make_due(at=NOW)

    pdf = pdf_of("Herning")

    assert failures(pdf, ValidationProfile.PDF_UA_1) == []
    assert failures(pdf, ValidationProfile.PDF_A_3A) == []


def test_a_letter_that_does_not_say_how_to_register_has_the_link_above_its_closing() -> None:
    sent(create_personal_letter(asks=False), towns=("Herning",))
    make_due(at=NOW)

    words = [text for _role, text in blocks_of(pdf_of("Herning"))]

    assert words[words.index("Vi ses.") + 1 : words.index("Med venlig hilsen")] == [
        f"Herning Kommunes eget link til tilmelding og afbud: {url_of('Herning')}",
        "",
    ]


def test_what_looks_like_a_mark_of_ours_is_text() -> None:
    letter = create_personal_letter(asks=False)
    letter.sections.filter(position=2).update(text='<div class="own-name"></div>')

    sent(letter, towns=("Herning",))
    make_due(at=NOW)

    assert ("P", '<div class="own-name"></div>') in blocks_of(pdf_of("Herning"))


def test_a_copy_is_what_its_html_alone_would_give() -> None:
    letter = create_personal_letter()
    version = letters.preview(letter, at=NOW)
    html = version.html.replace(
        '<div class="own-name"></div>', '<p class="own-name">Herning Kommune</p>'
    ).replace('<div class="own-link"></div>', "")
    html = html.replace("https://tilmeld.kl.dk/moede", "https://tilmeld.kl.dk/x")

    copy = PersonalCopies(letter, version).pdf(
        municipality_name="Herning Kommune", url="https://tilmeld.kl.dk/x"
    )
    alone = render_pdf(html)

    words = blocks_of(copy)
    figure = words.index(("Figure", ""))
    assert words[: figure - 1] + words[figure + 1 :] == blocks_of(alone)


# What everybody may read.


def test_the_public_letter_and_its_page_carry_the_link_of_no_municipality(client: Any) -> None:
    sent()
    make_due(at=NOW)

    pdf, html = client.get("/moede/invitation.pdf"), client.get("/moede/invitation")

    words = [text for _role, text in blocks_of(pdf.content)]
    assert [pdf.status_code, html.status_code] == [200, 200]
    assert pdf.content == LetterVersion.objects.get().pdf.data
    assert "Herning Kommune" not in words
    for town in TOWNS:
        assert url_of(town) not in " ".join(words) + html.content.decode()
    assert failures(pdf.content, ValidationProfile.PDF_UA_1) == []


def test_other_letters_are_what_they_were() -> None:
    letter = create_letter()
    letter.sections.create(position=1, heading="Tilmelding", text="Her: {registration_url}")

    assert "own-" not in letters.preview(letter, at=NOW).html


# Sending.


def test_pressing_the_button_writes_down_what_is_to_be_made_and_owes_nothing_yet() -> None:
    count = letters.dispatch(_with_offices(), at=NOW, by=create_staff())

    assert count == 3
    rows = PersonalLetter.objects.filter(pdf=None, rendered_at=None).order_by("municipality_name")
    assert [row.municipality_name for row in rows] == ["Herning Kommune", "Skive Kommune", "Viborg Kommune"]
    assert list(Dispatch.objects.values_list("email", flat=True)) == [None] * 3
    assert OutgoingEmail.objects.count() == 0
    assert progress(Letter.objects.get()) == personal_letters.Progress(total=3, ready=0, problems=0)


def _with_offices() -> Letter:
    letter = create_personal_letter()
    for town in TOWNS:
        create_office(municipality=get_municipality(town))
    return letter


def test_the_mails_of_a_municipality_carry_its_own_letter_and_the_enclosures() -> None:
    letter = create_personal_letter(copy_roles=[Role.MAYOR])
    create_enclosure(letter=letter, title="Fakta", filename="fakta.pdf")
    create_office(role=Role.MAYOR, mailbox="borgmester@herning.example")
    sent(letter)

    make_due(at=NOW + MINUTE)

    committee, mayor = (
        OutgoingEmail.objects.get(to=f"{name}@herning.example") for name in ("udvalg", "borgmester")
    )
    for mail in (committee, mayor):
        names = dict(mail.attachments.values_list("filename", "file"))
        assert list(names) == ["moede-invitation-2027-01-25-herning.pdf", "fakta.pdf"]
        assert names["moede-invitation-2027-01-25-herning.pdf"] == own("Herning").pdf_id
        assert mail.owed_at >= NOW + MINUTE
        assert mail.dispatches.get().mailbox == mail.to
    assert url_of("Herning") in committee.text
    assert url_of("Herning") not in mayor.text
    assert OutgoingEmail.objects.count() == 4


def test_two_offices_with_one_mailbox_get_one_mail() -> None:
    letter = create_personal_letter(copy_roles=[Role.MAYOR])
    create_office(role=Role.MAYOR, mailbox="Post@herning.example")
    create_office(mailbox="post@herning.example")
    letters.dispatch(letter, at=NOW, by=create_staff())

    make_due(at=NOW)

    mail = OutgoingEmail.objects.get()
    assert mail.dispatches.count() == 2
    assert "orientering" not in mail.text


def test_changes_after_the_press_make_no_difference() -> None:
    Sender.objects.update(logo=StoredFile.objects.store(logo(), content_type="image/png"))
    letter = sent(towns=("Herning",))
    again = LetterVersion.objects.get()
    Meeting.objects.update(title="Noget helt andet", slug="moede")
    letter.meeting.sessions.update(venue_city="Et andet sted")
    Sender.objects.update(logo=None, name="En anden")
    get_municipality().__class__.objects.filter(name="Herning").update(official_name="Ny Kommune")

    make_due(at=NOW)

    words = " ".join(text for _role, text in blocks_of(pdf_of("Herning")))
    mail = OutgoingEmail.objects.get()
    assert "Herning Kommune" in words
    assert "Ny Kommune" not in words + mail.text + mail.to_name
    assert "Noget helt andet" not in words + mail.text + mail.subject
    assert "Et andet sted" not in mail.text
    assert "En anden" not in words + mail.text
    assert len(PdfReader(pdf_of("Herning")).document.find("Figure")) == 2
    assert again.pdf.data == letters.preview(Letter.objects.get(), at=NOW).pdf.data


def test_once_a_meeting_is_cancelled_nobody_is_invited_to_it() -> None:
    letter = sent(towns=("Herning",))
    cancel_meeting(letter.meeting, at=NOW + MINUTE, by=create_staff(username="b"))

    make_due(at=NOW + 2 * MINUTE)

    mail = OutgoingEmail.objects.get(kind="letter")
    assert mail.of_use_until == NOW + MINUTE
    assert own("Herning").pdf is not None


# Many workers, and workers that die.


def test_it_is_done_once() -> None:
    sent()

    assert [make_due(at=NOW), make_due(at=NOW + MINUTE), make_personal_letters()] == [3, 0, 0]
    assert OutgoingEmail.objects.count() == 3
    assert progress(Letter.objects.get()).is_done


def test_what_a_worker_has_taken_is_left_to_it_until_its_time_is_over() -> None:
    sent()
    taken = personal_letters._claim(NOW)

    early, late = make_due(at=NOW + MINUTE), make_due(at=NOW + LEASE)

    assert [len(taken), early, late] == [3, 0, 3]


def test_a_worker_that_lost_its_letter_to_another_writes_nothing() -> None:
    sent(towns=("Herning",))
    (mine,) = personal_letters._claim(NOW)
    sweep = personal_letters._Sweep(NOW)
    pdf = sweep._print(mine)
    assert pdf is not None
    make_due(at=NOW + LEASE)
    file, mails = own("Herning").pdf, OutgoingEmail.objects.count()

    assert sweep._finish({mine: pdf}) == 0
    assert (own("Herning").pdf, OutgoingEmail.objects.count()) == (file, mails)


def test_what_dies_halfway_leaves_nothing_behind_and_is_made_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent(towns=("Herning",))
    monkeypatch.setattr(OutgoingEmail.objects, "owe", lambda *_args, **_kwargs: 1 / 0)
    assert make_due(at=NOW) == 0
    monkeypatch.undo()
    left = (own("Herning").pdf, OutgoingEmail.objects.count())

    assert make_due(at=NOW + 2 * LEASE) == 1
    assert left == (None, 0)
    assert (own("Herning").problem, OutgoingEmail.objects.count()) == ("", 1)


def test_a_letter_that_cannot_be_made_is_seen_and_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent()
    make = PersonalCopies.pdf

    def broken(self: PersonalCopies, *, municipality_name: str, url: str) -> bytes:
        if municipality_name == "Skive Kommune":
            raise RuntimeError("no paper")
        return make(self, municipality_name=municipality_name, url=url)

    monkeypatch.setattr(PersonalCopies, "pdf", broken)
    made = make_due(at=NOW)
    monkeypatch.undo()

    letter = Letter.objects.get()
    assert (made, own("Skive").problem) == (2, "RuntimeError: no paper")
    assert progress(letter) == personal_letters.Progress(total=3, ready=2, problems=1)
    assert "could not be made" in caplog.text
    assert [make_due(at=NOW + MINUTE), make_due(at=NOW + 2 * LEASE)] == [0, 1]
    assert progress(letter) == personal_letters.Progress(total=3, ready=3, problems=0)


def test_while_one_thread_makes_letters_the_others_of_its_process_have_time_for_mails() -> None:
    sent()

    with personal_letters._ONE_SWEEP:
        assert make_due(at=NOW) == 0


def test_a_sweep_ends_in_time_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    sent()
    monkeypatch.setattr(personal_letters, "SWEEP", timedelta(0))

    assert make_due(at=NOW) == 0


@pytest.mark.parametrize("towns", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_municipalities(
    towns: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sent(towns=TOWNS[:towns])

    with django_assert_num_queries(20):
        assert make_due(at=NOW) == towns


# What is refused.


def test_a_meeting_without_registration_has_no_link_to_print() -> None:
    letter = create_personal_letter(meeting=create_meeting(registration="none"), asks=False)
    create_office()

    with pytest.raises(ValidationError) as refused:
        letters.dispatch(letter, at=NOW, by=create_staff())

    assert refused.value.messages == [
        "Mødet har ingen tilmelding, så der er intet link til den enkelte kommune."
    ]


@pytest.mark.parametrize("kind", ["follow_up", "save_the_date", "cancellation"])
def test_only_a_letter_that_asks_can_be_personal(kind: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        create_letter(kind=kind, is_personal=True)


def test_a_letter_of_the_whole_country_is_written_down_in_the_order_of_the_alphabet() -> None:
    meeting = create_meeting(areas=[get_area("Hele landet")])
    for town in ("Aarhus", "Albertslund", "Ærø"):
        create_office(municipality=get_municipality(town))
    letters.dispatch(create_personal_letter(meeting=meeting), at=NOW, by=create_staff())

    names = PersonalLetter.objects.order_by("pk").values_list("municipality_name", flat=True)

    assert list(names) == ["Albertslund Kommune", "Ærø Kommune", "Aarhus Kommune"]

"""What a letter may not hold, however it was typed; and what it may, though it looks odd."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.utils.safestring import SafeString
from PIL import Image
from weasyprint.urls import FatalURLFetchingError

from invitations import pdf
from invitations.letter_document import SenderBlock, TextBlock
from invitations.pdf import (
    ForbiddenMarkup,
    ForbiddenResource,
    LetterTooLarge,
    MissingGlyphs,
    UnusableImage,
    missing_characters,
    render_pdf,
)
from invitations.pdf_typeface import ASSETS
from tests.letter_documents import html, letter, paragraphs, section
from tests.pdf_reader import PdfReader


def with_body(body: str) -> str:
    return html(letter(sections=(section("", TextBlock(html=SafeString(body))),)))


def with_logo(url: str = "letter-image:logo") -> str:
    return html(letter(sender=SenderBlock(name="KL", address_lines=(), website="", logo_url=url)))


def image(kind: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (40, 20)) -> bytes:
    file = BytesIO()
    Image.new(mode, size).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "characters"),
    [
        ("<p>Vi glæder os 😀 til mødet</p>", "😀"),
        ("<p><strong>漢</strong> og <em>字</em>, og 漢 igen</p>", "漢字"),
        ('<p><abbr title="✓">ok</abbr></p>', "✓"),
        ("<p>m\u0302</p>", "\u0302"),
        ("<p>\x01</p>", "\x01"),
    ],
)
def test_a_character_that_the_typeface_lacks_is_named(body: str, characters: str) -> None:
    with pytest.raises(MissingGlyphs) as refusal:
        render_pdf(with_body(body))

    assert refusal.value.characters == characters
    assert f"{characters[0]} (U+{ord(characters[0]):04X})" in str(refusal.value)


def test_a_character_is_missed_in_the_title_too() -> None:
    with pytest.raises(MissingGlyphs) as refusal:
        render_pdf(html(letter(document_title="Møde 😀")))

    assert refusal.value.characters == "😀"


def test_the_names_and_words_of_the_field_can_be_printed() -> None:
    assert missing_characters("Ærø, Åbenrå, Þórshavn, Łódź, Čapek – „Ω“ → 100 % § 5 € ½ “citat” ’s …") == ""


def test_what_is_pasted_by_accident_does_no_harm() -> None:
    pasted = "bør\u00adne\u2011\u200b og unge\ufeffområdet\u2028på A\u030abenra\u030a"

    reader = PdfReader(render_pdf(with_body(f"<p>{pasted}</p>")))

    assert ("P", "børne- og ungeområdet på Åbenrå") in reader.blocks


@pytest.mark.parametrize(
    "body",
    [
        '<link rel="attachment" href="file:///etc/hostname">',
        '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
        '<p><a rel="attachment" href="file:///etc/hostname">her</a></p>',
        '<p><a href="file:///etc/hostname">her</a></p>',
        '<p><a href="javascript:alert(1)">her</a></p>',
        '<p><a href="data:text/html,hej">her</a></p>',
        '<p><a href="/admin/">her</a></p>',
        "<style>@import 'http://127.0.0.1:9/x.css'</style>",
        "<style>@font-face { font-family: x; src: url(file:///etc/hostname) }</style>",
        '<p style="background: url(http://127.0.0.1:9/x.png)">her</p>',
        '<object data="file:///etc/hostname"></object>',
        '<embed src="http://127.0.0.1:9/x">',
        '<iframe src="http://127.0.0.1:9/x"></iframe>',
        '<svg><image href="http://127.0.0.1:9/x.png"/></svg>',
        "<math><mtext>her</mtext></math>",
        "<script>alert(1)</script>",
        '<base href="http://127.0.0.1:9/">',
        '<meta http-equiv="refresh" content="0; http://127.0.0.1:9/">',
        '<form action="http://127.0.0.1:9/"><input name="x"></form>',
        '<table><tr><td colspan="1000000">her</td></tr></table>',
        '<p id="x">her</p>',
        "<!-- her -->",
    ],
)
def test_markup_that_letters_do_not_have_is_refused(body: str) -> None:
    with pytest.raises(ForbiddenMarkup):
        render_pdf(with_body(body))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x.png",
        "https://[/x.png",
        "//127.0.0.1:9/x.png",
        "file:///etc/hostname",
        "../../manage.py",
        "fonts/OFL.txt",
        "data:image/png;base64,AAAA",
        "letter-image:another",
        "letter-image:../logo",
        "LETTER-IMAGE:logo",
    ],
)
def test_an_image_from_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenResource) as refusal:
        render_pdf(with_logo(url), images={"logo": image()})

    assert refusal.value.url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x.css",
        "ftp://127.0.0.1:9/x.css",
        "data:text/css,p{}",
        "file:///etc/hostname",
        f"{ASSETS.as_uri()}/../../manage.py",
        f"{ASSETS.as_uri()}/%2e%2e/%2e%2e/manage.py",
        f"{ASSETS.as_uri()}/no-such-file.css",
        f"{ASSETS.as_uri()}",
        ASSETS.as_uri().replace("file://", "file://elsewhere"),
    ],
)
def test_nothing_but_the_letters_own_files_is_fetched(url: str) -> None:
    """The second line of defence, were the first to let an address through."""
    with pytest.raises(FatalURLFetchingError):
        pdf._Fetcher({}).fetch(url)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "secret.txt").write_text("hemmeligt")
    (assets / "link.txt").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setattr("invitations.pdf.ASSETS", assets)

    with pytest.raises(FatalURLFetchingError):
        pdf._Fetcher({}).fetch((assets / "link.txt").as_uri())


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("PNG", "1"), ("JPEG", "L")],
)
def test_a_logo_may_be_any_usual_image(kind: str, mode: str) -> None:
    reader = PdfReader(render_pdf(with_logo(), images={"logo": image(kind, mode)}))

    assert len(reader.document.find("Figure")) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        image("GIF"),
        image("JPEG", "CMYK"),
        image(size=(3000, 2000)),
        image(size=(400, 300))[:200],
        image() + bytes(pdf.MAX_IMAGE_BYTES),
    ],
    ids=["empty", "svg", "gif", "cmyk", "six megapixels", "cut off", "padded"],
)
def test_an_image_that_cannot_be_used_is_refused(data: bytes) -> None:
    with pytest.raises(UnusableImage) as refusal:
        render_pdf(with_logo(), images={"logo": data})

    assert refusal.value.name == "logo"


@pytest.mark.parametrize(
    "body",
    [
        f"<p>{'ord ' * 40_000}</p>",
        "<p>ord</p>" * 3_000,
        f"<p>{'x' * 2_001}</p>",
        "<ul><li>" * 20 + "ord" + "</li></ul>" * 20,
    ],
    ids=["long", "many", "long word", "deep"],
)
def test_a_letter_beyond_its_bounds_is_refused(body: str) -> None:
    with pytest.raises(LetterTooLarge):
        render_pdf(with_body(body))


def test_what_looks_like_markup_is_printed_as_typed() -> None:
    typed = "<script>alert('&amp;')</script> & {{ letter }} </p>"

    reader = PdfReader(render_pdf(html(letter(sender=SenderBlock(name=typed, address_lines=(), website="")))))

    assert reader.blocks[0] == ("P", typed)


def test_a_refused_letter_does_not_spoil_the_next() -> None:
    source = with_body("<p>Vi ses</p>")
    before = render_pdf(source)

    with pytest.raises(ForbiddenResource):
        render_pdf(with_logo("letter-image:none"))

    assert render_pdf(source) == before


def test_each_letter_shows_its_own_image() -> None:
    readers = [
        PdfReader(render_pdf(with_logo(), images={"logo": image(size=size)})) for size in ((40, 20), (20, 40))
    ]

    [wide], [tall] = [list(reader.pdf.pages[0].Resources.XObject.values()) for reader in readers]
    assert (int(wide.Width), int(wide.Height), int(tall.Width), int(tall.Height)) == (40, 20, 20, 40)


def test_paragraphs_of_emphasis_use_the_bundled_faces_only() -> None:
    text = paragraphs("Almindelig, <strong>fed</strong>, <em>skæv</em> og <strong><em>begge</em></strong>")

    reader = PdfReader(render_pdf(html(letter(sections=(section("", text),)))))

    assert reader.fonts == {
        "KL-Letter-Sans",
        "KL-Letter-Sans-Bold",
        "KL-Letter-Sans-Italic",
        "KL-Letter-Sans-Bold-Italic",
    }

"""Rules that every mail keeps, looked for in each kind as it is really sent."""

from __future__ import annotations

import gettext
import html
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from django.conf import settings
from pytest_django import Settings

from invitations.danish import MONTHS, WEEKDAYS
from invitations.models.sessions import ONLINE
from tests.mail_samples import LETTER, Sample, create_samples, templates

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

# What Outlook's Word engine lays out as others do: plain blocks and tables.
TAGS = {"html", "head", "meta", "title", "body", "table", "tr", "td", "p", "b", "br", "a", "ul", "li", "hr"}
TAGS |= {"div", "span"}
STYLES = {
    "margin",
    "padding",
    "border",
    "border-top",
    "color",
    "background-color",
    "font-family",
    "font-size",
    "line-height",
    "text-decoration",
    "white-space",
    "word-break",
    "width",
    "max-width",
}
# How the subjects begin, as danish.md has them or on their pattern.
SUBJECTS = (
    r"(Til orientering: )?(Invitation til |Brev efter |Reservér datoen: |Ændret: |Aflyst: )",
    r"Kvittering: (Tilmelding til |I er på venteliste til )",
    r"(Ændret: )?Du er tilmeldt |Du har fået plads til |I har fået plads til |Du er på venteliste til ",
    r"Ikke længere på venteliste: |Afmeldt: |Flyttet: |Ændret tilmelding: |Jeres link: ",
    r"Vi har modtaget jeres afbud til |Påmindelse: |Sidste dag for tilmelding til |Sidste dag: ",
)
TO_OFFICES = {
    LETTER,
    *(f"registrations/mail/{name}" for name in ("deadline_reminder", "message", "personal_link")),
}
MOST_LINES = 40
# How mails are built, by language: the line with the date, the signature, and how the reason begins.
SIGNPOSTS = {
    "da": ("Dato og tid: ", "Med venlig hilsen", r"(Du|I) får denne mail, fordi"),
    "en": ("Date and time: ", "Kind regards", "You get this mail because"),
}


class Mail(HTMLParser):
    """What is in the HTML of a mail: tags, their styles, links, and the words as they are read."""

    def __init__(self, sample: Sample) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[dict[str, str]]] = {}
        self.styles: list[tuple[str, dict[str, str]]] = []
        self.links: list[str] = []
        self.comments: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(sample.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.attributes.setdefault(tag, []).append(has)
        if tag not in ("br", "hr", "meta"):
            self.open.append(tag)
        declarations = [line.split(":", 1) for line in has.get("style", "").split(";") if line.strip()]
        self.styles.append((tag, {name.strip(): value.strip() for name, value in declarations}))
        if "href" in has:
            self.links.append(has["href"])
        if tag in ("p", "tr", "td", "li", "br", "hr", "ul", "table"):
            self.text += "\n"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag in ("p", "td", "li"):
            self.text += "\n"

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        if "title" not in self.open:
            self.text += data


def words(text: str) -> list[str]:
    """The words in their order, without addresses of pages and marks."""
    return re.findall(r"[\w@.-]*\w", re.sub(r"https?://\S+", " ", text))


def said_in(sample: Sample) -> str:
    """All that can be read, in the mail and in the calendar."""
    calendar = sample.calendar.replace("\r\n ", "").replace("\\n", "\n").replace("\\,", ",")
    return html.unescape("\n".join([sample.subject, sample.text, Mail(sample).text, calendar]))


def danish_texts() -> dict[str, str]:
    """Our texts, each with its Danish."""
    found = gettext.find("django", settings.BASE_DIR / "locale", ["da"])
    assert found
    with open(found, "rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {str(key[0] if isinstance(key, tuple) else key): text for key, text in catalogue.items() if key}


DANISH_SENTENCES = {
    " ".join(part.split())
    for text in danish_texts().values()
    for part in re.split(r"%\(\w+\)[sd]|%[sd]|\{\w*\}", text)
    if len(part.split()) > 2
}
DANISH_SENTENCES.add(ONLINE)
DANISH_LABELS = set(danish_texts().values()) - set(danish_texts())


def check(samples: list[Sample], rule: object) -> None:
    """Name the mails that do not keep the rule."""
    assert callable(rule)
    faults = [f"{sample.template} ({sample.name}): {fault}" for sample in samples if (fault := rule(sample))]
    assert faults == []


@pytest.fixture(autouse=True)
def at_an_address(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.example"


@pytest.fixture
def samples() -> list[Sample]:
    return create_samples()


def test_every_mail_keeps_the_rules(samples: list[Sample]) -> None:
    """One test, since the mails are made once."""
    assert {sample.template for sample in samples} == templates()
    for rule in (subject_in_the_form_of_the_house, *RULES):
        check(samples, rule)


def test_who_answers_by_the_english_form_gets_english_mails_and_offices_danish_ones() -> None:
    samples = create_samples("en")
    english = [sample for sample in samples if sample.language == "en"]
    assert templates() - {sample.template for sample in english} == TO_OFFICES
    for rule in RULES:
        check(samples, rule)
    for rule in (danish_words_of_ours, danish_dates, no_english_date, links_to_danish_pages):
        check(english, rule)
    check([sample for sample in samples if sample.language == "da"], subject_in_the_form_of_the_house)


# Each says what is wrong; nothing where all is well.


def subject_in_the_form_of_the_house(sample: Sample) -> str:
    if "message" in sample.template:
        # The secretariat's own words.
        return "" if sample.subject == "Husk Politisk møde i Region Midtjylland" else sample.subject
    fits = any(re.match(form, sample.subject) for form in SUBJECTS)
    return "" if fits and "\n" not in sample.subject and len(sample.subject) <= 110 else sample.subject


def other_words_in_the_text(sample: Sample) -> Counter[str] | list[str]:
    text, read = words(sample.text), words(Mail(sample).text)
    if Counter(text) != Counter(read):
        return (Counter(text) - Counter(read)) + (Counter(read) - Counter(text))
    return (
        []
        if text == read
        else [f"{one} / {other}" for one, other in zip(text, read, strict=True) if one != other]
    )


def other_links_in_the_text(sample: Sample) -> set[str]:
    of_html = {link for link in Mail(sample).links if not link.startswith("mailto:")}
    of_text = {link.rstrip(".,") for link in re.findall(r"https?://\S+", sample.text)}
    return of_html ^ of_text


def what_outlook_does_not_lay_out(sample: Sample) -> set[str]:
    mail = Mail(sample)
    properties = {name for _tag, style in mail.styles for name in style}
    # Word ignores what stands beside a table, and the size of what is in a cell.
    in_cells = {
        f"<{tag} {name}>"
        for tag, style in mail.styles
        for name in style
        if tag in ("a", "b") and name in ("padding", "width")
    }
    return (mail.tags - TAGS) | (properties - STYLES) | in_cells


def something_from_elsewhere(sample: Sample) -> list[str]:
    return re.findall(
        r"(?i)\bsrc=|url\(|@import|<link|<style|<script|<img|<iframe|<form|\bon\w+=|javascript:", sample.html
    )


def what_lacks_in_the_head(sample: Sample) -> list[str]:
    mail = Mail(sample)
    metas = {
        meta.get("name", "charset"): meta.get("content", meta.get("charset", ""))
        for meta in mail.attributes["meta"]
    }
    wanted = {
        "charset": "utf-8",
        "viewport": "width=device-width, initial-scale=1",
        "color-scheme": "light dark",
        "supported-color-schemes": "light dark",
    }
    lacking = [name for name, value in wanted.items() if metas.get(name) != value]
    has_title = re.search(r"<title( lang=.da.)?>\s*\S.*</title>", sample.html)
    return (
        lacking
        + ([] if mail.attributes["html"] == [{"lang": sample.language}] else ["lang"])
        + ([] if has_title else ["title"])
    )


def no_bounded_width(sample: Sample) -> str:
    """By the greatest width where it is known, and by a table of a fixed one for Outlook."""
    mail = Mail(sample)
    widths = [style.get("max-width") for tag, style in mail.styles if tag == "table" and "max-width" in style]
    fixed = [
        comment for comment in mail.comments if comment.startswith("[if mso]") and 'width="600"' in comment
    ]
    closed = [comment for comment in mail.comments if "</table>" in comment]
    return "" if (widths, len(fixed), len(closed)) == (["600px"], 1, 1) else f"{widths} {fixed} {closed}"


def colours_that_one_cannot_read(sample: Sample) -> list[str]:
    """Colours of text and ground only together, so that neither is left with one of the reader's own."""
    faults = []
    ground = None
    for tag, style in Mail(sample).styles:
        if tag == "td":
            ground = style.get("background-color")
        if "color" in style and (ground is None or contrast(style["color"], ground) < 4.5):
            faults.append(f"{tag}: {style['color']} on {ground}")
        line = re.search(r"#\w{6}", style.get("border-top", ""))
        if line and min(contrast(line[0], paper) for paper in ("#ffffff", "#121212")) < 3:
            faults.append(f"{tag}: {line[0]}")
    return faults


def what_is_out_of_order(sample: Sample) -> list[str]:
    """What happened, facts, link, contact, why one gets it, and the notice: in this order, if at all."""
    text = sample.text
    first = text.splitlines()[0]
    if "message" not in sample.template and f"<b>{words(first)[0]}" not in re.sub(
        r"<b>\s+", "<b>", sample.html
    ):
        return ["the first sentence is not the one that stands out"]
    date, signature, reason = SIGNPOSTS[sample.language]
    places = {
        "facts": text.find(date),
        "link": first_place(r"https://tilmeld.example/(en/)?(svar|kvittering|deltager)/", text),
        "contact": text.find(signature),
        "reason": first_place(reason, text),
        "notice": first_place("https://tilmeld.example/(en/)?privatliv", text),
    }
    there = {name: place for name, place in places.items() if place >= 0}
    missing = {"contact", "reason", "notice"} - set(there)
    return [] if list(there) == sorted(there, key=lambda name: there[name]) and not missing else [str(places)]


def first_place(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return found.start() if found else -1


def more_lines_than_needed(sample: Sample) -> int:
    lines = sample.text.count("\n")
    return lines if lines > MOST_LINES or "\n\n\n" in sample.text else 0


def marks_of_templates(sample: Sample) -> list[str]:
    visible = f"{sample.subject}\n{sample.text}\n{html.unescape(Mail(sample).text)}"
    return re.findall(r"\{\{|\{%|%\(|\bNone\b|[\ue000-\uf8ff]|&\w+;|<\w", visible)


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.1, 1.4.3, of two colours such as `#0b4a7d`."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def danish_words_of_ours(sample: Sample) -> set[str]:
    """Any sentence of our catalogue, or part of one, of more than two words; and any label before a colon."""
    said = said_in(sample)
    labels = {line.partition(":")[0].strip("- ") for line in said.splitlines() if ":" in line}
    return {words for words in DANISH_SENTENCES if words in " ".join(said.split())} | (labels & DANISH_LABELS)


def danish_dates(sample: Sample) -> list[str]:
    days = "|".join(WEEKDAYS)
    return re.findall(rf"(?i)\b(?:{days})\b|\bkl\. ?\d\S*|\b\d+\. (?:{'|'.join(MONTHS)})", said_in(sample))


def no_english_date(sample: Sample) -> str:
    return "" if re.search(r"\b\d{1,2} (April|March) 2027\b", said_in(sample)) else sample.text


def links_to_danish_pages(sample: Sample) -> set[str]:
    links = re.findall(r"https?://[^\s\"<]+", f"{said_in(sample)} {sample.html}")
    ours = {link for link in links if not link.startswith("https://teams.example/")}
    return {link for link in ours if not link.startswith("https://tilmeld.example/en/")}


RULES = (
    other_words_in_the_text,
    other_links_in_the_text,
    what_outlook_does_not_lay_out,
    something_from_elsewhere,
    what_lacks_in_the_head,
    no_bounded_width,
    colours_that_one_cannot_read,
    what_is_out_of_order,
    more_lines_than_needed,
    marks_of_templates,
)


def test_a_letter_is_sent_in_each_of_its_kinds(samples: list[Sample]) -> None:
    assert len({sample.name for sample in samples if sample.template == LETTER}) == 10

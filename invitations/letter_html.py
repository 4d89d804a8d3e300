"""From a letter and its meeting to the document that is printed.

Placeholders are filled, Markdown is rendered and blocks are drawn from the meeting. The same document makes
the PDF and the web page (`templates/invitations/letter/`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from invitations.danish import (
    capitalise,
    format_clock,
    format_date,
    format_time,
    format_weekday_day_and_month,
)
from invitations.letter_content import LetterContent
from invitations.letter_document import (
    NOTHING,
    Block,
    LetterDocument,
    LinesBlock,
    ListBlock,
    MarginFact,
    ProgrammeBlock,
    ProgrammeLine,
    SenderBlock,
    SignatoryBlock,
    TextBlock,
    ThemeLine,
    ThemesBlock,
    asking_where_named,
)
from invitations.letter_document import Section as PrintedSection
from invitations.mail_text import link
from invitations.markdown import escape_markdown, inline, markdown
from invitations.models import Letter, Meeting, ProgrammeItem, Section, Sender, Session, Theme
from invitations.pdf import MAX_CHARACTERS, LetterTooLarge
from invitations.placeholders import PlaceholderError, Placeholders, area_words

# What a reader of the PDF shows as its title where the letter itself has none.
_KIND_WORDS = {
    Letter.Kind.INVITATION: "Invitation",
    Letter.Kind.FOLLOW_UP: "Opfølgning",
    Letter.Kind.SAVE_THE_DATE: "Reservér datoen",
    Letter.Kind.CHANGE: "Ændring",
    Letter.Kind.CANCELLATION: "Aflysning",
}
LOGO = "logo"
LOGO_URL = f"letter-image:{LOGO}"


def with_speakers(title: str, speakers: str, room: str) -> SafeString:
    """`Velkommen v/ borgmester Jørgen Gaarde, Byrådssalen`; who listens hears `ved`, not `v` and a stroke."""
    html = inline(title)
    if speakers:
        html = format_html('{} <abbr title="ved">v/</abbr>\u00a0{}', html, inline(speakers))
    if room:
        html = format_html("{}, {}", html, inline(room))
    return html


def programme_label(item: ProgrammeItem) -> str:
    """`Kl. 17.00`, with an end `Kl. 10.00-10.05`; nothing for an item without a time."""
    if item.time is None:
        return ""
    end = f"-{format_clock(item.until)}" if item.until else ""
    return f"Kl.\u00a0{format_clock(item.time)}{end}"


def announced_line(meeting: Meeting, session: Session) -> str:
    """`Region Sjælland: Onsdag den 16. juni kl. 14.00-15.30`."""
    time = f" {format_time(session.starts_time, session.ends_time)}" if session.starts_time else ""
    day = capitalise(format_weekday_day_and_month(session.starts_date))
    # Not `ordered_areas`, which would ask the database once more for each meeting.
    areas = area_words(link.area for link in meeting.area_links.all())
    return f"{capitalise(areas)}: {day}{time}"


def phone_url(phone: str) -> str:
    """A `tel:` address for one whole number, eight digits being Danish; empty for `lokal 12` or for two."""
    digits = re.sub(r"[\s.()-]", "", phone)
    if re.fullmatch(r"\d{8}", digits, re.ASCII):
        return f"tel:+45{digits}"
    return f"tel:{digits}" if re.fullmatch(r"\+\d{8,15}", digits, re.ASCII) else ""


def web_url(website: str) -> str:
    """`https://www.kl.dk` for `www.kl.dk`; what is an address already, or nothing, stays."""
    return f"https://{website}" if website and "://" not in website else website


class LetterBuilder:
    """Builds the document of one letter and collects what is wrong with it on the way, each at its field.

    `problems` are the sentences for each field in which something is wrong. Fields go by their path in a
    meeting file, for example `sections[2].text`. `missing` are the placeholders without a value, as typed.

    Args:
        brief: whether the sentences leave out which placeholders can be used.
    """

    def __init__(self, content: LetterContent, *, brief: bool = False) -> None:
        self.content = content
        self.brief = brief
        self.letter = content.letter
        self.meeting = content.letter.meeting
        self.placeholders = Placeholders(content.letter)
        self.problems: dict[str, list[str]] = {}
        self.missing: set[str] = set()
        self.typed = 0
        self.programme = list(self.meeting.programme.prefetch_related("themes"))

    def document(self) -> LetterDocument:
        """The letter as it prints.

        Raises:
            ValidationError: with the `problems`.
        """
        document = self.draft()
        if self.problems:
            raise ValidationError(dict(self.problems))
        return document

    def draft(self) -> LetterDocument:
        """The letter as far as it can be printed; a placeholder without a value stands as it was typed."""
        letter = self.letter
        title = self._plain("title", letter.title)
        return LetterDocument(
            document_title=title or f"{_KIND_WORDS[Letter.Kind(letter.kind)]}: {self.meeting.title}",
            date=format_date(letter.date),
            recipients=tuple(
                inline(self._plain(f"recipients[{number}]", line))
                for number, line in enumerate(letter.recipient_lines)
            ),
            sender=self._sender(),
            margin=self._margin(),
            title=inline(title),
            salutation=inline(self._plain("salutation", letter.salutation)),
            sections=self._sections(),
            closing=inline(self._plain("closing", letter.closing)),
            signatories=tuple(
                SignatoryBlock(name=signatory.name, title_lines=tuple(signatory.title_lines))
                for signatory in self.content.signatories
            ),
            author=self.sender.name,
            subject=self.meeting.title,
            is_personal=letter.is_personal,
        )

    def _sender(self) -> SenderBlock:
        self.sender = Sender.objects.current()
        return SenderBlock(
            name=self.sender.name,
            address_lines=tuple(self.sender.address_lines),
            website=self.sender.website,
            website_url=web_url(self.sender.website),
            logo_url=LOGO_URL if self.sender.logo else "",
        )

    def _margin(self) -> tuple[MarginFact, ...]:
        letter = self.letter
        facts = [
            MarginFact(label="Sags ID", value=letter.case_number),
            MarginFact(label="Dok. ID", value=letter.document_number),
            MarginFact(label="E-mail", value=letter.contact_email, url=f"mailto:{letter.contact_email}"),
            MarginFact(label="Direkte", value=letter.contact_phone, url=phone_url(letter.contact_phone)),
        ]
        return tuple(fact for fact in facts if fact.value)

    def _fill(self, path: str, text: str, escape: Callable[[str], str] = str) -> str:
        try:
            return self.placeholders.fill(text, escape=escape)
        except PlaceholderError as error:
            self._note(path, error.brief if self.brief else error.sentences)
            self.missing.update(error.missing)
            return error.filled

    def _note(self, path: str, sentences: Iterable[str]) -> None:
        """Keep what is wrong at `path`, once, however often a block is drawn."""
        self.problems[path] = list(dict.fromkeys([*self.problems.get(path, ()), *sentences]))

    def _plain(self, path: str, text: str) -> str:
        return self._fill(path, text).strip()

    def _markdown(self, path: str, text: str) -> SafeString:
        # Counted as it is typed, before it costs anything; with blocks drawn again and again it adds up.
        was_bearable = self.typed <= MAX_CHARACTERS
        self.typed += len(text)
        if self.typed > MAX_CHARACTERS:
            if was_bearable:
                self._note(path, [str(LetterTooLarge())])
            return NOTHING
        return markdown(self._fill(path, text, escape_markdown)) if text.strip() else NOTHING

    def _sections(self) -> tuple[PrintedSection, ...]:
        sections = [self._section(number, section) for number, section in enumerate(self.content.sections)]
        page = link("registrations:meeting", self.meeting.slug)
        return asking_where_named(sections, page) if self.letter.is_personal else tuple(sections)

    def _section(self, number: int, section: Section) -> PrintedSection:
        path = f"sections[{number}]"
        heading = self._plain(f"{path}.heading", section.heading)
        blocks: list[Block] = []
        if section.text.strip():
            blocks.append(TextBlock(html=self._markdown(f"{path}.text", section.text)))
        if section.block:
            drawn = list(self._draw(section.block))
            if not drawn:
                sentence = _("The meeting has nothing to print in the block “%(block)s”.")
                self._note(f"{path}.block", [sentence % {"block": section.get_block_display()}])
            blocks += drawn
        return PrintedSection(
            heading_lines=tuple(inline(line.strip()) for line in heading.splitlines() if line.strip()),
            blocks=tuple(blocks),
        )

    def _draw(self, block: str) -> Iterable[Block]:
        draw: dict[str, Callable[[], Iterable[Block]]] = {
            Section.Block.PROGRAMME: self._programme,
            Section.Block.THEMES: self._themes,
            Section.Block.SESSIONS: self._sessions,
            Section.Block.VENUE: self._venue,
            Section.Block.QUESTIONS: self._questions,
            Section.Block.PRACTICAL_INFORMATION: self._practical_information,
            Section.Block.ATTACHMENTS: self._attachments,
            Section.Block.ANNOUNCED_MEETINGS: self._announced_meetings,
        }
        return draw[block]()

    def _theme_lines(self, item_number: int, themes: Sequence[Theme]) -> tuple[ThemeLine, ...]:
        return tuple(
            ThemeLine(
                label=f"Tema\u00a0{number}:",
                text=with_speakers(theme.title, theme.speakers, theme.room),
                details=self._markdown(
                    f"programme[{item_number}].themes[{number - 1}].details", theme.details
                ),
            )
            for number, theme in enumerate(themes, start=1)
        )

    def _programme(self) -> Iterable[Block]:
        items = tuple(
            ProgrammeLine(
                label=programme_label(item),
                text=with_speakers(item.title, item.speakers, item.room),
                details=self._markdown(f"programme[{number}].details", item.details),
                themes=self._theme_lines(number, list(item.themes.all())),
                notes=self._markdown(f"programme[{number}].notes", item.notes),
            )
            for number, item in enumerate(self.programme)
        )
        if items:
            yield ProgrammeBlock(items=items, numbered=not any(item.label for item in items))

    def _themes(self) -> Iterable[Block]:
        for number, item in enumerate(self.programme):
            if themes := self._theme_lines(number, list(item.themes.all())):
                yield ThemesBlock(themes=themes)

    def _sessions(self) -> Iterable[Block]:
        lines = tuple(self._session_line(session) for session in self.placeholders.sessions)
        if lines:
            yield LinesBlock(kind="sessions", lines=lines)

    def _session_line(self, session: Session) -> SafeString:
        where = session.where()
        return format_html("{}<br>{}", inline(str(session)), inline(where)) if where else inline(str(session))

    def _venue(self) -> Iterable[Block]:
        """The place; where the sessions meet at several, each under its own date."""
        by_place: dict[tuple[str, ...], list[Session]] = {}
        for session in self.placeholders.sessions:
            by_place.setdefault(tuple(session.venue_lines()), []).append(session)
        for lines, sessions in by_place.items():
            if lines:
                dates = [str(session) for session in sessions] if len(by_place) > 1 else []
                yield LinesBlock(kind="venue", lines=tuple(inline(line) for line in [*dates, *lines]))

    def _questions(self) -> Iterable[Block]:
        if questions := tuple(inline(question.text) for question in self.meeting.questions.all()):
            yield ListBlock(items=questions)

    def _practical_information(self) -> Iterable[Block]:
        if text := self.meeting.practical_information.strip():
            yield TextBlock(html=self._markdown("practical_information", text))

    def _attachments(self) -> Iterable[Block]:
        if titles := tuple(inline(enclosure.title) for enclosure in self.content.enclosures):
            yield ListBlock(intro="Bilag:", items=titles)

    def _announced_meetings(self) -> Iterable[Block]:
        lines = tuple(
            inline(announced_line(meeting, session))
            for meeting in self.content.announced
            for session in meeting.sessions.all()
        )
        if lines:
            yield LinesBlock(kind="announced_meetings", lines=lines)


def letter_document(letter: Letter) -> LetterDocument:
    """The document of `letter` as it is stored; raises ValidationError as `LetterBuilder.document` does."""
    return LetterBuilder(LetterContent.stored(letter)).document()


def letter_html(document: LetterDocument) -> str:
    """The HTML that the PDF is made from."""
    return render_to_string("invitations/letter/pdf.html", {"letter": document})

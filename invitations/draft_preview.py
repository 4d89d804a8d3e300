"""A letter as it stands while it is written: shown as far as it can be printed, with what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.safestring import SafeString, mark_safe

from invitations.letter_content import LetterContent
from invitations.letter_html import LetterBuilder, letter_html
from invitations.markdown import inline
from invitations.pdf import MissingGlyphs, missing_characters
from invitations.placeholders import Placeholders


@dataclass(frozen=True, kw_only=True)
class DraftPreview:
    """What a letter would print.

    Attributes:
        html: the page from which its PDF would be made. What cannot be printed stands in it as it was typed.
        problems: the sentences for each field in which something is wrong (see `LetterBuilder`), without what
            can be used, which is in `placeholders`; those of no field go by `NON_FIELD_ERRORS`.
        missing: the placeholders without a value, as they were typed.
        placeholders: those that can be used, and what each prints.
    """

    html: str
    problems: dict[str, list[str]]
    missing: frozenset[str]
    placeholders: list[tuple[str, str]]

    def body(self) -> SafeString:
        """The letter's HTML without the page around it, with a `mark` about what is missing.

        Links open in a window of their own: the one in which one writes stays.
        """
        body = self.html.partition("<body>")[2].rpartition("</body>")[0]
        if self.missing:
            words = "|".join(re.escape(inline(word)) for word in sorted(self.missing))
            # A tag is passed over as a whole, with all of its attributes.
            body = re.sub(
                rf"<[^>]*>|(?P<missing>{words})",
                lambda found: f"<mark>{found[0]}</mark>" if found["missing"] else found[0],
                body,
            )
        return mark_safe(body.replace("<a href=", '<a target="_blank" rel="noopener" href='))


def draft_preview(content: LetterContent, *, has_date: bool = True) -> DraftPreview:
    """The letter of `content` as it would print now.

    Args:
        has_date: whether the letter's date is the one to be printed; without, it prints none.
    """
    builder = LetterBuilder(content, brief=True)
    document = builder.draft()
    html = letter_html(document if has_date else replace(document, date=""))
    problems = dict(builder.problems)
    for path, sentence in _unprintable(content, html):
        problems[path] = [*problems.get(path, ()), sentence]
    return DraftPreview(
        html=html,
        problems=problems,
        missing=frozenset(builder.missing),
        placeholders=printed_placeholders(builder.placeholders),
    )


def printed_placeholders(placeholders: Placeholders) -> list[tuple[str, str]]:
    """The placeholders that can be used, with their braces, each with what it prints."""
    return [(f"{{{name}}}", placeholders.value(name)) for name in placeholders.usable()]


def _unprintable(content: LetterContent, html: str) -> Iterator[tuple[str, str]]:
    """Where characters were typed that the letters' typeface lacks; last those that come from elsewhere."""
    rest = missing_characters(html)
    if not rest:
        return
    for path, text in _typed_texts(content):
        if characters := missing_characters(text):
            rest = "".join(character for character in rest if character not in characters)
            yield path, str(MissingGlyphs(characters))
    if rest:
        yield NON_FIELD_ERRORS, str(MissingGlyphs(rest))


def _typed_texts(content: LetterContent) -> Iterable[tuple[str, str]]:
    letter = content.letter
    yield "title", letter.title
    yield "recipients[0]", letter.recipients
    yield "salutation", letter.salutation
    for number, section in enumerate(content.sections):
        yield f"sections[{number}].heading", section.heading
        yield f"sections[{number}].text", section.text
    yield "closing", letter.closing

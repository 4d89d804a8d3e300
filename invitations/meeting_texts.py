"""The meeting's own texts for a web page: placeholders filled, Markdown rendered, as its letters do."""

from __future__ import annotations

from django.utils.safestring import SafeString

from invitations.letter_document import ProgrammeBlock, ProgrammeLine, ThemeLine
from invitations.letter_html import programme_label, with_speakers
from invitations.markdown import escape_markdown, markdown
from invitations.models import Meeting
from invitations.placeholders import PlaceholderError, Placeholders


def text_of_meeting(text: str, placeholders: Placeholders) -> SafeString:
    """`text` as HTML. Where one placeholder has no value, so no letter prints, all stand as typed."""
    try:
        filled = placeholders.fill(text, escape=escape_markdown)
    except PlaceholderError:
        filled = text
    return markdown(filled)


def programme_block(meeting: Meeting, placeholders: Placeholders) -> ProgrammeBlock | None:
    """The programme as a letter prints it; None where there is none."""
    items = tuple(
        ProgrammeLine(
            label=programme_label(item),
            text=with_speakers(item.title, item.speakers, item.room),
            details=text_of_meeting(item.details, placeholders),
            themes=tuple(
                ThemeLine(
                    label=f"Tema\u00a0{number}:",
                    text=with_speakers(theme.title, theme.speakers, theme.room),
                    details=text_of_meeting(theme.details, placeholders),
                )
                for number, theme in enumerate(item.themes.all(), start=1)
            ),
            notes=text_of_meeting(item.notes, placeholders),
        )
        for item in meeting.programme.all()
    )
    return ProgrammeBlock(items=items, numbered=not any(item.label for item in items)) if items else None

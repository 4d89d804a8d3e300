"""The list at the door: who is expected, with a box to tick for each; no mail addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.mail_text import in_danish
from invitations.models import Meeting, Session
from invitations.models.programme import themed_items
from registrations.participant_lists import Entry, Sort, themes_of
from registrations.printing import layout, printed

# So many take about four seconds to lay out.
MOST_ON_A_LIST = 800

LAYOUT = layout("door_list.css")


class By(models.TextChoices):
    SESSION = "session", _("one list for each session")
    THEME = "theme", _("one list for each theme")


@dataclass
class Section:
    """A list that begins on a page of its own."""

    heading: str
    entries: list[Entry] = field(default_factory=list)


def door_list(meeting: Meeting, entries: Sequence[Entry], *, by: str, sort: str) -> bytes:
    """The PDF of the list at the door.

    Args:
        entries: those expected, in the order in which they are to stand; at most MOST_ON_A_LIST.
        sort: that order: with `Sort.MUNICIPALITY` its column comes first.
    """
    with in_danish():
        found = sections(meeting, entries, by=by)
    context = {
        "meeting": meeting,
        "sections": found,
        "by_municipality": sort == Sort.MUNICIPALITY,
        "has_titles": any(entry.title for entry in entries),
    }
    return printed("registrations/door_list.html", context, layout=LAYOUT)


def sections(meeting: Meeting, entries: Sequence[Entry], *, by: str) -> list[Section]:
    """The lists of a door list, without those on which nobody stands."""
    by_session = {session.pk: (session, list[Entry]()) for session in meeting.sessions.all()}
    for entry in entries:
        by_session[entry.session][1].append(entry)
    sessions = [(session, expected) for session, expected in by_session.values() if expected]
    if by == By.THEME:
        return list(_of_themes(meeting, sessions, several=len(by_session) > 1))
    return [Section(_heading(session), expected) for session, expected in sessions]


def _of_themes(
    meeting: Meeting, sessions: Sequence[tuple[Session, list[Entry]]], *, several: bool
) -> Iterator[Section]:
    rounds = themed_items(list(meeting.programme.prefetch_related("themes")))
    none = gettext("no theme")
    for session, expected in sessions:
        picked = themes_of(expected, meeting=meeting)
        before = f"{session}. " if several else ""
        for item in rounds:
            themes = {theme.title: theme for theme in item.themes.all()}
            by_title: dict[str, list[Entry]] = {title: [] for title in [*themes, ""]}
            for entry in expected:
                by_title[picked.get(entry.pk, {}).get(item.pk, "")].append(entry)
            for title, those in by_title.items():
                where = themes[title].room if title else ""
                heading = f"{before}{item.title}: {title or none}"
                if those:
                    yield Section(", ".join(filter(None, [heading, where])), those)


def _heading(session: Session) -> str:
    return ", ".join(filter(None, [str(session), session.where()]))

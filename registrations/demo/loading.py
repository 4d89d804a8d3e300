"""Brings the demo in, with its dates moved to the present."""

from __future__ import annotations

import itertools
import re
import shutil
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from invitations.danish import COPENHAGEN, is_working_day
from invitations.meeting_file import import_meetings
from invitations.models import Meeting, Office, OutgoingEmail
from registrations.demo.offices import create_offices
from registrations.demo.stories import STORIES
from registrations.demo.telling import tell

FOLDER = Path(__file__).resolve().parent

# The Monday of the week in which the demo files play: what they tell of earlier weeks has happened.
WRITTEN_FOR = date(2027, 8, 30)

# Dates stand in the fields of a meeting file only, never in its prose, which prints them by placeholders.
_DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")


class DemoRefusedError(Exception):
    """The database is somebody's: the demo's letters would go to the mailboxes in it."""


def load_demo(*, at: datetime) -> bool:
    """Load the demo, all or nothing, so that its present is the week of `at`; return whether this call did.

    Args:
        at: now, aware. Everything that the demo tells has happened before.

    Raises:
        DemoRefusedError: the register holds offices that are not the demo's.
    """
    if Meeting.objects.filter(slug__in=[story.slug for story in STORIES]).exists():
        return False
    if Office.objects.exists():
        raise DemoRefusedError(_("There are offices in the register. The demo is for an empty database."))
    today = at.astimezone(COPENHAGEN).date()
    monday = today - timedelta(days=today.weekday())
    with transaction.atomic():
        weeks = _import_files(monday)
        create_offices(today=today)
        secretary = get_user_model().objects.create_user(
            username="demo", first_name="Mette", last_name="Lind (demo)", is_active=False, is_staff=True
        )
        for story in STORIES:
            tell(story, monday=WRITTEN_FOR + timedelta(weeks=weeks[story.file]), secretary=secretary)
        _deliver_letters()
    return True


def _deliver_letters() -> None:
    """Let the letters have left when they were sent: who got one weeks ago is not to get it today.

    The other mails wait, so that who starts the demo finds some in the folder.
    """
    letters = OutgoingEmail.objects.filter(kind=OutgoingEmail.Kind.LETTER)
    letters.update(state=OutgoingEmail.State.SENT, sent_at=F("owed_at"), attempts=1)


def _import_files(monday: date) -> dict[str, int]:
    """Import the demo files so that they play in the week of `monday`; return the weeks each was moved by."""
    weeks = {}
    with tempfile.TemporaryDirectory() as folder:
        for source in sorted(FOLDER.glob("*.yaml")):
            text = source.read_text(encoding="utf-8")
            weeks[source.name] = weeks_to(monday, text)
            Path(folder, source.name).write_text(move(text, weeks=weeks[source.name]), encoding="utf-8")
        for enclosure in FOLDER.glob("*.pdf"):
            shutil.copy(enclosure, folder)
        import_meetings(sorted(Path(folder).glob("*.yaml")))
    return weeks


def move(text: str, *, weeks: int) -> str:
    """The text of a meeting file with all its dates moved by whole weeks, so that weekdays stay."""
    by = timedelta(weeks=weeks)
    return _DATE.sub(lambda match: (date.fromisoformat(match[0]) + by).isoformat(), text)


def weeks_to(monday: date, text: str) -> int:
    """By how many weeks to move the dates in `text`, so that it plays in the week of `monday`.

    Or in a week shortly before, where one of the dates would be one on which nobody meets.
    """
    days = [date.fromisoformat(match[0]) for match in _DATE.finditer(text)]
    wanted = (monday - WRITTEN_FOR).days // 7
    return next(
        weeks
        for weeks in itertools.count(wanted, -1)
        if all(is_day_for_meetings(day + timedelta(weeks=weeks)) for day in days)
    )


def is_day_for_meetings(day: date) -> bool:
    """Whether it is a working day, and not one around Christmas and New Year."""
    at_christmas = (day.month, day.day) >= (12, 20) or (day.month, day.day) <= (1, 2)
    return is_working_day(day) and not at_christmas

"""How long lists of participants take: the list on the screen, the sheet, the list at the door, name badges.

    .venv/bin/python benchmarks/participant_lists.py [PARTICIPANTS]

Measures CPU time of the process, database included, on a SQLite database of its own that is thrown away; the
best of three. What is printed is measured in parts of the size that one file holds at most.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))


def cpu_s(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


def main(participants: int) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from registrations.door_list import MOST_ON_A_LIST, door_list
    from registrations.name_badges import MOST_BADGES, name_badges
    from registrations.participant_lists import Selection, Sort, entries, totals
    from registrations.participant_sheet import participants_sheet
    from tests.large_meeting import create_large_meeting

    meeting = create_large_meeting(participants=participants)
    by_name, by_municipality = Selection(), Selection(sort=Sort.MUNICIPALITY)
    found = entries(meeting, by_name)

    def best(name: str, act: Callable[[], object]) -> None:
        print(f"{name}: {min(cpu_s(act) for _ in range(3)):.2f} s")

    print(f"{len(found):,} participants with two themes each")
    best("the list by name", lambda: entries(meeting, by_name))
    best("the list by municipality", lambda: entries(meeting, by_municipality))
    best("a search in it", lambda: entries(meeting, Selection(search="deltager 77 aalborg")))
    best("the totals", lambda: totals(meeting))
    best("the sheet", lambda: participants_sheet(meeting, entries(meeting, by_name)))
    listed, badged = found[:MOST_ON_A_LIST], found[:MOST_BADGES]
    best(f"a door list of {len(listed):,}", lambda: door_list(meeting, listed, by="session", sort="name"))
    best(f"{len(badged):,} name badges", lambda: name_badges(meeting, badged))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="kl_meetings-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "SECRET_KEY": "a key for measuring, which guards nothing",
            "DATA_DIR": folder,
            "LOG_LEVEL": "WARNING",
        }
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)

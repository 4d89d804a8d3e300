"""How long the letters of all 98 municipalities take, beside as many warm renders of one of them.

    .venv/bin/python benchmarks/personal_letters.py [RUNS]

A meeting of the whole country with five offices a municipality, in a database of its own. Measures CPU time
of the process and the clock, from the first claim to the last owed mail: laying out, storing, writing the
mails. It is then done by two processes that share the work by claims, as two workers do.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).resolve().parent.parent
MUNICIPALITIES = 98

sys.path.insert(0, str(PROJECT))


def set_up(folder: str) -> None:
    os.environ.setdefault("SECRET_KEY", "a-key-for-benchmarks-that-serve-nobody-and-keep-no-secret")
    os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "kl_meetings.settings"}
    import django

    django.setup()


def measured(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds of CPU, and on the clock."""
    cpu, clock = time.process_time(), time.perf_counter()
    act()
    return time.process_time() - cpu, time.perf_counter() - clock


def send_letter(number: int) -> None:
    from datetime import timedelta

    from invitations import letters
    from invitations.models import Letter, Role
    from tests import factories
    from tests.large_meeting import ROLES, create_offices

    if number == 0:
        create_offices()
        factories.create_staff()
    meeting = factories.create_meeting(areas=[factories.get_area("Hele landet")], roles=ROLES[:3])
    item = factories.create_programme_item(meeting=meeting, title="Drøftelser ved bordene")
    for title in ("Motiverende skoledag", "Fritid for alle", "Unge i uddannelse"):
        factories.create_theme(item=item, title=title)
    letter = factories.create_letter(
        meeting=meeting, is_personal=True, copy_roles=[Role.MAYOR, Role.MUNICIPAL_DIRECTOR], title="{title}"
    )
    prose = "Udvalget vil gerne høre, hvordan I griber opgaven an, og hvad der lykkes hos jer. " * 5
    letter.sections.create(position=1, heading="Program", text=f"{prose}\n\n" * 5, block="programme")
    letter.sections.create(position=2, heading="Tilmelding", text="I tilmelder jer her: {registration_url}")
    from django.contrib.auth.models import User

    letter = Letter.objects.select_related("meeting").get(pk=letter.pk)
    count = letters.dispatch(letter, at=factories.NOW + timedelta(days=number), by=User.objects.get())
    assert count == 5 * MUNICIPALITIES, count


def make_all() -> None:
    from django.utils import timezone

    from invitations.personal_letters import make_due

    while make_due(at=timezone.now()):
        pass


def make_from_process(folder: str, ready: object, start: object) -> None:
    set_up(folder)
    warm_render()
    ready.release()  # type: ignore[attr-defined]
    start.wait()  # type: ignore[attr-defined]
    print(measured(make_all))


def warm_render() -> None:
    """The letter of one municipality, from the frozen one, as if it were the only one."""
    from invitations.models import LetterVersion
    from invitations.personal_copies import PersonalCopies

    version = LetterVersion.objects.select_related("logo").latest("pk")
    url = "https://tilmeld.kl.dk/svar/AAAAAAAAAAAAAAAAAAAAAA"
    PersonalCopies(version.letter, version).pdf(municipality_name="Herning Kommune", url=url)


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        set_up(folder)
        from django.core.management import call_command
        from django.db import connection

        from invitations.models import Dispatch, PersonalLetter

        call_command("migrate", verbosity=0)
        ratios = []
        for number in range(runs):
            send_letter(number)
            for _ in range(3):
                warm_render()
            # Before and after, since machines change their pace.
            before = [measured(warm_render) for _ in range(MUNICIPALITIES // 2)]
            cpu, clock = measured(make_all)
            renders = before + [measured(warm_render) for _ in range(MUNICIPALITIES // 2)]
            warm_cpu, warm_clock = (sum(times) for times in zip(*renders, strict=True))
            ratios.append((cpu / warm_cpu, clock / warm_clock))
            print(
                f"98 letters and 490 mails: {cpu:.2f} s of CPU, {clock:.2f} s; "
                f"98 warm renders: {warm_cpu:.2f} s of CPU, {warm_clock:.2f} s"
            )
        by_cpu, by_clock = (median(column) for column in zip(*ratios, strict=True))
        print(f"ratio, median: {by_cpu:.3f} of CPU, {by_clock:.3f} on the clock")

        send_letter(runs)
        connection.close()
        context = multiprocessing.get_context("spawn")
        ready, start = context.Semaphore(0), context.Event()
        workers = [
            context.Process(target=make_from_process, args=(folder, ready, start)) for _number in range(2)
        ]
        for worker in workers:
            worker.start()
        for _worker in workers:
            ready.acquire()
        began = time.perf_counter()
        start.set()
        for worker in workers:
            worker.join()
        print(f"by two processes: {time.perf_counter() - began:.2f} s on the clock")
        assert not PersonalLetter.objects.filter(pdf=None).exists()
        assert not Dispatch.objects.filter(email=None).exists()


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 3)

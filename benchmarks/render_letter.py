"""How long a letter takes: cold, warm, and beside WeasyPrint alone on the same HTML and style sheet; and the
memory that a process needs which makes many.

    .venv/bin/python benchmarks/render_letter.py [RUNS] [FILE.html]

Measures CPU time of the process, which other programs disturb less than the clock; the two ways take turns.
FILE.html is a letter as `templates/invitations/letter/pdf.html` makes it; without one, a letter is made up
that is somewhat longer than the longest real one.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import django
from django.conf import settings

PROJECT = Path(__file__).resolve().parent.parent
LETTERS = 1000
ENGINE = "django.template.backends.django.DjangoTemplates"

sys.path.insert(0, str(PROJECT))
settings.configure(TEMPLATES=[{"BACKEND": ENGINE, "DIRS": [PROJECT / "templates"]}])
django.setup()


def made_up_letter() -> str:
    from tests import letter_documents as made

    programme = made.programme(
        made.item("Kl. 15.00", "Velkommen til Kulturhuset og til et møde om fritid for alle"),
        made.item("Kl. 15.15", "Drøftelser ved bordene", details="<p>Vælg et tema:</p>", themes=3),
        *[made.item(f"Kl. {hour}.00", "Oplæg og spørgsmål i plenum ved formanden") for hour in range(16, 20)],
    )
    sections = (
        made.section("", made.filler(8)),
        made.section("Program", programme),
        made.section("Sted", made.venue("Kulturhuset", "Havnegade 3", "9990 Skagen")),
        made.section(
            "Tilmelding", made.paragraphs('<a href="https://tilmeld.kl.dk/fritid">Tilmeld jer her</a>')
        ),
    )
    return made.html(made.letter(sections=sections))


def cpu_ms(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return (time.process_time() - start) * 1000


def main(runs: int, html: str) -> None:
    start = time.process_time()
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from benchmarks.measuring import memory_mib
    from invitations.pdf import STYLESHEET, VARIANT, render_pdf

    pdf = render_pdf(html)
    print(f"{len(html):,} characters of HTML, {len(pdf):,} bytes of PDF")
    print(f"cold: {(time.process_time() - start) * 1000:.0f} ms with the imports")

    fonts = FontConfiguration()
    style = CSS(filename=STYLESHEET, font_config=fonts)

    def weasyprint_alone() -> object:
        page = HTML(string=html, base_url=f"{STYLESHEET.parent.as_uri()}/")
        return page.write_pdf(font_config=fonts, stylesheets=[style], pdf_variant=VARIANT)

    ours, alone = [], []
    for _ in range(runs + 2):
        ours.append(cpu_ms(lambda: render_pdf(html)))
        alone.append(cpu_ms(weasyprint_alone))
    del ours[:2], alone[:2]
    print(f"warm: {min(ours):.1f} ms at best, median {median(ours):.1f} ms")
    print(f"WeasyPrint alone: {min(alone):.1f} ms at best, median {median(alone):.1f} ms")
    for made in (LETTERS // 2, LETTERS):
        for _ in range(LETTERS // 2):
            render_pdf(html)
        print(f"memory after {made:,} letters: {memory_mib(os.getpid()):.0f} MiB")
    print(f"ratio: {min(ours) / min(alone):.3f} at best, {median(ours) / median(alone):.3f} of the medians")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(
        int(arguments[0]) if arguments else 30,
        Path(arguments[1]).read_text(encoding="utf-8") if len(arguments) > 1 else made_up_letter(),
    )

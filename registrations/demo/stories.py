"""What has happened to the demo's meetings by now: published, sent, answered by some, one cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registrations.models import Registration


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A municipality's answer: `participants` come, none is afbud; `withdrawn` of them dropped out later.

    Attributes:
        days: how many days before the Monday of the file's week it came.
        nameless: places beside the participants, for people whose names follow.
        waits: whether those for whom there is no place wait for one.
        needs: what the first of the participants need.
        answers: to the meeting's questions, in their order.
        draft: the answer to the question after those, begun and not sent.
        words: topics to discuss, or the note to an afbud.
        domain: what their mail addresses end in, where that is not the municipality's own.
    """

    municipality: str
    days: int
    participants: int = 0
    withdrawn: int = 0
    nameless: int = 0
    waits: bool = False
    needs: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    draft: str = ""
    words: str = ""
    domain: str = ""


@dataclass(frozen=True, kw_only=True)
class Guests:
    """Whom the secretariat has entered, names and titles, two days before the Monday of the file's week."""

    kind: Registration.GuestKind
    people: Sequence[tuple[str, str]]
    organisation: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """What has happened to a meeting; `published`, `cancelled`: days before the Monday of the file's week.

    A letter that `is_sent` went out on its date. The municipalities of `later` got a week more than the
    others, on the day before that Monday.
    """

    file: str
    slug: str
    published: int | None = None
    is_sent: bool = False
    replies: Sequence[Reply] = ()
    guests: Sequence[Guests] = ()
    later: Sequence[str] = ()
    cancelled: int | None = None


STORIES = (
    Story(
        file="boern-og-unge-midtjylland.yaml",
        slug="boern-og-unge-midtjylland",
        published=14,
        is_sent=True,
        replies=(
            Reply(
                municipality="Herning",
                days=12,
                participants=5,
                needs=("Vegetarisk mad", "Plads til kørestol ved bordet"),
                answers=(
                    "To voksne i alle 1. klasser. Fraværet er faldet, og lærerne bliver længere.",
                    "Kravet om, at et tilbud skal visiteres, før vi må hjælpe.",
                ),
                words="Inklusion i SFO og klub",
            ),
            Reply(municipality="Hedensted", days=11, words="Mødet falder sammen med vores budgetseminar."),
            Reply(municipality="Viborg", days=10, participants=4, needs=("Vegetarisk mad",)),
            Reply(
                municipality="Aarhus",
                days=7,
                participants=6,
                withdrawn=1,
                answers=("Fælles ledelse af dagtilbud og skole i tre bydele.",),
                draft="Reglerne om, hvornår en elev kan få undervisning i mindre hold. Vi mangler at spørge",
            ),
            Reply(municipality="Struer", days=6, participants=1),
            Reply(municipality="Samsø", days=5, words="Vi kan ikke nå den sidste færge hjem."),
            Reply(
                municipality="Ringkøbing-Skjern",
                days=4,
                participants=2,
                words="Små skoler og lange afstande: Hvordan får eleverne adgang til værksteder?",
            ),
            Reply(municipality="Silkeborg", days=3, participants=3, nameless=2),
        ),
        guests=(
            Guests(
                kind=Registration.GuestKind.KL_POLITICIAN,
                organisation="Børne- og Undervisningsudvalget",
                people=(("Henriette Skovgaard Bruun", "Formand"), ("Torkild Ravnholt", "Næstformand")),
            ),
            Guests(
                kind=Registration.GuestKind.SPEAKER,
                organisation="Fælleselevrådet i Viborg",
                people=(("Alma Kjærgaard", "Elevrådsformand"),),
            ),
        ),
        later=("Skanderborg",),
    ),
    Story(
        file="sprog-i-dagtilbud-online.yaml",
        slug="sprog-i-dagtilbud",
        published=5,
        replies=(
            Reply(
                municipality="Esbjerg",
                days=4,
                participants=2,
                answers=("En sprogpædagog følger børnene fra vuggestue til børnehave.",),
            ),
            Reply(municipality="Frederikshavn", days=4, participants=3),
            Reply(municipality="Køge", days=3, participants=1),
            # Of which it is not clear that it is Aalborg's.
            Reply(municipality="Aalborg", days=2, participants=2, domain="boernehuset-fjordblik.example"),
        ),
    ),
    Story(file="folkeskolen-oestdanmark.yaml", slug="folkeskolen-oestdanmark", published=3),
    Story(file="tidlig-hjaelp-opfoelgning.yaml", slug="tidlig-hjaelp", published=40),
    Story(file="ungeindsats-reserver-datoen.yaml", slug="ungeindsats-nordjylland", is_sent=True),
    Story(
        file="specialomraadet-syddanmark-aendring.yaml",
        slug="specialomraadet-syddanmark",
        published=20,
        is_sent=True,
        replies=(
            Reply(municipality="Odense", days=12, participants=6),
            Reply(municipality="Vejle", days=11, participants=5),
            Reply(
                municipality="Kolding",
                days=10,
                participants=4,
                words="Priser på tilbud, som flere kommuner deler",
            ),
            Reply(municipality="Tønder", days=9),
            Reply(municipality="Esbjerg", days=8, participants=6),
            Reply(municipality="Middelfart", days=7, participants=3),
            # From here on all 24 places are taken.
            Reply(municipality="Sønderborg", days=5, participants=3, waits=True),
            Reply(municipality="Svendborg", days=4, participants=2, waits=True),
        ),
    ),
    Story(
        file="klimatilpasning-aflysning.yaml",
        slug="klimatilpasning-jylland",
        published=13,
        replies=(
            Reply(municipality="Randers", days=11, participants=2),
            Reply(municipality="Thisted", days=6, participants=1),
        ),
        cancelled=3,
    ),
)

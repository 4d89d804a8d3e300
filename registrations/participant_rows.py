"""Those who come, as they are written down, and read back as they were typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from invitations.models import Theme
from registrations import special_needs
from registrations.delegations import Allotment, Attendee
from registrations.models import Participant, Registration, ThemeChoice, ThemeWish


def attendees_of(registration: Registration) -> tuple[Attendee, ...]:
    """The participants of `registration` as they were typed, those withdrawn since included."""
    participants = registration.participants.select_related("session").prefetch_related(
        "theme_choices__theme__item", "theme_wishes__theme__item"
    )
    return tuple(
        Attendee(
            name=participant.name,
            title=participant.title,
            email=participant.email,
            session=participant.session,
            themes=_first_wishes(participant),
            second_wishes=_in_order(wish.theme for wish in participant.theme_wishes.all() if wish.rank == 2),
        )
        for participant in participants
    )


def _first_wishes(participant: Participant) -> tuple[Theme, ...]:
    """What was typed as the theme of each round: it is a wish where they may have got another."""
    chosen = {choice.item_id: choice.theme for choice in participant.theme_choices.all()}
    wished = {wish.item_id: wish.theme for wish in participant.theme_wishes.all() if wish.rank == 1}
    return _in_order((chosen | wished).values())


def write_participants(
    registration: Registration,
    attendees: Sequence[Attendee],
    allotted: Sequence[Allotment] | None = None,
    *,
    waits_since: datetime | None = None,
    consented_at: datetime | None = None,
    first_position: int = 0,
) -> list[Participant]:
    """Write down who comes and who waits, each with their themes; whether there is room was asked before.

    Args:
        allotted: what each of `attendees` gets; without it, a place and the themes that they ask for.
        waits_since: since when those wait who do, aware.
        consented_at: when they consented to what they need being kept, aware; without it, when the
            registration was made.
        first_position: where they begin in the list of the registration.
    """
    if allotted is None:
        allotted = [Allotment(waits=False, themes=attendee.themes) for attendee in attendees]
    participants = Participant.objects.bulk_create(
        Participant(
            registration=registration,
            position=position,
            session=attendee.session,
            name=attendee.name,
            title=attendee.title,
            email=attendee.email,
            waitlisted_at=waits_since if got.waits else None,
        )
        for position, (attendee, got) in enumerate(
            zip(attendees, allotted, strict=True), start=first_position
        )
    )
    ThemeChoice.objects.bulk_create(
        ThemeChoice(participant=participant, item=theme.item, theme=theme)
        for participant, got in zip(participants, allotted, strict=True)
        for theme in got.themes
    )
    ThemeWish.objects.bulk_create(
        wish
        for participant, attendee in zip(participants, attendees, strict=True)
        for wish in _wishes(participant, attendee)
    )
    special_needs.write_all(
        registration.meeting,
        {
            participant: attendee.needs
            for participant, attendee in zip(participants, attendees, strict=True)
            if attendee.needs
        },
        at=consented_at or registration.registered_at,
    )
    return participants


def write_themes(participant: Participant, attendee: Attendee, themes: Iterable[Theme]) -> None:
    """Write down the `themes` that `participant` gets and the wishes of `attendee`, instead of the former."""
    participant.theme_choices.all().delete()
    participant.theme_wishes.all().delete()
    ThemeChoice.objects.bulk_create(
        ThemeChoice(participant=participant, item=theme.item, theme=theme) for theme in themes
    )
    ThemeWish.objects.bulk_create(_wishes(participant, attendee))


def _wishes(participant: Participant, attendee: Attendee) -> list[ThemeWish]:
    """Those to be kept: where nobody waits and there is no second wish, what they got says it all."""
    if not (participant.waitlisted_at or attendee.second_wishes):
        return []
    return [
        ThemeWish(participant=participant, item=theme.item, theme=theme, rank=rank)
        for rank, themes in enumerate((attendee.themes, attendee.second_wishes), start=1)
        for theme in themes
    ]


def _in_order(themes: Iterable[Theme]) -> tuple[Theme, ...]:
    return tuple(sorted(themes, key=lambda theme: (theme.item.position, theme.item_id)))

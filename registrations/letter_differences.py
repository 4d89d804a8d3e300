"""What a letter has stated about its meeting and is no longer true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.utils.html import escape

from invitations.meeting_facts import session_of
from invitations.models import Letter
from registrations.differences import (
    Difference,
    Facts,
    Kind,
    changed,
    deadline_words,
    differences_of_session,
    in_order,
)
from registrations.fact_rows import Pair, matched, same
from registrations.programme_differences import differences_of_programme


def differences_of_letter(
    kind: str, stated: Facts, true: Facts, *, html: str, coming: Mapping[int, str], asks: bool
) -> tuple[Difference, ...]:
    """What a letter of `kind` stated (`meeting_facts`) that is not `true` any more.

    A date to reserve promises no programme, no deadline and nothing that was not known yet.

    Args:
        html: the letter as it was sent: the link to an online meeting is stated only where it is printed.
        coming: the sessions that are not over, by their ids: what each is called, empty for an only one.
        asks: whether one can register, so that there is a deadline to keep.
    """
    if not stated:
        return ()
    is_reservation = kind == Letter.Kind.SAVE_THE_DATE
    sessions = [row for row in true["sessions"] if row["session"] in coming]
    # A session that has been held is nobody's concern any more.
    over = {row["session"] for row in true["sessions"]} - coming.keys()
    before = [row for row in stated["sessions"] if row["session"] not in over]
    pairs, gone, new = matched(before, sessions, _same_session, same("session"), _only_ones(before, sessions))
    differences = [
        *changed(Kind.TITLE, stated.get("title"), true["title"]),
        *(
            difference
            for old, now in pairs
            for difference in differences_of_session(
                _as_printed(old, html), now, about=coming[now["session"]]
            )
            if difference.old or not is_reservation
        ),
        *(Difference(kind=Kind.SESSION_REMOVED, old=_session_words(row)) for row in gone),
        *(Difference(kind=Kind.SESSION_ADDED, new=_session_words(row)) for row in new),
    ]
    if not is_reservation:
        if asks:
            differences += _deadlines(pairs, stated, coming)
        differences += differences_of_programme(stated["programme"], true["programme"])
    return in_order(differences)


_same_session = same("starts", "ends", "where")


def _only_ones(before: Sequence[Facts], now: Sequence[Facts]) -> Callable[[Facts, Facts], bool]:
    """One session then and one now are the same, however they were typed."""
    return lambda _old, _new: len(before) == len(now) == 1


def _as_printed(old: Facts, html: str) -> Facts:
    is_printed = bool(old.get("join_url")) and escape(old["join_url"]) in html
    return old if is_printed else {name: value for name, value in old.items() if name != "join_url"}


def _session_words(row: Facts) -> str:
    when = session_of(row).when()
    return ", ".join(filter(None, [when[:1].lower() + when[1:], row["where"]]))


def _deadlines(pairs: Iterable[Pair], stated: Facts, coming: Mapping[int, str]) -> list[Difference]:
    moves = [
        (old.get("deadline", stated["registration_deadline"]), now["deadline"], now) for old, now in pairs
    ]
    # Those of a meeting with one deadline for all its sessions are one difference.
    is_one = len({(old, new) for old, new, _now in moves}) == 1
    return [
        difference
        for old, new, now in moves
        for difference in changed(
            Kind.DEADLINE,
            deadline_words(old),
            deadline_words(new),
            about="" if is_one else coming[now["session"]],
        )
    ]

"""What a letter is made from: itself and its parts in their order, whether they are stored or only typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from invitations.models import Enclosure, Letter, Meeting, Section, Signatory


@dataclass(frozen=True, kw_only=True)
class LetterContent:
    """A letter and its parts, none of which need be stored; its meeting is. They are read when printed.

    `announced` brings its sessions and areas along (`Letter.announced_meetings`).
    """

    letter: Letter
    sections: Iterable[Section] = ()
    signatories: Iterable[Signatory] = ()
    enclosures: Iterable[Enclosure] = ()
    announced: Iterable[Meeting] = ()

    @classmethod
    def stored(cls, letter: Letter) -> LetterContent:
        """What the database has of `letter`, which itself stays as it is in memory."""
        return cls(
            letter=letter,
            sections=letter.sections.all(),
            signatories=letter.signatories.all(),
            enclosures=letter.enclosures.all(),
            announced=letter.announced_meetings(),
        )

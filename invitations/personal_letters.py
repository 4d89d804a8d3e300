"""Letters that are one for each municipality, made in the background once they have been sent.

Any number of workers may do so: each claims the letters of a few municipalities, makes them, keeps them and
owes their mails in one transaction. The claim of a worker that died runs out, and another goes on.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from invitations.letter_mails import Addressee, LetterMails, answer_link
from invitations.models import (
    Dispatch,
    Letter,
    LetterVersion,
    Mail,
    OutgoingEmail,
    PersonalLetter,
    StoredFile,
)
from invitations.personal_copies import PersonalCopies

logger = logging.getLogger(__name__)

# How many letters are claimed, and written down, at a time: for one alone, asking the database takes a tenth
# of the time that it takes to lay it out.
BATCH = 7
# How long one sweep takes letters on. What is left over is the next one's, a moment later.
SWEEP = timedelta(seconds=30)
# Longer than a batch can take, which is seconds, so that a claim that has run out belongs to a worker that
# died. A letter that could not be made is tried again as late as that.
LEASE = timedelta(minutes=3)

# Letters are laid out one at a time in a process, whatever its threads: the others are left for the mails.
_ONE_SWEEP = threading.Lock()


class _LostClaimError(Exception):
    """Another worker has some of the letters now."""


@dataclass(frozen=True)
class Progress:
    """How far the letters of the municipalities are: `problems` could not be made and will be tried again."""

    total: int
    ready: int
    problems: int

    @property
    def is_done(self) -> bool:
        return self.ready == self.total


def progress(letter: Letter) -> Progress:
    rows = list(PersonalLetter.objects.filter(letter=letter).values_list("pdf", "problem"))
    return Progress(
        total=len(rows),
        ready=sum(1 for pdf, _problem in rows if pdf),
        problems=sum(1 for pdf, problem in rows if problem and not pdf),
    )


def make_due(*, at: datetime) -> int:
    """Make the personal letters that are still to be made, and owe their mails; return how many this did.

    Args:
        at: now, aware.
    """
    if not _ONE_SWEEP.acquire(blocking=False):
        return 0
    try:
        return _Sweep(at).run()
    finally:
        _ONE_SWEEP.release()


def _free(at: datetime) -> QuerySet[PersonalLetter]:
    """Those that nobody is making at `at`, and some of whose mails are not owed yet."""
    not_written_to = Dispatch.objects.filter(
        letter=OuterRef("letter"), invitation=OuterRef("invitation"), email=None
    )
    unclaimed = Q(claimed_until=None) | Q(claimed_until__lte=at)
    return PersonalLetter.objects.filter(unclaimed, Exists(not_written_to))


def _claim(at: datetime) -> list[PersonalLetter]:
    """Take the right to make some letters for the length of LEASE, the oldest first; none where none is left.

    One conditional UPDATE decides, so it holds on SQLite as on PostgreSQL.
    """
    token = uuid.uuid4()
    while wanted := list(_free(at).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        if _free(at).filter(pk__in=wanted).update(claim_token=token, claimed_until=at + LEASE):
            break
    mine = PersonalLetter.objects.filter(claim_token=token) if wanted else PersonalLetter.objects.none()
    return list(
        mine.select_related("letter__meeting", "invitation__municipality", "pdf")
        .defer("pdf__content")
        .order_by("pk")
    )


class _Sweep:
    """One worker's turn. What the copies of a letter share is read once."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.started = time.monotonic()
        self.letters: dict[int, tuple[PersonalCopies, LetterMails]] = {}

    def now(self) -> datetime:
        # A claim counts from when it is made, not from when the sweep began.
        return self.at + timedelta(seconds=time.monotonic() - self.started)

    def run(self) -> int:
        made = 0
        while self.now() - self.at < SWEEP and (claimed := _claim(self.now())):
            printed = {personal: pdf for personal in claimed if (pdf := self._print(personal)) is not None}
            made += self._finish(printed)
        return made

    def _print(self, personal: PersonalLetter) -> bytes | None:
        """The PDF; empty where there is one, and only a further office is to be written to. None where it
        cannot be made, which is written on its row and stops nobody behind it.
        """
        if personal.pdf_id:
            return b""
        try:
            copies, _mails = self._frozen(personal.letter)
            return copies.pdf(
                municipality_name=personal.municipality_name, url=answer_link(personal.invitation)
            )
        except DatabaseError:
            # Not the letter's fault, and there is no row to write it on.
            raise
        except Exception as error:
            self._note(personal, error)
            return None

    def _frozen(self, letter: Letter) -> tuple[PersonalCopies, LetterMails]:
        if letter.pk not in self.letters:
            versions = LetterVersion.objects.select_related("logo", "pdf").defer("pdf__content")
            version = versions.get(letter=letter)
            self.letters[letter.pk] = PersonalCopies(letter, version), LetterMails(letter, version)
        return self.letters[letter.pk]

    def _note(self, personal: PersonalLetter, error: Exception) -> None:
        # It stays claimed, so that it is tried again, but not at once.
        logger.error("The personal letter %s could not be made", personal.pk, exc_info=error)
        mine = PersonalLetter.objects.filter(pk=personal.pk, claim_token=personal.claim_token)
        mine.update(problem=f"{type(error).__name__}: {error}"[:1000])

    def _finish(self, printed: dict[PersonalLetter, bytes]) -> int:
        """Keep the letters and owe the mails that carry them, all or nothing; return how many."""
        try:
            with transaction.atomic():
                self._keep(printed)
                self._owe(list(printed))
        except _LostClaimError:
            return 0
        except DatabaseError:
            raise
        except Exception as error:
            if len(printed) > 1:
                return sum(self._finish({personal: pdf}) for personal, pdf in printed.items())
            for personal in printed:
                self._note(personal, error)
            return 0
        return len(printed)

    def _keep(self, printed: dict[PersonalLetter, bytes]) -> None:
        mine = PersonalLetter.objects.filter(
            pk__in=[personal.pk for personal in printed],
            claim_token__in={personal.claim_token for personal in printed},
        )
        if mine.update(claim_token=None, claimed_until=None, problem="") != len(printed):
            raise _LostClaimError
        new = [personal for personal, pdf in printed.items() if pdf]
        files = StoredFile.objects.store_all(
            [printed[personal] for personal in new], content_type="application/pdf"
        )
        for personal, file in zip(new, files, strict=True):
            personal.pdf, personal.rendered_at = file, self.now()
        PersonalLetter.objects.bulk_update(new, ["pdf", "rendered_at"])

    def _owe(self, made: list[PersonalLetter]) -> None:
        by_municipality = {(personal.letter_id, personal.invitation_id): personal for personal in made}
        dispatches = (
            Dispatch.objects.filter(
                letter__in={personal.letter_id for personal in made},
                invitation__in={personal.invitation_id for personal in made},
                email=None,
            )
            .select_related("letter__meeting")
            # Of several with one mailbox the first is addressed, who is invited if any is.
            .order_by("for_orientation", "pk")
        )
        mails: dict[str, Mail] = {}
        keys: dict[Dispatch, str] = {}
        for dispatch in dispatches:
            personal = by_municipality.get((dispatch.letter_id, dispatch.invitation_id))
            if personal is None or personal.pdf is None:
                continue
            dispatch.invitation = personal.invitation
            mail = self._frozen(personal.letter)[1].mail(
                Addressee.of_dispatch(dispatch),
                answer_url=answer_link(personal.invitation),
                pdf=(personal.filename, personal.pdf),
                # Whoever hears that the meeting is cancelled shall not be invited to it afterwards.
                of_use_until=dispatch.letter.meeting.cancelled_at,
            )
            mails.setdefault(mail.key, mail)
            keys[dispatch] = mail.key
        OutgoingEmail.objects.owe(mails.values(), at=self.now())
        ids = OutgoingEmail.objects.ids_by_key(mails)
        for dispatch, key in keys.items():
            dispatch.email_id = ids[key]
        Dispatch.objects.bulk_update(keys, ["email"])

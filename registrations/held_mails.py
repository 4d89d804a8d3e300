"""Nobody can make us mail a stranger more than a few times.

Who has the personal link of a municipality has it from us, and so may have us write to whom they register.
The open form anybody can fill in, with anybody's address, and change afterwards by the link of its receipt.
What it causes is therefore counted by mailbox and day, and what goes beyond a few mails is held back. The
registration itself stays as it is: the limit is there for those who are written to, and an honest answer is
not to be lost because a delegation shares one mailbox.

A mail held back counts as one that could not be delivered, with the reason beside it. So staff find it where
they look for trouble, on their start page, and send it with the button that is there already. Once they have
said whose the registration is, they vouch for it: nothing that follows is held back.

Ten are enough for a secretary who registers, changes twice and registers somebody else on the same day; and
few enough for a stranger to bear.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from datetime import UTC, datetime, time, timedelta

from django.utils.translation import gettext

from invitations.mail_text import in_danish
from invitations.models import OutgoingEmail
from registrations.models import Registration, SendCount
from registrations.send_limits import digest_of

MOST_TO_STRANGERS = 10


def owed_at(at: datetime) -> dict[int, str]:
    """The mails that are owed since `at` (aware) and wait, by id the mailboxes, oldest first."""
    # By the time at which they are due, which has an index.
    owed = OutgoingEmail.objects.filter(due_at=at, owed_at=at, state=OutgoingEmail.State.OWED)
    return dict(owed.order_by("pk").values_list("pk", "to"))


def hold_back(
    registration: Registration, *, but: Container[int] = (), is_suspicious: bool = False, at: datetime
) -> int:
    """Hold back what the public has just caused by way of `registration`, where it is too much.

    To be called in the transaction of what was caused, once all of it is owed at `at`.

    Args:
        but: mails that were owed at the same time to others, as those to who got a place.
        is_suspicious: it seems to come from a program: whatever it caused is held back.
        at: when the form was sent, aware.

    Returns:
        How many mails are held back.
    """
    if registration.is_vouched_for:
        return 0
    mails: dict[str, list[int]] = defaultdict(list)
    for pk, mailbox in owed_at(at).items():
        if pk not in but:
            mails[mailbox.casefold()].append(pk)
    tomorrow = datetime.combine(at.astimezone(UTC).date(), time(), UTC) + timedelta(days=1)
    digests = {mailbox: digest_of(f"stranger:{mailbox}", at=at) for mailbox in mails}
    come_to = SendCount.objects.add(
        {digests[mailbox]: len(pks) for mailbox, pks in mails.items()}, until=tomorrow
    )
    held: list[int] = []
    for mailbox, pks in mails.items():
        before = come_to[digests[mailbox]] - len(pks)
        held += pks if is_suspicious else pks[max(0, MOST_TO_STRANGERS - before) :]
    if not held:
        return 0
    with in_danish():
        reason = (
            gettext(
                "Held back: the registration was filled in as programs do it. Is it real? Then send the mail."
            )
            if is_suspicious
            else gettext(
                "Held back: the open form has caused %(most)d mails to this address today. Is it what the "
                "recipient wants? Then send the mail."
            )
            % {"most": MOST_TO_STRANGERS}
        )
    return OutgoingEmail.objects.filter(pk__in=held).give_up(reason)

"""How much the public may send in an hour, so that nobody fills others' mailboxes through our forms.

Counted in the database, so that all processes count together, before the transaction of what is sent begins
and outside of it. What is kept is a number under a digest that is keyed with our secret and with the day:
nobody can tell from it who sent what, nor that two days had the same sender. It goes with the next
`forget_what_is_over`.

Generous, since a whole municipality reaches us from one address, and one mailbox may stand for a delegation
of fifty. A link is stopped earlier than an address: it is one person's, or one municipality's for one
meeting. How many mails a stranger gets because of us is another question, which `held_mails` answers.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from registrations.models import SendCount

PERIOD = timedelta(hours=1)
# Forms sent from one network address, forms sent by one personal link, and mails owed to one mailbox, in a
# period.
MOST_FORMS = 1000
MOST_FORMS_BY_LINK = 200
MOST_MAILS = 150


class TooManyTriesError(Exception):
    """More was sent than anybody needs to send; it may be tried again after PERIOD."""


def count_form(request: HttpRequest, mailboxes: Iterable[str] = (), *, at: datetime) -> None:
    """Count a form that is about to be acted on, and the mails that it owes, one for each of `mailboxes`.

    Args:
        at: when it came, aware.

    Raises:
        TooManyTriesError: it is one too many; nothing is to be done with it.
    """
    counts = {f"mailbox:{name}": count for name, count in Counter(map(str.casefold, mailboxes)).items()}
    most = dict.fromkeys(counts, MOST_MAILS)
    match = request.resolver_match
    if match is not None and (token := match.kwargs.get("token")):
        counts[f"link:{token}"], most[f"link:{token}"] = 1, MOST_FORMS_BY_LINK
    if client := client_network(request):
        counts[f"client:{client}"], most[f"client:{client}"] = 1, MOST_FORMS
    period = int(at.timestamp() // PERIOD.total_seconds())
    digests = {digest_of(f"{period}:{name}", at=at): name for name in counts}
    until = datetime.fromtimestamp((period + 1) * PERIOD.total_seconds(), UTC)
    # All are counted, also where the first is too many already.
    come_to = SendCount.objects.add({digest: counts[name] for digest, name in digests.items()}, until=until)
    if any(count > most[digests[digest]] for digest, count in come_to.items()):
        raise TooManyTriesError


def forget_what_is_over(*, at: datetime) -> int:
    """Delete the numbers of periods that have ended at `at` (aware); return how many there were."""
    return SendCount.objects.filter(until__lte=at).delete()[0]


def client_network(request: HttpRequest) -> str:
    """Where the request came from: an IPv4 address, or the /64 that one IPv6 connection has to itself.

    Empty where it is not known: behind a proxy that does not say, everybody would have the proxy's address.
    """
    header = settings.CLIENT_ADDRESS_HEADER
    # The last is what our own proxy has seen; those before are what it was told.
    sent = request.META.get(header or "REMOTE_ADDR", "").rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(sent)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if not header and not address.is_global:
        return ""
    width = 64 if address.version == 6 else 32
    return str(ipaddress.ip_network(f"{address}/{width}", strict=False))


def digest_of(name: str, *, at: datetime) -> str:
    """What `name` is counted under on the day of `at` (aware, in UTC)."""
    day = at.astimezone(UTC).date().isoformat()
    return salted_hmac(f"registrations.send_limits:{day}", name, algorithm="sha256").hexdigest()

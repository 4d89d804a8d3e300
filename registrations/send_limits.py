"""How much the public may send in an hour, so that nobody fills others' mailboxes through our forms.

Counted in the memory of each process: nothing is written down about who sent what, no request waits for
another server, and a site of several processes lets through so many times as much. Generous, since a whole
municipality reaches us from one address, and one mailbox may stand for a delegation of fifty.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

PERIOD = timedelta(hours=1)
# Forms sent from one network address, and mails owed to one mailbox, in a period.
MOST_FORMS = 1000
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
    mails = Counter(f"mailbox:{mailbox.casefold()}" for mailbox in mailboxes)
    client = client_network(request)
    counts = [(name, count, MOST_MAILS) for name, count in mails.items()]
    if client:
        counts.append((f"client:{client}", 1, MOST_FORMS))
    # All are counted, also where the first is too many already.
    too_many = [name for name, count, most in counts if _add(name, count, at=at) > most]
    if too_many:
        raise TooManyTriesError


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


def _add(name: str, count: int, *, at: datetime) -> int:
    """Count on in the running period; return what it has come to."""
    period = int(at.timestamp() // PERIOD.total_seconds())
    key = f"send-limit:{period}:{name}"
    cache.add(key, 0, timeout=PERIOD.total_seconds())
    try:
        return cache.incr(key, count)
    except ValueError:  # thrown out between the two lines, to make room for others
        return count

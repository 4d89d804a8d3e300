"""Who has answered, and who is still silent."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from invitations.models import Invitation, Meeting
from registrations.models import Decline, Registration


def silent_invitations(meeting: Meeting) -> QuerySet[Invitation]:
    """The invitations of municipalities that have said nothing yet, hosts included, in Danish order.

    Any registration is an answer, one whose participants have all been withdrawn since as well: they have
    said that they do not come. So is a decline that stands. Whether they came by the invitation's link or
    by the open form makes no difference: the municipality is the unit.
    """
    registered = Registration.objects.filter(meeting=meeting, municipality=OuterRef("municipality"))
    declined = Decline.objects.filter(meeting=meeting, municipality=OuterRef("municipality"), undone_at=None)
    return (
        Invitation.objects.filter(~Exists(registered), ~Exists(declined), meeting=meeting)
        .select_related("municipality")
        .order_by("municipality__sort_key")
    )

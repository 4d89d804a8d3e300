"""Whom of a municipality the secretariat can write to about a meeting."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invitations.mail_text import DANISH, in_danish
from invitations.models import Dispatch, Meeting, Municipality, Office, Role
from registrations.models import Decline, Participant, Registration


class Group(TextChoices):
    CONTACT = "contact", gettext_lazy("contact persons")
    OFFICE = "office", gettext_lazy("offices")
    PARTICIPANT = "participant", gettext_lazy("participants")


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """A mail address, whose it is, and the language in which they are written to.

    Of an office, `is_committee` says that it is the committee's own; of a participant, `is_waiting` that they
    wait for a place.
    """

    group: Group
    name: str
    email: str
    role: str = ""
    language: str = DANISH
    is_committee: bool = False
    is_waiting: bool = False

    @property
    def key(self) -> str:
        """What makes two of one municipality the same."""
        return self.email.casefold()


def addressees_of(
    meeting: Meeting, municipalities: Collection[Municipality], *, on: date
) -> dict[int, list[Addressee]]:
    """By municipality those who can be written to, each address once: contacts, offices, participants.

    The contact of the latest registration comes first. Offices are those that a letter went to, and those
    that one would go to on the day `on`, so that a mailbox corrected since is there as well.
    """
    found: dict[int, dict[str, Addressee]] = {municipality.pk: {} for municipality in municipalities}
    for source in (_contacts, _offices_written_to, _offices_of_register, _participants):
        for municipality, addressee in source(meeting, municipalities, on):
            found[municipality].setdefault(addressee.key, addressee)
    return {municipality: list(by_key.values()) for municipality, by_key in found.items()}


def main_addressee(addressees: Sequence[Addressee]) -> Addressee | None:
    """The contact person, else the committee's mailbox, else another office; None where there is nobody."""
    contacts = [addressee for addressee in addressees if addressee.group == Group.CONTACT]
    offices = [addressee for addressee in addressees if addressee.group == Group.OFFICE]
    committees = [office for office in offices if office.is_committee]
    return next(iter([*contacts, *committees, *offices]), None)


Found = Iterator[tuple[int, Addressee]]


def _contacts(meeting: Meeting, municipalities: Collection[Municipality], on: date) -> Found:
    registrations = Registration.objects.counted().filter(meeting=meeting, municipality__in=municipalities)
    declines = Decline.objects.filter(
        meeting=meeting, municipality__in=municipalities, undone_at=None
    ).exclude(contact_email="")
    for contacts, role in (
        (registrations.order_by("-pk"), _("contact person")),
        (declines.order_by("-pk"), _("contact of the decline")),
    ):
        for municipality, name, email, language in contacts.values_list(
            "municipality", "contact_name", "contact_email", "language"
        ):
            yield (
                municipality,
                Addressee(group=Group.CONTACT, name=name, email=email, role=role, language=language),
            )


def _offices_written_to(meeting: Meeting, municipalities: Collection[Municipality], on: date) -> Found:
    dispatches = Dispatch.objects.filter(
        invitation__meeting=meeting, invitation__municipality__in=municipalities
    ).order_by("for_orientation", "pk")
    for municipality, name, mailbox, role in dispatches.values_list(
        "invitation__municipality", "office_name", "mailbox", "office__role"
    ):
        yield (
            municipality,
            Addressee(
                group=Group.OFFICE,
                name=name,
                email=mailbox,
                role=_("written to"),
                is_committee=role == Role.COMMITTEE,
            ),
        )


def _offices_of_register(meeting: Meeting, municipalities: Collection[Municipality], on: date) -> Found:
    offices = (
        Office.objects.filter(municipality__in=municipalities, role__in=meeting.roles)
        .exclude(mailbox="")
        .valid_on(on)
        .responsible_for(meeting.policy_area)
        .order_by("role", "pk")
    )
    for office in offices:
        # Mails are in Danish.
        with in_danish():
            name = office.display_name
        yield (
            office.municipality_id,
            Addressee(
                group=Group.OFFICE,
                name=name,
                email=office.mailbox,
                role=_("not written to yet"),
                is_committee=office.role == Role.COMMITTEE,
            ),
        )


def _participants(meeting: Meeting, municipalities: Collection[Municipality], on: date) -> Found:
    participants = (
        Participant.objects.filter(
            registration__in=Registration.objects.counted().filter(
                meeting=meeting, municipality__in=municipalities
            ),
            withdrawn_at=None,
        )
        .exclude(email="")
        .order_by("registration", "position", "pk")
    )
    for municipality, name, email, title, waits_since, language in participants.values_list(
        "registration__municipality", "name", "email", "title", "waitlisted_at", "registration__language"
    ):
        known_as = title or _("participant")
        yield (
            municipality,
            Addressee(
                group=Group.PARTICIPANT,
                name=name,
                email=email,
                role=", ".join([known_as, _("on the waiting list")]) if waits_since else known_as,
                language=language,
                is_waiting=waits_since is not None,
            ),
        )

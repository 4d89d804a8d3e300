"""A register of offices such as one has after some years: nearly complete, not quite up to date."""

from __future__ import annotations

from datetime import date, timedelta

from invitations.council_terms import council_term_on
from invitations.danish import danish_slug
from invitations.models import Municipality, Office, PolicyArea, Role
from registrations.demo.names import person

# Nobody can be reached there by mail.
WITHOUT_MAILBOX = frozenset({"Fanø", "Læsø", "Odder", "Vallensbæk"})

_COMMITTEES = (
    "Børne- og Undervisningsudvalget",
    "Børne- og Skoleudvalget",
    "Udvalget for Børn og Familie",
    "Børne-, Unge- og Uddannelsesudvalget",
    "Skole- og Dagtilbudsudvalget",
    "Børn & Læringsudvalget",
    "Familie- og Kulturudvalget",
    "Udvalget for Læring og Trivsel",
    "Børne- og Familieudvalget",
    "Børne- og Ungdomsudvalget",
    "Udvalget for Dagtilbud, Skole og Unge",
)
_DIRECTORS = ("Direktøren for Børn og Unge", "Børne- og kulturdirektøren", "Direktøren for Velfærd og Læring")


def create_offices(*, today: date) -> None:
    """Create five offices for each municipality; their mailboxes are at domains nobody can own (RFC 2606).

    Args:
        today: the day of loading, in Copenhagen.
    """
    children = PolicyArea.objects.get(name="børne- og undervisningsområdet")
    offices = []
    for number, municipality in enumerate(Municipality.objects.in_danish_order()):
        offices += _offices(number, municipality, children, today)
    Office.objects.bulk_create(offices)


def mail_domain(municipality: Municipality) -> str:
    return f"{danish_slug(municipality.name)}.example"


def _offices(number: int, municipality: Municipality, children: PolicyArea, today: date) -> list[Office]:
    term = council_term_on(today)
    committee = _COMMITTEES[number % len(_COMMITTEES)]
    mayor = Office(role=Role.MAYOR, mailbox="borgmester", valid_from=term.first_day, valid_to=term.last_day)
    body = Office(
        role=Role.COMMITTEE,
        name=committee,
        mailbox="boerneudvalget",
        copy_mailbox="udvalgssekretariat" if number % 6 == 0 else "",
        valid_from=term.first_day,
        valid_to=term.last_day,
    )
    chair = Office(role=Role.COMMITTEE_CHAIR, name=f"Formanden for {committee}", mailbox="formand-boern")
    if number % 11 == 4:
        # Nobody has said who took over after the election.
        chair.valid_to = term.first_day - timedelta(days=1)
    else:
        chair.valid_from, chair.valid_to = term.first_day, term.last_day
    municipal_director = Office(role=Role.MUNICIPAL_DIRECTOR, mailbox="kommunaldirektoer")
    director = Office(
        role=Role.DEPARTMENT_DIRECTOR,
        name=_DIRECTORS[number % len(_DIRECTORS)],
        mailbox="" if number % 17 == 9 else "boernedirektoer",
    )
    for office in (body, chair, director):
        office.policy_area = children
    offices = [mayor, body, chair, municipal_director, director]
    for position, office in enumerate(offices):
        _complete(office, municipality, number * len(offices) + position, today)
    return offices


def _complete(office: Office, municipality: Municipality, number: int, today: date) -> None:
    domain = mail_domain(municipality)
    known = municipality.name not in WITHOUT_MAILBOX
    office.municipality = municipality
    office.mailbox = f"{office.mailbox}@{domain}" if office.mailbox and known else ""
    office.copy_mailbox = f"{office.copy_mailbox}@{domain}" if office.copy_mailbox and known else ""
    if office.role != Role.COMMITTEE and number % 3:
        office.holder_name = person(number)
    if number % 8:
        office.verified_on = today - timedelta(days=number * 37 % 600)

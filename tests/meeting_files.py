"""Meeting files with prose of our own: one with every key there is, and a small one to change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from invitations.meeting_file import ImportSummary, MeetingFileError, import_meetings

# Every key of the format, quoted and not, in block and flow style.
EVERYTHING = """\
# Comments may stand anywhere.
meetings:
  - slug: Fritid-2027   # upper case and digits too
    title: "Dialogmøde om fritid: hvad kan vi sammen?"
    areas: [Region Midtjylland, "Region Hovedstaden (Storkøbenhavn)"]
    roles: [committee, committee_chair, mayor]
    policy_area: kultur- og fritidsområdet
    hosts: [Skive, Aarhus Kommune, "0101"]
    co_organisers: [Dansk Idræt, "Foreningen Fritid & Fællesskab"]
    registration: form
    registration_opens: 2027-01-11 08:00
    registration_deadline: 2027-03-31
    capacity: 120
    max_per_municipality: "6"
    asks_about_needs: ja
    sessions:
      - starts: 2027-04-20 16:00
        ends: 2027-04-20 18:30
        label: Vest
        venue:
          name: Kulturhuset
          street: Havnegade 3
          postcode: 0800
          city: Skive C
          place: Skive
          room: Store sal
        capacity: 80
        registration_deadline: 2027-04-06 12:00
      - {starts: 2027-04-21T16:00, ends: "2027-04-21 18.30", label: Øst, online: true, join_url: "https://video.example/øst?a=1"}
    programme:
      - time: 16:00
        title: Velkommen
        speakers: borgmester Ida Lund
        room: Store sal
      - time: "16.15"
        until: 17:00
        title: Første runde
        details: |
          Vælg et tema i {area}:
        themes:
          - title: Foreninger
            speakers: Eva Dam, formand
            room: Lokale 1
            capacity: 25
            details: |
              - Hvem er med?
              - Hvem mangler?
          - {title: Idrætsanlæg}
        notes: |
          Der er **kaffe** undervejs.
      - time: 17:10
        title: Anden runde
        details: Vælg et tema til.
        themes:
          - title: Biblioteker
          - title: Musikskoler
      - time: 18:00
        until: 18:30
        title: Opsamling og tak for i dag
    questions:
      - Hvad lykkes hos jer?
      - Hvilke rammer mangler I?
    practical_information: |
      Parkering ved {venue_of_nobody_knows}.
  - slug: fritid-efteraar-2027
    title: Møde til efteråret
    areas: [Hele landet]
    registration: none
    sessions:
      - starts: 2027-10-05   # a day without a time
letters:
  - meeting: Fritid-2027
    kind: invitation
    date: 2027-01-12
    case_number: SAG-2027-00042
    document_number: 3141592
    contact: {email: fritid@kl.example, phone: 3370 1234}
    recipients:
      - Udvalget med ansvar for fritid i {area}
      - Borgmesteren
    copy_roles: [municipal_director, head_of_department]
    title: Invitation til dialogmøde den {dates}
    salutation: Kære udvalgsmedlemmer
    sections:
      - text: |
          KL inviterer sammen med {hosts} til **{title}**.

          Tilmeld jer på {registration_url}
      - heading: |
          Program
          begge dage {time}
        block: programme
      - heading: Møderne
        block: sessions
      - {heading: Overvej inden mødet, block: questions}
      - {heading: Praktisk, block: practical_information}
      - {block: attachments}
      - heading: Reservér datoen
        text: 'I kan allerede nu sætte kryds:'
        block: announced_meetings
    announces: [fritid-efteraar-2027]
    input_deadline: 2027-03-01 12:00
    input_email: input@kl.example
    attachments:
      - Sendes særskilt
      - {title: "Fakta, som vi ved dem", file: fakta.pdf}
    closing: Vi ses, og med venlig hilsen
    signatories:
      - name: Bo Krogh
        title: |
          Formand
          KL's Kulturudvalg
      - {name: Mia Friis, title: Kontorchef}
      - name: Jens Holm
  - meeting: fritid-2027
    kind: change
    date: 2027-02-02
    replaces: 2027-01-12
    recipients: [Borgmesteren]
    sections:
      - text: 'Skriv til {input_email} senest {input_deadline_with_weekday}.'
    input_email: nyt@kl.example
    input_deadline: 2027-03-08
""".replace("{venue_of_nobody_knows}", "rådhuset")

SMALL = """\
meetings:
  - slug: dialog
    title: Dialogmøde
    areas: [Region Midtjylland]
    sessions:
      - starts: 2027-04-20 16:00
        ends: 2027-04-20 18:00
letters:
  - meeting: dialog
    kind: invitation
    date: 2027-01-12
    recipients: [Borgmesteren]
    sections:
      - text: Kom den {date}.
"""


def write(folder: Path, text: str | bytes, name: str = "møder.yaml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def bring_in(folder: Path, *texts: str | bytes) -> ImportSummary:
    """Import files of these texts, called 1.yaml, 2.yaml and so on."""
    return import_meetings(
        [write(folder, text, f"{number}.yaml") for number, text in enumerate(texts, start=1)]
    )


def problems(folder: Path, *texts: str | bytes) -> list[tuple[int, str, str]]:
    """What is wrong with the texts: line, field and sentence of each problem, as they are told."""
    with pytest.raises(MeetingFileError) as refused:
        bring_in(folder, *texts)
    return [(problem.line, problem.field, problem.message) for problem in refused.value.problems]


def changed(text: str, *changes: Sequence[str]) -> str:
    """`text` with each first thing of a pair, which must stand in it, replaced by the second."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def meeting_with(text: str) -> str:
    """The small file with `text` as another key of its meeting, on line 4."""
    return changed(SMALL, ("areas:", f"{text}\n    areas:"))


def letter_with(text: str) -> str:
    """The small file with `text` as another key of its letter, on line 12."""
    return changed(SMALL, ("recipients:", f"{text}\n    recipients:"))

"""What may stand where in a meeting file, format 1."""

from __future__ import annotations

from typing import Any

from invitations.meeting_file.values import (
    Field,
    Value,
    clock,
    day,
    group,
    line,
    list_of,
    moment,
    one_of,
    text,
    truth,
    whole_number,
)
from invitations.models import Letter, Meeting, Role, Section


def enclosure(value: Value) -> dict[str, Any]:
    """A title, or `title` and `file`."""
    if value.is_scalar:
        return {"title": line(value)}
    return value.keys({"title": Field(line, required=True), "file": Field(line)})


VENUE = {key: Field(line) for key in ("name", "street", "postcode", "city", "place", "room")}

SESSION = {
    "starts": Field(moment, required=True),
    "ends": Field(moment),
    "label": Field(line),
    "venue": Field(group(VENUE)),
    "online": Field(truth),
    "join_url": Field(line),
    "capacity": Field(whole_number),
    "registration_deadline": Field(moment),
}

THEME = {
    "title": Field(line, required=True),
    "speakers": Field(line),
    "room": Field(line),
    "details": Field(text),
    "capacity": Field(whole_number),
}

PROGRAMME_ITEM = {
    "time": Field(clock),
    "until": Field(clock),
    "title": Field(line, required=True),
    "speakers": Field(line),
    "room": Field(line),
    "details": Field(text),
    "themes": Field(list_of(group(THEME))),
    "notes": Field(text),
}

MEETING = {
    "slug": Field(line, required=True),
    "title": Field(line, required=True),
    "areas": Field(list_of(line, at_least=1), required=True),
    "roles": Field(list_of(one_of(Role.values), at_least=1, different=True)),
    "policy_area": Field(line),
    "hosts": Field(list_of(line)),
    "co_organisers": Field(list_of(line)),
    "registration": Field(one_of(Meeting.RegistrationMode.values)),
    "registration_opens": Field(moment),
    "registration_deadline": Field(moment),
    "capacity": Field(whole_number),
    "max_per_municipality": Field(whole_number),
    "asks_about_needs": Field(truth),
    "sessions": Field(list_of(group(SESSION), at_least=1), required=True),
    "programme": Field(list_of(group(PROGRAMME_ITEM))),
    "questions": Field(list_of(line)),
    "practical_information": Field(text),
}

SECTION = {
    "heading": Field(text),
    "text": Field(text),
    "block": Field(one_of(Section.Block.values)),
}

SIGNATORY = {"name": Field(line, required=True), "title": Field(text)}

LETTER = {
    "meeting": Field(line, required=True),
    "kind": Field(one_of(Letter.Kind.values), required=True),
    "date": Field(day, required=True),
    "replaces": Field(day),
    "case_number": Field(line),
    "document_number": Field(line),
    "contact": Field(group({"email": Field(line), "phone": Field(line)})),
    "recipients": Field(list_of(line, at_least=1), required=True),
    "copy_roles": Field(list_of(one_of(Role.values), different=True)),
    "personal": Field(truth),
    "title": Field(line),
    "salutation": Field(line),
    "sections": Field(list_of(group(SECTION), at_least=1), required=True),
    "announces": Field(list_of(line)),
    "input_deadline": Field(moment),
    "input_email": Field(line),
    "attachments": Field(list_of(enclosure)),
    "closing": Field(line),
    "signatories": Field(list_of(group(SIGNATORY))),
}

FILE = {
    "meetings": Field(list_of(group(MEETING), at_most=1000)),
    "letters": Field(list_of(group(LETTER), at_most=1000)),
}

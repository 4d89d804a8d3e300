"""The models in the order of the flow: addressees, meeting, letter, dispatch, mail."""

from __future__ import annotations

from invitations.models.addressees import (
    Area,
    AreaMembership,
    Municipality,
    PolicyArea,
    PolicyAreaAlias,
    Role,
)
from invitations.models.dispatches import Dispatch, Invitation
from invitations.models.files import StoredFile
from invitations.models.letter_parts import Announcement, Enclosure, Section, Signatory
from invitations.models.letter_versions import LetterVersion, PersonalLetter
from invitations.models.letters import Letter
from invitations.models.mails import Mail
from invitations.models.meeting_links import MeetingArea, MeetingHost
from invitations.models.meetings import Meeting
from invitations.models.offices import Office
from invitations.models.outbox import Attachment, OutgoingEmail
from invitations.models.programme import ProgrammeItem, Question, Theme
from invitations.models.sender import Sender
from invitations.models.sessions import Session

__all__ = [
    "Announcement",
    "Area",
    "AreaMembership",
    "Attachment",
    "Dispatch",
    "Enclosure",
    "Invitation",
    "Letter",
    "LetterVersion",
    "Mail",
    "Meeting",
    "MeetingArea",
    "MeetingHost",
    "Municipality",
    "Office",
    "OutgoingEmail",
    "PersonalLetter",
    "PolicyArea",
    "PolicyAreaAlias",
    "ProgrammeItem",
    "Question",
    "Role",
    "Section",
    "Sender",
    "Session",
    "Signatory",
    "StoredFile",
    "Theme",
]

"""The meeting file, format 1: everything the secretariat types in about meetings and letters, as YAML.

`reading` knows YAML, `values` what a person reads in it, `fields` what may stand where, `rows` the database;
`problems` is what all of them say when something is wrong.
"""

from __future__ import annotations

from invitations.meeting_file.exporting import enclosed_files, export_meetings
from invitations.meeting_file.importing import ImportSummary, import_meetings
from invitations.meeting_file.problems import MeetingFileError, Problem

__all__ = [
    "ImportSummary",
    "MeetingFileError",
    "Problem",
    "enclosed_files",
    "export_meetings",
    "import_meetings",
]

"""The meeting file, format 1: everything the secretariat types in about meetings and letters, as YAML.

Reading (`reading`) knows YAML and lines, the fields (`fields`) what may stand where, importing and exporting the models.
"""

from __future__ import annotations

from invitations.meeting_file.exporting import enclosed_files, export_meetings
from invitations.meeting_file.importing import ImportSummary, import_meetings
from invitations.meeting_file.reading import MeetingFileError, Problem

__all__ = [
    "ImportSummary",
    "MeetingFileError",
    "Problem",
    "enclosed_files",
    "export_meetings",
    "import_meetings",
]

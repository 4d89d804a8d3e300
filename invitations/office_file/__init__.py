"""The register of offices as a table: out to Excel and back in, with a preview and nothing by halves.

`columns` says what the columns are called, `tables`, `csv_tables` and `workbooks` know the kinds of file,
`values` what a person means by a cell, `planning` compares with the register, `importing` writes, `exporting`
is the way out, and `problems` is what all of them say when something is wrong.
"""

from __future__ import annotations

from invitations.office_file.exporting import export_csv, export_xlsx, workbook_of
from invitations.office_file.importing import ImportSummary, PlanChangedError, import_offices
from invitations.office_file.planning import Addition, Change, ImportPlan, plan_import
from invitations.office_file.problems import OfficeFileError, Problem
from invitations.office_file.tables import MAX_BYTES, content_type_of

__all__ = [
    "MAX_BYTES",
    "Addition",
    "Change",
    "ImportPlan",
    "ImportSummary",
    "OfficeFileError",
    "PlanChangedError",
    "Problem",
    "content_type_of",
    "export_csv",
    "export_xlsx",
    "import_offices",
    "plan_import",
    "workbook_of",
]

"""The pages around the ledger; those of a municipality come after those with a word in its place."""

from __future__ import annotations

from registrations.admin import answering, changing, ledger, municipality, own_deadlines, writing

PAGES = [
    ledger.LEDGER,
    ledger.LEDGER_XLSX,
    writing.LEDGER_WRITE,
    municipality.MUNICIPALITY,
    writing.MUNICIPALITY_WRITE,
    municipality.LINK,
    answering.REGISTER,
    own_deadlines.DEADLINE,
    answering.DECLINE,
    answering.UNDO_DECLINE,
    changing.CHANGE,
]

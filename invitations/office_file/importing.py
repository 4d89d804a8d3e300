"""Carrying out what a preview has shown: all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from invitations.models import Municipality, Office
from invitations.office_file.planning import ImportPlan, plan_import
from invitations.office_history import Entry, from_to, write_history

_BATCH = 500


class PlanChangedError(Exception):
    """The register is no longer the one that the preview was made from."""


@dataclass(frozen=True)
class ImportSummary:
    """How many offices an import has added, changed and ended, and how many it left as they were."""

    added: int
    changed: int
    ended: int
    unchanged: int

    def __str__(self) -> str:
        parts = (
            ngettext("%(count)d added", "%(count)d added", self.added) % {"count": self.added},
            ngettext("%(count)d changed", "%(count)d changed", self.changed) % {"count": self.changed},
            ngettext("%(count)d ended", "%(count)d ended", self.ended) % {"count": self.ended},
            ngettext("%(count)d unchanged", "%(count)d unchanged", self.unchanged)
            % {"count": self.unchanged},
        )
        return ", ".join(parts)


def import_offices(
    content: bytes, *, filename: str, fingerprint: str, end_missing: bool, today: date, by: User
) -> ImportSummary:
    """Import a file as its preview showed it, with an entry in the history of each office that it touches.

    Args:
        filename: what the history calls the file.
        fingerprint: that of the plan that was shown.
        end_missing: whether the offices that the file lacks are ended.
        today: the day of the import, in Copenhagen.
        by: who pressed the button.

    Raises:
        PlanChangedError: it would do something else by now.
        OfficeFileError: it has become wrong, for example since a municipality got another name.
    """
    with transaction.atomic():
        _wait_for_other_imports()
        plan = plan_import(content, today=today)
        if plan.fingerprint() != fingerprint:
            raise PlanChangedError
        summary = ImportSummary(
            added=len(plan.additions),
            changed=len(plan.changes),
            ended=len(plan.missing) if end_missing else 0,
            unchanged=len(plan.unchanged),
        )
        if summary.added or summary.changed or summary.ended:
            write_history([*_add(plan, filename), *_change(plan, filename)], by=by)
            if end_missing:
                write_history(_end(plan, filename), by=by)
            _write_summary(summary, filename, by)
    return summary


def _wait_for_other_imports() -> None:
    """Two files that both add the same office must see each other; on SQLite a transaction waits anyhow."""
    list(Municipality.objects.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    list(Office.objects.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _add(plan: ImportPlan, filename: str) -> Iterable[Entry]:
    offices = Office.objects.bulk_create((one.office for one in plan.additions), batch_size=_BATCH)
    for addition, office in zip(plan.additions, offices, strict=True):
        message = _("Imported from %(file)s, line %(line)d.")
        yield Entry(office, message % {"file": filename, "line": addition.line}, ADDITION)


def _change(plan: ImportPlan, filename: str) -> Iterable[Entry]:
    fields: set[str] = set()
    for change in plan.changes:
        words = "; ".join(change.words())
        message = _("Imported from %(file)s, line %(line)d: %(changes)s.")
        yield Entry(
            change.office, message % {"file": filename, "line": change.line, "changes": words}, CHANGE
        )
        for name, value in change.values.items():
            setattr(change.office, name, value)
        fields |= change.values.keys()
    if fields:
        # Known by their number: a fifth of the time that an UPDATE for each field of each office takes.
        Office.objects.bulk_create(
            (change.office for change in plan.changes),
            batch_size=_BATCH,
            update_conflicts=True,
            unique_fields=["pk"],
            update_fields=sorted(fields),
        )


def _end(plan: ImportPlan, filename: str) -> Iterable[Entry]:
    for office in plan.missing:
        message = _("Missing in %(file)s, hence ended: %(changes)s.")
        words = from_to("valid_to", office.valid_to, plan.last_day)
        yield Entry(office, message % {"file": filename, "changes": words}, CHANGE)
    Office.objects.filter(pk__in=[office.pk for office in plan.missing]).update(valid_to=plan.last_day)


def _write_summary(summary: ImportSummary, filename: str, by: User) -> None:
    """One entry for the import as a whole, which is about no office in particular."""
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(Office),
        object_repr=filename[:200],
        action_flag=CHANGE,
        change_message=_("Imported: %(summary)s.") % {"summary": summary},
    )

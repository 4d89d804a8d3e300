"""What a deletion takes along, what it leaves behind, and what forbids it: in sentences with numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.admin.utils import NestedObjects
from django.db import models, router
from django.utils.translation import gettext, ngettext

from invitations.danish import join_words
from invitations.models import Announcement, LetterVersion, MeetingArea, MeetingHost, ProgrammeItem

# Rows that only tie two things together: by the field that names the thing that somebody knows.
TIES: dict[type[models.Model], str] = {
    MeetingArea: "meeting",
    MeetingHost: "meeting",
    Announcement: "letter",
    LetterVersion: "letter",
}


@dataclass(frozen=True)
class DeletionPlan:
    """What follows where a row is deleted.

    Attributes:
        along: what is deleted with it.
        left: what stays, and no longer refers to it.
        forbidding: what refers to it and must go on doing so.
    """

    along: tuple[models.Model, ...]
    left: tuple[models.Model, ...]
    forbidding: tuple[models.Model, ...]

    def consequences(self, row: models.Model) -> list[str]:
        sentences = [gettext("%(name)s is deleted for good.") % {"name": row}]
        if self.along:
            sentences.append(gettext("Deleted with it: %(things)s.") % {"things": counted(self.along)})
        else:
            sentences.append(gettext("Nothing else is deleted."))
        if self.left:
            words = {"things": counted(self.left)}
            sentences.append(gettext("What stays, and no longer refers to it: %(things)s.") % words)
        return sentences

    def problems(self) -> list[str]:
        if not self.forbidding:
            return []
        return [gettext("It is in use: %(things)s.") % {"things": counted(self.forbidding)}]


def plan_deletion(row: models.Model) -> DeletionPlan:
    """What follows where `row` is deleted. Changes nothing."""
    found = NestedObjects(using=router.db_for_write(type(row)))
    found.collect([row])
    along = [other for rows in found.model_objs.values() for other in rows if other != row]
    # The stubs know one row where there are batches of them.
    updates: Iterable[Iterable[Iterable[models.Model]]] = found.field_updates.values()  # type: ignore[assignment]
    left = [other for batches in updates for batch in batches for other in batch]
    return DeletionPlan(
        along=tuple(other for other in along if type(other) not in TIES),
        left=tuple(left),
        forbidding=known(found.protected),
    )


def known(rows: Iterable[models.Model]) -> tuple[models.Model, ...]:
    """The rows, each once, and instead of those that only tie two things together the known one of them."""
    things = {getattr(row, TIES[type(row)]) if type(row) in TIES else row for row in rows}
    return tuple(sorted(things, key=lambda thing: (type(thing).__name__, thing.pk)))


def counted(rows: Iterable[models.Model]) -> str:
    """`1 mødegang, 14 programpunkter og 6 temaer`"""
    numbers: dict[type[models.Model], int] = {}
    for row in rows:
        numbers[type(row)] = numbers.get(type(row), 0) + 1
    return join_words(_number_of(model, count) for model, count in numbers.items())


def _number_of(model: type[models.Model], count: int) -> str:
    if model is ProgrammeItem:
        # As a heading, its plural is what they make together.
        return ngettext("%(count)d programme item", "%(count)d programme items", count) % {"count": count}
    return f"{count} {model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural}"

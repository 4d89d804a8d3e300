"""Puts what a meeting file says into rows of the database, with every problem at its field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from invitations.danish import Moment
from invitations.meeting_file.problems import Place

M = TypeVar("M", bound=models.Model)
Data = dict[str, Any]

# Fields that a meeting file calls something else.
_KEYS = {
    **{
        f"{name}_{part}": name
        for name in ("starts", "ends", "registration_opens", "registration_deadline", "input_deadline")
        for part in ("date", "time")
    },
    **{f"contact_{key}": f"contact.{key}" for key in ("email", "phone")},
    **{f"venue_{key}": f"venue.{key}" for key in ("name", "street", "postcode", "city", "place", "room")},
}
# Where the sentence of a constraint belongs that compares several fields.
_KEYS_OF_CONSTRAINTS = {
    "meeting_registration_opens_before_its_deadline": "registration_opens",
    "session_ends_after_it_starts": "ends",
    "session_end_time_has_a_start_time": "ends",
    "session_online_has_no_venue": "venue",
    "programme_item_ends_after_it_starts": "until",
    "letter_replaces_only_as_change_or_cancellation": "replaces",
}


def set_fields(row: models.Model, values: Data) -> None:
    """Set the fields; None stands for what a field holds where nothing is typed."""
    for name, value in values.items():
        setattr(row, name, _nothing(row, name) if value is None else value)


def _nothing(row: models.Model, name: str) -> Any:
    field = row._meta.get_field(name)
    assert isinstance(field, models.Field)
    if field.null:
        return None
    # A text that may be left out is empty then, whatever the admin proposes.
    return "" if field.blank and field.empty_strings_allowed else field.get_default()


def save(place: Place, row: models.Model) -> None:
    """Save the row if all is well with it and with what belongs to it; else report what is wrong."""
    unsaved = {
        field.name
        for field in row._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.is_cached(row)
        and (target := getattr(row, field.name)) is not None
        and target.pk is None
    }
    # Listed before any is reported: what follows from a value that cannot be read is no problem of its own.
    for at, message in [
        (place.key(key) if key else place, message)
        for key, message in _problems(row, unsaved)
        if not key or place.key(key).is_sound
    ]:
        at.report(message)
    if place.is_sound and not unsaved:
        row.save()


def _problems(row: models.Model, unsaved: set[str]) -> Iterable[tuple[str, str]]:
    """Pairs of key and sentence; the key is empty where the row as a whole is wrong."""
    wrong: set[str] = set()
    try:
        row.full_clean(exclude=unsaved, validate_constraints=False)
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            wrong.add(name)
            key = "" if name == NON_FIELD_ERRORS else _KEYS.get(name, name)
            yield from ((key, message) for message in messages)
    for constraint in row._meta.constraints:
        try:
            constraint.validate(type(row), row, exclude=unsaved | wrong)
        except ValidationError as error:
            key = _KEYS_OF_CONSTRAINTS.get(constraint.name, "")
            yield from ((key, message) for message in error.messages)


def set_children(
    place: Place, owner: models.Model, relation: str, rows: Sequence[Data | None]
) -> list[models.Model]:
    """Make the rows of `owner`'s `relation` those given, matched by position; None cannot be read."""
    model, owner_field = _model_and_owner_field(owner, relation)
    existing = list(getattr(owner, relation).all()) if owner.pk else []
    children = []
    for number, values in enumerate(rows):
        child = existing[number] if number < len(existing) else model(**{owner_field: owner})
        if values is not None:
            set_fields(child, {**values, "position": number})
            save(place.item(number), child)
        children.append(child)
    for number, child in enumerate(existing[len(rows) :], start=len(rows) + 1):
        try:
            child.delete()
        except ProtectedError:
            place.report(
                _("Number %(number)s, “%(name)s”, cannot be left out: somebody has chosen or answered it.")
                % {"number": number, "name": child}
            )
    return children


def set_links(owner: models.Model, relation: str, target_field: str, targets: Iterable[models.Model]) -> None:
    """Make the links of `owner`'s `relation` those to `targets`, in their order."""
    if not owner.pk:
        return
    links = getattr(owner, relation)
    keep = []
    for position, target in enumerate(targets):
        link, _created = links.update_or_create(**{target_field: target}, defaults={"position": position})
        keep.append(link.pk)
    links.exclude(pk__in=keep).delete()


def _model_and_owner_field(owner: models.Model, relation: str) -> tuple[type[models.Model], str]:
    found = owner._meta.get_field(relation)
    assert isinstance(found, models.ManyToOneRel)
    return found.related_model, found.field.name


def resolve(
    place: Place, names: Sequence[str | None], known: Mapping[str, M], unknown: Callable[[str], str]
) -> list[M]:
    """What the `names` stand for in `known`, which has them in lower case.

    `unknown` is the sentence for another one.
    """
    found: list[M] = []
    for number, name in enumerate(names):
        if name is None:
            continue
        target = known.get(name.casefold())
        if target is None:
            place.item(number).report(unknown(name))
        elif target in found:
            place.item(number).report(_("“%(value)s” stands twice.") % {"value": name})
        else:
            found.append(target)
    return found


def each(rows: Sequence[Any] | None, convert: Callable[[Any], Data]) -> list[Data | None]:
    """The fields of each row; None for one that cannot be read."""
    return [None if row is None else convert(row) for row in rows or []]


def pair(name: str, moment: Moment | None) -> Data:
    return {f"{name}_date": moment and moment.date, f"{name}_time": moment and moment.time}


def moments(data: Data, *keys: str) -> Data:
    """The fields of those of `keys` that the file names."""
    return {name: value for key in keys if key in data for name, value in pair(key, data[key]).items()}


def named(data: Data, *keys: str) -> Data:
    """Those of `keys` that the file names."""
    return {key: data[key] for key in keys if key in data}


def whole(data: Data, *keys: str) -> Data:
    """All of `keys`: in a list, a row is what the file says, so that what it leaves out is nothing."""
    return {key: data.get(key) for key in keys}


def lines(typed: Sequence[str | None] | None) -> str:
    return "\n".join(line or "" for line in typed or [])

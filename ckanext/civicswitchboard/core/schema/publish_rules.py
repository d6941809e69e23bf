"""What may follow a published version: ids last, names last, nothing published disappears."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, get_args

from ckanext.civicswitchboard.core.changes.paths import Place, placed
from ckanext.civicswitchboard.core.schema.document import Document, Entity, Fault, Field, Term
from ckanext.civicswitchboard.core.schema.reserved_names import TRANSLATIONS, why_reserved

Things = dict[Place, Any]


def faults_after(before: Document, after: Document) -> list[Fault]:
    """Why a document cannot be the next version.

    :param before: the published version
    :param after: the document
    :returns: each reason with its place; whether the document is sound by itself is another matter
    """
    old, new = placed(before), placed(after)
    return [fault for rule in _RULES for fault in rule(old, new)]


def _nothing_disappears(old: Things, new: Things) -> Iterator[Fault]:
    for place, thing in old.items():
        if place not in new and isinstance(thing, Field | Term) and place.holder in {Place(), *new}:
            what = "term" if isinstance(thing, Term) else "field"
            yield Fault(
                path=str(place),
                message=f"a published {what} stays, so that what records hold keeps its meaning;"
                " say that it is no longer offered instead",
            )


def _names_last(old: Things, new: Things) -> Iterator[Fault]:
    for place, field, now in _both(old, new, Field):
        wanted = [*field.previous_names]
        if now.field_name != field.field_name:
            wanted.append(field.field_name)
        if now.previous_names != wanted:
            yield Fault(
                path=f"{place}.previous_names",
                message=f"has to be {_listed(wanted)}: the names that records may still hold, oldest first",
            )


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "empty"


def _names_of_parts_stay(old: Things, new: Things) -> Iterator[Fault]:
    for place, part, now in _both(old, new, Field):
        if place.part and now.field_name != part.field_name:
            yield Fault(
                path=f"{place}.field_name",
                message=f"entries hold '{part.field_name}'; change the label, or add a part and say of"
                " this one that it is no longer offered",
            )


def _values_last(old: Things, new: Things) -> Iterator[Fault]:
    for place, term, now in _both(old, new, Term):
        if now.value != term.value:
            yield Fault(
                path=f"{place}.value",
                message=f"records hold “{term.value}”; change the label, or add a term and"
                " say of this one that the new one is to be used instead",
            )


def _names_stay_taken(old: Things, new: Things) -> Iterator[Fault]:
    """Under an earlier name records may still hold another field's values."""
    taken = {
        (place.path, place.holder, name): field
        for place, field in old.items()
        if isinstance(field, Field)
        for name in [*field.previous_names, field.field_name]
    }
    for place, field in new.items():
        if isinstance(field, Field) and place not in old:
            other = taken.get((place.path, place.holder, field.field_name))
            if other:
                yield Fault(
                    path=f"{place}.field_name",
                    message=f"records may hold values of '{other.id}' as '{field.field_name}';"
                    " choose another name",
                )


def names_refused(before: Document, after: Document) -> list[Fault]:
    """New fields under names that core reads as translations.

    A field that the version before has keeps such a name: records hold values under it.

    :param before: the published version
    :param after: the document that is to follow it
    """
    names = {field.field_name for entity in get_args(Entity) for field in after.fields_of(entity)}
    if names.isdisjoint(TRANSLATIONS):
        return []
    return list(_new_names_are_free(placed(before), placed(after)))


def _new_names_are_free(old: Things, new: Things) -> Iterator[Fault]:
    for place, field in new.items():
        if isinstance(field, Field) and not place.part and field.field_name in TRANSLATIONS:
            before = old.get(place)
            if before is None or before.field_name != field.field_name:
                reason = why_reserved("dataset", field.field_name)
                message = f"'{field.field_name}' cannot be used: {reason}"
                yield Fault(path=f"{place}.field_name", message=message)


def _both(old: Things, new: Things, kind: type[Any]) -> Iterator[tuple[Place, Any, Any]]:
    for place, thing in old.items():
        if isinstance(thing, kind) and place in new:
            yield place, thing, new[place]


_RULES: list[Callable[[Things, Things], Iterator[Fault]]] = [
    _nothing_disappears,
    _names_last,
    _names_of_parts_stay,
    _values_last,
    _names_stay_taken,
    _new_names_are_free,
]

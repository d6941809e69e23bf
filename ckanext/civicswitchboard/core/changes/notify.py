"""The changes of the shared schema that publishers notice when they fill in a form."""
from __future__ import annotations

from collections.abc import Collection
from typing import get_args

from ckanext.civicswitchboard.core.changes import Change, Place, diff
from ckanext.civicswitchboard.core.schema.document import Document, Entity

# Publishers are notified if the form asks, offers or calls something differently. They don't have to do
# anything about another help text, export or order.
_FIELDS = frozenset(
    "field_added field_removed field_retired field_restored field_relabelled field_made_required"
    " field_made_recommended field_made_optional field_type_changed field_vocabulary_exchanged"
    " field_pattern_changed field_limits_changed field_missing_values_changed field_applied_to_all"
    " field_applied_to_new".split()
)
_TERMS = frozenset(
    "term_added term_removed term_retired term_restored term_merged term_unmerged"
    " term_relabelled".split()
)
_PROFILES = frozenset(
    "partner_type_field_added partner_type_field_removed partner_type_field_changed".split()
)


def noticed(before: Document, after: Document, entities: Collection[Entity]) -> list[Change]:
    """The changes from one version to another that people notice in forms.

    :param entities: the entities whose forms they fill in
    :returns: changes of fields first, then of terms
    """
    changes = [change for change in diff(before, after) if forms_of(change) & set(entities)]
    return sorted(changes, key=lambda change: change.kind.name in _TERMS)


def forms_of(change: Change) -> set[Entity]:
    """The entities whose forms show a change."""
    kind = change.kind.name
    if kind in _TERMS:
        old, new = change.within.old, change.within.new
        return _with_vocabulary(change.field, old) | _with_vocabulary(change.field, new)
    if kind in _PROFILES:
        return {"organization"}
    shows = kind in _FIELDS or (kind == "field_moved" and "section" in change.after)
    return {entity for entity in get_args(Entity) if shows and entity == change.entity and _offered(change)}


def _offered(change: Change) -> bool:
    """Whether the field is in forms, before or after the change."""
    field = Place(change.place.path, change.place.id)
    versions = (change.within.before.get(field), change.within.after.get(field))
    return any(version is not None and version.state == "active" for version in versions)


def _with_vocabulary(vocabulary: str, document: Document) -> set[Entity]:
    """The entities with a field that offers a vocabulary's terms."""
    return {
        entity
        for entity in get_args(Entity)
        for field in document.fields_of(entity)
        for part in (field, *field.repeating_subfields)
        if part.vocabulary == vocabulary and field.state == "active"
    }

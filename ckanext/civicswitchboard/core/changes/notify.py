"""Which changes of the shared schema publishers notice when they fill in a form."""
from __future__ import annotations

from collections.abc import Collection
from typing import get_args

from ckanext.civicswitchboard.core.changes import Change, Place, diff
from ckanext.civicswitchboard.core.schema.document import Document, Entity

# Another wording of help, another place in exports, another order: nobody has to do anything
# otherwise for it. What the form asks, offers or is called is told.
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
    """The changes from one version to another that somebody notices in forms.

    :param entities: whose forms they fill in
    :returns: changes of fields first, then of terms
    """
    found = [change for change in diff(before, after) if forms_of(change) & set(entities)]
    return sorted(found, key=lambda change: change.kind.name in _TERMS)


def forms_of(change: Change) -> set[Entity]:
    """Whose forms show a change, none where no form does."""
    kind = change.kind.name
    if kind in _TERMS:
        return _fed_by(change.field, change.within.old) | _fed_by(change.field, change.within.new)
    if kind in _PROFILES:
        return {"organization"}
    shows = kind in _FIELDS or (kind == "field_moved" and "section" in change.after)
    return {each for each in get_args(Entity) if shows and each == change.entity and _offered(change)}


def _offered(change: Change) -> bool:
    """Whether the field stands in forms, before the change or after it."""
    field = Place(change.place.path, change.place.id)
    states = (change.within.before.get(field), change.within.after.get(field))
    return any(each is not None and each.state == "active" for each in states)


def _fed_by(vocabulary: str, document: Document) -> set[Entity]:
    """The entities with a field that offers a vocabulary's terms."""
    return {
        entity
        for entity in get_args(Entity)
        for field in document.fields_of(entity)
        for each in (field, *field.repeating_subfields)
        if each.vocabulary == vocabulary and field.state == "active"
    }

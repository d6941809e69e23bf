"""The kinds of change to fields that existing values may break, and their logic."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.civicswitchboard.core.changes.effects import Level, Offer, Question
from ckanext.civicswitchboard.core.changes.field_changes import (
    FieldChanged,
    is_required,
    new_missing_values,
    offer,
    question,
    split_interval,
    strictness,
)
from ckanext.civicswitchboard.core.changes.kinds import Change, label_of
from ckanext.civicswitchboard.core.changes.paths import Place
from ckanext.civicswitchboard.core.schema.document import Field, Text
from ckanext.civicswitchboard.core.schema.field_types import FIELD_TYPES, FieldType, field_type
from ckanext.civicswitchboard.core.schema.labels import N_, filled_in
from ckanext.civicswitchboard.core.schema.limits import limits_of, tightened
from ckanext.civicswitchboard.core.schema.messages import Message


class FieldRestricted(FieldChanged):
    """A rule that existing values may break, unless it's gone or no stricter."""

    def affects(self, change: Change) -> bool:
        return bool(self.described(change)[1])

    def level(self, change: Change) -> Level:
        return strictness(change.becomes) if self.affects(change) else "compatible"


class FieldMadeRequired(FieldRestricted):
    """A field that records may have no value in; a period in words can fill in its start and end."""

    def repairs(self, change: Change) -> list[Offer]:
        split = split_interval(change, lambda rule: change.field in rule.fields)
        return [offer(change, "set_default"), *split]


class FieldTypeChanged(FieldRestricted):
    """Another field type."""

    def affects(self, change: Change) -> bool:
        old, new = _type_of(change.was), _type_of(change.becomes)
        return old.shape != new.shape or (new.checked and not (old.needs_vocabulary and new.needs_vocabulary))

    def level(self, change: Change) -> Level:
        reshaped = _type_of(change.was).shape != _type_of(change.becomes).shape
        return "records_first" if reshaped else super().level(change)

    def described(self, change: Change) -> tuple[Any, Any]:
        return Message(_in_words(change.was)), Message(_in_words(change.becomes))

    def repairs(self, change: Change) -> list[Offer]:
        before, after = _type_of(change.was), _type_of(change.becomes)
        reshaped = before.shape != after.shape
        form = _FORMS[after.shape] if reshaped else "date" if after.name == "partial_date" else ""
        mapped = [] if reshaped else [offer(change, "map_values")]
        if not form or change.part:
            return mapped
        subfields = change.becomes.repeating_subfields
        part = {"part": subfields[0].field_name} if form == "repeating" else {}
        return [offer(change, "retype", to=form, **part), *mapped]


# Shapes of stored values, as the repair that converts them calls them.
_FORMS = {"text": "text", "several": "several", "rows": "repeating"}


def _type_of(field: Field) -> FieldType:
    preset = field.preset if field.preset in FIELD_TYPES else ""
    return field_type(preset, bool(field.repeating_subfields))


def _in_words(field: Field) -> str:
    if field.repeating_subfields:
        return N_("entries of several parts")
    return filled_in(field) if field.preset in FIELD_TYPES else field.preset


class FieldLimitsChanged(FieldRestricted):
    """Other limits."""

    def affects(self, change: Change) -> bool:
        return tightened(limits_of(change.was), limits_of(change.becomes))

    def described(self, change: Change) -> tuple[Any, Any]:
        return _limits_in_words(change.was), _limits_in_words(change.becomes)


def _limits_in_words(field: Field) -> Message | None:
    words = [bound.words for bound in limits_of(field)]
    if len(words) < 2:
        return words[0] if words else None
    return Message(N_("{low}, {high}"), {"low": words[0], "high": words[1]})


class FieldMissingValuesChanged(FieldRestricted):
    """Other values that count as missing: a gap in a required field."""

    def affects(self, change: Change) -> bool:
        return bool(new_missing_values(change))

    def level(self, change: Change) -> Level:
        return super().level(change) if is_required(change.becomes) else "compatible"

    def values(self, change: Change) -> dict[str, Text | Message]:
        return {"values": ", ".join(f"“{value}”" for value in change.after["missing_values"])}

    def questions(self, change: Change) -> list[Question]:
        return [question(change, "holds", tuple(new_missing_values(change)))]


class FieldVocabularyExchanged(FieldRestricted):
    """Another vocabulary, or none."""

    def affects(self, change: Change) -> bool:
        before = _stored_terms(change.within.before, change.before["vocabulary"])
        after = _stored_terms(change.within.after, change.after["vocabulary"])
        return bool(change.after["vocabulary"]) and not (before and before <= after)

    def described(self, change: Change) -> tuple[Any, Any]:
        before, after = change.before["vocabulary"], change.after["vocabulary"]
        old = change.within.before.get(Place("vocabularies", before))
        new = change.within.after.get(Place("vocabularies", after))
        return label_of(old, change, before), label_of(new, change, after)


def _stored_terms(state: Mapping[Place, Any], vocabulary: str) -> set[str]:
    """The values of a vocabulary's terms."""
    known = state.get(Place("vocabularies", vocabulary))
    return {term.value for term in known.terms} if known else set()

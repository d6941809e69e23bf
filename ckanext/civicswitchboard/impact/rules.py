"""What a version asks of one stored value."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk
from ckanext.scheming import plugins as scheming

from ckanext.civicswitchboard.core.schema.compiler import CompiledField, Snapshot
from ckanext.civicswitchboard.core.schema.document import Entity, Field
from ckanext.civicswitchboard.core.schema.field_types import (
    FIELD_TYPES,
    FieldType,
    Shape,
    field_type,
    is_empty,
    load,
)
from ckanext.civicswitchboard.core.schema.limits import beyond, limits_of
from ckanext.civicswitchboard.core.schema.patterns import compile_pattern

# Terms are asked for by themselves, and one of several texts is always a text.
_APART = frozenset("civicswitchboard_term civicswitchboard_terms civicswitchboard_texts".split())
Check = Callable[[str], bool]


def _anything(_value: str) -> bool:
    return True


@dataclass(frozen=True, eq=False)
class FieldRules:
    """A field's rules for stored values.

    :ivar required: whether records have to have a value
    :ivar missing_values: values that count as none
    :ivar kind: the field's type
    :ivar terms: the values that are terms, retired ones too; None when any text will do
    :ivar matches: whether a value has the form of the pattern
    :ivar within: whether a value keeps the limits
    :ivar readable: whether a value is one of the field's type
    :ivar subfields: the rules of a repeating field's parts by name
    """

    required: bool = False
    missing_values: tuple[str, ...] = ()
    kind: FieldType = FIELD_TYPES[""]
    terms: Collection[str] | None = None
    matches: Check = _anything
    within: Check = _anything
    readable: Check = _anything
    subfields: Mapping[str, FieldRules] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """How a value is stored."""
        return self.kind.shape

    @property
    def lets_pass(self) -> bool:
        """Whether any single value will do."""
        asks_nothing = all(check is _anything for check in (self.matches, self.within, self.readable))
        return self.terms is None and asks_nothing

    def breaks(self, ask: str, value: str) -> bool:
        """Whether a single value breaks the rule that a question is about.

        :param ask: the question's ``ask``
        """
        outside = self.terms is not None and value not in self.terms
        if ask == "outside_vocabulary":
            return outside
        if ask == "fails_pattern":
            return not self.matches(value)
        if ask == "outside_limits":
            return not self.within(value)
        unreadable = outside or not self.readable(value)
        return unreadable or (ask == "offends" and not (self.matches(value) and self.within(value)))


NO_RULES = FieldRules()


def rules_of(snapshot: Snapshot, declared: Field) -> FieldRules:
    """The rules of a field; what is wrong in a draft asks for nothing."""
    if declared.state == "retired":
        return FieldRules(kind=kind_of(declared))
    return FieldRules(
        required=declared.expectation == "required",
        missing_values=tuple(declared.missing_values),
        kind=kind_of(declared),
        terms=_terms(snapshot, declared),
        matches=_matching(declared.pattern),
        within=_within(declared),
        readable=_readable(snapshot, declared),
        subfields={part.field_name: rules_of(snapshot, part) for part in declared.repeating_subfields},
    )


def fits(field: CompiledField, value: str) -> bool:
    """Whether a field's rules allow a new value: a term has to be one that is offered.

    :param value: one stored value, or one of several that a record holds
    """
    if field.kind.shape == "rows":
        return load(field.kind, value) is not None
    declared = {**field.scheming, "required": False}
    validators = scheming._field_validators(declared, {}, False)
    _data, errors = tk.navl_validate({field.name: value}, {field.name: validators}, {})
    return not errors


def kind_of(declared: Field) -> FieldType:
    """A field's type, one line of text where a draft names none that is known."""
    preset = declared.preset if declared.preset in FIELD_TYPES else ""
    return field_type(preset, bool(declared.repeating_subfields))


def field_named(snapshot: Snapshot, entity: Entity, name: str) -> Field | None:
    """The field that stores its values under a name, a retired one too."""
    return next((f for f in snapshot.document.fields_of(entity) if f.field_name == name), None)


def field_with_id(snapshot: Snapshot, entity: Entity, field_id: str) -> Field | None:
    """The field with a lasting id."""
    return next((f for f in snapshot.document.fields_of(entity) if f.id == field_id), None)


def members(kind: FieldType, value: str, name: str = "") -> list[str] | None:
    """The single values in a stored one; None when it cannot be read.

    :param kind: the type under which it is stored
    :param name: the field's name: tags are stored one by one and shown as one text
    """
    if is_empty(value):
        return []
    if name == "tag_string":
        return value.split(",")
    loaded = load(kind, value)
    if kind.shape == "text" or loaded is None:
        return None if loaded is None else [value]
    return list(dict.fromkeys(member for member in loaded if isinstance(member, str) and member))


def _terms(snapshot: Snapshot, declared: Field) -> Collection[str] | None:
    if declared.preset in ("partner_type", "partner_types"):
        return frozenset(partner_type.name for partner_type in snapshot.document.partner_types)
    if not kind_of(declared).needs_vocabulary:
        return None
    # All fields of a vocabulary share its terms.
    return snapshot.terms[declared.vocabulary].keys() if declared.vocabulary in snapshot.terms else None


def _matching(pattern: str) -> Check:
    try:
        compiled = compile_pattern(pattern) if pattern else None
    except ValueError:
        return _anything
    return (lambda value: compiled.fullmatch(value) is not None) if compiled else _anything


def _within(declared: Field) -> Check:
    bounds = limits_of(declared)
    return (lambda value: beyond(bounds, value) is None) if bounds else _anything


def _readable(snapshot: Snapshot, declared: Field) -> Check:
    """Our own validators of the field's type: those of core ask for more than the value."""
    from ckanext.civicswitchboard.records.validators import VALIDATORS

    named = str(snapshot.presets.get(declared.preset, {}).get("validators", "")).split()
    checks = [VALIDATORS[name] for name in named if name in VALIDATORS and name not in _APART]
    calls = [(check, len(inspect.signature(check).parameters) > 1) for check in checks]
    if not calls:
        return _anything

    def readable(value: str) -> bool:
        try:
            for check, with_context in calls:
                _call(check, value, with_context)
        except tk.Invalid:
            return False
        return True

    return readable


def _call(check: Any, value: str, with_context: bool) -> None:
    check(value, {}) if with_context else check(value)

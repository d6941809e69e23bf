"""Repairs that give a field other values."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, ClassVar

from ckanext.civicswitchboard.core.repairs.repair import (
    A_TEXT,
    NOTHING,
    NOTHING_GIVEN,
    Outcome,
    Params,
    Part,
    Repair,
    Values,
    change,
    left_out,
    refused,
    stored,
)
from ckanext.civicswitchboard.core.schema.choices import choices_of
from ckanext.civicswitchboard.core.schema.compiler import CompiledField
from ckanext.civicswitchboard.core.schema.document import Entity, Text
from ckanext.civicswitchboard.core.schema.field_types import is_empty, is_empty_row, listed, load
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import LicenseId, Message, shortened

# A value's successor; the value itself where it stays, None where it goes.
Successor = Callable[[str], str | None]


class _Mapped(Params):
    field: str
    values: dict[str, str]


class _Default(Params):
    field: str
    value: str | list[str]
    instead_of: list[str] = []


class _Merged(Params):
    vocabulary: str
    term: str
    into: str


class _Deleted(Params):
    field: str
    values: list[str]


class _OfOneField(Repair):
    """What repairs of one field, or of one part of a repeating field, have in common.

    :ivar compiled: the field
    :ivar sub: the name of the part, empty for the whole field
    :ivar place: the field or the part
    :cvar retired_too: whether the field may be one that is no longer offered
    """

    retired_too: ClassVar[bool] = True

    def bind(self) -> None:
        name, dot, self.sub = self.answers.field.partition(".")  # type: ignore[attr-defined]
        self.entity, self.compiled = self.field("field", name, retired=self.retired_too)
        self.name = name
        place = self.compiled.part(self.sub) if dot else self.compiled
        if place is None:
            raise refused("field", N_("'{name}' has no part '{part}'"), name=name, part=self.sub)
        if place.kind.shape == "rows":
            raise refused("field", N_("Name a part of the entries, such as field.part"))
        self.place = place

    @property
    def parts(self) -> tuple[Part, ...]:
        return (Part(self.entity, (self.name,), (self.name,)),)


class MapValues(_OfOneField):
    kind = "map_values"
    title = N_("Replace values")
    means = N_("Each value in the table is replaced by the one beside it. All others stay the same.")
    takes = _Mapped
    answers: _Mapped

    def bind(self) -> None:
        super().bind()
        self.pairs = {old: new for old, new in self.answers.values.items() if old and new != old}
        if not self.pairs:
            raise refused("values", N_("Enter a replacement for at least one value"))
        if not all(new.strip() for new in self.pairs.values()):
            raise refused("values", N_("To remove values, use the repair that deletes them"))
        if self.place.required:
            _no_gap(self.place, self.pairs.values(), "values")
        _of_vocabulary(self.place, self.pairs.values(), "values")

    def step(self, entity: Entity, values: Values) -> Outcome:
        return _replaced(values, self.compiled, self.sub, lambda value: self.pairs.get(value, value))

    def ambiguous(self, values: Values) -> bool:
        both = self.pairs.keys() & set(self.pairs.values())
        marked = _replaced(values, self.compiled, self.sub, lambda value: None if value in both else value)
        return marked.concerned

    @property
    def inverse(self) -> dict[str, Any] | None:
        back = {new: old for old, new in self.pairs.items()}
        return {**self.params, "values": back} if len(back) == len(self.pairs) else None

    @property
    def new_values(self) -> list[tuple[CompiledField, Any]]:
        return [(self.place, new) for new in dict.fromkeys(self.pairs.values())]

    @property
    def words(self) -> Message:
        if len(self.pairs) == 1:
            ((old, new),) = self.pairs.items()
            return Message(
                N_("In “{field}”, “{old}” becomes “{new}”"),
                {
                    "field": self.label(self.answers.field),
                    "old": _called(self.place, old),
                    "new": _called(self.place, new),
                },
            )
        return Message(
            N_("In “{field}”, {count} values are replaced"),
            {"field": self.label(self.answers.field), "count": str(len(self.pairs))},
        )

    @property
    def public_words(self) -> Message:
        if _in_vocabulary(self.place, [*self.pairs, *self.pairs.values()]):
            return self.words
        return Message(N_("Values of “{field}” are replaced"), {"field": self.label(self.answers.field)})


class DeleteValues(_OfOneField):
    kind = "delete_values"
    title = N_("Delete values")
    means = N_("The listed values are deleted from records. Undo restores them.")
    takes = _Deleted
    asks_twice = True
    answers: _Deleted

    def bind(self) -> None:
        super().bind()
        if self.place.required:
            raise refused("field", N_("The field is required: replace its values instead"))
        if not any(self.answers.values):
            raise refused("values", N_("List the values"))

    def step(self, entity: Entity, values: Values) -> Outcome:
        gone = {value for value in self.answers.values if value}
        return _replaced(values, self.compiled, self.sub, lambda v: None if v in gone else v)

    @property
    def words(self) -> Message:
        return Message(
            N_("Values of “{field}” are deleted: {values}"),
            {"field": self.label(self.answers.field), "values": _listed(self.place, self.answers.values)},
        )

    @property
    def public_words(self) -> Message:
        if _in_vocabulary(self.place, self.answers.values):
            return self.words
        return Message(N_("Values of “{field}” are deleted"), {"field": self.label(self.answers.field)})


class SetDefault(_OfOneField):
    kind = "set_default"
    title = N_("Fill in missing values")
    means = N_("Records without a value get this one. Values that count as missing are replaced too.")
    takes = _Default
    retired_too = False
    answers: _Default

    def bind(self) -> None:
        super().bind()
        self.several = self.place.kind.shape == "several"
        value = self.answers.value
        if isinstance(value, list) and not self.several:
            raise refused("value", A_TEXT)
        self.members = [value] if isinstance(value, str) else value
        if not any(member.strip() for member in self.members):
            raise refused("value", NOTHING_GIVEN)
        _no_gap(self.place, self.members, "value")
        _of_vocabulary(self.place, self.members, "value")
        # A draft may count more values as none than the version under which records are repaired.
        self.none = {*self.place.field.missing_values, *self.answers.instead_of}

    @property
    def parts(self) -> tuple[Part, ...]:
        if self.sub:
            return super().parts
        # What several values that say nothing look like in JSON can't be listed.
        none = () if self.several else ("", "[]", "null", *self.none)
        return (Part(self.entity, (self.name,), holding=none),)

    def step(self, entity: Entity, values: Values) -> Outcome:
        value = values.get(self.name)
        if not self.sub:
            becoming = stored(self.place, self.members) if self.several else self.members[0]
            return change(values, **{self.name: becoming}) if self._none(value) else NOTHING
        rows = load(self.compiled.kind, value)
        if rows is None:
            return NOTHING if is_empty(value) else left_out(values, "unconvertible", self.name)
        filled = [self._filled(row) for row in rows]
        # Its form follows the stored one: resources may hold a list itself.
        becoming = filled if isinstance(value, list) else json.dumps(filled, ensure_ascii=False)
        return NOTHING if filled == rows else change(values, **{self.name: becoming})

    def _filled(self, row: dict[str, Any]) -> dict[str, Any]:
        """An entry with the value; one that says nothing at all is none."""
        if is_empty_row(row) or not self._none(row.get(self.sub)):
            return row
        return {**row, self.sub: self.members if self.several else self.members[0]}

    def _none(self, value: Any) -> bool:
        """Whether a value says nothing, or counts as if it did."""
        loaded = load(self.place.kind, value) if self.several else value
        none = isinstance(value, str) and value in self.none
        return none or is_empty(value) or is_empty(loaded or value)

    @property
    def new_values(self) -> list[tuple[CompiledField, Any]]:
        return [(self.place, member) for member in self.members]

    @property
    def words(self) -> Message:
        return Message(
            N_("“{field}” becomes “{value}” where it has no value"),
            {"field": self.label(self.answers.field), "value": _listed(self.place, self.members)},
        )


class MergeTerms(Repair):
    kind = "merge_terms"
    title = N_("Merge one term into another")
    means = N_("Records that use the one term get the other, in every field that uses the vocabulary.")
    takes = _Merged
    answers: _Merged

    def bind(self) -> None:
        vocabulary = self.snapshot.document.vocabulary(self.answers.vocabulary)
        if vocabulary is None:
            raise refused(
                "vocabulary", N_("There's no vocabulary '{name}'"), name=self.answers.vocabulary
            )
        # An id goes before the same value of another term.
        terms = {term.value: term for term in vocabulary.terms} | {term.id: term for term in vocabulary.terms}
        for param in ("term", "into"):
            if getattr(self.answers, param) not in terms:
                raise refused(param, N_("This vocabulary has no such term"))
        self.old, self.new = terms[self.answers.term], terms[self.answers.into]
        if self.old is self.new:
            raise refused("into", N_("A term can't be merged into itself"))
        if self.new.state != "active":
            raise refused("into", N_("This term is no longer offered"))
        self.vocabulary = vocabulary
        self.places = {
            entity: {
                field.name: (field, subs)
                for field in fields.values()
                if (subs := _subs(field, vocabulary.id)) is not None
            }
            for entity, fields in self.snapshot.fields.items()
        }

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(
            Part(entity, tuple(fields), tuple(fields)) for entity, fields in self.places.items() if fields
        )

    def step(self, entity: Entity, values: Values) -> Outcome:
        pairs = {self.old.value: self.new.value}
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        fault = None
        for field, subs in self.places[entity].values():
            for sub in subs or ("",):
                now = {**values, **after}
                replaced = _replaced(now, field, sub, lambda value: pairs.get(value, value))
                fault = fault or replaced.fault
                if not replaced.fault:
                    before = {**replaced.before, **before}
                    after.update(replaced.after)
        return Outcome(before, after, None if after else fault)

    @property
    def words(self) -> Message:
        return Message(
            N_("“{old}” is merged into “{new}” in “{vocabulary}”"),
            {"old": self.old.label, "new": self.new.label, "vocabulary": self.vocabulary.label},
        )


def _subs(field: CompiledField, vocabulary: str) -> tuple[str, ...] | None:
    """The parts of a repeating field that use a vocabulary, () for a field that does itself."""
    if field.field.vocabulary == vocabulary:
        return ()
    names = tuple(s.field_name for s in field.field.repeating_subfields if s.vocabulary == vocabulary)
    return names or None


def _no_gap(field: CompiledField, values: Iterable[str], param: str) -> None:
    """Have no value count as missing: a repair fills gaps and makes none."""
    gaps = [value for value in values if value in field.field.missing_values]
    if gaps:
        raise refused(param, N_("The field doesn't allow: {values}"), values=", ".join(gaps))


def _of_vocabulary(field: CompiledField, values: Any, param: str) -> None:
    if "choices" not in field.scheming:
        return
    offered = choices_of(field.scheming).labels
    unknown = [value for value in values if value not in offered]
    if unknown:
        raise refused(param, N_("Not among the terms on offer: {values}"), values=", ".join(unknown))


def _called(field: CompiledField, value: str) -> Text:
    """What people call a value; the beginning of a long one that is no term."""
    if field.field.preset == "license":
        return LicenseId(shortened(value))
    called = field.called(value)
    return shortened(called) if isinstance(called, str) else called


def _listed(field: CompiledField, values: Sequence[str]) -> Message:
    """What people call several values, one after the other; the beginning of a long list."""
    lengths = accumulate(len(value) + 2 for value in values)
    shown = [value for value, length in zip(values, lengths) if length <= 80] or values[:1]
    called = {f"value{number}": _called(field, value) for number, value in enumerate(shown)}
    more = ", …" if len(shown) < len(values) else ""
    return Message(", ".join(f"{{{place}}}" for place in called) + more, called)


def _in_vocabulary(field: CompiledField, values: Iterable[str]) -> bool:
    """Whether everybody may read values in the schema itself, among the terms of now and of earlier."""
    return set(values) <= field.terms.keys()


def _replaced(values: Values, field: CompiledField, sub: str, successor: Successor) -> Outcome:
    """The outcome of replacing single values, in whatever shape the field holds them."""
    value = values.get(field.name)
    if is_empty(value):
        return NOTHING
    if field.kind.shape == "text":
        if not isinstance(value, str):
            return NOTHING
        new = successor(value)
        return change(values, **{field.name: _none_as(new, field)})
    loaded = load(field.kind, value)
    if loaded is None:
        # A form of old: one text where several are asked for.
        standing = isinstance(value, str) and successor(value) != value
        return left_out(values, "unconvertible", field.name) if standing else NOTHING
    now = _members(loaded, sub, successor)
    if now == loaded:
        return NOTHING
    # Its form follows the stored one: resources may hold a list itself.
    becoming = now if isinstance(value, list) else json.dumps(now, ensure_ascii=False)
    return change(values, **{field.name: becoming if now else _none_as(None, field)})


def _none_as(value: str | None, field: CompiledField) -> str | None:
    """CKAN's own columns are emptied, other keys taken away."""
    return "" if value is None and field.in_core else value


def _members(loaded: list[Any], sub: str, successor: Successor) -> list[Any]:
    if not sub:
        replaced = [(member, successor(member)) for member in loaded]
        if all(old == new for old, new in replaced):
            return loaded
        return list(dict.fromkeys(new for _old, new in replaced if new is not None))
    return [_row(row, sub, successor) for row in loaded]


def _row(row: Mapping[str, Any], sub: str, successor: Successor) -> dict[str, Any]:
    value = row.get(sub)
    texts = listed(value) if isinstance(value, str) and value.startswith("[") else None
    if texts:
        # A part with several values holds them as JSON.
        within = _row({sub: texts}, sub, successor)[sub]
        return dict(row) if within == texts else {**row, sub: json.dumps(within, ensure_ascii=False)}
    if isinstance(value, list):
        new = [s for s in (successor(v) if isinstance(v, str) else v for v in value) if s is not None]
        return {**row, sub: list(dict.fromkeys(new))}
    if not isinstance(value, str) or successor(value) == value:
        return dict(row)
    return {**row, sub: successor(value) or ""}

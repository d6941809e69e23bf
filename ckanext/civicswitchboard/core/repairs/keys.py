"""Repairs that move whole values from key to key, byte for byte."""
from __future__ import annotations

from typing import Any

from pydantic import Field

from ckanext.civicswitchboard.core.repairs.repair import (
    NOTHING,
    Outcome,
    Params,
    Part,
    Repair,
    Values,
    change,
    has,
    left_out,
    refused,
    stored,
)
from ckanext.civicswitchboard.core.schema.compiler import CompiledField
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.field_types import is_empty, load
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message


class _FieldTo(Params):
    field: str
    to: str


class _KeyTo(Params):
    key: str
    to: str


class _Swapped(Params):
    field: str
    other: str = Field(alias="with")


class Rename(Repair):
    kind = "rename"
    title = N_("Move values to a field's new name")
    means = N_("Every value stored under the earlier name moves to the new one, unchanged.")
    takes = _FieldTo
    linked = True
    every_state = True
    answers: _FieldTo

    def bind(self) -> None:
        self.entity, self.target = self.field("to", self.answers.to)
        if self.target.in_core:
            raise refused("to", N_("CKAN itself stores this field, so its name can't change"))
        if self.answers.field == self.answers.to:
            raise refused("to", N_("Both names are the same"))
        current = self.snapshot.fields[self.entity].get(self.answers.field)
        if current is None:
            self.free_key("field", self.answers.field, self.entity)
        elif current.in_core or current.kind.shape != self.target.kind.shape:
            raise refused("field", N_("Both fields need the same type"))

    @property
    def parts(self) -> tuple[Part, ...]:
        return (Part(self.entity, (self.answers.field, self.answers.to), (self.answers.field,)),)

    def step(self, entity: Entity, values: Values) -> Outcome:
        return _moved(values, self.answers.field, self.answers.to, values.get(self.answers.field))

    @property
    def inverse(self) -> dict[str, Any]:
        return {**self.params, "field": self.answers.to, "to": self.answers.field}

    @property
    def words(self) -> Message:
        return Message(
            N_("Values of “{before}” move to its new name “{after}”"),
            {"before": self.answers.field, "after": self.answers.to},
        )


class Swap(Repair):
    kind = "swap"
    title = N_("Swap the names of two fields")
    means = N_("Each value follows its field. Both are moved at once.")
    takes = _Swapped
    linked = True
    every_state = True
    answers: _Swapped

    def bind(self) -> None:
        self.entity, one = self.field("field", self.answers.field)
        other = self.snapshot.fields[self.entity].get(self.answers.other)
        if other is None or other is one:
            raise refused("with", N_("There is no other field '{name}' beside it"), name=self.answers.other)
        if one.in_core or other.in_core:
            raise refused("field", N_("CKAN itself stores this field, so its name can't change"))

    @property
    def parts(self) -> tuple[Part, ...]:
        pair = (self.answers.field, self.answers.other)
        return (Part(self.entity, pair, pair),)

    def step(self, entity: Entity, values: Values) -> Outcome:
        one, other = self.answers.field, self.answers.other
        if one not in values and other not in values:
            return NOTHING
        return change(values, **{one: values.get(other), other: values.get(one)})

    def ambiguous(self, values: Values) -> bool:
        return True

    @property
    def inverse(self) -> dict[str, Any]:
        return self.params

    @property
    def words(self) -> Message:
        return Message(
            N_("Values of “{one}” and “{other}” change places"),
            {"one": self.label(self.answers.field), "other": self.label(self.answers.other)},
        )


class Move(Repair):
    kind = "move"
    title = N_("Move values from or to “Other fields”")
    means = N_("Values in “Other fields” become a field's values, or a field's values move there.")
    takes = _KeyTo
    linked = True
    answers: _KeyTo

    def bind(self) -> None:
        key, to = self.answers.key, self.answers.to
        for entity in self.wanted:
            fields = self.snapshot.fields[entity]
            if (key in fields) != (to in fields):
                self.entity = entity
                break
        else:
            raise refused("to", N_("One of the two has to be a field; the other can't be"))
        inward = to in self.snapshot.fields[self.entity]
        name, param, other, other_param = (to, "to", key, "key") if inward else (key, "key", to, "to")
        _entity, self.compiled = self.field(param, name, self.entity)
        if self.compiled.in_core:
            raise refused(param, N_("CKAN itself stores this field"))
        if self.compiled.required and not inward:
            # Each record would have a gap, which a field that binds all records must not have.
            raise refused(param, N_("The field is required: replace its values instead"))
        self.free_key(other_param, other, self.entity)
        self.inward = inward

    @property
    def parts(self) -> tuple[Part, ...]:
        return (Part(self.entity, (self.answers.key, self.answers.to), (self.answers.key,)),)

    def step(self, entity: Entity, values: Values) -> Outcome:
        value = values.get(self.answers.key)
        if self.inward and not is_empty(value) and load(self.compiled.kind, value) is None:
            if self.compiled.kind.shape == "rows" or not isinstance(value, str):
                return left_out(values, "unconvertible", self.answers.key)
            value = stored(self.compiled, [value])
        return _moved(values, self.answers.key, self.answers.to, value)

    @property
    def makes(self) -> list[CompiledField]:
        return [self.compiled] if self.inward else []

    @property
    def inverse(self) -> dict[str, Any]:
        return {**self.params, "key": self.answers.to, "to": self.answers.key}

    @property
    def words(self) -> Message:
        text = N_("“{name}” in “Other fields” becomes the field “{to}”")
        if not self.inward:
            text = N_("Values of the field “{name}” move to “{to}” in “Other fields”")
        return Message(text, {"name": self.label(self.answers.key), "to": self.label(self.answers.to)})

    @property
    def public_words(self) -> Message:
        # Private datasets alone may have such a name.
        return Message(self.title)


def _moved(values: Values, source: str, target: str, becoming: Any) -> Outcome:
    if source not in values:
        return NOTHING
    if has(values, target) and has(values, source) and values[target] != becoming:
        return left_out(values, "collision", source, target)
    if not has(values, source) and target in values:
        return change(values, **{source: None})
    return change(values, **{source: None, target: becoming})

"""Repairs that read a value and store it in another form."""
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from ckanext.civicswitchboard.core.repairs.periods import partial_date, period
from ckanext.civicswitchboard.core.repairs.repair import (
    NOTHING,
    RECORD_BY_RECORD,
    Outcome,
    Params,
    Part,
    Repair,
    Values,
    change,
    has,
    left_out,
    refused,
)
from ckanext.civicswitchboard.core.schema.compiler import CompiledField
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.field_types import Shape, is_empty, listed
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message


class _Split(Params):
    field: str
    start: str
    end: str


class _Joined(Params):
    fields: list[str]
    to: str
    separator: str = " "


class _Retyped(Params):
    field: str
    to: str
    part: str = ""
    separator: str = ""


class SplitInterval(Repair):
    kind = "split_interval"
    title = N_("Split a period into start and end")
    means = N_(
        "Periods such as 2016-01-01/2016-12-31, 2016-12-01/, 2019-2020, 1974 or 2016-05 give a start and an"
        " end. The text itself is kept. Ambiguous values, such as 2020-21, are skipped and listed."
    )
    takes = _Split
    # Half of a period says something else than the whole.
    linked = True
    answers: _Split

    def bind(self) -> None:
        self.entity, source = self.field("field", self.answers.field, retired=True)
        if source.kind.shape != "text":
            raise refused("field", N_("Has to be a text field"))
        for param in ("start", "end"):
            _text_beside(self, param, getattr(self.answers, param))
        if len({self.answers.field, self.answers.start, self.answers.end}) < 3:
            raise refused("end", N_("Three different fields are needed"))

    @property
    def parts(self) -> tuple[Part, ...]:
        names = (self.answers.field, self.answers.start, self.answers.end)
        return (Part(self.entity, names, names[:1]),)

    def step(self, entity: Entity, values: Values) -> Outcome:
        source, start, end = self.answers.field, self.answers.start, self.answers.end
        text = values.get(source)
        if is_empty(text):
            return NOTHING
        interval = period(text) if isinstance(text, str) else None
        if interval is None:
            said = has(values, start) or has(values, end)
            return NOTHING if said else left_out(values, "unconvertible", source)
        wanted = {start: interval.start, end: interval.end}
        if all((values.get(key) or "") == new for key, new in wanted.items()):
            return NOTHING
        if any(has(values, key) and values[key] != new for key, new in wanted.items()):
            return left_out(values, "collision", source, start, end)
        return change(values, **{key: new for key, new in wanted.items() if new})

    @property
    def makes(self) -> list[CompiledField]:
        fields = self.snapshot.fields[self.entity]
        return [fields[self.answers.start], fields[self.answers.end]]

    @property
    def words(self) -> Message:
        return Message(
            N_("“{start}” and “{end}” are filled from “{field}”"),
            {name: self.label(getattr(self.answers, name)) for name in ("field", "start", "end")},
        )


class Join(Repair):
    kind = "join"
    title = N_("Join fields into one")
    means = N_("The values of two or more fields are combined in another field. The originals are kept.")
    takes = _Joined
    answers: _Joined

    def bind(self) -> None:
        self.entity, self.target = self.field("to", self.answers.to)
        if self.target.kind.shape != "text" or self.target.in_core:
            raise refused("to", N_("Has to be a text field"))
        if len(set(self.answers.fields)) < 2:
            raise refused("fields", N_("Name at least two fields"))
        for name in self.answers.fields:
            _text_beside(self, "fields", name)

    @property
    def parts(self) -> tuple[Part, ...]:
        names = tuple(dict.fromkeys([*self.answers.fields, self.answers.to]))
        return (Part(self.entity, names, tuple(dict.fromkeys(self.answers.fields))),)

    def step(self, entity: Entity, values: Values) -> Outcome:
        parts = [values[name] for name in self.answers.fields if has(values, name)]
        if not parts:
            return NOTHING
        if not all(isinstance(value, str) for value in parts):
            return left_out(values, "unconvertible", *self.answers.fields)
        joined = self.answers.separator.join(parts)
        to = self.answers.to
        if has(values, to) and to not in self.answers.fields and values[to] != joined:
            return left_out(values, "collision", *self.answers.fields, to)
        return change(values, **{to: joined})

    @property
    def makes(self) -> list[CompiledField]:
        return [self.target]

    @property
    def words(self) -> Message:
        return Message(
            N_("“{to}” is combined from: {fields}"),
            {"to": self.label(self.answers.to), "fields": self.labels(self.answers.fields)},
        )


class Retype(Repair):
    kind = "retype"
    title = N_("Convert values to another type")
    means = N_("Values become one text, one of multiple values, an entry of a repeating field or a date.")
    takes = _Retyped
    answers: _Retyped

    FORMS: ClassVar[Mapping[str, Shape]] = {
        "text": "text",
        "several": "several",
        "repeating": "rows",
        "date": "text",
    }

    def bind(self) -> None:
        self.entity, self.compiled = self.field("field", self.answers.field)
        if self.compiled.in_core:
            raise refused("field", N_("CKAN itself stores this field"))
        if self.answers.to not in self.FORMS:
            raise refused("to", N_("Has to be one of: {names}"), names=", ".join(self.FORMS))
        if self.compiled.kind.shape != self.FORMS[self.answers.to]:
            raise refused(
                "to",
                N_(
                    "This field stores another type of value. Change its type in the draft; its "
                    "values are converted when you publish"
                ),
            )
        names = [part.field_name for part in self.compiled.field.repeating_subfields]
        self.part = self.answers.part or next(iter(names), "")
        if self.answers.to == "repeating" and self.part not in names:
            raise refused("part", N_("Has to be one of: {names}"), names=", ".join(names))

    @property
    def parts(self) -> tuple[Part, ...]:
        return (Part(self.entity, (self.compiled.name,), (self.compiled.name,)),)

    def step(self, entity: Entity, values: Values) -> Outcome:
        name = self.compiled.name
        value = values.get(name)
        if is_empty(value) or self._is_so(value):
            return NOTHING
        becoming = self._converted(value)
        if becoming is None:
            return left_out(values, "unconvertible", name)
        # What said nothing in its form is no value in the other.
        return change(values, **{name: becoming or None})

    def _is_so(self, value: Any) -> bool:
        """Whether a value has the form already."""
        if self.answers.to == "date":
            return isinstance(value, str) and partial_date(value) == value
        members = listed(value)
        if self.answers.to == "text":
            return isinstance(value, str) and members is None
        if members is None:
            return False
        if self.answers.to == "repeating":
            return all(isinstance(member, dict) for member in members)
        return all(isinstance(member, str) and self._divided(member) == [member] for member in members)

    def _converted(self, value: Any) -> str | None:
        if self.answers.to == "date":
            return partial_date(value) if isinstance(value, str) else None
        members = self._members(value)
        if members is None:
            return None
        if not members:
            return ""
        if self.answers.to == "text":
            return (self.answers.separator or BETWEEN).join(members)
        rows: list[Any] = members
        if self.answers.to == "repeating":
            rows = [{self.part: member} for member in members]
        return json.dumps(rows, ensure_ascii=False)

    def _members(self, value: Any) -> list[str] | None:
        """The texts that a value is made of; None where it holds something beside them."""
        members = listed(value)
        if members is not None:
            texts = [_only_text(member) for member in members]
            return None if None in texts else [part for text in texts if text for part in self._divided(text)]
        return self._divided(value) if isinstance(value, str) else None

    def _divided(self, text: str) -> list[str]:
        """A text divided at the separator, which for one text is what will stand between."""
        separator = self.answers.separator
        if not separator or separator not in text or self.answers.to == "text":
            return [text]
        return [part.strip() for part in text.split(separator) if part.strip()]

    @property
    def makes(self) -> list[CompiledField]:
        return [self.compiled]

    @property
    def words(self) -> Message:
        return Message(_BECOMES[self.answers.to], {"field": self.label(self.answers.field)})


_BECOMES = {
    "text": N_("The values of “{field}” become one text"),
    "several": N_("The text of “{field}” becomes one of several values"),
    "repeating": N_("The text of “{field}” becomes an entry"),
    "date": N_("The text of “{field}” becomes a date"),
}
# What stands between several values that become one text.
BETWEEN = "; "


def in_form_of(compiled: CompiledField, value: Any, was_text: bool, separator: str = "") -> Any:
    """What somebody sends who read a field when it stored another form, in the form of now.

    As the repair that goes with such a version has it; what it would leave stays as it was sent.

    :param value: a text, a list of texts or a list of entries
    :param was_text: whether the sender is known to have read it as one text
    :param separator: where a repair has divided the record's text since
    """
    shape = compiled.kind.shape
    if shape == "text" and isinstance(value, list) and value:
        members = [_only_text(member) for member in value]
        return value if None in members else BETWEEN.join(member for member in members if member)
    if shape == "text" or not (was_text and isinstance(value, str) and value) or listed(value) is not None:
        return value
    texts = [part.strip() for part in value.split(separator) if part.strip()] if separator else [value]
    if shape == "several":
        return texts if separator else value
    parts = compiled.field.repeating_subfields
    return [{parts[0].field_name: text} for text in texts] if parts else value


def _only_text(member: Any) -> str | None:
    """One of several values, or the one thing that an entry says; None where there is more to it."""
    if isinstance(member, dict):
        said = [text for text in member.values() if not is_empty(text)] or [""]
        member = said[0] if len(said) == 1 else None
    return member if isinstance(member, str) else None


def _text_beside(repair: Any, param: str, name: str) -> None:
    """Have a parameter name a field of text of the same entity.

    :raises RepairError: when it does not
    """
    field = repair.snapshot.fields[repair.entity].get(name)
    if field is None:
        raise refused(param, N_("There's no field '{name}' next to it in the current version"), name=name)
    if field.kind.shape != "text" or (field.in_core and param != "fields"):
        raise refused(param, N_("'{name}' isn't a text field that can be filled in"), name=name)
    if name == "tag_string":
        raise refused(param, RECORD_BY_RECORD, name=name)

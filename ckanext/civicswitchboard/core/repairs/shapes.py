"""Repairs that read a value and store it in another form."""
from __future__ import annotations

import json
from typing import Any

from ckanext.civicswitchboard.core.compiler import CompiledField
from ckanext.civicswitchboard.core.document import Entity
from ckanext.civicswitchboard.core.fieldtypes import is_empty
from ckanext.civicswitchboard.core.messages import Message
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
    left,
    refused,
)
from ckanext.civicswitchboard.core.wording import N_


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
    title = N_("Fill in start and end from a period in words")
    means = N_(
        "Periods such as 2016-01-01/2016-12-31, 2016-12-01/, 2019-2020, 1974 or 2016-05 give a start and an"
        " end. The text itself stays; what could mean two things, such as 2020-21, is left and listed."
    )
    takes = _Split
    given: _Split

    def bind(self) -> None:
        self.entity, source = self.field("field", self.given.field)
        if source.kind.shape != "text":
            raise refused("field", N_("Has to be a field of text"))
        for param in ("start", "end"):
            _text_beside(self, param, getattr(self.given, param))
        if len({self.given.field, self.given.start, self.given.end}) < 3:
            raise refused("end", N_("Three different fields are needed"))

    @property
    def parts(self) -> tuple[Part, ...]:
        names = (self.given.field, self.given.start, self.given.end)
        return (Part(self.entity, names, names[:1]),)

    def step(self, entity: Entity, values: Values) -> Outcome:
        source, start, end = self.given.field, self.given.start, self.given.end
        text = values.get(source)
        if is_empty(text):
            return NOTHING
        found = period(text) if isinstance(text, str) else None
        if found is None:
            said = has(values, start) or has(values, end)
            return NOTHING if said else left(values, "unconvertible", source)
        wanted = {start: found.start, end: found.end}
        if all((values.get(key) or "") == new for key, new in wanted.items()):
            return NOTHING
        if any(has(values, key) and values[key] != new for key, new in wanted.items()):
            return left(values, "collision", source, start, end)
        return change(values, **{key: new for key, new in wanted.items() if new})

    @property
    def words(self) -> Message:
        return Message(
            N_("“{start}” and “{end}” are filled in from “{field}”"),
            {name: self.label(getattr(self.given, name)) for name in ("field", "start", "end")},
        )


class Join(Repair):
    kind = "join"
    title = N_("Join fields into one")
    means = N_("The values of several fields are put together into another one; they themselves stay.")
    takes = _Joined
    given: _Joined

    def bind(self) -> None:
        self.entity, self.target = self.field("to", self.given.to)
        if self.target.kind.shape != "text" or self.target.in_core:
            raise refused("to", N_("Has to be a field of text"))
        if len(set(self.given.fields)) < 2:
            raise refused("fields", N_("Name at least two fields"))
        for name in self.given.fields:
            _text_beside(self, "fields", name)

    @property
    def parts(self) -> tuple[Part, ...]:
        names = tuple(dict.fromkeys([*self.given.fields, self.given.to]))
        return (Part(self.entity, names, tuple(dict.fromkeys(self.given.fields))),)

    def step(self, entity: Entity, values: Values) -> Outcome:
        given = [values[name] for name in self.given.fields if has(values, name)]
        if not given:
            return NOTHING
        if not all(isinstance(value, str) for value in given):
            return left(values, "unconvertible", *self.given.fields)
        joined = self.given.separator.join(given)
        to = self.given.to
        if has(values, to) and to not in self.given.fields and values[to] != joined:
            return left(values, "collision", *self.given.fields, to)
        return change(values, **{to: joined})

    @property
    def words(self) -> Message:
        return Message(
            N_("“{to}” is put together from: {fields}"),
            {"to": self.label(self.given.to), "fields": self.labels(self.given.fields)},
        )


class Retype(Repair):
    kind = "retype"
    title = N_("Store values in another form")
    means = N_("Text becomes one of several values, an entry of a repeating field, or a date.")
    takes = _Retyped
    given: _Retyped

    FORMS = ("several", "repeating", "date")

    def bind(self) -> None:
        self.entity, self.compiled = self.field("field", self.given.field)
        if self.compiled.in_core:
            raise refused("field", N_("CKAN itself stores this field"))
        if self.given.to not in self.FORMS:
            raise refused("to", N_("Has to be one of: {names}"), names=", ".join(self.FORMS))
        self.part = self.given.part or _first_part(self.compiled)
        if self.given.to == "repeating" and not self.part:
            raise refused("part", N_("Say which part of an entry takes the text"))

    @property
    def parts(self) -> tuple[Part, ...]:
        return (Part(self.entity, (self.compiled.name,), (self.compiled.name,)),)

    def step(self, entity: Entity, values: Values) -> Outcome:
        name = self.compiled.name
        value = values.get(name)
        if is_empty(value) or self._is_so(value):
            return NOTHING
        if not isinstance(value, str):
            return left(values, "unconvertible", name)
        becoming = self._converted(value)
        if becoming is None:
            return left(values, "unconvertible", name)
        return change(values, **{name: becoming})

    def _is_so(self, value: Any) -> bool:
        """Whether a value has the form already."""
        if self.given.to == "date":
            return isinstance(value, str) and partial_date(value) == value
        member = str if self.given.to == "several" else dict
        loaded = value if isinstance(value, list) else _loaded(value)
        return isinstance(loaded, list) and all(isinstance(each, member) for each in loaded)

    def _converted(self, text: str) -> str | None:
        if self.given.to == "date":
            return partial_date(text)
        parts = text.split(self.given.separator) if self.given.separator else [text]
        members = [part.strip() if self.given.separator else part for part in parts if part.strip()]
        if not members:
            return None
        rows: list[Any] = members
        if self.given.to == "repeating":
            rows = [{self.part: member} for member in members]
        return json.dumps(rows, ensure_ascii=False)

    @property
    def words(self) -> Message:
        return Message(_BECOMES[self.given.to], {"field": self.label(self.given.field)})


_BECOMES = {
    "several": N_("The text of “{field}” becomes one of several values"),
    "repeating": N_("The text of “{field}” becomes an entry"),
    "date": N_("The text of “{field}” becomes a date"),
}


def _text_beside(repair: Any, param: str, name: str) -> None:
    """Have a parameter name a field of text of the same entity.

    :raises RepairError: when it does not
    """
    found = repair.snapshot.fields[repair.entity].get(name)
    if found is None:
        raise refused(param, N_("There is no field '{name}' beside it in the current version"), name=name)
    if found.kind.shape != "text" or (found.in_core and param != "fields"):
        raise refused(param, N_("'{name}' is not a field of text that can be filled in"), name=name)
    if name == "tag_string":
        raise refused(param, RECORD_BY_RECORD, name=name)


def _first_part(compiled: CompiledField) -> str:
    parts = compiled.field.repeating_subfields
    return parts[0].field_name if parts else ""


def _loaded(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None



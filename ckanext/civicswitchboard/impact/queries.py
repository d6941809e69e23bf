"""A change's questions as conditions in SQL, by what the records hold and what the new version asks."""
from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from ckanext.civicswitchboard.core.changes import Change, Question
from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.field_types import FieldType, is_empty, listed
from ckanext.civicswitchboard.core.schema.profiles import ALSO, TYPE
from ckanext.civicswitchboard.impact.rules import (
    NO_RULES,
    FieldRules,
    field_named,
    field_with_id,
    kind_of,
    members,
    rules_of,
)
from ckanext.civicswitchboard.impact.sources import Key, Sql, Stored

# They tell what is there; the other questions tell what is wrong with it.
ASK_WHAT_IS_THERE = ("has_value", "other_key")
ASK_ABOUT_VALUES = ("holds", "outside_vocabulary", "fails_pattern", "outside_limits", "unreadable", "offends")


@dataclass(frozen=True)
class ValueCount:
    """A value and who holds it.

    :ivar value: the stored value, or one of several that are stored together
    :ivar count: how many records hold it
    :ivar seen: whether the reader may see one of them
    """

    value: str
    count: int
    seen: bool


@dataclass(frozen=True)
class FieldQuery:
    """A question with all that its answer rests on.

    :ivar question: the question
    :ivar stored: the type under which records hold the value today
    :ivar rules: what the new version asks of it
    """

    question: Question
    stored: FieldType
    rules: FieldRules = field(compare=False)

    @property
    def entity(self) -> Entity:
        """Whose records; questions are asked of records alone."""
        return cast(Entity, self.question.entity)

    @property
    def key(self) -> Key:
        """Where the value is."""
        return Key(self.entity, self.question.field_name, self.question.subfield)

    @property
    def reshaped(self) -> bool:
        """Whether the value has to be stored in another form."""
        return not self.key.subfield and self.stored.shape != self.rules.shape

    def needs(self) -> set[Key]:
        """Whose distinct values have to be known before it can be answered."""
        if self.question.ask == "missing":
            return {self.key} if self._some_count_as_none else set()
        if self.question.ask not in ASK_ABOUT_VALUES or self._any_text_will_do:
            return set()
        entries = self.stored.shape == "rows" and not self.key.subfield and not self.reshaped
        # Entries are judged by their parts; a plain text in their place may be a value asked for.
        if entries and self.question.ask != "holds":
            return set()
        return {self.key}

    def parts(self) -> list[FieldQuery]:
        """Of a repeating field that must not offend, the same question about each of its parts."""
        whole = self.question.ask == "offends" and not self.key.subfield and not self.reshaped
        if not whole or self.stored.shape != "rows":
            return []
        return [
            FieldQuery(Question("offends", self.entity, self.key.name, name), kind_of_text(), rules)
            for name, rules in self.rules.subfields.items()
        ]

    def condition(self, sql: Sql, bad: Iterable[str]) -> str:
        """Which rows ``s`` it is about.

        :param bad: the stored values that :func:`judge` has found
        """
        about = self._about(sql, list(bad))
        if not self.question.partner_type:
            return about
        return f"({about} AND {_of_type(sql, self.question.partner_type)})"

    def _about(self, sql: Sql, bad: list[str]) -> str:
        ask, value = self.question.ask, sql.value(self.key)
        if self.key.subfield:
            return self._about_part(sql, value, bad)
        if ask in ASK_WHAT_IS_THERE:
            return f"NOT {sql.empty(value, self.stored.shape)}"
        conditions = []
        if self._asks_for_one:
            conditions += [sql.empty(value, self.stored.shape), self._none(sql, value)]
        if ask in ("unreadable", "offends") and not self.reshaped:
            conditions.append(sql.malformed(value, self.stored.shape))
        if bad:
            conditions.append(value.one_of(sql.bind(bad)))
        return _any(conditions)

    def _none(self, sql: Sql, value: Stored) -> str:
        """Whether a value counts as none."""
        if not self._some_count_as_none:
            return "false"
        return f"coalesce({value.one_of(sql.bind(list(self.rules.missing_values)))}, false)"

    def _about_part(self, sql: Sql, value: Stored, bad: list[str]) -> str:
        part = sql.part(self.key.subfield)
        conditions = []
        if self.question.ask in ASK_WHAT_IS_THERE:
            conditions.append(f"NOT {sql.empty(part, 'text')}")
        if self._asks_for_one:
            conditions += [sql.empty(part, "text"), self._none(sql, part)]
        if bad:
            conditions.append(part.one_of(sql.bind(bad)))
        # A row with nothing in it is no row: forms drop it.
        row = "jsonb_typeof(m) = 'object' AND m <> '{}'::jsonb"
        return f"EXISTS (SELECT 1 FROM {sql.elements(value)} WHERE {row} AND {_any(conditions)})"

    def judge(self, values: Sequence[ValueCount]) -> tuple[list[str], list[ValueCount]]:
        """Which values matter.

        :param values: the distinct stored values
        :returns: those stored values that the question is about, and the single values in them
        """
        stored: list[str] = []
        single: dict[str, ValueCount] = {}
        for known in values:
            matter = self._matter(known.value)
            if matter:
                stored.append(known.value)
            for value in matter:
                before = single.get(value, ValueCount(value, 0, False))
                single[value] = ValueCount(value, before.count + known.count, before.seen or known.seen)
        return stored, list(single.values())

    def holding(self, value: str, values: Sequence[str]) -> tuple[FieldQuery, list[str]]:
        """The question who holds a single value here, and the stored values with it.

        :param value: one of the single values that :meth:`judge` has found
        :param values: the stored values that it has found
        """
        narrowed = replace(self.question, ask="holds", values=(value,))
        return replace(self, question=narrowed), [known for known in values if value in self._matter(known)]

    def _matter(self, value: str) -> list[str]:
        ask = self.question.ask
        if self.reshaped and ask in ("unreadable", "offends"):
            return [value] if self._unconverted(value) else []
        members_found = members(self.stored, value, self.key.name)
        if ask == "holds":
            return [member for member in {value, *(members_found or ())} if member in self.question.values]
        if members_found is None:
            return [value] if ask in ("unreadable", "offends") else []
        return [value for value in members_found if self._matters(value)]

    def _matters(self, value: str) -> bool:
        if self._some_count_as_none and value in self.rules.missing_values:
            return self._asks_for_one
        return self.question.ask != "missing" and self.rules.breaks(self.question.ask, value)

    @property
    def _asks_for_one(self) -> bool:
        """Whether a record without a value is one that it is about."""
        return self.question.ask == "missing" or (self.question.ask == "offends" and self.rules.required)

    @property
    def _any_text_will_do(self) -> bool:
        """Whether there is no value that it could be about."""
        plain = self.question.ask != "holds" and self.stored.shape == "text" and not self.reshaped
        return plain and self.rules.lets_pass and not self._some_count_as_none

    @property
    def _some_count_as_none(self) -> bool:
        """Whether some values count as none; they are single ones."""
        return bool(self.rules.missing_values) and self.stored.shape == "text"

    def _unconverted(self, value: str) -> bool:
        """Whether a value reads otherwise once the field stores another form."""
        if self.rules.shape == "text":
            # One text that stands where several belong reads as it is.
            return listed(value) is not None and not is_empty(value)
        return members(self.rules.kind, value) is None


def kind_of_text() -> FieldType:
    """The type under which parts of rows are read."""
    return NO_RULES.kind


def _any(conditions: list[str]) -> str:
    return f"({' OR '.join(conditions) or 'false'})"


def _of_type(sql: Sql, partner_type: str) -> str:
    """Whether an organization is of a type, by its own or by what it also acts as."""
    own = f"coalesce(s.e ->> '{TYPE}', '') = {sql.bind(partner_type)}"
    listed, name = sql.elements(sql.value(Key("organization", ALSO))), sql.bind(json.dumps(partner_type))
    return f"({own} OR EXISTS (SELECT 1 FROM {listed} WHERE m = CAST({name} AS jsonb)))"


@dataclass(frozen=True)
class Inquiry:
    """What is asked of the records for one change.

    :ivar change: the change
    :ivar queries: the questions that tell how many records are concerned
    :ivar other_keys: questions about what is kept under a new field's name in "Other fields"
    """

    change: Change
    queries: tuple[FieldQuery, ...]
    other_keys: tuple[FieldQuery, ...] = ()

    def about(self, *entities: Entity) -> list[FieldQuery]:
        """The questions about some entities."""
        return [query for query in self.queries if query.entity in entities]


def inquiry(before: Snapshot, after: Snapshot, change: Change) -> Inquiry:
    """The questions of a change, with types and rules.

    :param before: the version under which the records stand
    :param after: the version that the change leads to
    """
    queries = [ask(before, after, question) for question in change.questions]
    wrong = [query for query in queries if query.question.ask not in ASK_WHAT_IS_THERE]
    return Inquiry(
        change=change,
        queries=tuple(wrong or queries),
        other_keys=tuple(query for query in queries if query.question.ask == "other_key"),
    )


def ask(before: Snapshot, after: Snapshot, question: Question) -> FieldQuery:
    """A question with the type of today and the rules of the new version."""
    entity = cast(Entity, question.entity)
    stored = field_named(before, entity, question.field_name)
    if stored is None:
        becomes = field_named(after, entity, question.field_name)
    else:
        becomes = field_with_id(after, entity, stored.id)
    rules = rules_of(after, becomes) if becomes else NO_RULES
    declared = stored or becomes
    if not question.subfield:
        return FieldQuery(question, kind_of(declared) if declared else kind_of_text(), rules)
    parts: Mapping[str, str] = {
        part.field_name: part.id for part in (stored.repeating_subfields if stored else [])
    }
    part_id = parts.get(question.subfield, question.subfield)
    named = {
        part.id: part.field_name for part in (becomes.repeating_subfields if becomes else [])
    }
    part_rules = rules.subfields.get(named.get(part_id, question.subfield), NO_RULES)
    return FieldQuery(question, kind_of_text(), part_rules)

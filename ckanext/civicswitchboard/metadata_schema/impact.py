"""What a change does to the records: counted in SQL over the values that are stored.

Counts hold every active record, private ones too; names and values are given only of
records that the reader may see.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckanext.scheming import plugins as scheming

from ckanext.civicswitchboard.core.changes import Change, Question
from ckanext.civicswitchboard.core.compiler import CompiledField, Snapshot
from ckanext.civicswitchboard.core.document import Entity
from ckanext.civicswitchboard.core.fieldtypes import is_empty, load
from ckanext.civicswitchboard.core.reserved import CORE_FIELDS

MOST_EXAMPLES = 20
MOST_VALUES = 100


@dataclass(frozen=True)
class _Source:
    """Where an entity's values are.

    :ivar rows: the FROM and WHERE of a query that calls the record ``r``
    :ivar extras: what is stored under names of its own, as JSONB
    :ivar name: the name by which the record is known
    :ivar owner: the organization that answers for it
    :ivar public: whether everybody may see it
    """

    rows: str
    extras: str
    name: str
    owner: str
    public: str


_SOURCES: dict[Entity, _Source] = {
    "dataset": _Source(
        rows="FROM package r WHERE r.state = 'active' AND r.type = 'dataset'",
        extras="r.extras",
        name="r.name",
        owner="r.owner_org",
        public="NOT r.private",
    ),
    "resource": _Source(
        rows="FROM package p JOIN resource r ON r.package_id = p.id"
        " WHERE p.state = 'active' AND p.type = 'dataset' AND r.state = 'active'",
        # A resource's extras are text: one that is no JSON counts as empty, and stops nothing.
        extras="CASE WHEN pg_input_is_valid(r.extras, 'jsonb') THEN r.extras::jsonb END",
        name="p.name",
        owner="p.owner_org",
        public="NOT p.private",
    ),
    "organization": _Source(
        rows="FROM \"group\" r WHERE r.state = 'active' AND r.is_organization",
        extras="r.extras",
        name="r.name",
        owner="r.id",
        public="true",
    ),
}
_TAGS = (
    "(SELECT string_agg(t.name, ',') FROM package_tag pt JOIN tag t ON t.id = pt.tag_id"
    " WHERE pt.package_id = r.id AND pt.state = 'active')"
)


@dataclass(frozen=True)
class Usage:
    """What an entity's active records hold.

    :ivar total: how many records there are
    :ivar held: by the name under which it is stored, in how many of them there is a value
    """

    total: int
    held: Mapping[str, int]

    def of(self, name: str) -> int:
        """In how many records a field has a value."""
        return self.held.get(name, 0)


@dataclass(frozen=True)
class Affected:
    """The records that a question is about.

    :ivar count: how many they are
    :ivar organizations: how many of which organization, by its id; the most first
    :ivar examples: names of some of them that everybody may see
    :ivar values: the values that matter, with the number of records that hold each
    """

    count: int
    organizations: Mapping[str, int]
    examples: tuple[str, ...] = ()
    values: tuple[tuple[str, int], ...] = ()


NOBODY = Affected(0, {})


def usage(entity: Entity) -> Usage:
    """Count an entity's values, those of fields and those that the schema does not know."""
    source = _SOURCES[entity]
    names = sorted(CORE_FIELDS[entity])
    counted = [f"count(nullif({_value(entity, name)}::text, ''))" for name in names]
    total, *of_columns = model.Session.execute(
        sa.text(f"SELECT count(*), {', '.join(counted)} {source.rows}")
    ).one()
    extras = model.Session.execute(
        sa.text(
            "SELECT e.key AS key, count(*) AS records"
            f" FROM (SELECT {source.extras} AS extras {source.rows}) s,"
            " jsonb_each_text(s.extras) e WHERE e.value NOT IN ('', '[]') GROUP BY e.key"
        )
    )
    held = {row.key: row.records for row in extras}
    held.update({name: count for name, count in zip(names, of_columns) if count})
    return Usage(total=total, held=held)


def term_usage(snapshot: Snapshot, vocabulary_id: str) -> Mapping[str, int]:
    """How many records of all entities hold each value in a field of a vocabulary.

    :returns: by stored value, terms and others; what nobody uses is left out
    """
    counts: dict[str, int] = {}
    for entity, fields in snapshot.fields.items():
        for field in fields.values():
            if field.field.vocabulary == vocabulary_id:
                for value, records in _distinct(entity, field.name):
                    for each in _members(field, value):
                        counts[each] = counts.get(each, 0) + records
    return counts


def affected(before: Snapshot, after: Snapshot, change: Change) -> Affected:
    """The records that a change concerns.

    :param before: the version under which the records stand
    :param after: the version that the change leads to
    """
    answers = [_answer(before, after, question) for question in change.questions]
    return max(answers, key=lambda answer: answer.count, default=NOBODY)


def _answer(before: Snapshot, after: Snapshot, question: Question) -> Affected:
    stored, ruled = _fields(before, after, question)
    kind = question.ask
    if kind in ("has_value", "other_key"):
        return _holding(question, "v NOT IN ('', '[]')", {})
    if kind == "missing":
        return _missing(question, ruled)
    if kind == "holds":
        return _with_values(question, stored, set(question.values))
    bad = _bad_values(question, stored, ruled)
    found = _with_values(question, stored, bad)
    if kind == "offends" and ruled is not None and ruled.required:
        gaps = _missing(question, ruled)
        return gaps if gaps.count > found.count else found
    return found


def _fields(
    before: Snapshot, after: Snapshot, question: Question
) -> tuple[CompiledField | None, CompiledField | None]:
    """The field as records hold it, and as the new version rules it."""
    stored = before.fields[_whose(question)].get(question.field_name)
    if stored is None:
        return None, after.fields[_whose(question)].get(question.field_name)
    ruled = (f for f in after.fields[_whose(question)].values() if f.field.id == stored.field.id)
    return stored, next(ruled, None)


def _whose(question: Question) -> Entity:
    """Questions are asked of records alone."""
    return cast(Entity, question.entity)


def _missing(question: Question, ruled: CompiledField | None) -> Affected:
    none = ["", "[]", *(ruled.field.missing_values if ruled else [])]
    return _holding(question, "coalesce(v, '') = ANY(:none)", {"none": none})


def _with_values(
    question: Question, stored: CompiledField | None, wanted: set[str]
) -> Affected:
    """Records that hold one of some values, as the whole value or as one of several."""
    if not wanted:
        return NOBODY
    holding: list[str] = []
    counts: dict[str, int] = {}
    for value, records in _distinct(_whose(question), question.field_name):
        matching = wanted & ({value} if stored is None else {value, *_members(stored, value)})
        if matching:
            holding.append(value)
        for each in matching:
            counts[each] = counts.get(each, 0) + records
    found = _holding(question, "v = ANY(:holding)", {"holding": holding})
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES]
    return Affected(found.count, found.organizations, found.examples, tuple(ordered))


def _bad_values(
    question: Question, stored: CompiledField | None, ruled: CompiledField | None
) -> set[str]:
    """Values that break the new version's rules, tried once each however many records hold them."""
    if ruled is None:
        return set()
    bad = set()
    for value, _records in _distinct(_whose(question), question.field_name):
        members = [value] if stored is None else _members(stored, value) or [value]
        bad |= {each for each in members if not fits(ruled, each)}
    return bad


def fits(field: CompiledField, value: str) -> bool:
    """Whether a field's rules allow a value.

    :param value: one stored value, or one of several that a record holds
    """
    if field.kind.shape == "rows":
        return load(field.kind, value) is not None
    declared = {**field.scheming, "required": False}
    validators = scheming._field_validators(declared, {}, False)
    _data, errors = tk.navl_validate({field.name: value}, {field.name: validators}, {})
    return not errors


def _members(field: CompiledField, value: str) -> list[str]:
    """The single values in a stored one."""
    if is_empty(value):
        return []
    loaded = load(field.kind, value)
    if isinstance(loaded, list):
        return [each for each in dict.fromkeys(loaded) if isinstance(each, str)]
    return [value]


def _distinct(entity: Entity, name: str) -> Sequence[Any]:
    """Every value that is stored under a name, with the number of records that hold it."""
    source = _SOURCES[entity]
    return model.Session.execute(
        sa.text(
            f"SELECT v, count(*) FROM (SELECT {_value(entity, name)} AS v {source.rows}) s"
            " WHERE v NOT IN ('', '[]') GROUP BY v"
        ),
        {"name": name},
    ).all()


def _holding(question: Question, condition: str, values: Mapping[str, Any]) -> Affected:
    """Records whose value ``v`` meets a condition, by organization."""
    source = _SOURCES[_whose(question)]
    of_type = f" AND {source.extras} ->> 'partner_type' = :type" if question.partner_type else ""
    rows = model.Session.execute(
        sa.text(
            "SELECT owner, count(*) AS records,"
            f" (array_agg(DISTINCT name) FILTER (WHERE public))[1:{MOST_EXAMPLES}] AS examples"
            f" FROM (SELECT {source.owner} AS owner, {source.name} AS name,"
            f" {source.public} AS public, {_value(_whose(question), question.field_name)} AS v"
            f" {source.rows}{of_type}) s WHERE {condition} GROUP BY owner ORDER BY records DESC, owner"
        ),
        {"name": question.field_name, "type": question.partner_type, **values},
    ).all()
    examples = sorted(name for row in rows for name in row.examples or ())[:MOST_EXAMPLES]
    organizations = {row.owner or "": row.records for row in rows}
    return Affected(sum(organizations.values()), organizations, tuple(examples))


def _value(entity: Entity, name: str) -> str:
    """The SQL of a record's value under a name; ``:name`` is bound for what is in no column."""
    if name == "tag_string" and entity == "dataset":
        return _TAGS
    if name in CORE_FIELDS[entity]:
        return f"r.{name}"
    return f"(({_SOURCES[entity].extras}) ->> :name)"

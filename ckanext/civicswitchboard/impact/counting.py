"""One pass over the records for all questions of a difference between two versions.

First the distinct values of the fields whose values matter, tried once each; then every
record is read once and its organization counted under each change that concerns it.
Datasets, files and organizations are a pass each, so that first figures come early.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa

from ckanext.civicswitchboard.core.changes import Change
from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.impact.queries import FieldQuery, Inquiry, ValueCount, inquiry
from ckanext.civicswitchboard.impact.rules import kind_of
from ckanext.civicswitchboard.impact.sources import TAGGED, Key, Scope, Sql

MOST_EXAMPLES = 20
MOST_VALUES = 100
# Of a number of PostgreSQL's without its sign.
BITS = 62
# A change's place, what is counted for it, and the questions that any record of it answers.
Line = tuple[int, str, Sequence[FieldQuery]]


@dataclass(frozen=True)
class Affected:
    """The records that a change concerns.

    :ivar datasets: how many datasets, also those of which it is a file that is concerned
    :ivar resources: how many files and links
    :ivar organizations_concerned: how many organizations whose own description is concerned
    :ivar organizations: how many records of which organization, by its id; the most first
    :ivar examples: names of some of them that the reader may see
    :ivar values: the values that matter, with the number of records that hold each
    :ivar other_keys: names in "Other fields" that a new field takes, with the number of records
    """

    datasets: int = 0
    resources: int = 0
    organizations_concerned: int = 0
    organizations: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[str, ...] = ()
    values: tuple[tuple[str, int], ...] = ()
    other_keys: tuple[tuple[str, int], ...] = ()

    @property
    def count(self) -> int:
        """How many records: datasets and organizations; files are parts of datasets."""
        return self.datasets + self.organizations_concerned

    def joined(self, other: Affected) -> Affected:
        """This and what another pass has found."""
        counts = {key: self.organizations.get(key, 0) + other.organizations.get(key, 0)
                  for key in [*self.organizations, *other.organizations]}  # fmt: skip
        return Affected(
            self.datasets + other.datasets,
            self.resources + other.resources,
            self.organizations_concerned + other.organizations_concerned,
            dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
            self._examples_with(other),
            _commonest([*self.values, *other.values]),
            (*self.other_keys, *other.other_keys),
        )

    def _examples_with(self, other: Affected) -> tuple[str, ...]:
        """Names of one kind of record: of datasets, where any are concerned."""
        if other.datasets and not self.datasets:
            return other.examples
        return self.examples or other.examples


NOBODY = Affected()


@dataclass(frozen=True)
class Finding:
    """Stored values that cannot be read, whatever changes.

    :ivar entity: whose
    :ivar field: the field's name; empty when all that a file keeps beside CKAN's own cannot be read
    :ivar affected: the records
    """

    entity: Entity
    field: str
    affected: Affected


@dataclass
class Counting:
    """The count for a difference.

    :ivar before: the version under which the records stand
    :ivar after: the version that the changes lead to
    :ivar scope: which records, and who reads
    :ivar with_findings: whether to look for malformed values too
    :ivar findings: malformed stored values, complete after :meth:`run`
    """

    before: Snapshot
    after: Snapshot
    scope: Scope = field(default_factory=Scope)
    with_findings: bool = True
    findings: list[Finding] = field(default_factory=list)

    def run(
        self, connection: sa.Connection, changes: Sequence[Change]
    ) -> Iterator[tuple[int, Affected]]:
        """Count, and give each change's figures as soon as they are complete.

        :param connection: read only
        :returns: a change's place in the list, and its figures
        """
        inquiries = [inquiry(self.before, self.after, change) for change in changes]
        waiting = {place: _passes(inquiry) for place, inquiry in enumerate(inquiries)}
        figures = dict.fromkeys(waiting, NOBODY)
        yield from self._ready(waiting, figures)
        for name in ("organization", "dataset", "resource"):
            concerned = [place for place, passes in waiting.items() if name in passes]
            counted = self._pass(connection, name, {place: inquiries[place] for place in concerned})
            for place in concerned:
                figures[place] = figures[place].joined(counted.get(place, NOBODY))
                waiting[place].discard(name)
            yield from self._ready(waiting, figures)

    def _ready(
        self, waiting: dict[int, set[str]], figures: dict[int, Affected]
    ) -> Iterator[tuple[int, Affected]]:
        for place in [place for place, passes in waiting.items() if not passes]:
            del waiting[place]
            yield place, figures[place]

    def _pass(
        self, connection: sa.Connection, name: str, inquiries: Mapping[int, Inquiry]
    ) -> dict[int, Affected]:
        entities: tuple[Entity, ...] = ("dataset", "resource") if name == "resource" else (name,)  # type: ignore[assignment]
        lines: list[Line] = []
        for place, of_change in inquiries.items():
            lines.append((place, "affected", of_change.about(*entities)))
            others = [question for question in of_change.other_keys if question.entity in entities]
            if others:
                lines.append((place, "other_key", others))
        malformed = self._structured(name) if self.with_findings else []
        if not lines and not malformed:
            return {}
        judged = self._judge(connection, [question for _p, _r, questions in lines for question in questions])
        twice = judged.in_several_places(lines)
        lines += [
            (place, "value", [question for question, _held in questions_again])
            for place, _value, questions_again in twice
        ]
        judged = judged.knowing(
            question for _place, _value, questions_again in twice for question in questions_again
        )
        rows = self._flagged(connection, name, lines, judged, malformed)
        answer: dict[int, Affected] = {}
        exact = _exact(lines, rows)
        for number, (place, role, questions) in enumerate(lines):
            affected = rows[number].affected(name == "organization")
            if role == "other_key":
                if affected.count:
                    keys = ((questions[0].key.name, affected.count),)
                    answer[place] = answer[place].joined(Affected(other_keys=keys))
                continue
            if role == "affected":
                counts = judged.counts(questions, exact.get(place, {}))
                answer[place] = Affected(**{**vars(affected), "values": _commonest(counts.items())})
        for number, key in enumerate(malformed, start=len(lines)):
            affected = rows[number].affected(name == "organization")
            if affected.count:
                self.findings.append(Finding(key.entity, key.name, affected))
        return answer

    def _structured(self, name: str) -> list[Key]:
        """What is stored as lists; and a file's own keys, which are stored as one text."""
        entity: Entity = name  # type: ignore[assignment]
        keys = [
            Key(entity, field.field_name)
            for field in self.before.document.fields_of(entity)
            if kind_of(field).shape != "text"
        ]
        return [*keys, Key("resource", "")] if entity == "resource" else keys

    def _judge(self, connection: sa.Connection, questions: Iterable[FieldQuery]) -> Judged:
        whole = [part for question in questions for part in (question, *question.parts())]
        keys = {key for question in whole for key in question.needs()}
        values = distinct(connection, self.scope, keys)
        return Judged(
            {question: question.judge(values.get(question.key, [])) for question in whole if question.needs()}
        )

    def _flagged(
        self, connection: sa.Connection, name: str, lines: Any, judged: Judged, malformed: Sequence[Key]
    ) -> dict[int, _Line]:
        sql = Sql.on(connection, self.scope)
        flags: dict[Entity, dict[int, str]] = {}
        names: dict[Entity, set[str]] = {}
        for number, (_place, _role, questions) in enumerate(lines):
            for entity in dict.fromkeys(question.entity for question in questions):
                mine = [question for question in questions if question.entity == entity]
                names.setdefault(entity, set()).update(TAGGED if a.key.of_tags else a.key.name for a in mine)
                flags.setdefault(entity, {})[number] = judged.condition(sql, mine)
        for number, key in enumerate(malformed, start=len(lines)):
            names.setdefault(key.entity, set()).add(key.name)
            flags.setdefault(key.entity, {})[number] = self._malformed(sql, key)
        rows = connection.execute(sa.text(_counted(sql, name, flags, names)), sql.bound)
        return _by_line(rows, sorted({number for member in flags.values() for number in member}))

    def _malformed(self, sql: Sql, key: Key) -> str:
        if not key.name:
            return "(coalesce(s.raw, '') NOT IN ('', 'null') AND coalesce(jsonb_typeof(s.e), '') <> 'object')"
        field = next(f for f in self.before.document.fields_of(key.entity) if f.field_name == key.name)
        return sql.malformed(sql.value(key), kind_of(field).shape)


@dataclass(frozen=True)
class Judged:
    """What the distinct values have told.

    :ivar by_query: by question: the stored values that it is about, and the single ones
    """

    by_query: Mapping[FieldQuery, tuple[list[str], list[ValueCount]]]

    def condition(self, sql: Sql, questions: Sequence[FieldQuery]) -> str:
        """Which rows one of some questions is about."""
        whole = [part for question in questions for part in (question, *question.parts())]
        return " OR ".join(
            question.condition(sql, self.by_query.get(question, ([], []))[0]) for question in whole
        )

    def counts(
        self, questions: Sequence[FieldQuery], exact: Mapping[tuple[Entity, str], int]
    ) -> dict[str, int]:
        """How many records hold which of the single values that matter, of those that the reader may see.

        :param exact: counts that are not the sums over the questions
        """
        counts: Counter[tuple[Entity, str]] = Counter()
        for entity, _part, question in self._singles(questions):
            if question.seen:
                counts[entity, question.value] += question.count
        totals_by_value: Counter[str] = Counter()
        for (entity, value), number in counts.items():
            totals_by_value[value] += exact.get((entity, value), number)
        return dict(totals_by_value)

    def in_several_places(
        self, lines: Iterable[Line]
    ) -> list[tuple[int, str, list[tuple[FieldQuery, list[str]]]]]:
        """Who holds a value in one place or another: such a record is one all the same.

        :returns: places of changes, values, and the questions about each with the stored values meant
        """
        again = []
        for place, _role, questions in lines:
            holding: dict[tuple[Entity, str], list[tuple[FieldQuery, int]]] = {}
            for entity, part, question in self._singles(questions):
                holding.setdefault((entity, question.value), []).append((part, question.count))
            # A partner type's organizations are some of those that hold the value.
            several = {
                key: parts for key, parts in holding.items()
                if len(parts) > 1 or parts[0][0].question.partner_type
            }  # fmt: skip
            commonest = sorted(several, key=lambda key: -sum(count for _part, count in several[key]))
            for key in commonest[:MOST_VALUES]:
                asked = [part.holding(key[1], self.by_query[part][0]) for part, _count in several[key]]
                again.append((place, key[1], asked))
        return again

    def knowing(self, more: Iterable[tuple[FieldQuery, list[str]]]) -> Judged:
        """This with the stored values of further questions."""
        # What is known already has its single values beside them.
        return Judged({**{question: (values, []) for question, values in more}, **self.by_query})

    def _singles(self, questions: Iterable[FieldQuery]) -> Iterator[tuple[Entity, FieldQuery, ValueCount]]:
        for question in questions:
            for part in (question, *question.parts()):
                for value in self.by_query.get(part, ([], []))[1]:
                    yield question.entity, part, value


def _exact(lines: Sequence[Line], rows: Mapping[int, _Line]) -> dict[int, dict[tuple[Entity, str], int]]:
    """By change, how many records of an entity hold a value that was asked for by itself."""
    exact: dict[int, dict[tuple[Entity, str], int]] = {}
    for number, (place, role, questions) in enumerate(lines):
        if role == "value":
            question, line = questions[0], rows[number]
            count = line.files if question.entity == "resource" else line.records.total()
            exact.setdefault(place, {})[question.entity, question.question.values[0]] = count
    return exact


def distinct(
    connection: sa.Connection, scope: Scope, keys: Iterable[Key]
) -> dict[Key, list[ValueCount]]:
    """Every value under some names, with how many records hold it; one statement an entity."""
    values: dict[Key, list[ValueCount]] = {}
    by_entity: dict[Entity, list[Key]] = {}
    for key in sorted(keys):
        by_entity.setdefault(key.entity, []).append(key)
    for entity, wanted in by_entity.items():
        sql = Sql.on(connection, scope)
        for row in connection.execute(sa.text(_distinct(sql, entity, wanted)), sql.bound):
            values.setdefault(wanted[row.k], []).append(ValueCount(row.v, row.n, row.seen))
    return values


def _distinct(sql: Sql, entity: Entity, keys: Sequence[Key]) -> str:
    rows = sql.rows(entity, [key.name for key in keys if not key.of_tags])
    whole = [
        f"({n}, {sql.value(key)})" for n, key in enumerate(keys) if not key.subfield and not key.of_tags
    ]
    queries = []
    if whole:
        queries.append(
            "SELECT t.k, t.v, count(*) AS n, bool_or(s.visible) AS seen FROM records s"
            f" CROSS JOIN LATERAL (VALUES {', '.join(whole)}) t(k, v)"
            " WHERE t.v NOT IN ('', '[]', 'null') GROUP BY t.k, t.v"
        )
    for number, key in enumerate(keys):
        if key.of_tags:
            queries.append(
                # Counted before tags are looked up by name: there are far fewer tags than uses of them.
                f"SELECT {number} AS k, t.name AS v, c.n, c.seen FROM tag t JOIN ("
                "SELECT pt.tag_id, count(*) AS n, bool_or(s.visible) AS seen"
                f" FROM ({sql.rows(entity, [])}) s"
                " JOIN package_tag pt ON pt.package_id = s.id AND pt.state = 'active'"
                " GROUP BY pt.tag_id) c ON c.tag_id = t.id"
            )
        elif key.subfield:
            part, elements = sql.part(key.subfield), sql.elements(sql.value(key))
            queries.append(
                f"SELECT {number} AS k, {part} AS v, count(DISTINCT s.id) AS n, bool_or(s.visible) AS seen"
                f" FROM {sql.read(entity, 'records')} CROSS JOIN LATERAL {elements}"
                f" WHERE coalesce({part}, '') NOT IN ('', '[]', 'null') GROUP BY 2"
            )
    # Read once for all parts of entries; one query alone is better shared among processes.
    once = "MATERIALIZED " if any(key.subfield for key in keys) and len(queries) > 1 else "NOT MATERIALIZED "
    return f"WITH records AS {once}({rows}) {' UNION ALL '.join(queries)}"


def _counted(
    sql: Sql, name: str, flags: Mapping[Entity, Mapping[int, str]], names: Mapping[Entity, set[str]]
) -> str:
    """Records by organization and by the lines that each is about.

    Few combinations of lines occur among many records, so that one grouping serves all lines:
    a dataset counts once in it, under a line that is about itself or about any of its files.
    """
    numbers = sorted({number for member in flags.values() for number in member})
    entity: Entity = "organization" if name == "organization" else "dataset"
    own, of_files = flags.get(entity, {}), flags.get("resource", {})
    conditions = {number: [f"coalesce({own[number]}, false)"] for number in numbers if number in own}
    for number in of_files:
        conditions.setdefault(number, []).append(f"coalesce(f.n{number}, 0) > 0")
    sets = [_as_bits([conditions[n] for n in some]) for some in _in_sets(numbers)]
    files = ", ".join(f"coalesce(sum(f.n{n}), 0)" if n in of_files else "0" for n in numbers)
    records = sql.read(entity, f"({sql.rows(entity, names.get(entity, set()))})")
    return (
        f"SELECT s.owner, s.visible, {', '.join(f'{bits} AS m{n}' for n, bits in enumerate(sets))},"
        f" count(*) AS records, ARRAY[{files}]::bigint[] AS files,"
        f" (array_agg(s.name))[1:{MOST_EXAMPLES}] AS examples"
        f" FROM {records}"
        f"{_joined_files(sql, of_files, names.get('resource', set()))}"
        f" GROUP BY s.owner, s.visible, {', '.join(f'm{n}' for n in range(len(sets)))}"
    )


def _in_sets(numbers: Sequence[int]) -> list[Sequence[int]]:
    return [numbers[first : first + BITS] for first in range(0, len(numbers), BITS)]


def _as_bits(conditions: Iterable[Sequence[str]]) -> str:
    """Conditions as the bits of one number, which is grouped far faster than a list of truths."""
    either = (f"({' OR '.join(condition)})" for condition in conditions)
    return " | ".join(f"({condition}::int::bigint << {bit})" for bit, condition in enumerate(either))


def _joined_files(sql: Sql, flags: Mapping[int, str], names: set[str]) -> str:
    """How many files of each dataset the lines are about."""
    if not flags:
        return ""
    counts = ", ".join(f"count(*) FILTER (WHERE {flag}) AS n{number}" for number, flag in flags.items())
    rows = sql.read("resource", f"({sql.files(names)})")
    files = f"SELECT s.dataset, {counts} FROM {rows} GROUP BY s.dataset"
    return f" LEFT JOIN ({files}) f ON f.dataset = s.id"


@dataclass
class _Line:
    """What a line is about, as far as it has been read."""

    records: Counter[str] = field(default_factory=Counter)
    files: int = 0
    examples: list[str] = field(default_factory=list)

    def affected(self, of_organizations: bool) -> Affected:
        total = self.records.total()
        return Affected(
            datasets=0 if of_organizations else total,
            resources=self.files,
            organizations_concerned=total if of_organizations else 0,
            organizations=dict(sorted(self.records.items(), key=lambda pair: (-pair[1], pair[0]))),
            examples=tuple(sorted(self.examples)[:MOST_EXAMPLES]),
        )


def _by_line(rows: Iterable[Any], numbers: Sequence[int]) -> dict[int, _Line]:
    lines = {number: _Line() for number in numbers}
    sets = _in_sets(numbers)
    for row in rows:
        numbers_of = [
            number
            for place, some in enumerate(sets)
            for bit, number in enumerate(some)
            if getattr(row, f"m{place}") >> bit & 1
        ]
        files = dict(zip(numbers, row.files))
        for number in numbers_of:
            line = lines[number]
            line.records[row.owner or ""] += row.records
            line.files += files[number]
            line.examples += row.examples if row.visible else ()
    return lines


def _commonest(values: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for value, number in values:
        counts[value] = counts.get(value, 0) + number
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES])


def _passes(inquiry: Inquiry) -> set[str]:
    """In which passes a change is counted: datasets together with their files."""
    entities = {question.entity for question in (*inquiry.queries, *inquiry.other_keys)}
    if "resource" in entities:
        entities.discard("dataset")
    return set(entities)


class Totals(NamedTuple):
    """What there is.

    :ivar datasets: how many datasets are counted
    :ivar resources: how many files and links they have
    :ivar has_drafts: whether there are drafts, counted or not
    :ivar has_deleted: whether there are deleted datasets or files
    """

    datasets: int
    resources: int
    has_drafts: bool
    has_deleted: bool


def totals(connection: sa.Connection, scope: Scope) -> Totals:
    """How many datasets and files there are."""
    sql = Sql.on(connection, scope)
    datasets = f"SELECT count(*) FROM ({sql.rows('dataset', [])}) s"
    files = (
        "SELECT count(*) FROM resource r JOIN package p ON p.id = r.package_id"
        f" WHERE r.state = 'active' AND {sql.counted('p')}"
    )
    drafts = "EXISTS (SELECT FROM package WHERE type = 'dataset' AND state = 'draft')"
    deleted = (
        "EXISTS (SELECT FROM package WHERE type = 'dataset' AND state = 'deleted')"
        " OR EXISTS (SELECT FROM resource WHERE state = 'deleted')"
    )
    row = connection.execute(sa.text(f"SELECT ({datasets}), ({files}), {drafts}, {deleted}"), sql.bound)
    return Totals(*row.one())

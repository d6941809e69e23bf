"""One pass over the records for all questions of a difference between two versions.

First the distinct values of the fields whose values matter, tried once each; then every
record is read once and its organization counted under each change that concerns it.
Datasets, files and organizations are a pass each, so that first figures come early.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from ckanext.civicswitchboard.core.changes import Change
from ckanext.civicswitchboard.core.compiler import Snapshot
from ckanext.civicswitchboard.core.document import Entity
from ckanext.civicswitchboard.metadata_schema.impact.asking import Asked, Found, Inquiry, inquiry
from ckanext.civicswitchboard.metadata_schema.impact.ruling import kind_of
from ckanext.civicswitchboard.metadata_schema.impact.sources import Key, Scope, Sql

MOST_EXAMPLES = 20
MOST_VALUES = 100


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
            self.examples or other.examples,
            _commonest([*self.values, *other.values]),
            (*self.other_keys, *other.other_keys),
        )


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
        waiting = {place: _passes(each) for place, each in enumerate(inquiries)}
        figures = dict.fromkeys(waiting, NOBODY)
        yield from self._ready(waiting, figures)
        for name in ("organization", "dataset", "resource"):
            concerned = [place for place, passes in waiting.items() if name in passes]
            found = self._pass(connection, name, {place: inquiries[place] for place in concerned})
            for place in concerned:
                figures[place] = figures[place].joined(found.get(place, NOBODY))
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
        lines: list[tuple[int, str, Sequence[Asked]]] = []
        for place, each in inquiries.items():
            lines.append((place, "affected", each.about(*entities)))
            others = [asked for asked in each.other_keys if asked.entity in entities]
            if others:
                lines.append((place, "other_key", others))
        malformed = self._structured(name) if self.with_findings else []
        if not lines and not malformed:
            return {}
        judged = self._judge(connection, [asked for _p, _r, questions in lines for asked in questions])
        rows = self._flagged(connection, name, lines, judged, malformed)
        answer: dict[int, Affected] = {}
        for number, (place, role, questions) in enumerate(lines):
            found = _affected(rows.get(number, []), name == "organization")
            if role == "other_key":
                if found.count:
                    keys = ((questions[0].key.name, found.count),)
                    answer[place] = answer[place].joined(Affected(other_keys=keys))
                continue
            values = [each for asked in questions for each in judged.values(asked)]
            told = _commonest([(each.value, each.count) for each in values if each.seen])
            answer[place] = Affected(**{**vars(found), "values": told})
        for number, key in enumerate(malformed, start=len(lines)):
            found = _affected(rows.get(number, []), name == "organization")
            if found.count:
                self.findings.append(Finding(key.entity, key.name, found))
        return answer

    def _structured(self, name: str) -> list[Key]:
        """What is stored as lists; and a file's own keys, which are stored as one text."""
        entity: Entity = name  # type: ignore[assignment]
        keys = [
            Key(entity, each.field_name)
            for each in self.before.document.fields_of(entity)
            if kind_of(each).shape != "text"
        ]
        return [*keys, Key("resource", "")] if entity == "resource" else keys

    def _judge(self, connection: sa.Connection, questions: Iterable[Asked]) -> Judged:
        whole = [part for asked in questions for part in (asked, *asked.parts())]
        keys = {key for asked in whole for key in asked.needs()}
        held = distinct(connection, self.scope, keys)
        return Judged({asked: asked.judge(held.get(asked.key, [])) for asked in whole if asked.needs()})

    def _flagged(
        self, connection: sa.Connection, name: str, lines: Any, judged: Judged, malformed: Sequence[Key]
    ) -> dict[int, list[Any]]:
        sql = Sql.on(connection, self.scope)
        flags: dict[Entity, list[str]] = {}
        names: dict[Entity, set[str]] = {}

        def flag(entity: Entity, condition: str, number: int) -> None:
            flags.setdefault(entity, []).append(f"CASE WHEN {condition} THEN {number} END")

        for number, (_place, _role, questions) in enumerate(lines):
            for entity in dict.fromkeys(asked.entity for asked in questions):
                mine = [asked for asked in questions if asked.entity == entity]
                names.setdefault(entity, set()).update(asked.key.name for asked in mine)
                flag(entity, judged.condition(sql, mine), number)
        for number, key in enumerate(malformed, start=len(lines)):
            names.setdefault(key.entity, set()).add(key.name)
            flag(key.entity, self._malformed(sql, key), number)
        found: dict[int, list[Any]] = {}
        for row in connection.execute(sa.text(_counted(sql, flags, names)), sql.bound):
            found.setdefault(row.line, []).append(row)
        return found

    def _malformed(self, sql: Sql, key: Key) -> str:
        if not key.name:
            return "(coalesce(s.raw, '') NOT IN ('', 'null') AND coalesce(jsonb_typeof(s.e), '') <> 'object')"
        field = next(f for f in self.before.document.fields_of(key.entity) if f.field_name == key.name)
        return sql.malformed(sql.value(key), kind_of(field).shape)


@dataclass(frozen=True)
class Judged:
    """What the distinct values have told.

    :ivar found: by question: the stored values that it is about, and the single ones
    """

    found: Mapping[Asked, tuple[list[str], list[Found]]]

    def condition(self, sql: Sql, questions: Sequence[Asked]) -> str:
        """Which rows one of some questions is about."""
        whole = [part for asked in questions for part in (asked, *asked.parts())]
        return " OR ".join(each.condition(sql, self.found.get(each, ([], []))[0]) for each in whole)

    def values(self, asked: Asked) -> list[Found]:
        """The single values that matter."""
        return [each for part in (asked, *asked.parts()) for each in self.found.get(part, ([], []))[1]]


def distinct(
    connection: sa.Connection, scope: Scope, keys: Iterable[Key]
) -> dict[Key, list[Found]]:
    """Every value under some names, with how many records hold it; one statement an entity."""
    found: dict[Key, list[Found]] = {}
    by_entity: dict[Entity, list[Key]] = {}
    for key in sorted(keys):
        by_entity.setdefault(key.entity, []).append(key)
    for entity, wanted in by_entity.items():
        sql = Sql.on(connection, scope)
        for row in connection.execute(sa.text(_distinct(sql, entity, wanted)), sql.bound):
            found.setdefault(wanted[row.k], []).append(Found(row.v, row.n, row.seen))
    return found


def _distinct(sql: Sql, entity: Entity, keys: Sequence[Key]) -> str:
    rows = sql.rows(entity, [key.name for key in keys])
    whole = [f"({n}, {sql.value(key)})" for n, key in enumerate(keys) if not key.subfield]
    queries = []
    if whole:
        queries.append(
            "SELECT t.k, t.v, count(*) AS n, bool_or(s.visible) AS seen FROM records s"
            f" CROSS JOIN LATERAL (VALUES {', '.join(whole)}) t(k, v)"
            " WHERE t.v NOT IN ('', '[]', 'null') GROUP BY t.k, t.v"
        )
    for number, key in enumerate(keys):
        if key.subfield:
            part = sql.part(key.subfield)
            queries.append(
                f"SELECT {number} AS k, {part} AS v, count(DISTINCT s.id) AS n, bool_or(s.visible) AS seen"
                f" FROM records s CROSS JOIN LATERAL {sql.elements(sql.value(key))}"
                f" WHERE coalesce({part}, '') NOT IN ('', '[]', 'null') GROUP BY 2"
            )
    once = "" if len(queries) == 1 else "MATERIALIZED "
    return f"WITH records AS {once}({rows}) {' UNION ALL '.join(queries)}"


def _counted(
    sql: Sql, flags: Mapping[Entity, list[str]], names: Mapping[Entity, set[str]]
) -> str:
    """Records by line and organization; a dataset counts once however many of its files do."""
    flagged = [
        "SELECT s.dataset, s.owner, s.name, s.visible, b.line,"
        f" {'1' if entity == 'resource' else '0'} AS files"
        f" FROM ({sql.rows(entity, names[entity])}) s"
        f" CROSS JOIN LATERAL unnest(ARRAY[{', '.join(conditions)}]) b(line) WHERE b.line IS NOT NULL"
        for entity, conditions in flags.items()
    ]
    records = " UNION ALL ".join(flagged)
    if "resource" in flags:
        records = (
            "SELECT dataset, owner, name, visible, line, sum(files) AS files"
            f" FROM ({records}) f GROUP BY dataset, owner, name, visible, line"
        )
    return (
        "SELECT line, owner, count(*) AS records, sum(files) AS files,"
        f" (array_agg(name) FILTER (WHERE visible))[1:{MOST_EXAMPLES}] AS examples"
        f" FROM ({records}) d GROUP BY line, owner"
    )


def _affected(rows: Sequence[Any], of_organizations: bool) -> Affected:
    ordered = sorted(rows, key=lambda row: (-row.records, row.owner or ""))
    total = sum(row.records for row in rows)
    examples = sorted(name for row in rows for name in row.examples or ())[:MOST_EXAMPLES]
    return Affected(
        datasets=0 if of_organizations else total,
        resources=int(sum(row.files for row in rows)),
        organizations_concerned=total if of_organizations else 0,
        organizations={row.owner or "": row.records for row in ordered},
        examples=tuple(examples),
    )


def _commonest(values: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for value, number in values:
        counts[value] = counts.get(value, 0) + number
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES])


def _passes(inquiry: Inquiry) -> set[str]:
    """In which passes a change is counted: datasets together with their files."""
    entities = {asked.entity for asked in (*inquiry.asked, *inquiry.other_keys)}
    if "resource" in entities:
        entities.discard("dataset")
    return set(entities)


def totals(connection: sa.Connection, scope: Scope) -> tuple[int, int]:
    """How many datasets and files there are."""
    sql = Sql.on(connection, scope)
    datasets = f"SELECT count(*) FROM ({sql.rows('dataset', [])}) s"
    files = (
        "SELECT count(*) FROM resource r JOIN package p ON p.id = r.package_id"
        f" WHERE r.state = 'active' AND {sql.counted('p')}"
    )
    return tuple(connection.execute(sa.text(f"SELECT ({datasets}), ({files})"), sql.bound).one())

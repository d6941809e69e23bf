"""What the records hold, field by field and term by term.

Counting reads every record. Where that is quick it is done for each page, so that figures
are never old; where it takes long they are kept in Redis, and a job counts anew.
"""
from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import sqlalchemy as sa
from ckan import model
from redis.exceptions import RedisError

from ckanext.civicswitchboard import config, connections, job_queue
from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.field_types import FIELD_TYPES
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS
from ckanext.civicswitchboard.impact.counting import distinct
from ckanext.civicswitchboard.impact.rules import kind_of, members
from ckanext.civicswitchboard.impact.sources import Key, Scope, Sql, prepare
from ckanext.civicswitchboard.schema_registry import versions

log = logging.getLogger(__name__)

# A count that is quicker than this is made for each page.
QUICK = 0.1
OLD = timedelta(hours=1)
# How long figures stay when no job renews them.
KEPT_SECONDS = 7 * 24 * 3600
ENTITIES: tuple[Entity, ...] = ("dataset", "resource", "organization")


def now() -> datetime:
    """The time that figures are dated with."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Usage:
    """What an entity's active records hold.

    :ivar total: how many records there are
    :ivar filled: by the name under which it is stored, in how many of them there is a value
    :ivar counted: when that was counted, UTC
    """

    total: int
    filled: Mapping[str, int]
    counted: datetime = attribute(default_factory=now, compare=False)

    def of(self, name: str) -> int:
        """In how many records a field has a value."""
        return self.filled.get(name, 0)

    @property
    def is_old(self) -> bool:
        """Whether readers should be told when it was counted."""
        return now() - self.counted > OLD


def usage(entity: Entity, public: bool = False) -> Usage:
    """Count an entity's values, those of fields and those that the schema does not know.

    :param public: only of what everybody may see, for pages that everybody reads
    """
    made = _kept(_usage_part(entity, public), partial(_usage, entity, public))
    return Usage(made["total"], made["held"], datetime.fromisoformat(made["counted"]))


def part_usage(entity: Entity, name: str, parts: Sequence[str]) -> Usage:
    """Count the records that say something in the parts of a repeating field.

    :param name: the name under which records hold the field
    :param parts: the names of its parts in entries
    """
    made = _kept(_parts_part(entity, name, parts), partial(_parts, entity, name, parts))
    return Usage(made["total"], made["held"], datetime.fromisoformat(made["counted"]))


def term_usage(
    snapshot: Snapshot, vocabulary_id: str, public: bool = False
) -> Mapping[str, int]:
    """How many records of all entities hold each value in a field of a vocabulary.

    :param public: only of what everybody may see, for pages that everybody reads
    :returns: by stored value; a value that is no term only when everybody may see a record
        that holds it; what nobody uses is left out
    """
    fields = _fields_of(snapshot, vocabulary_id)
    vocabulary = snapshot.document.vocabulary(vocabulary_id)
    known = {term.value for term in vocabulary.terms} if vocabulary else set()
    made = _kept(_terms_part(fields, public), partial(_terms, fields, public))
    return {value: n for value, (n, seen) in made["held"].items() if value in known or seen}


def refresh_usage() -> None:
    """Count anew what pages have asked for: the job."""
    snapshot = versions.current()
    for entity, name, parts in _repeating(snapshot):
        _count_anew(_parts_part(entity, name, parts), partial(_parts, entity, name, parts))
    for public in (False, True):
        for entity in ENTITIES:
            _count_anew(_usage_part(entity, public), partial(_usage, entity, public))
        for vocabulary in snapshot.document.vocabularies:
            fields = _fields_of(snapshot, vocabulary.id)
            _count_anew(_terms_part(fields, public), partial(_terms, fields, public))


def forget() -> None:
    """Have the next page count anew."""
    redis = connections.redis()
    names = list(redis.scan_iter(_name("*")))
    if names:
        redis.delete(*names)


def _usage_part(entity: Entity, public: bool) -> str:
    """The name of an entity's figures."""
    return f"records:{entity}:{public}"


def _usage(entity: Entity, public: bool) -> dict[str, Any]:
    sql = Sql.on(model.Session.connection(), Scope(everything=not public))
    names = sorted(CORE_FIELDS[entity])
    rows = sql.rows(entity)
    counted = ", ".join(f"count(nullif(s.c_{name}, '')) AS n_{place}" for place, name in enumerate(names))
    columns = model.Session.execute(
        sa.text(f"SELECT count(*) AS total, {counted} FROM ({rows}) s"), sql.bound
    ).one()
    extras = "CASE WHEN jsonb_typeof(s.e) = 'object' THEN s.e ELSE '{}'::jsonb END"
    used = {
        row.key: row.records
        for row in model.Session.execute(
            sa.text(
                f"SELECT e.key AS key, count(*) AS records FROM ({rows}) s"
                f" CROSS JOIN LATERAL jsonb_each_text({extras}) e"
                f" WHERE e.value NOT IN ('', '[]', 'null') GROUP BY e.key"
            ),
            sql.bound,
        )
    }
    used.update({name: columns[place + 1] for place, name in enumerate(names) if columns[place + 1]})
    return {"total": columns.total, "held": used}


def _repeating(snapshot: Snapshot) -> Iterator[tuple[Entity, str, list[str]]]:
    for entity in ENTITIES:
        for field in snapshot.document.fields_of(entity):
            if field.repeating_subfields:
                yield entity, field.field_name, [part.field_name for part in field.repeating_subfields]


def _parts_part(entity: Entity, name: str, parts: Sequence[str]) -> str:
    """The name of the figures of a repeating field: other parts, other figures."""
    named = json.dumps([name, *parts])
    return f"parts:{entity}:{hashlib.sha256(named.encode()).hexdigest()[:16]}"


def _parts(entity: Entity, name: str, parts: Sequence[str]) -> dict[str, Any]:
    sql = Sql.on(model.Session.connection(), Scope(everything=True))
    elements = sql.elements(sql.value(Key(entity, name)))
    says = [f"coalesce(m ->> {sql.bind(part)}, '') NOT IN ('', '[]', 'null')" for part in parts]
    counts = [
        f"count(*) FILTER (WHERE EXISTS (SELECT FROM {elements} WHERE {condition})) AS n{place}"
        for place, condition in enumerate(says)
    ]
    rows = sql.read(entity, f"({sql.rows(entity, [name])})")
    statement = f"SELECT {', '.join(['count(*) AS total', *counts])} FROM {rows}"
    row = model.Session.execute(sa.text(statement), sql.bound).one()
    return {"total": row.total, "held": {part: row[place + 1] for place, part in enumerate(parts)}}


def _fields_of(snapshot: Snapshot, vocabulary_id: str) -> list[tuple[Key, str]]:
    """Where values of a vocabulary are stored, and in which shape."""
    fields = []
    for entity in ENTITIES:
        for field in snapshot.document.fields_of(entity):
            if field.state == "active" and field.vocabulary == vocabulary_id:
                fields.append((Key(entity, field.field_name), kind_of(field).name))
            fields += [
                (Key(entity, field.field_name, part.field_name), "")
                for part in field.repeating_subfields
                if part.vocabulary == vocabulary_id and field.state == "active"
            ]
    return fields


def _terms_part(fields: list[tuple[Key, str]], public: bool) -> str:
    """The name of a vocabulary's figures: other fields, other figures."""
    named = sorted("\t".join([*map(str, key), kind]) for key, kind in fields)
    return f"terms:{hashlib.sha256(json.dumps(named).encode()).hexdigest()[:16]}:{public}"


def _terms(fields: list[tuple[Key, str]], public: bool) -> dict[str, Any]:
    kinds = dict(fields)
    used: dict[str, tuple[int, bool]] = {}
    for key, values in distinct(model.Session.connection(), Scope(everything=not public), kinds).items():
        for member in values:
            for value in members(FIELD_TYPES[kinds[key]], member.value) or [member.value]:
                count, seen = used.get(value, (0, False))
                used[value] = (count + member.count, seen or member.seen)
    return {"held": used}


def _kept(part: str, count: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Figures that are quickly made or not too old."""
    try:
        stored = connections.redis().get(_name(part))
    except RedisError as error:
        log.warning("Redis does not answer, records are counted for each page: %s", error)
        return _dated(count)
    if stored is None:
        return _count_anew(part, count)
    kept: dict[str, Any] = json.loads(stored)
    age = now() - datetime.fromisoformat(kept["counted"])
    if age.total_seconds() > config.usage_seconds():
        _ask_for_a_count()
    return kept


def _count_anew(part: str, count: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    began = time.monotonic()
    made = _dated(count)
    is_quick = time.monotonic() - began < QUICK
    try:
        redis = connections.redis()
        if is_quick:
            redis.delete(_name(part))
        else:
            redis.set(_name(part), json.dumps(made), ex=KEPT_SECONDS)
    except RedisError as error:
        log.warning("Redis does not answer, what was counted is not kept: %s", error)
    return made


def _dated(count: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    # In a savepoint, so that a failure leaves the request's transaction alone.
    with model.Session.begin_nested():
        prepare(model.Session.connection())
        return {**count(), "counted": now().isoformat()}


def _ask_for_a_count() -> None:
    """Queue the job, once for all pages that find figures old."""
    try:
        is_first = connections.redis().set(_name("asked"), 1, nx=True, ex=config.usage_seconds())
    except RedisError as error:
        log.warning("Redis does not answer, older figures are shown: %s", error)
        return
    if is_first:
        job_queue.enqueue(refresh_usage, title="Count what the records hold for the shared schema's pages")


def _name(part: str) -> str:
    return f"civicswitchboard:{config.site_id()}:usage:{part}"

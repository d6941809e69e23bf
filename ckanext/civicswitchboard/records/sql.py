"""Stored values by SQL: found, held and given other values, some hundred records at a time."""
from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core.repairs import Part, Repair
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS

PAGE = 2000


@dataclass(frozen=True)
class Record:
    """A record's values under the keys of a repair's part.

    :ivar owner: the id of the organization that answers for it
    :ivar name: the dataset's or organization's name
    :ivar title: what the dataset or organization is called
    :ivar file: what its file is called, by its name, else by its address; empty for others
    :ivar state: ``active``, ``draft`` or ``deleted``; a file is what its dataset is, unless it is
        deleted itself
    :ivar readable_by_all: whether everybody may see it
    :ivar modified: when somebody or something changed it last, UTC; None of organizations, of
        which CKAN keeps no such time
    :ivar values: what it stores, by key
    :ivar extras: everything that a resource keeps under names of its own; None where that can't
        be read, and for others
    """

    id: str
    dataset: str
    owner: str
    name: str
    title: str
    file: str
    state: str
    readable_by_all: bool
    modified: datetime | None
    values: dict[str, Any]
    extras: dict[str, Any] | None = None

    @property
    def entity(self) -> Entity:
        """Whose record it is."""
        if not self.dataset:
            return "organization"
        return "dataset" if self.id == self.dataset else "resource"

    @property
    def active(self) -> bool:
        """Whether neither it nor its dataset is a draft or deleted."""
        return self.state == "active"

    @property
    def named(self) -> dict[str, Any]:
        """How lists name it."""
        return named(self.entity, self.name, self.title, self.id, self.file, self.state == "deleted")


def named(
    entity: Entity, name: str, title: str, record: str, file: str, deleted: bool
) -> dict[str, Any]:
    """How lists of records name one; a file by its dataset and by what it is called itself.

    :param name: the dataset's or organization's name
    :param title: what the dataset or organization is called
    :param record: the record's id
    :param file: what the file is called
    :param deleted: whether it, or its dataset, is deleted: a deleted file has no page
    """
    of_file = {"resource": record, "file": file, "deleted": deleted} if entity == "resource" else {}
    return {"dataset": name, "title": title or name, "entity": entity, **of_file}


@dataclass(frozen=True)
class Change:
    """What a record is given.

    :ivar becoming: values by key; a key of ``touched`` that is not there goes
    """

    record: Record
    touched: tuple[str, ...]
    becoming: dict[str, Any]


@dataclass(frozen=True)
class _Table:
    rows: str
    columns: str
    locked: str
    states: str


# Of a file ``r`` of a dataset ``p``.
FILE_STATE = "CASE WHEN p.state = 'active' OR r.state = 'deleted' THEN r.state ELSE p.state END"

_TABLES: dict[Entity, _Table] = {
    "dataset": _Table(
        rows="package r WHERE r.type = 'dataset'",
        columns="r.id AS id, r.id AS dataset, coalesce(r.owner_org, '') AS owner, r.name AS name,"
        " coalesce(r.title, '') AS title, '' AS file, r.state AS state,"
        " r.state = 'active' AND NOT coalesce(r.private, false) AS readable,"
        " r.metadata_modified AS modified",
        locked="r",
        states="r.state IN ('active', 'draft')",
    ),
    "resource": _Table(
        rows="resource r JOIN package p ON p.id = r.package_id WHERE p.type = 'dataset'",
        columns="r.id AS id, p.id AS dataset, coalesce(p.owner_org, '') AS owner, p.name AS name,"
        " coalesce(p.title, '') AS title, coalesce(nullif(r.name, ''), r.url, '') AS file,"
        f" {FILE_STATE} AS state,"
        f" {FILE_STATE} = 'active' AND NOT coalesce(p.private, false) AS readable,"
        " r.metadata_modified AS modified",
        locked="p, r",
        states="p.state IN ('active', 'draft') AND r.state IN ('active', 'draft')",
    ),
    "organization": _Table(
        rows="\"group\" r WHERE r.is_organization",
        columns="r.id AS id, '' AS dataset, r.id AS owner, r.name AS name,"
        " coalesce(r.title, '') AS title, '' AS file, r.state AS state,"
        " r.state = 'active' AS readable, NULL AS modified",
        locked="r",
        states="r.state = 'active'",
    ),
}


def page(
    repair: Repair,
    part: Part,
    after: str = "",
    limit: int = PAGE,
    hold: bool = False,
    unless_in: str = "",
) -> list[Record]:
    """Records that a part of a repair may concern, by their ids.

    :param after: the id that they come after
    :param hold: lock them, passing over those that somebody is saving
    :param unless_in: the id of a run whose journal has done with some of them
    """
    table = _TABLES[part.entity]
    conditions = ["r.id > :after", *_condition(part)]
    if not repair.every_state:
        conditions.append(table.states)
    if unless_in:
        conditions.append(
            "NOT EXISTS (SELECT FROM civicswitchboard_repair_line j"
            " WHERE j.run = :run AND j.entity = :entity AND j.record = r.id)"
        )
    tail = f"ORDER BY r.id LIMIT :limit {f'FOR UPDATE OF {table.locked} SKIP LOCKED' if hold else ''}"
    parameters = {"after": after, "limit": limit, "run": unless_in, "entity": part.entity}
    return _read(part, f"{' AND '.join(conditions)} {tail}", parameters)


def every(repair: Repair, part: Part, unless_in: str = "") -> Iterator[Record]:
    """All records that a part of a repair may concern, none of them held."""
    after = ""
    while records := page(repair, part, after, unless_in=unless_in):
        yield from records
        after = records[-1].id


def by_ids(part: Part, ids: Sequence[str]) -> list[Record]:
    """Certain records, locked as soon as nobody saves them; those that are gone are not among them."""
    table = _TABLES[part.entity]
    where = f"r.id = ANY(:ids) ORDER BY r.id FOR UPDATE OF {table.locked}"
    return _read(part, where, {"ids": list(ids)})


def _read(part: Part, where: str, parameters: dict[str, Any]) -> list[Record]:
    table = _TABLES[part.entity]
    own = {f"key{n}": key for n, key in enumerate(_own(part))}
    pairs = [f":{name}, r.extras -> :{name}" for name in own] if part.entity != "resource" else []
    pairs += [f"'{key}', r.{key}" for key in _columns(part)]
    values = f"jsonb_strip_nulls(jsonb_build_object({', '.join(pairs)}))"
    extras = "r.extras" if part.entity == "resource" else "NULL"
    selected = f"{table.columns}, {values} AS values, {extras} AS extras"
    rows = model.Session.execute(
        sa.text(f"SELECT {selected} FROM {table.rows} AND {where}"), {**parameters, **own, **_bound(part)}
    ).all()
    if part.entity == "resource":
        return [_resource(part, row) for row in rows]
    return [Record(*row) for row in rows]


def _resource(part: Part, row: Any) -> Record:
    record, extras = Record(*row[:-1]), _loaded(row.extras)
    own = {key: extras[key] for key in _own(part) if extras and key in extras}
    return replace(record, values={**record.values, **own}, extras=extras)


def _loaded(text: Any) -> dict[str, Any] | None:
    if not text:
        return {}
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return loaded if isinstance(loaded, dict) else None


def _columns(part: Part) -> list[str]:
    return [key for key in part.keys if key in CORE_FIELDS[part.entity]]


def _own(part: Part) -> list[str]:
    return [key for key in part.keys if key not in CORE_FIELDS[part.entity]]


def _condition(part: Part) -> list[str]:
    conditions = []
    if part.any_of:
        own = [key for key in part.any_of if key in _own(part)]
        said = [f"coalesce(r.{key}, '') <> ''" for key in part.any_of if key not in own]
        if own and part.entity == "resource":
            said += [f"strpos(r.extras, :any{n}) > 0" for n in range(2 * len(own))]
        elif own:
            said.append("jsonb_exists_any(r.extras, :any)")
        conditions.append(f"({' OR '.join(said)})")
    if part.holding and part.entity != "resource":
        key = part.keys[0]
        value = f"r.{key}" if key in CORE_FIELDS[part.entity] else "r.extras ->> :key0"
        conditions.append(f"coalesce({value}, '') = ANY(:holding)")
    return conditions


def _bound(part: Part) -> dict[str, Any]:
    own = [key for key in part.any_of if key in _own(part)]
    # As JSON text has a key: as it is, or with other letters escaped.
    texts = [json.dumps(key, ensure_ascii=plain) for key in own for plain in (True, False)]
    bound: dict[str, Any] = {f"any{n}": text for n, text in enumerate(texts)}
    return {**bound, "any": own, "holding": list(part.holding)}


def write(part: Part, changes: Sequence[Change], now: datetime) -> None:
    """Store changes of records that are held.

    :param now: since when they count as modified, UTC
    """
    if changes:
        (_write_resources if part.entity == "resource" else _write_flat)(part, changes, now)


# What core's readers take for the same time is the same record to them.
_MODIFIED = "metadata_modified = greatest(:now, t.metadata_modified + interval '20 milliseconds')"


def _write_flat(part: Part, changes: Sequence[Change], now: datetime) -> None:
    table = "package" if part.entity == "dataset" else '"group"'
    sets = [*_set_columns(part, changes), *([_MODIFIED] if part.entity == "dataset" else [])]
    if any(key in _own(part) for change in changes for key in change.touched):
        sets.append("extras = (coalesce(t.extras, '{}') - c.gone) || c.own")
    if not sets:
        return
    rows, columns = [], _columns(part)
    for change in changes:
        own, cols = _split(change.becoming, columns)
        rows.append({"id": change.record.id, "own": own, "cols": cols, "gone": list(change.touched)})
    _update(f"UPDATE {table} t SET {', '.join(sets)} FROM {_ROWS} WHERE t.id = c.id", rows, now)


def _write_resources(part: Part, changes: Sequence[Change], now: datetime) -> None:
    rows, columns = [], _columns(part)
    for change in changes:
        extras = {k: v for k, v in (change.record.extras or {}).items() if k not in change.touched}
        own, cols = _split(change.becoming, columns)
        text = {"text": _text({**extras, **own})}
        rows.append({"id": change.record.id, "own": text, "cols": cols, "gone": list(change.touched)})
    sets = ", ".join([*_set_columns(part, changes), "extras = c.own ->> 'text'", _MODIFIED])
    _update(f"UPDATE resource t SET {sets} FROM {_ROWS} WHERE t.id = c.id", rows, now)
    _update(
        f"UPDATE package t SET {_MODIFIED} WHERE t.id = ANY(:datasets)",
        [],
        now,
        datasets=[change.record.dataset for change in changes],
    )


def _split(becoming: dict[str, Any], columns: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values under keys of the record's own, and those that have columns."""
    own = {key: value for key, value in becoming.items() if key not in columns}
    return own, {key: value for key, value in becoming.items() if key in columns}


_ROWS = "jsonb_to_recordset(CAST(:rows AS jsonb)) AS c(id text, gone text[], own jsonb, cols jsonb)"


def _set_columns(part: Part, changes: Iterable[Change]) -> list[str]:
    touched = {key for change in changes for key in change.touched}
    return [
        f"{key} = CASE WHEN '{key}' = ANY(c.gone) THEN c.cols ->> '{key}' ELSE t.{key} END"
        for key in _columns(part)
        if key in touched
    ]


def _text(extras: dict[str, Any]) -> str | None:
    """A resource's extras as core writes them; NULL when there are none."""
    if not extras:
        return None
    text = json.dumps(extras, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        # Half a character, which only its escaped form can hold.
        return json.dumps(extras)
    return text


def _update(statement: str, rows: list[dict[str, Any]], now: datetime, **parameters: Any) -> None:
    bound = {"now": now.replace(tzinfo=None), "rows": json.dumps(rows), **parameters}
    names = {name for name in bound if f":{name}" in statement}
    model.Session.execute(sa.text(statement), {name: bound[name] for name in names})

"""What runs did to records, as it can be read, undone and told."""
from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core.repairs import Outcome
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.model.repairs import JournalLine, Run
from ckanext.civicswitchboard.records.repair_tally import Tally
from ckanext.civicswitchboard.records.sql import FILE_STATE, Record, named

Line = JournalLine
MOST = 100


def enter(run: str, entity: Entity, done: Iterable[tuple[Record, Outcome]], now: datetime) -> None:
    """Write down what happened to records, in the transaction in which it happened.

    :param now: since when the records count as modified by it, UTC
    """
    rows = [
        {
            "run": run,
            "entity": entity,
            "record": record.id,
            "dataset": record.dataset,
            "organization": record.owner,
            "before": json.dumps(outcome.before),
            "after": json.dumps(outcome.after),
            "state": "left" if outcome.fault else "changed",
            "reason": outcome.fault or "",
            "indexed": bool(outcome.fault) or not record.dataset,
            "attempts": 0,
            "made": now,
        }
        for record, outcome in done
    ]
    if rows:
        # In one statement: a loop of them takes three times as long.
        model.Session.execute(
            sa.text(
                "INSERT INTO civicswitchboard_repair_line SELECT * FROM"
                " jsonb_populate_recordset(NULL::civicswitchboard_repair_line, CAST(:rows AS jsonb))"
            ),
            {"rows": json.dumps(rows, default=datetime.isoformat)},
        )


def exchanged_since(dataset: str, modified: datetime) -> int | None:
    """The first version since some time with which fields of a dataset exchanged their names.

    :param dataset: its id
    :param modified: when it had been modified last, UTC
    """
    query = sa.select(sa.func.min(Run.version)).join(Line, Line.run == Run.id)
    version: int | None = model.Session.scalar(
        query.where(
            Line.dataset == dataset, Line.state == "changed", Line.made > modified,
            Run.kind == "swap", Run.with_version,
        )
    )  # fmt: skip
    return version


def separator(record: str, field: str) -> str:
    """Where the newest repair of a record's field divided its text; empty when none did.

    :param record: the id of a dataset, resource or organization
    :param field: the field name
    """
    runs = (
        sa.select(Run.params)
        .join(Line, Line.run == Run.id)
        .where(Line.record == record, Line.state == "changed", Run.kind == "retype")
        .order_by(Line.made.desc())
    )
    separators = [run.get("separator") for run in model.Session.scalars(runs) if run.get("field") == field]
    return str(separators[0] or "") if separators else ""


def to_undo(run: str, limit: int, hold: bool = True) -> list[Line]:
    """Lines that undo has still to look at."""
    query = sa.select(Line).where(Line.run == run, Line.state == "changed").order_by(Line.record)
    if hold:
        query = query.with_for_update()
    return list(model.Session.scalars(query.limit(limit).execution_options(populate_existing=True)))


# A dataset that could not be indexed so often is given up.
ATTEMPTS = 3
_TO_INDEX = sa.and_(~Line.indexed, Line.attempts < ATTEMPTS)
_GIVEN_UP = sa.and_(~Line.indexed, Line.attempts >= ATTEMPTS)


def waiting(run: str) -> int:
    """How many records the search index still has as they were and is to get."""
    count = model.Session.scalar(sa.select(sa.func.count()).where(Line.run == run, _TO_INDEX))
    return count or 0


def datasets_to_index(run: str, limit: int) -> list[str]:
    """Datasets that the search index has as they were; those that failed before come last."""
    query = sa.select(Line.dataset).where(Line.run == run, _TO_INDEX).group_by(Line.dataset)
    return list(model.Session.scalars(query.order_by(sa.func.max(Line.attempts)).limit(limit)))


def abandoned(run: str = "") -> list[str]:
    """Datasets that could not be indexed however often it was tried.

    :param run: after which run; after any when left out
    """
    query = sa.select(Line.dataset).where(_GIVEN_UP).distinct()
    return list(model.Session.scalars(query.where(Line.run == run) if run else query))


def not_indexed(run: str, datasets: Collection[str]) -> None:
    """Note that datasets could not be indexed this time."""
    model.Session.execute(
        sa.update(Line)
        .where(Line.run == run, Line.dataset.in_(datasets), ~Line.indexed)
        .values(attempts=Line.attempts + 1)
    )


def indexed(run: str, datasets: Collection[str]) -> None:
    """Note that the search index has them as they are."""
    model.Session.execute(
        sa.update(Line).where(Line.run == run, Line.dataset.in_(datasets), ~Line.indexed).values(indexed=True)
    )


def counted(run: str) -> Tally:
    """What the records that a run has dealt with are now."""
    row = model.Session.execute(
        sa.text(
            f"SELECT j.entity, j.dataset, CASE j.entity WHEN 'resource' THEN {FILE_STATE}"
            " WHEN 'dataset' THEN p.state ELSE g.state END"
            " FROM civicswitchboard_repair_line j LEFT JOIN package p ON p.id = j.dataset"
            " LEFT JOIN resource r ON j.entity = 'resource' AND r.id = j.record"
            ' LEFT JOIN "group" g ON j.entity = \'organization\' AND g.id = j.record'
            " WHERE j.run = :run"
        ),
        {"run": run},
    )
    tally = Tally()
    for entity, dataset, state in row:
        tally.add(entity, dataset, state)
    return tally


def by_organization(run: str, state: str) -> Sequence[Any]:
    """How many records of each organization were changed or undone, and how many of them all may see."""
    return model.Session.execute(
        sa.text(
            "SELECT j.organization AS id, count(*) AS records, count(*) FILTER (WHERE j.dataset = '' OR"
            " (p.state = 'active' AND NOT coalesce(p.private, false))) AS public"
            " FROM civicswitchboard_repair_line j LEFT JOIN package p ON p.id = j.dataset"
            " WHERE j.run = :run AND j.state = :state AND j.organization <> '' GROUP BY 1 ORDER BY 1"
        ),
        {"run": run, "state": state},
    ).all()


def left_out(run: str, readable: Any, limit: int) -> list[dict[str, Any]]:
    """What a run left as it is, and what undo left, of records that the reader may see.

    :param readable: a condition on a dataset and its file, see :attr:`access.Reader.condition_on_files`
    """
    query = _with_names(run, readable).where(Line.state.in_(["left", "kept"]))
    rows = model.Session.execute(query.order_by(model.Package.name, Line.record).limit(limit))
    return [
        {**_named(line, names), "reason": line.reason, "values": json.loads(line.after)}
        for line, *names in rows
    ]


def examples(run: str, readable: Any, limit: int = 20) -> list[dict[str, Any]]:
    """Some of the records that a run changed, of those that the reader may see."""
    query = _with_names(run, readable).where(Line.state.in_(["changed", "undone"]))
    rows = model.Session.execute(query.order_by(Line.record).limit(limit))
    return [
        {**_named(line, names), "before": json.loads(line.before), "after": json.loads(line.after)}
        for line, *names in rows
    ]


# A dataset's id may be that of another one's file, too.
_OF_FILE = sa.and_(Line.entity == "resource", model.Resource.id == Line.record)
_DELETED = sa.or_(model.Package.state == "deleted", model.Resource.state == "deleted")
_FILE = sa.func.coalesce(sa.func.nullif(model.Resource.name, ""), model.Resource.url, "")


def _with_names(run: str, readable: Any) -> sa.Select[Any]:
    """The lines of a run of records that the reader may see, with what those are called."""
    package, group = model.Package, model.Group
    name, title = sa.func.coalesce(package.name, group.name), sa.func.coalesce(package.title, group.title)
    return (
        sa.select(Line, name, title, _FILE, sa.func.coalesce(_DELETED, False))
        .outerjoin(package, package.id == Line.dataset)
        .outerjoin(group, group.id == Line.record)
        .outerjoin(model.Resource, _OF_FILE)
        .where(Line.run == run, sa.or_(Line.dataset == "", readable))
    )


def _named(line: Line, names: Sequence[Any]) -> dict[str, Any]:
    name, title, file, deleted = names
    return named(line.entity, name, title, line.record, file, deleted)  # type: ignore[arg-type]


def files(resources: Collection[str]) -> dict[str, str]:
    """What files are called, deleted ones too: by their names, else by their addresses.

    :param resources: their ids
    """
    query = sa.select(model.Resource.id, _FILE).where(model.Resource.id.in_(resources))
    return dict(model.Session.execute(query).tuples().all())


def of_dataset(dataset: str, deleted_files: bool) -> list[tuple[Run, Line]]:
    """What runs did to a dataset and its resources, the newest first.

    :param deleted_files: also to files that were deleted since, which only editors of the dataset may see
    """
    query = (
        sa.select(Run, Line)
        .join(Line, Line.run == Run.id)
        .where(Line.dataset == dataset, Line.state.in_(["changed", "undone", "kept"]))
        .order_by(Line.made.desc())
        .limit(MOST)
    )
    if not deleted_files:
        file = model.Resource
        there = sa.select(file.id).where(file.package_id == dataset, file.state == "active")
        query = query.where(sa.or_(Line.entity != "resource", Line.record.in_(there)))
    return [(run, line) for run, line in model.Session.execute(query)]

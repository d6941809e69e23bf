"""A repair at work: in small steps that stand whole, wherever it is stopped.

Each step is one transaction: it holds some records that nobody is saving, changes them,
writes the journal and the run's progress, and ends. So whatever ends a worker, the next
one goes on after the last step; and the journal's key keeps a record from being done twice.
"""
from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard import config, job_queue
from ckanext.civicswitchboard.core.repairs import (
    KINDS,
    Outcome,
    Part,
    Repair,
    RepairError,
    left_out,
    read,
    undone,
)
from ckanext.civicswitchboard.core.repairs.states import AT_WORK, NEXT, UNFINISHED, State, possible
from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.model.repairs import Run
from ckanext.civicswitchboard.records import repair_journal, sql
from ckanext.civicswitchboard.records.sql import Change, Record
from ckanext.civicswitchboard.repairs import activity, preview
from ckanext.civicswitchboard.repairs.index_updates import UNREACHABLE, catch_up
from ckanext.civicswitchboard.schema_registry import locks, versions
from ckanext.civicswitchboard.search_index.batch import IndexUnreachable

log = logging.getLogger(__name__)

# A worker that has made no progress for so many seconds is taken for dead.
STALE = 60
ATTEMPTS = 8
# How long a step waits for a record that somebody is saving.
PATIENCE = "10s"
# Held to the end of the transaction while a run is begun or undone.
STARTING = 7_218_460_532


class Overlap(Exception):
    """Another run is at the same values.

    :ivar run: that one's id
    """

    def __init__(self, run: Run) -> None:
        self.run = run.id
        super().__init__(run.id)


class Inseparable(Exception):
    """What was done with a version is taken back with it only.

    :ivar version: that version's number
    """

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(version)


class Impossible(Exception):
    """What was asked for can't follow the state that the run is in.

    :ivar state: that state
    """

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(state)


def get(run_id: str) -> Run | None:
    """A run as the database has it now."""
    return model.Session.get(Run, run_id, populate_existing=True)


def bound(run: Run, snapshot: Snapshot | None = None) -> Repair:
    """A run's repair, by a version of the schema.

    :raises RepairError: when that version has not what it needs
    """
    return read(run.kind, run.params, snapshot or versions.current())


def begin(repair: Repair, author: str) -> Run:
    """Enter a run that waits for a worker; the caller commits.

    :raises Overlap: when an unfinished run is at the same values
    """
    _keep_apart(repair)
    now = datetime.now(timezone.utc)
    run = Run(
        id=str(model.types.make_uuid()), kind=repair.kind, params=repair.params, state="queued",
        version=repair.snapshot.version, with_version=False, author=author, undone_by="",
        total=preview.total(repair), done=0, skipped=0, undone=0, kept=0, part=0, cursor="",
        seconds=0.0, told=False, trouble="", created=now, touched=now, finished=None,
    )  # fmt: skip
    model.Session.add(run)
    model.Session.flush()
    return run


def unfinished() -> list[Run]:
    """The runs that are to do something yet, and the failed ones."""
    return list(model.Session.scalars(sa.select(Run).where(Run.state.in_(UNFINISHED)).order_by(Run.created)))


def hold_starts() -> None:
    """Keep other runs from being begun or undone until the transaction ends; taken before any run is held."""
    model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(STARTING)))


def _keep_apart(repair: Repair, but: str = "") -> None:
    hold_starts()
    for other in unfinished():
        if other.id != but and any(repair.overlaps(reading) for reading in _readings(other, repair.snapshot)):
            raise Overlap(other)


def give_way(repair: Repair, author: str) -> None:
    """End the unfinished run that a repair leads back from; the caller commits.

    :param author: the user id of whoever asks for it
    """
    for other in unfinished():
        if other.kind == repair.kind and other.params == repair.inverse and "cancel" in possible(other.state):  # type: ignore[arg-type]
            wish(other.id, "cancelled", author)


def _readings(run: Run, following: Snapshot) -> Iterator[Repair]:
    """A run's repair by the current version, and by one that may follow, which may name its fields otherwise.

    A run whose fields are in neither has nothing to do any more.
    """
    for snapshot in (versions.newest(), following):
        with suppress(RepairError):
            yield bound(run, snapshot)


def enqueue(run_id: str) -> bool:
    """Have a worker go on with a run.

    :returns: whether it could be queued
    """
    return job_queue.enqueue(job, run_id, title="Repair records")


def wish(run_id: str, state: State, author: str = "") -> Run:
    """Lead a run to another state, if that can follow; the caller commits.

    :param author: the user id of whoever asks for it
    :raises LookupError: when there is no such run
    :raises Impossible: when it can't
    :raises Inseparable: when it was done with a version, and undo is asked for
    :raises Overlap: when undo would meet an unfinished run at the same values
    """
    if state == "undoing":
        hold_starts()
    run = _locked(run_id)
    if state == "queued" and run.state in AT_WORK:
        # It is at work, or its worker died: another job does no harm.
        run.trouble = ""
        return run
    if state not in NEXT[run.state]:  # type: ignore[index]
        raise Impossible(run.state)
    if state == "undoing":
        if run.with_version:
            raise Inseparable(run.version)
        try:
            _keep_apart(bound(run), but=run.id)
        except RepairError:
            log.info("Undoing repair %s, whose fields are gone", run.id)
        run.undone_by = author
    run.state, run.trouble, run.touched = state, "", datetime.now(timezone.utc)
    if state == "cancelled":
        run.finished = run.touched
        activity.record(run)
    model.Session.flush()
    return run


def stale(run: Run) -> bool:
    """Whether a run's worker seems to be dead."""
    quiet = (datetime.now(timezone.utc) - run.touched).total_seconds() > STALE
    return quiet and (run.state in AT_WORK or (run.state in NEXT and repair_journal.waiting(run.id) > 0))


def look_after(run_id: str) -> None:
    """Have a run go on whose worker seems to be dead: asked once in a while, not at each look."""
    run = model.Session.get(Run, run_id, with_for_update=True, populate_existing=True)
    if run is None or not stale(run):
        model.Session.rollback()
        return
    run.touched = datetime.now(timezone.utc)
    model.Session.commit()
    enqueue(run_id)


def job(run_id: str) -> None:
    """Go on with a run in a worker.

    :raises IndexUnreachable: when the search index does not answer, after a while
    """
    work(run_id)
    run = get(run_id)
    away = run is not None and run.trouble == UNREACHABLE
    model.Session.remove()
    if away:
        time.sleep(job_queue.PATIENCE)
        raise IndexUnreachable(UNREACHABLE)


def work(run_id: str, turn: float = job_queue.TURN, again: Callable[[str], Any] = enqueue) -> None:
    """Go on with a run.

    :param turn: after so many seconds it makes way for others
    :param again: has it gone on with later
    """
    end, failures = time.monotonic() + turn, 0
    while time.monotonic() < end:
        try:
            if not (_step(run_id) or catch_up(run_id)):
                return
            failures = 0
        except (sa.exc.DBAPIError, locks.Busy) as error:
            failures += 1
            _after_failure(run_id, error, give_up=failures >= ATTEMPTS)
            if failures >= ATTEMPTS:
                return
            time.sleep(min(0.1 * 2**failures, 5))
        except Exception as error:
            log.exception("Repair %s stopped", run_id)
            _after_failure(run_id, error, give_up=True)
            return
        time.sleep(config.repair_pause())
    again(run_id)


def _after_failure(run_id: str, error: Exception, give_up: bool) -> None:
    log.warning("Repair %s: %s", run_id, error)
    # Its connection may be gone, so that nothing can be rolled back on it.
    model.Session().invalidate()
    model.Session.remove()
    if not give_up:
        return
    try:
        run = _locked(run_id)
        # A run that is being undone stays so: it can be gone on with.
        run.state = "failed" if run.state in ("queued", "running") else run.state
        said = "; ".join(error.sentences()) if isinstance(error, RepairError) else str(error)
        run.trouble = (said.strip().splitlines() or [""])[0][:300] or type(error).__name__
        model.Session.commit()
    except sa.exc.SQLAlchemyError:
        model.Session.remove()


def _step(run_id: str) -> bool:
    """One step of a run; committed.

    :returns: whether there is more to do
    """
    began = time.monotonic()
    with locks.saving() as snapshot:
        run = _locked(run_id)
        if run.state == "queued":
            run.state, run.touched = "running", datetime.now(timezone.utc)
        if run.state == "running":
            _repair(run, bound(run, snapshot))
        elif run.state == "undoing":
            _undo(run)
        else:
            model.Session.rollback()
            return False
        run.seconds += time.monotonic() - began + config.repair_pause()
        run.touched = datetime.now(timezone.utc)
        goes_on = run.state in AT_WORK
        model.Session.commit()
    return goes_on


def whole(run: Run, snapshot: Snapshot) -> None:
    """Do all of a run within the caller's transaction, which keeps every save out."""
    run.state, run.with_version = "running", True
    while run.state == "running":
        _repair(run, bound(run, snapshot))


def _locked(run_id: str) -> Run:
    run = model.Session.get(Run, run_id, with_for_update=True, populate_existing=True)
    if run is None:
        raise LookupError(run_id)
    return run


def _repair(run: Run, repair: Repair) -> None:
    if run.part < len(repair.parts):
        part = repair.parts[run.part]
        size = config.repair_chunk()
        # The cursor never goes back, so the journal need not be asked.
        records = sql.page(repair, part, run.cursor, size, hold=True)
        _change(run, repair, part, records)
        run.cursor = records[-1].id if records else run.cursor
        if len(records) < size:
            run.part, run.cursor = run.part + 1, ""
    elif not _repair_passed_over(run, repair):
        _finish(run, "done", repair)


def _repair_passed_over(run: Run, repair: Repair) -> bool:
    """Some of the records that somebody was saving when their turn came."""
    for part in repair.parts:
        waiting: list[str] = []
        for record in sql.every(repair, part, unless_in=run.id):
            if preview.step(repair, part, record).concerned:
                waiting.append(record.id)
            if len(waiting) >= _FEW:
                break
        if waiting:
            model.Session.execute(sa.text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
            _change(run, repair, part, sql.by_ids(part, waiting))
            return True
    return False


# While it waits for one of them, the others are held.
_FEW = 10


def _change(run: Run, repair: Repair, part: Part, records: list[Record]) -> None:
    outcomes = [(record, _outcome(run, repair, part, record)) for record in records]
    done = [(record, outcome) for record, outcome in outcomes if outcome.concerned]
    changing = [
        Change(record, tuple({**outcome.before, **outcome.after}), outcome.after)
        for record, outcome in done
        if not outcome.fault
    ]
    now = datetime.now(timezone.utc)
    sql.write(part, changing, now)
    repair_journal.enter(run.id, part.entity, done, now)
    run.done += len(done)
    run.skipped += sum(1 for _record, outcome in done if outcome.fault)
    run.total = max(run.total, run.done)


def _outcome(run: Run, repair: Repair, part: Part, record: Record) -> Outcome:
    outcome = preview.step(repair, part, record)
    if not outcome.concerned or outcome.fault or not repair.ambiguous(record.values):
        return outcome
    return left_out(record.values, "edited", *part.keys) if _saved_meanwhile(run, record) else outcome


def _saved_meanwhile(run: Run, record: Record) -> bool:
    # While a version is published nobody saves.
    if run.with_version or record.modified is None:
        return False
    return record.modified > run.created.astimezone(timezone.utc).replace(tzinfo=None)


def _finish(run: Run, state: State, repair: Repair | None = None) -> None:
    run.state, run.finished, run.trouble = state, datetime.now(timezone.utc), ""
    if state == "done":
        # People may have mended some, or brought some, meanwhile.
        run.total = run.done
        activity.record(run, repair)
    elif state == "undone":
        activity.record_undo(run)


def _undo(run: Run) -> None:
    lines = repair_journal.to_undo(run.id, config.repair_chunk())
    if not lines:
        _finish(run, "undone")
        return
    linked = KINDS[run.kind].linked
    for entity in sorted({line.entity for line in lines}):
        of_entity = {line.record: line for line in lines if line.entity == entity}
        keys = {key for line in of_entity.values() for key in {**_of(line.before), **_of(line.after)}}
        part = Part(entity, tuple(sorted(keys)))  # type: ignore[arg-type]
        model.Session.execute(sa.text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
        records = {record.id: record for record in sql.by_ids(part, list(of_entity))}
        changes = [
            change
            for record_id, line in of_entity.items()
            if (change := _back(line, records.get(record_id), linked)) is not None
        ]
        sql.write(part, changes, datetime.now(timezone.utc))
    run.undone += sum(1 for line in lines if line.state == "undone")
    run.kept += sum(1 for line in lines if line.state == "kept")


def _back(line: Any, record: Record | None, linked: bool) -> Change | None:
    """The change that gives a record back what it had; None where nothing is to be given."""
    before, after = _of(line.before), _of(line.after)
    touched = tuple({**before, **after})
    if record is None or (line.entity == "resource" and record.extras is None):
        line.state, line.reason = "kept", "gone"
        return None
    mine = {key: value for key, value in record.values.items() if key in touched}
    becoming, edited = undone(mine, before, after, linked)
    line.state, line.reason = ("kept", "edited") if edited else ("undone", "")
    if len(edited) == len(touched):
        return None
    line.indexed, line.attempts = not line.dataset, 0
    return Change(record, touched, becoming)


def _of(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(text)
    return loaded


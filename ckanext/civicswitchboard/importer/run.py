"""An import from beginning to end: read, plan, write, index, batch by batch.

A batch is written first and indexed then. Whatever ends a run, the next one finds in the
database what is written, and in the search index what is missing there.
"""
from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core.importer.jsonl import TOO_DEEP, read_line
from ckanext.civicswitchboard.core.importer.plan import Json, Note, RecordError
from ckanext.civicswitchboard.core.importer.planner import identity, plan
from ckanext.civicswitchboard.importer.report import Report
from ckanext.civicswitchboard.importer.write import Writer, is_outage
from ckanext.civicswitchboard.records.batch_lookup import ExistingRecords, existing_records
from ckanext.civicswitchboard.schema_registry import versions
from ckanext.civicswitchboard.search_index.batch import IndexUnreachable, behind, index_datasets

log = logging.getLogger(__name__)

BATCH = 100

_ASLEEP = Note("deleted", "", "someone deleted it; it stays deleted until it is restored")
_REPLACED = Note("text", "\\u0000 and halves of characters", "were replaced by “\ufffd”")

Progress = Callable[[int], None]


class FileError(Exception):
    """Why a file as a whole cannot be imported."""


@dataclass(frozen=True)
class Line:
    """A line that holds a record.

    :ivar number: counted from 1
    :ivar id: the id that the record brings
    :ivar replaced: whether characters of it cannot be stored
    """

    number: int
    name: str
    id: str | None
    record: Json
    replaced: bool


@dataclass
class Import:
    """One run over one file.

    :ivar progress: told after each batch how many lines are done
    """

    path: Path
    progress: Progress = lambda _done: None
    report: Report = field(default_factory=Report)
    _lines: dict[str, int] = field(default_factory=dict)

    def run(self) -> Report:
        """Import the file.

        :returns: the report
        :raises FileError: when the file holds no records at all
        :raises IndexUnreachable: when the search index does not answer
        """
        with versions.pinned(versions.current()):
            self.writer = Writer()
            self.licenses = set(model.Package.get_license_register())
            done = 0
            with open(self.path, "rb") as file:
                numbered = enumerate(file, start=1)
                while batch := list(islice(numbered, BATCH)):
                    self._batch(batch)
                    done += len(batch)
                    self.progress(done)
        if not self._lines and not self.report.refused:
            raise FileError(f"{self.path} is empty. Give a file with one JSON record per line")
        return self.report

    def _batch(self, batch: list[tuple[int, bytes]]) -> None:
        lines = list(self._read(batch))
        existing = existing_records((line.name for line in lines), (line.id for line in lines if line.id))
        model.Session.rollback()
        written: dict[str, str] = {}
        standing: dict[str, str] = {}
        try:
            for line in lines:
                self._record(line, existing, written, standing)
        finally:
            # After Ctrl-C too, so that what is written is found.
            self._index(written, standing)

    def _read(self, batch: list[tuple[int, bytes]]) -> Iterator[Line]:
        for number, content in batch:
            if number == 1 and content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
                raise FileError(
                    f"{self.path} is one JSON list. Write its records one per line, "
                    "for example with: jq -c '.[]'"
                )
            if number == 1 and content.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise FileError(f"{self.path} is not in UTF-8. Save it with that encoding")
            if not content.strip(b"\xef\xbb\xbf \t\r\n"):
                continue
            try:
                yield self._line(number, content)
            except RecordError as error:
                self.report.refuse(number, "", str(error))

    def _line(self, number: int, content: bytes) -> Line:
        record, replaced = read_line(content)
        name, id_ = identity(record)
        for key in filter(None, (f"name {name}", f"id {id_}" if id_ else None)):
            if key in self._lines:
                raise RecordError(f"the {key} is on line {self._lines[key]} already")
        self._lines[f"name {name}"] = number
        if id_:
            self._lines[f"id {id_}"] = number
        return Line(number, name, id_, record, replaced)

    def _record(
        self, line: Line, existing_records: ExistingRecords, written: dict[str, str], standing: dict[str, str]
    ) -> None:
        try:
            outcome, id_, notes = self._import(line, existing_records)
        except RecordError as error:
            self.report.refuse(line.number, line.name, str(error))
            return
        except IndexUnreachable:
            raise
        except Exception as error:
            if isinstance(error, sa.exc.OperationalError) and is_outage(error):
                raise
            reason = TOO_DEEP if isinstance(error, RecursionError) else f"{type(error).__name__}: {error}"
            # A plugin that stumbles over one record must not keep the others out.
            log.exception("Line %s (%s) could not be imported", line.number, line.name)
            model.Session.rollback()
            self.report.refuse(line.number, line.name, reason)
            return
        self.report.counts[outcome] += 1
        self.report.note(line.name, notes)
        (standing if outcome == "unchanged" else written)[id_] = line.name

    def _import(self, line: Line, existing_records: ExistingRecords) -> tuple[str, str, list[Note]]:
        existing = existing_records.by_name.get(line.name)
        holder = existing_records.names.get(line.id or "", line.name)
        if holder != line.name:
            raise RecordError(f"its id {line.id} belongs to the dataset “{holder}” in this portal")
        if existing and existing.columns["type"] != "dataset":
            raise RecordError(f"a {existing.columns['type']} of this portal has that name")
        fields = versions.current().fields
        planned = plan(line.record, fields, self.licenses, existing)
        asleep = [_ASLEEP] if existing and planned.stays_deleted(existing) else []
        if existing and planned.is_stored(existing, fields):
            return "unchanged", existing.id, asleep
        outcome, id_, notes = self.writer.write(planned, existing)
        if outcome == "unchanged":
            return outcome, id_, asleep
        return outcome, id_, [*notes, *asleep, *([_REPLACED] if line.replaced else [])]

    def _index(self, written: dict[str, str], standing: dict[str, str]) -> None:
        names = {**written, **standing}
        failed = index_datasets([*written, *behind(standing)], self.writer.readings)
        self.writer.readings.clear()
        self.report.not_indexed += [(names[id_], reason) for id_, reason in failed.items()]

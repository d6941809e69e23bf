"""From a document to the version that every process serves.

Publishing is one transaction that no save and no edit of the draft overlaps, from its first
check to its commit. Nothing in it commits or rolls back in between, as that would release its
locks. What it asks of the search index is a job that can be repeated.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard import impact
from ckanext.civicswitchboard.core.changes import Change, diff, level_of
from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.core.schema.document import Document, Fault, dump
from ckanext.civicswitchboard.core.schema.publish_rules import faults_after
from ckanext.civicswitchboard.core.schema.rules import faults_of
from ckanext.civicswitchboard.model import schema_versions
from ckanext.civicswitchboard.model.schema_versions import THE_ONE, Generation, Version
from ckanext.civicswitchboard.publishing import notifications
from ckanext.civicswitchboard.publishing.repairs import (
    Unconverted,
    begin,
    brought_back,
    mending,
    mends,
    stranded,
)
from ckanext.civicswitchboard.repairs import runner
from ckanext.civicswitchboard.schema_registry import drafts, locks, releases, versions
from ckanext.civicswitchboard.search_index import reindex

SHIPPED_NOTE = "The schema that comes with the software"


class Refused(Exception):
    """A document that cannot be published as it is.

    :ivar faults: each with its place
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(map(str, faults)))


@dataclass(frozen=True)
class Succession:
    """What a document would do as the next version.

    :ivar before: the current version
    :ivar document: the document that would follow it
    :ivar changes: what it changes
    """

    before: Snapshot
    document: Document
    changes: tuple[Change, ...]

    @classmethod
    def of(cls, before: Snapshot, document: Document) -> Succession:
        """Compare a document with the version it would follow."""
        return cls(before, document, tuple(diff(before.document, document)))

    @property
    def level(self) -> str:
        """The highest level of the changes."""
        return level_of(self.changes)

    @property
    def changes_partner_types(self) -> bool:
        """Whether it concerns who is which partner, which an administrator has to publish."""
        return any(change.entity == "partner_type" for change in self.changes)

    def faults(self, restoring: bool = False, mended: bool = False) -> list[Fault]:
        """Why it cannot be published, empty when it can.

        :param restoring: whether an earlier version comes back, which may lack what came since
        :param mended: whether the repairs of the records go with it
        """
        faults = list(faults_of(self.document))
        if not restoring:
            faults += faults_after(self.before.document, self.document)
        if not self.changes:
            faults.append(Fault(path="", message=tk._("Nothing has changed since the current version")))
        # Counting records by a document that breaks rules would mean nothing.
        return faults or self._unmended(mended)

    def _unmended(self, mended: bool) -> list[Fault]:
        """Changes that old records would not survive, where there are such records."""
        after = versions.compiled(self.document, self.before.version + 1)
        needed = mending(self.before, after, self.changes)
        faults = [*(needed.faults if mended else ()), *stranded(self.before, after, needed.repairs)]
        for change in self.changes:
            if change.level == "records_first" and not (mended and mends(change)):
                concerned = impact.affected(self.before, after, change)
                if concerned.count:
                    # The change says which field, as people call it.
                    faults.append(Fault(path="", message=_unfixed(change, concerned)))
        return faults


def enter_first(document: Document, note: str = SHIPPED_NOTE) -> bool:
    """Make a document version 1, where no version has been entered yet.

    :param note: where it comes from
    :returns: whether there was none; committed
    """
    locks.publishing()
    if _number() is not None:
        model.Session.rollback()
        return False
    _insert(document, number=1, level="compatible", change_count=0, note=note, author="")
    model.Session.commit()
    versions.follow()
    return True


def publish(
    document: Document,
    note: str,
    author: str,
    restoring: bool = False,
    draft: bool = False,
    mended: bool = False,
) -> int:
    """Make a document the next version; committed.

    The caller may hold :func:`locks.publishing` already, and rolls back when this raises.

    :param note: what changed and why
    :param author: the user id of who publishes
    :param restoring: whether an earlier version comes back
    :param draft: whether the document is the draft, which ends with it
    :param mended: whether the repairs of the records go with it
    :returns: the new version's number
    :raises Refused: naming every fault; nothing is changed
    :raises locks.Busy: when saves go on for too long, or another transaction holds a record for too
        long; nothing is changed
    """
    locks.publishing()
    with locks.impatient():
        before, number, runs = _enter(document, note, author, restoring, draft, mended)
        model.Session.commit()
    _index_anew(before, versions.follow())
    for run_id in runs:
        runner.enqueue(run_id)
    return number


def _enter(
    document: Document, note: str, author: str, restoring: bool, draft: bool, mended: bool
) -> tuple[Snapshot, int, list[str]]:
    """Check a document and enter it as the next version; not committed.

    :returns: the version before, the new one's number, and the ids of the repairs to go on with
    """
    before = _before()
    if restoring:
        document = brought_back(document, before.document)
    succession = Succession.of(before, document)
    faults = succession.faults(restoring, mended)
    if faults:
        raise Refused(faults)
    number = before.version + 1
    _insert(
        document,
        number=number,
        level=succession.level,
        change_count=len(succession.changes),
        note=note,
        author=author,
    )
    if draft:
        releases.take_in()
        drafts.discard()
    runs = _mend(succession, author) if mended else []
    notifications.notify_publishers(before.document, document, number, author)
    return before, number, runs


def _before() -> Snapshot:
    """The current version; the shipped document is entered as version 1 where there is none.

    :raises locks.Busy: when the database can't say which it is, so that an older one is served
    """
    snapshot, number = versions.newest(), _number()
    if number is None:
        snapshot, number = versions.shipped(), 1
        _insert(snapshot.document, number, level="compatible", change_count=0, note=SHIPPED_NOTE, author="")
    if snapshot.version != number:
        raise locks.Busy
    return snapshot


def _insert(
    document: Document, number: int, level: str, change_count: int, note: str, author: str
) -> None:
    model.Session.add(
        Version(
            number=number,
            document=dump(document),
            level=level,
            change_count=change_count,
            note=note,
            author=author,
            base=number - 1 or None,
            published=_after_the_last(),
        )
    )
    generation = model.Session.get(Generation, THE_ONE, populate_existing=True)
    if generation is None:
        model.Session.add(
            Generation(id=THE_ONE, version=number, shipped=dump(versions.shipped().document))
        )
    else:
        generation.version = number
    model.Session.flush()


def _mend(succession: Succession, author: str) -> list[str]:
    """Enter the repairs that go with a version; they stand or fall with it."""
    before = succession.before
    after = versions.compiled(succession.document, before.version + 1)
    try:
        return begin(mending(before, after, succession.changes).repairs, author)
    except runner.Overlap as overlap:
        message = tk._(
            "A repair is changing the values of a renamed field. Wait for it to finish, or cancel it"
        )
        raise Refused([Fault(path="", message=message)]) from overlap
    except Unconverted as unconverted:
        raise Refused([_fault_of(unconverted)]) from unconverted


def _fault_of(unconverted: Unconverted) -> Fault:
    text = tk.ungettext(
        "{repair}: {number} record has a value that can't be converted. Fix it first; the repair's "
        "preview lists it",
        "{repair}: {number} records have values that can't be converted. Fix them first; the "
        "repair's preview lists them",
        unconverted.count,
    )
    words = unconverted.repair.words.say(tk._, tk.h.scheming_language_text)
    entity = unconverted.repair.parts[0].entity
    return Fault(path=entity, message=text.format(repair=words, number=unconverted.count))


def _unfixed(change: Change, concerned: impact.Affected) -> str:
    said, which = change.say(tk._, tk.h.scheming_language_text), impact.briefly(concerned)
    text = tk._("%s. Records must be fixed first: %s") % (said, which)
    if not mends(change):
        return text
    hint = tk._("Check “Repair the records together with this version” (with_repairs) to do that")
    return f"{text}. {hint}"


def _after_the_last() -> datetime:
    """Now, but never before the version that it follows, whatever the clock did."""
    last = model.Session.scalar(sa.select(sa.func.max(Version.published)))
    return max(drafts.now(), last) if last else drafts.now()


def _number() -> int | None:
    row = model.Session.execute(schema_versions.current()).one_or_none()
    return row.number if row else None


def _index_anew(before: Snapshot, after: Snapshot) -> None:
    """Have a job index what the new version reads otherwise; pages do not wait for it."""
    if before.index_form == after.index_form:
        return
    # Where none can be queued, records are read anew one by one meanwhile, and `doctor` says that
    # the index is behind.
    reindex.follow_up()

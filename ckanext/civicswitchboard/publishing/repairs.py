"""A version that stores values elsewhere or otherwise goes with the repair of the records, as one act.

The version and its runs are entered in one transaction, so either all is there or nothing.
A rename is then done step by step, while reads find each value under both names. Fields
that take each other's names can't be told apart by a name, and a value in another form can't
be read by the old version nor the old one by the new: these repairs are done within the
transaction of the publish.
"""
from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.core.changes import Change, Offer
from ckanext.civicswitchboard.core.repairs import Repair, RepairError, read
from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.core.schema.document import Document, Fault, Field
from ckanext.civicswitchboard.repairs import activity, runner

# Kinds of repair that a version can do together with its publish; for all but the first, within it.
STEP_BY_STEP = "rename"
WITH_A_VERSION = (STEP_BY_STEP, "swap", "retype")


@dataclass(frozen=True)
class Mending:
    """The repairs that go with a version.

    :ivar repairs: by the version that needs them
    :ivar faults: changes that no repair can follow
    """

    repairs: tuple[Repair, ...]
    faults: tuple[Fault, ...]


class Unconverted(Exception):
    """Some records hold what can't be stored as a version wants it.

    :ivar repair: the repair that leaves them
    :ivar count: how many
    """

    def __init__(self, repair: Repair, count: int) -> None:
        self.repair = repair
        self.count = count
        super().__init__(f"{count} records")


def mends(change: Change) -> bool:
    """Whether the records that a change concerns can be mended together with its publish."""
    return not change.part and change.level == "records_first" and bool(_offered(change))


def _offered(change: Change) -> list[Offer]:
    return [repair for repair in change.repairs if repair.kind in WITH_A_VERSION]


def mending(before: Snapshot, after: Snapshot, changes: Sequence[Change]) -> Mending:
    """The repairs that changes need.

    :param before: the current version
    :param after: the one that follows
    """
    repairs: dict[str, Repair] = {}
    faults = []
    for change in filter(mends, changes):
        for offer in _offered(change):
            place = str(change.place)
            try:
                repair = read(offer.kind, {**offer.params, "entity": offer.entity}, after)
            except RepairError as error:
                messages = error.sentences(tk._)
                if offer.kind == "retype" and change.was.field_name != change.becomes.field_name:
                    messages = [tk._("Publish the new name first, then the new type")]
                faults += [Fault(path=place, message=message) for message in messages]
                continue
            if offer.kind == "rename" and offer.params["to"] in before.fields[repair.parts[0].entity]:
                message = tk._("Another field still has this name. Publish that field's new name first")
                faults.append(Fault(path=place, message=message))
            # Two fields that take each other's names offer the same repair twice.
            key = "/".join([offer.kind, offer.entity, *sorted(map(str, offer.params.values()))])
            repairs.setdefault(key, repair)
    return Mending(tuple(repairs.values()), tuple(faults))


def stranded(before: Snapshot, after: Snapshot, going_along: Sequence[Repair]) -> list[Fault]:
    """Repairs that could not go on under a version.

    Renames are not among them: a version may take one back.

    :param before: the current version
    :param after: the one that follows
    :param going_along: the repairs that it needs; whatever is at their values is told when they begin
    """
    faults = []
    for other in runner.unfinished():
        if other.state not in ("queued", "running", "paused") or other.kind in (STEP_BY_STEP, "swap"):
            continue
        with suppress(RepairError):
            repair = runner.bound(other, before)
            if any(run.overlaps(repair) for run in going_along):
                continue
            try:
                runner.bound(other, after)
            except RepairError as error:
                faults.append(Fault(path="", message=_let_it_end(repair, "; ".join(error.sentences(tk._)))))
    return faults


def _let_it_end(repair: Repair, why: str) -> str:
    words = activity.in_words(repair.public_words)
    message = tk._("A repair couldn't continue: {repair} ({why}). Wait for it to finish, or cancel it")
    return message.format(repair=words, why=why)


def begin(repairs: Sequence[Repair], author: str) -> list[str]:
    """Enter the runs within the publish's transaction.

    :param author: the user id of who publishes
    :returns: ids of those that a worker has to do once the publish is committed
    :raises run.Overlap: when an unfinished run is at the same values
    :raises Unconverted: when records would be left that the version cannot read
    """
    waiting = []
    runner.hold_starts()
    for repair in repairs:
        runner.give_way(repair, author)
        begun = runner.begin(repair, author)
        if repair.kind != STEP_BY_STEP:
            runner.whole(begun, repair.snapshot)
            if begun.skipped:
                raise Unconverted(repair, begun.skipped)
        waiting.append(begun.id)
    return waiting


def brought_back(document: Document, current: Document) -> Document:
    """An earlier document that keeps in mind under which names records hold values now.

    :param document: the earlier one
    :param current: the one that it follows
    """
    dataset = document.dataset.model_copy(
        update={
            "fields": _named(document.dataset.fields, current.dataset.fields),
            "resource_fields": _named(document.dataset.resource_fields, current.dataset.resource_fields),
        }
    )
    organization = document.organization.model_copy(
        update={"fields": _named(document.organization.fields, current.organization.fields)}
    )
    return document.model_copy(update={"dataset": dataset, "organization": organization})


def _named(fields: Sequence[Field], current: Sequence[Field]) -> list[Field]:
    now = {field.id: field for field in current}
    return [_keeping_names(field, now.get(field.id)) for field in fields]


def _keeping_names(field: Field, now: Field | None) -> Field:
    if now is None or now.field_name == field.field_name:
        return field
    return field.model_copy(update={"previous_names": [*now.previous_names, now.field_name]})

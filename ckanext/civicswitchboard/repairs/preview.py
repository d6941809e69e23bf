"""What a repair would do, without doing it."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ckan import model

from ckanext.civicswitchboard import impact
from ckanext.civicswitchboard.core.repairs import Outcome, Part, Repair, left_out, refused
from ckanext.civicswitchboard.core.schema.compiler import CompiledField
from ckanext.civicswitchboard.core.schema.field_types import is_empty, load
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.records import sql
from ckanext.civicswitchboard.records.repair_tally import Tally
from ckanext.civicswitchboard.records.sql import Record
from ckanext.civicswitchboard.records.visibility import Reader

MOST_EXAMPLES = 20
MOST_VALUES = 200


@dataclass
class Preview:
    """What a repair would do.

    :ivar total: records that it concerns
    :ivar counted: what these are
    :ivar faults: how many of them would be left, by reason
    :ivar examples: some of those that would change
    :ivar left: those that would be left, as far as the reader may see them
    """

    total: int = 0
    counted: Tally = field(default_factory=Tally)
    faults: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)
    left: list[dict[str, Any]] = field(default_factory=list)

    def dictize(self) -> dict[str, Any]:
        """As the API gives it."""
        return {
            "total": self.total,
            "counted": self.counted.dictize(),
            "collisions": self.faults["collision"],
            "unconvertible": self.faults["unconvertible"],
            "examples": self.examples,
            "left": self.left,
        }


def preview(repair: Repair, reader: Reader, most_left: int) -> Preview:
    """Try a repair on every record.

    :param reader: who looks; examples are of records that they may see
    :param most_left: how many of those that would be left are listed
    """
    result = Preview()
    for record, outcome in concerned(repair):
        result.total += 1
        result.counted.add(record.entity, record.dataset, record.state)
        seen = reader.sees(record)
        if outcome.fault:
            result.faults[outcome.fault] += 1
            if seen and len(result.left) < most_left:
                result.left.append({**record.named, "reason": outcome.fault, "values": outcome.after})
        elif seen and len(result.examples) < MOST_EXAMPLES:
            result.examples.append({**record.named, "before": outcome.before, "after": outcome.after})
    model.Session.rollback()
    return result


def total(repair: Repair) -> int:
    """How many records a repair concerns."""
    return sum(1 for _each in concerned(repair))


def concerned(repair: Repair, unless_in: str = "") -> Iterator[tuple[Record, Outcome]]:
    """Every record that a repair concerns, with what would happen to it.

    :param unless_in: the id of a run that has done with some of them
    """
    for part in repair.parts:
        yield from _of_part(repair, part, unless_in)


def _of_part(repair: Repair, part: Part, unless_in: str) -> Iterator[tuple[Record, Outcome]]:
    for record in sql.every(repair, part, unless_in):
        outcome = step(repair, part, record)
        if outcome.concerned:
            yield record, outcome


def step(repair: Repair, part: Part, record: Record) -> Outcome:
    """What happens to a record; one whose values can't be read at all is left, and so is one that would break
    a rule of all records."""
    if part.entity == "resource" and record.extras is None:
        return Outcome(fault="unconvertible")
    outcome = repair.step(part.entity, record.values)
    if all(_allowed(field, outcome.after.get(field.name)) for field in repair.makes):
        return outcome
    return left_out(record.values, "unconvertible", *part.keys)


def _allowed(field: CompiledField, value: Any) -> bool:
    """Whether a record may get a value: its field may bind all of them."""
    if field.field.enforce != "all" or is_empty(value):
        return True
    loaded = load(field.kind, value)
    members = loaded if field.kind.shape == "several" else [value]
    return members is not None and all(impact.fits(field, member) for member in members)


def check_new_values(repair: Repair) -> None:
    """Have every value that a repair gives records keep its field's rules.

    :raises RepairError: naming those that do not
    """
    bad = [str(value) for field, value in repair.new_values if not _may_be_set(field, value)]
    if bad:
        param = "values" if repair.kind == "map_values" else "value"
        raise refused(param, N_("The field doesn't allow: {values}"), values=", ".join(bad))


def _may_be_set(field: CompiledField, value: Any) -> bool:
    # A license is kept by whoever holds it already, but a repair hands out no unknown one.
    known = field.field.preset != "license" or value in model.Package.get_license_register()
    return known and impact.fits(field, value)


def stored_values(repair_part: Part, compiled: Any, reader: Reader, sub: str = "") -> list[tuple[str, int]]:
    """The values that records hold under a part's first key, the commonest first.

    :param compiled: the field
    :param reader: who looks; only records that they may see are counted
    :param sub: the part of a repeating field
    """
    key, counts = repair_part.keys[0], Counter[str]()
    anything = _Anything()
    for record in sql.every(anything, repair_part):  # type: ignore[arg-type]
        if reader.sees(record):
            counts.update(set(_members(compiled, record.values.get(key), sub)))
    model.Session.rollback()
    return counts.most_common(MOST_VALUES)


class _Anything:
    every_state = False


def _members(compiled: Any, value: Any, sub: str) -> Iterator[str]:
    loaded = load(compiled.kind, value) if value else None
    for member in loaded if isinstance(loaded, list) else [value]:
        one = member.get(sub) if isinstance(member, dict) else member
        if isinstance(one, str) and one:
            yield one

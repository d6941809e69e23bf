"""Rules across fields of one record, which no single value can break: each declared once.

A rule names its fields by their lasting ids. It applies wherever a version offers all of
them, filled in as it needs; a save that changes none of them is not asked.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ckanext.civicswitchboard.core.repairs.periods import partial_date
from ckanext.civicswitchboard.core.schema.dates import in_order
from ckanext.civicswitchboard.core.schema.document import Entity, Field
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message


class Rule:
    """A rule across fields.

    :cvar entity: whose
    :cvar within: the lasting id of the repeating field whose entries it is about, if it is
    :cvar fields: their lasting ids; the last is the one that an error stands at
    :cvar preset: how each has to be filled in for the rule to apply
    :cvar reported_in: the lasting id of the field beside them in which the same may stand in words
    :cvar text: what is wrong with a record that breaks it, with the ids as places for the labels
    """

    entity: Entity
    within: str = ""
    fields: tuple[str, ...]
    preset: str
    reported_in: str = ""
    text: str

    def broken_by(self, *values: str) -> bool:
        """Whether a record breaks it.

        :param values: what it stores in the fields, in their order; none of them empty
        """
        raise NotImplementedError


class EndsAfterItBegins(Rule):
    """What a dataset is about ends after it begins."""

    entity: Entity = "dataset"
    fields = ("temporal_start", "temporal_end")
    preset = "partial_date"
    reported_in = "temporal_coverage"
    text = N_("“{temporal_end}” is before “{temporal_start}”")

    def broken_by(self, *values: str) -> bool:
        start, end = (partial_date(value) for value in values)
        # What is no date is told as that.
        return bool(start and end) and not in_order(str(start), str(end))


class PlanEndsAfterItBegins(EndsAfterItBegins):
    """So does a plan that an organization's work goes with."""

    entity: Entity = "organization"
    within = "mission_alignment"
    reported_in = ""
    fields = ("period_start", "period_end")
    text = N_("“{period_end}” is before “{period_start}”")


RULES: tuple[Rule, ...] = (EndsAfterItBegins(), PlanEndsAfterItBegins())


@dataclass(frozen=True)
class Applied:
    """A rule in a version that has its fields.

    :ivar fields: the fields, in the rule's order
    """

    rule: Rule
    fields: tuple[Field, ...]

    @property
    def message(self) -> Message:
        """What is wrong with a record that breaks it."""
        return Message(self.rule.text, {field.id: field.label for field in self.fields})

    def broken_by(self, values: Sequence[object]) -> bool:
        """Whether a record breaks it; one that has not all of the values doesn't.

        :param values: what it stores in the fields, in their order
        """
        texts = [value for value in values if isinstance(value, str) and value]
        return len(texts) == len(values) and self.rule.broken_by(*texts)


def applied(entity: Entity, fields: Iterable[Field], within: str = "") -> list[Applied]:
    """The rules that apply to a version's records, or to the entries of a repeating field.

    :param fields: the entity's fields on offer, or the entry's
    :param within: the repeating field's lasting id
    """
    known = {field.id: field for field in fields if field.state == "active"}
    return [
        Applied(rule, tuple(known[field] for field in rule.fields))
        for rule in RULES
        if (rule.entity, rule.within) == (entity, within)
        and all(field in known and known[field].preset == rule.preset for field in rule.fields)
    ]

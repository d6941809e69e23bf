"""What the kinds of change to fields have in common, and the logic of those that aren't plain."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.civicswitchboard.core.changes.effects import Ask, Level, Offer, Question, RepairKind
from ckanext.civicswitchboard.core.changes.kinds import Change, Kind, Values, subject
from ckanext.civicswitchboard.core.changes.paths import Place, Thing
from ckanext.civicswitchboard.core.schema.cross_field_rules import RULES, Rule
from ckanext.civicswitchboard.core.schema.document import Field, Text
from ckanext.civicswitchboard.core.schema.labels import N_, STANDARDS
from ckanext.civicswitchboard.core.schema.messages import Message


@dataclass(eq=False)
class FieldChanged(Kind):
    """A change to a field.

    :ivar asks: which records it can affect, None if it affects none
    """

    thing: Thing = "field"
    asks: Ask | None = None

    def questions(self, change: Change) -> list[Question]:
        return [question(change, self.asks)] if self.asks else []

    def repairs(self, change: Change) -> list[Offer]:
        return [offer(change, kind) for kind in self.offers]


def question(change: Change, ask: Ask, values: tuple[str, ...] = ()) -> Question:
    """A question about the field that changes, under the name that records use today."""
    name, subfield = _stored_names(change)
    return Question(ask, change.entity, name, subfield, values)


def offer(change: Change, kind: RepairKind, **params: Any) -> Offer:
    """A repair of the field that changes."""
    name, subfield = _stored_names(change)
    field = f"{name}.{subfield}" if subfield else name
    missing = new_missing_values(change) if kind == "set_default" else []
    more = {"instead_of": missing} if missing else {}
    return Offer(kind, change.entity, {"field": field, **params, **more})


def new_missing_values(change: Change) -> list[str]:
    """The values that count as missing only from now on."""
    before = change.was.missing_values if change.was else []
    return [value for value in change.becomes.missing_values if value not in before] if change.becomes else []


def _stored_names(change: Change) -> tuple[str, str]:
    """The names under which records store the field today: the field's and the subfield's."""
    field = (change.was or change.becomes).field_name
    if not change.part:
        return field, ""
    holder = change.place.holder
    return (change.within.before.get(holder) or change.within.after[holder]).field_name, field


def strictness(field: Field) -> Level:
    """The level of a rule that existing records may break."""
    return "records_first" if field.enforce == "all" else "needs_attention"


def is_required(field: Field) -> bool:
    """Whether records need a value."""
    return field.expectation == "required" and field.state == "active"


class FieldRestored(FieldChanged):
    """A field that is offered again: a gap in records without a value if it's required."""

    def level(self, change: Change) -> Level:
        return strictness(change.becomes) if is_required(change.becomes) else "compatible"

    def questions(self, change: Change) -> list[Question]:
        required = change.becomes.expectation == "required"
        return [*super().questions(change), *([question(change, "missing")] if required else [])]


class FieldAdded(FieldRestored):
    """A new field, which takes over values from "Other fields"."""

    def message(self, change: Change) -> Message:
        field = change.becomes
        values: dict[str, Text | Message] = {
            "what": subject(change),
            "expectation": Message(_requirement(field)),
        }
        if field.state == "retired":
            return Message(N_("{what} is added, no longer offered"), values)
        section = section_label(change, field.section)
        if section and not change.part:
            values["section"] = section
            return Message(N_("{what} is added to “{section}”, {expectation}"), values)
        return Message(N_("{what} is added, {expectation}"), values)

    def questions(self, change: Change) -> list[Question]:
        questions = super().questions(change)
        # "Other fields" has no parts of entries.
        return questions[1:] if change.part else questions


def _requirement(field: Field) -> str:
    if field.expectation == "required" and field.enforce == "all":
        return N_("required of existing records too")
    return _REQUIREMENTS[field.expectation]


_REQUIREMENTS = {
    "required": N_("required"),
    "recommended": N_("recommended"),
    "optional": N_("optional"),
}


class FieldRetired(FieldChanged):
    """A field that is no longer offered; a period in words can be split first."""

    def repairs(self, change: Change) -> list[Offer]:
        return split_interval(change, lambda rule: rule.reported_in == change.field)


def split_interval(change: Change, applies: Callable[[Rule], bool]) -> list[Offer]:
    """The repair that fills in a start and an end from a period in words, if a rule connects the three.

    :param applies: whether a rule is about the field that changes
    """
    fields = {field.id: field for field in change.within.old.fields_of(change.place.collection.entity)}  # type: ignore[arg-type]
    for rule in RULES:
        ids = (rule.reported_in, *rule.fields)
        known = rule.entity == change.entity and not change.part and all(id in fields for id in ids)
        if known and applies(rule):
            words, start, end = (fields[id].field_name for id in ids)
            return [Offer("split_interval", change.entity, {"field": words, "start": start, "end": end})]
    return []


class FieldRenamed(FieldChanged):
    """Another stored name, or two fields that swap theirs."""

    def fits(self, before: Values, after: Values) -> bool:
        return "field_name" in after

    def described(self, change: Change) -> tuple[Any, Any]:
        return change.before["field_name"], change.after["field_name"]

    def repairs(self, change: Change) -> list[Offer]:
        if change.part:
            # The stored name of a part can't change once it's published.
            return []
        before, after = self.described(change)
        swapped = any(
            (becomes.field_name, was.field_name) == (before, after) for was, becomes in _siblings(change)
        )
        return [offer(change, "swap", **{"with": after}) if swapped else offer(change, "rename", to=after)]


def _siblings(change: Change) -> Iterator[tuple[Field, Field]]:
    """The other fields of the same list, before and after."""
    after = change.within.after
    for place, field in change.within.before.items():
        same_list = place.path == change.place.path and place.holder == change.place.holder
        if same_list and place != change.place and place in after:
            yield field, after[place]


class FieldMoved(FieldChanged):
    """Another section, or another position in the list."""

    def message(self, change: Change) -> Message:
        values: dict[str, Text | Message] = {"what": subject(change)}
        if "section" in change.after:
            label = section_label(change, change.after["section"])
            return Message(N_("{what} moves to the section “{section}”"), {**values, "section": label})
        before, after = (_previous(change, state) for state in (change.within.before, change.within.after))
        if (before and before.id) == (after and after.id):
            text = N_("{what} moves in the list, but keeps its place in its section")
            return Message(text, values)
        if after is None:
            return Message(N_("{what} moves to the beginning of its section"), values)
        return Message(N_("{what} moves after “{neighbor}”"), {**values, "neighbor": after.label})


def _previous(change: Change, state: Mapping[Place, Any]) -> Field | None:
    """The field before the one that changes, in its section."""
    field, previous = state[change.place], None
    for place, other in state.items():
        if place == change.place:
            break
        same_list = place.path == change.place.path and bool(place.part) == bool(change.part)
        if same_list and place.holder == change.place.holder and other.section == field.section:
            previous = other
    return previous


def section_label(change: Change, section: str) -> Text:
    """The label of a field's new section, its id if it's unknown."""
    named = change.within.after.get(Place(f"{change.place.path.split('.')[0]}.sections", section))
    return named.label if named else section


class FieldMappingChanged(FieldChanged):
    """Another place in other standards."""

    def values(self, change: Change) -> dict[str, Text | Message]:
        before, after = self.described(change)
        changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        return {"standards": ", ".join(STANDARDS.get(name, name) for name in changed)}

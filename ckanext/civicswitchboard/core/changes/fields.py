"""The kinds of change to fields of datasets, files, organizations and repeating fields."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ckanext.civicswitchboard.core.changes.kinds import (
    Added,
    Ask,
    Change,
    Comparison,
    Kind,
    Level,
    Offer,
    Question,
    Relabelled,
    Removed,
    RepairKind,
    Rewritten,
    label_of,
    subject,
)
from ckanext.civicswitchboard.core.changes.paths import Place
from ckanext.civicswitchboard.core.schema.cross_field_rules import RULES, Rule
from ckanext.civicswitchboard.core.schema.document import Field, Text
from ckanext.civicswitchboard.core.schema.field_types import FIELD_TYPES, FieldType, field_type
from ckanext.civicswitchboard.core.schema.labels import EXPECTATIONS, N_, STANDARDS, filled_in
from ckanext.civicswitchboard.core.schema.limits import ATTRIBUTES, limits_of, tightened
from ckanext.civicswitchboard.core.schema.messages import Message

Values = Mapping[str, Any]


class _FieldKind(Kind):
    """What all changes to fields have in common."""

    thing = "field"
    #: what to ask of the records, and whether the answer is of use when the field goes
    asks: Ask | None = None

    def concerns(self, change: Change) -> bool:
        """Whether old records may have to be mended for it, or are of interest for it."""
        return True

    def questions(self, change: Change) -> list[Question]:
        return [question(change, self.asks)] if self.asks and self.concerns(change) else []

    def repairs(self, change: Change) -> list[Offer]:
        return [offer(change, kind) for kind in self.offers] if self.concerns(change) else []


def question(change: Change, ask: Ask, values: tuple[str, ...] = ()) -> Question:
    """A question about the field that changes, under the name that records have today."""
    name, subfield = _stored_names(change)
    return Question(ask, change.entity, name, subfield, values)


def offer(change: Change, kind: RepairKind, **params: Any) -> Offer:
    """A repair of the field that changes."""
    name, subfield = _stored_names(change)
    field = f"{name}.{subfield}" if subfield else name
    none = _counted_as_none(change) if kind == "set_default" else []
    more = {"instead_of": none} if none else {}
    return Offer(kind, change.entity, {"field": field, **params, **more})


def _counted_as_none(change: Change) -> list[str]:
    """Values that count as none from now on."""
    before = change.was.missing_values if change.was else []
    return [value for value in change.becomes.missing_values if value not in before] if change.becomes else []


def _stored_names(change: Change) -> tuple[str, str]:
    field = (change.was or change.becomes).field_name
    if not change.part:
        return field, ""
    holder = change.place.holder
    return (change.within.before.get(holder) or change.within.after[holder]).field_name, field


def _kind_of(field: Field) -> FieldType:
    preset = field.preset if field.preset in FIELD_TYPES else ""
    return field_type(preset, bool(field.repeating_subfields))


def _stricter(field: Field) -> Level:
    """The level of a rule that old records may break."""
    return "records_first" if field.enforce == "all" else "needs_attention"


def _demanded(field: Field) -> Level:
    """The level of a field that records may be without."""
    if field.expectation != "required" or field.state == "retired":
        return "compatible"
    return _stricter(field)


class FieldAdded(Added, _FieldKind):
    name = "field_added"
    levels = ("compatible", "needs_attention", "records_first")
    inverses = ("field_removed",)
    means = (
        "Optional or recommended: old records stay right. Required: they have a gap now. What records kept"
        " under this name in “Other fields” becomes the field's value."
    )
    offers = ("set_default",)

    def level(self, change: Change) -> Level:
        return _demanded(change.becomes)

    def message(self, change: Change) -> Message:
        field = change.becomes
        values: dict[str, Text | Message] = {
            "what": subject(change),
            "expectation": Message(_expected(field)),
        }
        if field.state == "retired":
            return Message(N_("{what} is added, no longer offered"), values)
        section = section_label(change.within.after, change.place, field.section)
        if section and not change.part:
            values["section"] = section
            return Message(N_("{what} is added to “{section}”, {expectation}"), values)
        return Message(N_("{what} is added, {expectation}"), values)

    def questions(self, change: Change) -> list[Question]:
        asked: list[Ask] = [] if change.part else ["other_key"]
        if change.becomes.expectation == "required":
            asked.append("missing")
        return [question(change, ask) for ask in asked]


def _expected(field: Field) -> str:
    if field.expectation == "required" and field.enforce == "all":
        return N_("required of existing records too")
    return _EXPECTED[field.expectation]


_EXPECTED = {
    "required": N_("required"),
    "recommended": N_("recommended"),
    "optional": N_("optional"),
}


class FieldRemoved(Removed, _FieldKind):
    name = "field_removed"
    levels = ("needs_attention",)
    inverses = ("field_added",)
    means = (
        "Only for a field that was never published; a published one is retired instead. Values that records"
        " have under its name stay, in “Other fields”."
    )
    asks = "has_value"

    def message(self, change: Change) -> Message:
        return Message(N_("{what} is removed"), {"what": subject(change)})


class FieldRetired(_FieldKind):
    name = "field_retired"
    attributes = ("state",)
    levels = ("compatible",)
    inverses = ("field_restored",)
    means = "It is no longer offered. Values stay where they are, show to those who ask and are exported."
    offers = ("split_interval",)
    asks = "has_value"

    def fits(self, before: Values, after: Values) -> bool:
        return bool(after["state"] == "retired")

    def repairs(self, change: Change) -> list[Offer]:
        return _split_of(change, lambda rule: rule.reported_in == change.field)

    def message(self, change: Change) -> Message:
        return Message(N_("{what} is no longer offered; its values stay"), {"what": subject(change)})


class FieldRestored(_FieldKind):
    name = "field_restored"
    attributes = ("state",)
    levels = ("compatible", "needs_attention", "records_first")
    inverses = ("field_retired",)
    means = "Its values can be edited again. Required: records that came without it have a gap now."
    offers = ("set_default",)

    def fits(self, before: Values, after: Values) -> bool:
        return bool(after["state"] == "active")

    def level(self, change: Change) -> Level:
        return _demanded(change.becomes)

    def message(self, change: Change) -> Message:
        return Message(N_("{what} is offered again, with the values it had"), {"what": subject(change)})

    def questions(self, change: Change) -> list[Question]:
        required = change.becomes.expectation == "required"
        return [question(change, ask) for ask in (("has_value", "missing") if required else ("has_value",))]


class FieldRenamed(_FieldKind):
    name = "field_renamed"
    attributes = ("field_name", "previous_names")
    levels = ("records_first",)
    inverses = ("field_renamed",)
    means = (
        "The values have to be moved to the new name; until that is done, reads find them under the old one."
        " Two fields that take each other's names are mended by one repair."
    )
    offers = ("rename", "swap")
    asks = "has_value"

    def fits(self, before: Values, after: Values) -> bool:
        return "field_name" in after

    def message(self, change: Change) -> Message:
        return Message(
            N_("{what} is stored as “{after}” instead of “{before}”"),
            {
                "what": subject(change),
                "before": change.before["field_name"],
                "after": change.after["field_name"],
            },
        )

    def repairs(self, change: Change) -> list[Offer]:
        if change.part:
            # What a part of an entry is stored as can't change once it is published.
            return []
        other = next((f for f in _beside(change) if _swapped(change, f)), None)
        if other:
            return [offer(change, "swap", **{"with": change.after["field_name"]})]
        return [offer(change, "rename", to=change.after["field_name"])]


def _beside(change: Change) -> Iterator[tuple[Field, Field]]:
    """The other fields of the same list, as they were and as they become."""
    before, after = change.within.before, change.within.after
    for place, field in before.items():
        same_list = place.path == change.place.path and place.holder == change.place.holder
        if same_list and place != change.place and place in after:
            yield field, after[place]


def _swapped(change: Change, other: tuple[Field, Field]) -> bool:
    was, becomes = other
    names = (change.before["field_name"], change.after["field_name"])
    return (becomes.field_name, was.field_name) == names


class FieldHistoryChanged(_FieldKind):
    name = "field_history_changed"
    attributes = ("previous_names",)
    inverses = ("field_history_changed",)
    means = "Values under a name that is listed are found; none is moved."

    def message(self, change: Change) -> Message:
        return Message(
            N_("The list of earlier names of {what} changes"),
            {"what": subject(change)},
        )


class FieldMoved(_FieldKind):
    name = "field_moved"
    attributes = ("section", "position")
    inverses = ("field_moved",)

    def message(self, change: Change) -> Message:
        values: dict[str, Text | Message] = {"what": subject(change)}
        if "section" in change.after:
            label = section_label(change.within.after, change.place, change.after["section"])
            return Message(N_("{what} moves to the section “{section}”"), {**values, "section": label})
        neighbor, stays = _neighbor(change)
        if stays:
            text = N_("{what} stands elsewhere in the list, in the same order in its section")
            return Message(text, values)
        if neighbor is None:
            return Message(N_("{what} moves to the beginning of its section"), values)
        return Message(N_("{what} moves after “{neighbor}”"), {**values, "neighbor": neighbor.label})


def _neighbor(change: Change) -> tuple[Field | None, bool]:
    """The field before it in its section, and whether it is the one that was there before."""
    before, after = (_in_section(change, state) for state in (change.within.before, change.within.after))
    return after, bool(before and after and before.id == after.id) or (before is None and after is None)


def _in_section(change: Change, state: Mapping[Place, Any]) -> Field | None:
    field, previous = state[change.place], None
    for place, other in state.items():
        if place == change.place:
            break
        same_list = place.path == change.place.path and bool(place.part) == bool(change.part)
        if same_list and place.holder == change.place.holder and other.section == field.section:
            previous = other
    return previous


def section_label(state: Mapping[Place, Any], place: Place, section: str) -> Text:
    """The label of a field's section, its id when it is unknown."""
    found = state.get(Place(f"{place.path.split('.')[0]}.sections", section))
    return found.label if found else section


class FieldMappingChanged(_FieldKind):
    name = "field_mapping_changed"
    attributes = ("mapping",)
    inverses = ("field_mapping_changed",)
    means = "Nothing; exports in the other standard follow."

    def message(self, change: Change) -> Message:
        before, after = change.before["mapping"], change.after["mapping"]
        changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        return Message(
            N_("What {what} corresponds to changes in: {standards}"),
            {"what": subject(change), "standards": ", ".join(STANDARDS.get(n, n) for n in changed)},
        )


class FieldMadeRequired(_FieldKind):
    name = "field_made_required"
    attributes = ("expectation",)
    levels = ("needs_attention", "records_first")
    inverses = ("field_made_recommended", "field_made_optional")
    means = (
        "Records without a value have a gap now, and can still be saved. Where the field also applies to"
        " existing records, the gaps have to be filled first."
    )
    offers = ("set_default", "split_interval")
    asks = "missing"

    def fits(self, before: Values, after: Values) -> bool:
        return bool(after["expectation"] == "required")

    def repairs(self, change: Change) -> list[Offer]:
        split = _split_of(change, lambda rule: change.field in rule.fields)
        return [offer(change, "set_default"), *split]

    def level(self, change: Change) -> Level:
        return _stricter(change.becomes)

    def message(self, change: Change) -> Message:
        return Message(N_("{what} becomes required"), {"what": subject(change)})


def _split_of(change: Change, about: Callable[[Rule], bool]) -> list[Offer]:
    """The repair that fills in a begin and an end from what tells both in words, where a rule knows of it.

    :param about: whether a rule is about the field that changes
    """
    today = {each.id: each for each in change.within.old.fields_of(change.place.collection.entity)}  # type: ignore[arg-type]
    for rule in RULES:
        names = (rule.reported_in, *rule.fields)
        known = rule.entity == change.entity and not change.part and all(name in today for name in names)
        if known and about(rule):
            reported_in, start, end = (today[name].field_name for name in names)
            return [
                Offer("split_interval", change.entity, {"field": reported_in, "start": start, "end": end})
            ]
    return []


class FieldMadeLessRequired(_FieldKind):
    """No longer required, or recommended where it was optional, or the other way round.

    :param expectation: what it becomes
    :param text: the sentence
    """

    attributes = ("expectation",)
    levels = ("compatible",)
    means = "Old records stay right."

    def __init__(self, expectation: str, text: str) -> None:
        self.name = f"field_made_{expectation}"
        self.inverses = tuple(f"field_made_{other}" for other in EXPECTATIONS if other != expectation)
        self.expectation = expectation
        self.text = text

    def fits(self, before: Values, after: Values) -> bool:
        return bool(after["expectation"] == self.expectation)

    def message(self, change: Change) -> Message:
        return Message(self.text, {"what": subject(change)})


class FieldTypeChanged(_FieldKind):
    name = "field_type_changed"
    attributes = ("preset", "repeating_subfields")
    levels = ("compatible", "needs_attention", "records_first")
    inverses = ("field_type_changed",)
    means = (
        "Another control for the same texts: old records stay right. A type that some texts do not fit:"
        " those records have a value to mend. Between one text, several and repeating entries: the values"
        " have to be converted first."
    )
    offers = ("retype", "map_values")
    asks = "unreadable"

    def level(self, change: Change) -> Level:
        old, new = _kind_of(change.was), _kind_of(change.becomes)
        if old.shape != new.shape:
            return "records_first"
        if not new.checked or (old.needs_vocabulary and new.needs_vocabulary):
            return "compatible"
        return _stricter(change.becomes)

    def message(self, change: Change) -> Message:
        return Message(
            N_("{what} is filled in with {after} instead of {before}"),
            {
                "what": subject(change),
                "before": Message(_in_words(change.was)),
                "after": Message(_in_words(change.becomes)),
            },
        )

    def concerns(self, change: Change) -> bool:
        return change.level != "compatible"

    def repairs(self, change: Change) -> list[Offer]:
        if not self.concerns(change):
            return []
        before, after = _kind_of(change.was), _kind_of(change.becomes)
        mapped = [offer(change, "map_values")] if before.shape == after.shape else []
        form = _FORMS[after.shape] if before.shape != after.shape else "date" if after.name == _DATE else ""
        if not form or change.part:
            return mapped
        parts = change.becomes.repeating_subfields
        part = {"part": parts[0].field_name} if form == "repeating" else {}
        return [offer(change, "retype", to=form, **part), *mapped]


_DATE = "partial_date"
# Shapes of stored values, as the repair that converts them calls them.
_FORMS = {"text": "text", "several": "several", "rows": "repeating"}


def _in_words(field: Field) -> str:
    if field.repeating_subfields:
        return N_("entries of several parts")
    return filled_in(field) if field.preset in FIELD_TYPES else field.preset


class FieldPatternChanged(_FieldKind):
    name = "field_pattern_changed"
    attributes = ("pattern",)
    levels = ("compatible", "needs_attention", "records_first")
    inverses = ("field_pattern_changed",)
    means = (
        "Values that do not fit the new pattern are to be mended."
        " Without a pattern, old records stay right."
    )
    offers = ("map_values",)
    asks = "fails_pattern"

    def level(self, change: Change) -> Level:
        return _stricter(change.becomes) if self.concerns(change) else "compatible"

    def message(self, change: Change) -> Message:
        values: dict[str, Text | Message] = {
            "what": subject(change),
            "before": change.before["pattern"],
            "after": change.after["pattern"],
        }
        if not change.after["pattern"]:
            return Message(N_("{what} takes any text again; the pattern was {before}"), values)
        if not change.before["pattern"]:
            return Message(N_("{what} has to fit the pattern {after}"), values)
        return Message(N_("{what} has to fit the pattern {after} instead of {before}"), values)

    def concerns(self, change: Change) -> bool:
        return bool(change.after["pattern"])


class FieldLimitsChanged(_FieldKind):
    name = "field_limits_changed"
    attributes = ATTRIBUTES
    levels = ("compatible", "needs_attention", "records_first")
    inverses = ("field_limits_changed",)
    means = (
        "Values beyond the new limits are to be mended. Where the limits are wider or gone, old records"
        " stay right."
    )
    offers = ("map_values",)
    asks = "outside_limits"

    def level(self, change: Change) -> Level:
        return _stricter(change.becomes) if self.concerns(change) else "compatible"

    def message(self, change: Change) -> Message:
        values: dict[str, Text | Message] = {"what": subject(change)}
        before, after = _limits_in_words(change.was), _limits_in_words(change.becomes)
        if not after:
            return Message(N_("{what} takes values of any size again"), values)
        if not before:
            return Message(N_("{what} takes only: {after}"), {**values, "after": after})
        return Message(
            N_("{what} takes only: {after}; before: {before}"), {**values, "before": before, "after": after}
        )

    def concerns(self, change: Change) -> bool:
        return tightened(limits_of(change.was), limits_of(change.becomes))


def _limits_in_words(field: Field) -> Message | None:
    words = [bound.words for bound in limits_of(field)]
    if len(words) < 2:
        return words[0] if words else None
    return Message(N_("{low}, {high}"), {"low": words[0], "high": words[1]})


class FieldMissingValuesChanged(_FieldKind):
    name = "field_missing_values_changed"
    attributes = ("missing_values",)
    levels = ("compatible", "needs_attention", "records_first")
    inverses = ("field_missing_values_changed",)
    means = "Records of a required field that hold a value which now counts as missing have a gap now."
    offers = ("map_values", "set_default")

    def level(self, change: Change) -> Level:
        return _demanded(change.becomes) if self.concerns(change) else "compatible"

    def message(self, change: Change) -> Message:
        if not change.after["missing_values"]:
            return Message(N_("Every value of {what} counts again"), {"what": subject(change)})
        return Message(
            N_("For {what} these count as missing: {values}"),
            {"what": subject(change), "values": _quoted(change.after["missing_values"])},
        )

    def questions(self, change: Change) -> list[Question]:
        more = _more_missing(change)
        return [question(change, "holds", more)] if more else []

    def concerns(self, change: Change) -> bool:
        return bool(_more_missing(change))


def _more_missing(change: Change) -> tuple[str, ...]:
    before = change.before["missing_values"]
    return tuple(value for value in change.after["missing_values"] if value not in before)


def _quoted(values: list[str]) -> str:
    return ", ".join(f"“{value}”" for value in values)


class FieldVocabularyExchanged(_FieldKind):
    name = "field_vocabulary_exchanged"
    attributes = ("vocabulary",)
    levels = ("compatible", "needs_attention", "records_first")
    inverses = ("field_vocabulary_exchanged",)
    means = (
        "Values that are no term of the new vocabulary are to be mended; they stay until someone does."
        " Where the new one has all terms of the old, old records stay right."
    )
    offers = ("map_values",)
    asks = "outside_vocabulary"

    def level(self, change: Change) -> Level:
        before = _values(change.within.before, change.before["vocabulary"])
        after = _values(change.within.after, change.after["vocabulary"])
        if not change.after["vocabulary"] or (before and before <= after):
            return "compatible"
        return _stricter(change.becomes)

    def message(self, change: Change) -> Message:
        before, after = _vocabulary_labels(change)
        values: dict[str, Text | Message] = {"what": subject(change), "before": before, "after": after}
        if not before:
            return Message(N_("{what} takes its terms from “{after}”"), values)
        if not after:
            return Message(N_("{what} no longer takes its terms from “{before}”"), values)
        return Message(N_("{what} takes its terms from “{after}” instead of “{before}”"), values)

    def concerns(self, change: Change) -> bool:
        return change.level != "compatible"


def _values(state: Mapping[Place, Any], vocabulary: str) -> set[str]:
    found = state.get(Place("vocabularies", vocabulary))
    return {term.value for term in found.terms} if found else set()


def _vocabulary_labels(change: Change) -> tuple[Text, Text]:
    within: Comparison = change.within
    before, after = change.before["vocabulary"], change.after["vocabulary"]
    old, new = Place("vocabularies", before), Place("vocabularies", after)
    return label_of(within.before.get(old), change, before), label_of(within.after.get(new), change, after)


class FieldAppliedToAll(_FieldKind):
    name = "field_applied_to_all"
    attributes = ("enforce",)
    levels = ("records_first",)
    inverses = ("field_applied_to_new",)
    means = "No record may be without a right value; those that are have to be mended first."
    offers = ("set_default", "map_values")
    asks = "offends"

    def fits(self, before: Values, after: Values) -> bool:
        return bool(after["enforce"] == "all")

    def message(self, change: Change) -> Message:
        return Message(
            N_("What is asked of {what} also applies to existing records"), {"what": subject(change)}
        )


class FieldAppliedToNew(_FieldKind):
    name = "field_applied_to_new"
    attributes = ("enforce",)
    levels = ("compatible",)
    inverses = ("field_applied_to_all",)
    means = "Existing records may keep what they have."

    def fits(self, before: Values, after: Values) -> bool:
        return bool(after["enforce"] == "new")

    def message(self, change: Change) -> Message:
        return Message(
            N_("What is asked of {what} applies to new and changed values only"), {"what": subject(change)}
        )


class FieldSwitched(_FieldKind):
    """Something about the field that is on or off, and that the search index follows.

    :param name: the kind's name
    :param attribute: the attribute
    :param on: the sentence when it is switched on
    :param off: the sentence when it is switched off
    """

    levels = ("compatible",)
    means = "Old records stay right; the search index follows in the background."

    def __init__(self, name: str, attribute: str, on: str, off: str) -> None:
        self.name = name
        self.attributes = (attribute,)
        self.inverses = (name,)
        self.on = on
        self.off = off

    def message(self, change: Change) -> Message:
        (edit,) = change.edits
        return Message(self.on if edit.after else self.off, {"what": subject(change)})


class FieldPresentationChanged(_FieldKind):
    name = "field_presentation_changed"
    attributes = ("form_placeholder", "display_property", "sorted_choices", "form_blanks")
    inverses = ("field_presentation_changed",)

    def message(self, change: Change) -> Message:
        return Message(N_("{what} is shown in another way"), {"what": subject(change)})


FIELD_KINDS: list[Kind] = [
    FieldAdded(),
    FieldRemoved(),
    FieldRenamed(),
    FieldHistoryChanged(),
    FieldRetired(),
    FieldRestored(),
    FieldMoved(),
    Relabelled("field_relabelled", "field"),
    Rewritten("field_help_changed", "field", "help_text", N_("help for publishers")),
    Rewritten("field_guidance_changed", "field", "guidance", N_("guidance for catalogers")),
    Rewritten("field_example_changed", "field", "example", N_("example")),
    Rewritten("field_bad_example_changed", "field", "bad_example", N_("bad example")),
    Rewritten("field_definition_changed", "field", "definition", N_("definition")),
    Rewritten("field_uri_changed", "field", "uri", N_("URI")),
    Rewritten("field_note_changed", "field", "note", N_("curators' note")),
    FieldMappingChanged(),
    FieldMadeRequired(),
    FieldMadeLessRequired("recommended", N_("{what} becomes recommended")),
    FieldMadeLessRequired("optional", N_("{what} becomes optional")),
    FieldTypeChanged(),
    FieldVocabularyExchanged(),
    FieldPatternChanged(),
    FieldLimitsChanged(),
    FieldMissingValuesChanged(),
    FieldAppliedToAll(),
    FieldAppliedToNew(),
    FieldSwitched(
        "field_facet_changed",
        "facet",
        N_("Visitors can filter by {what}"),
        N_("Visitors can no longer filter by {what}"),
    ),
    FieldSwitched(
        "field_searchable_changed",
        "searchable",
        N_("The search box finds the text of {what}"),
        N_("The search box no longer finds the text of {what}"),
    ),
    FieldPresentationChanged(),
]

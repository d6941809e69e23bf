"""The kinds of change to fields of datasets, files, organizations and repeating fields."""
from __future__ import annotations

from ckanext.civicswitchboard.core.changes import field_changes, field_restrictions
from ckanext.civicswitchboard.core.changes.common import Relabeled, TextChanged
from ckanext.civicswitchboard.core.changes.diff import ITEM, POSITION
from ckanext.civicswitchboard.core.changes.effects import Level
from ckanext.civicswitchboard.core.changes.field_changes import FieldChanged
from ckanext.civicswitchboard.core.changes.kinds import Kind
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.limits import ATTRIBUTES

_UP_TO_RECORDS_FIRST: tuple[Level, ...] = ("compatible", "needs_attention", "records_first")
_INDEX_FOLLOWS = "Old records stay right; the search index follows in the background."

FIELD_KINDS: list[Kind] = [
    field_changes.FieldAdded(
        "field_added",
        (ITEM, POSITION),
        was={ITEM: None},
        levels=_UP_TO_RECORDS_FIRST,
        inverses=("field_removed",),
        means=(
            "Optional or recommended: old records stay right. Required: they have a gap now. What records"
            " kept under this name in “Other fields” becomes the field's value."
        ),
        offers=("set_default",),
        asks="other_key",
    ),
    FieldChanged(
        "field_removed",
        (ITEM, POSITION),
        N_("{what} is removed"),
        becomes={ITEM: None},
        levels=("needs_attention",),
        inverses=("field_added",),
        means=(
            "Only for a field that was never published; a published one is retired instead. Values that"
            " records have under its name stay, in “Other fields”."
        ),
        asks="has_value",
    ),
    field_changes.FieldRenamed(
        "field_renamed",
        ("field_name", "previous_names"),
        N_("{what} is stored as “{after}”, not “{before}”"),
        levels=("records_first",),
        means=(
            "The values have to be moved to the new name; until that is done, reads find them under the old"
            " one. Two fields that take each other's names are mended by one repair."
        ),
        offers=("rename", "swap"),
        asks="has_value",
    ),
    FieldChanged(
        "field_history_changed",
        ("previous_names",),
        N_("The list of earlier names of {what} changes"),
        means="Values under a name that is listed are found; none is moved.",
    ),
    field_changes.FieldRetired(
        "field_retired",
        ("state",),
        N_("{what} is no longer offered; its values stay"),
        becomes={"state": "retired"},
        levels=("compatible",),
        inverses=("field_restored",),
        means="It is no longer offered. Values stay where they are, show to those who ask and are exported.",
        offers=("split_interval",),
        asks="has_value",
    ),
    field_changes.FieldRestored(
        "field_restored",
        ("state",),
        N_("{what} is offered again, with the values it had"),
        becomes={"state": "active"},
        levels=_UP_TO_RECORDS_FIRST,
        inverses=("field_retired",),
        means="Its values can be edited again. Required: records that came without it have a gap now.",
        offers=("set_default",),
        asks="has_value",
    ),
    field_changes.FieldMoved("field_moved", ("section", POSITION)),
    Relabeled("field_relabelled", "field"),
    TextChanged("field_help_changed", "field", "help_text", N_("help for publishers")),
    TextChanged("field_guidance_changed", "field", "guidance", N_("guidance for catalogers")),
    TextChanged("field_example_changed", "field", "example", N_("example")),
    TextChanged("field_bad_example_changed", "field", "bad_example", N_("bad example")),
    TextChanged("field_definition_changed", "field", "definition", N_("definition")),
    TextChanged("field_uri_changed", "field", "uri", N_("URI")),
    TextChanged("field_note_changed", "field", "note", N_("curators' note")),
    field_changes.FieldMappingChanged(
        "field_mapping_changed",
        ("mapping",),
        N_("What {what} corresponds to changes in: {standards}"),
        means="Nothing; exports in the other standard follow.",
    ),
    field_restrictions.FieldMadeRequired(
        "field_made_required",
        ("expectation",),
        N_("{what} becomes required"),
        becomes={"expectation": "required"},
        levels=("needs_attention", "records_first"),
        inverses=("field_made_recommended", "field_made_optional"),
        means=(
            "Records without a value have a gap now, and can still be saved. Where the field also applies to"
            " existing records, the gaps have to be filled first."
        ),
        offers=("set_default", "split_interval"),
        asks="missing",
    ),
    FieldChanged(
        "field_made_recommended",
        ("expectation",),
        N_("{what} becomes recommended"),
        becomes={"expectation": "recommended"},
        levels=("compatible",),
        inverses=("field_made_required", "field_made_optional"),
        means="Old records stay right.",
    ),
    FieldChanged(
        "field_made_optional",
        ("expectation",),
        N_("{what} becomes optional"),
        becomes={"expectation": "optional"},
        levels=("compatible",),
        inverses=("field_made_required", "field_made_recommended"),
        means="Old records stay right.",
    ),
    field_restrictions.FieldTypeChanged(
        "field_type_changed",
        ("preset", "repeating_subfields"),
        N_("The type of {what} is now {after}, not {before}"),
        levels=_UP_TO_RECORDS_FIRST,
        means=(
            "Another control for the same texts: old records stay right. A type that some texts do not fit:"
            " those records have a value to mend. Between one text, several and repeating entries: the values"
            " have to be converted first."
        ),
        offers=("retype", "map_values"),
        asks="unreadable",
    ),
    field_restrictions.FieldVocabularyExchanged(
        "field_vocabulary_exchanged",
        ("vocabulary",),
        N_("{what} takes its terms from “{after}” instead of “{before}”"),
        text_added=N_("{what} takes its terms from “{after}”"),
        text_emptied=N_("{what} no longer takes its terms from “{before}”"),
        levels=_UP_TO_RECORDS_FIRST,
        means=(
            "Values that are no term of the new vocabulary are to be mended; they stay until someone does."
            " Where the new one has all terms of the old, old records stay right."
        ),
        offers=("map_values",),
        asks="outside_vocabulary",
    ),
    field_restrictions.FieldRestricted(
        "field_pattern_changed",
        ("pattern",),
        N_("{what} has to match the pattern {after}, not {before}"),
        text_added=N_("{what} has to match the pattern {after}"),
        text_emptied=N_("{what} accepts any text again; the pattern was {before}"),
        levels=_UP_TO_RECORDS_FIRST,
        means=(
            "Values that do not fit the new pattern are to be mended."
            " Without a pattern, old records stay right."
        ),
        offers=("map_values",),
        asks="fails_pattern",
    ),
    field_restrictions.FieldLimitsChanged(
        "field_limits_changed",
        ATTRIBUTES,
        N_("{what} accepts only: {after}; before: {before}"),
        text_added=N_("{what} accepts only: {after}"),
        text_emptied=N_("{what} accepts values of any size again"),
        levels=_UP_TO_RECORDS_FIRST,
        means=(
            "Values beyond the new limits are to be mended. Where the limits are wider or gone, old records"
            " stay right."
        ),
        offers=("map_values",),
        asks="outside_limits",
    ),
    field_restrictions.FieldMissingValuesChanged(
        "field_missing_values_changed",
        ("missing_values",),
        N_("For {what} these count as missing: {values}"),
        text_emptied=N_("Every value of {what} counts again"),
        levels=_UP_TO_RECORDS_FIRST,
        means="Records of a required field that hold a value which now counts as missing have a gap now.",
        offers=("map_values", "set_default"),
    ),
    FieldChanged(
        "field_applied_to_all",
        ("enforce",),
        N_("The rules for {what} also apply to existing records"),
        becomes={"enforce": "all"},
        levels=("records_first",),
        inverses=("field_applied_to_new",),
        means="No record may be without a right value; those that are have to be mended first.",
        offers=("set_default", "map_values"),
        asks="offends",
    ),
    FieldChanged(
        "field_applied_to_new",
        ("enforce",),
        N_("The rules for {what} apply only to new and changed values"),
        becomes={"enforce": "new"},
        levels=("compatible",),
        inverses=("field_applied_to_all",),
        means="Existing records may keep what they have.",
    ),
    FieldChanged(
        "field_facet_changed",
        ("facet",),
        N_("Visitors can filter by {what}"),
        text_emptied=N_("Visitors can no longer filter by {what}"),
        levels=("compatible",),
        means=_INDEX_FOLLOWS,
    ),
    FieldChanged(
        "field_searchable_changed",
        ("searchable",),
        N_("The search box finds the text of {what}"),
        text_emptied=N_("The search box no longer finds the text of {what}"),
        levels=("compatible",),
        means=_INDEX_FOLLOWS,
    ),
    FieldChanged(
        "field_presentation_changed",
        ("form_placeholder", "display_property", "sorted_choices", "form_blanks"),
        N_("{what} is displayed differently"),
    ),
]

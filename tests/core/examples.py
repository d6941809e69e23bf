"""An example of every kind of change, at every level that it can have, with its sentence."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ckanext.civicswitchboard.core.schema.document import Document
from ckanext.civicswitchboard.core.schema.rules import read

Raw = dict[str, Any]
Making = Callable[[Raw], object]


class Example(NamedTuple):
    """What is done to :data:`BASE`, and the one change that it makes."""

    kind: str
    level: str
    edit: Making
    text: str


def field(name: str, label: str, **more: Any) -> Raw:
    return {"id": name, "field_name": name, "label": label, "section": "about", **more}


def base() -> Raw:
    """A document in which everything that can change is there."""
    return {
        "format": 1,
        "title": "A schema",
        "vocabularies": [
            {
                "id": "unit",
                "label": "Units",
                "terms": [
                    {"id": "tract", "value": "tract", "label": "Census tract"},
                    {"id": "ward", "value": "ward", "label": "Ward"},
                    {"id": "borough", "value": "borough", "label": "Borough", "state": "retired"},
                    {
                        "id": "town", "value": "town", "label": "Town",
                        "state": "retired", "merged_into": "ward",
                    },
                    {
                        "id": "parish", "value": "parish", "label": "Parish",
                        "state": "retired", "replaced_by": "ward",
                    },
                ],
            },
            {"id": "few", "label": "Few units", "terms": [{"id": "tract", "value": "tract", "label": "Tract"}]},
            {"id": "unused", "label": "Unused", "terms": []},
        ],
        "partner_types": [
            {
                "name": "library", "label": "Library", "sector": "library",
                "fields": [{"field": "roles"}, {"field": "site"}],
            },
            {"name": "museum", "label": "Museum", "sector": "community", "fields": []},
        ],
        "dataset": {
            "sections": [
                {"id": "about", "label": "About"}, {"id": "places", "label": "Places"}, {"id": "empty", "label": "Empty"},
            ],
            "fields": [
                field("title", "Title", preset="title"),
                field("remark", "Remark"),
                field("office", "Office"),
                field("unit", "Unit", preset="select", vocabulary="unit"),
                field("part", "Part", preset="select", vocabulary="few"),
                field("part_all", "Part, always", preset="select", vocabulary="few", enforce="all"),
                field("must", "Must", expectation="required"),
                field("always", "Always", expectation="required", enforce="all"),
                field("lax", "Lax", enforce="all"),
                field("coded", "Coded", pattern="[0-9]+"),
                field("count", "Count", preset="number", minimum="1", maximum="50"),
                field("gone", "Gone", state="retired"),
                field("gone_must", "Gone must", state="retired", expectation="required"),
                field("gone_always", "Gone always", state="retired", expectation="required", enforce="all"),
                field("temporal_coverage", "Period"),
                field("temporal_start", "Begin", preset="partial_date"),
                field("temporal_end", "End", preset="partial_date"),
                field("rows", "Rows", repeating_subfields=[{"id": "name", "field_name": "name", "label": "Name"}]),
            ],
            "resource_fields": [field("encoding", "Encoding", section="")],
        },
        "organization": {
            "sections": [{"id": "about", "label": "About"}],
            "fields": [
                field("kind", "Kind", preset="partner_type"), field("roles", "Roles"), field("site", "Web site"),
                field("since", "Since"),
            ],
        },
    }


def document() -> Document:
    return read(base())


def after(edit: Making) -> Document:
    raw = base()
    edit(raw)
    return read(raw)


def one(things: list[Raw], key: str) -> Raw:
    return next(each for each in things if key in (each.get("id"), each.get("name"), each.get("field")))


def fields(raw: Raw) -> list[Raw]:
    found: list[Raw] = raw["dataset"]["fields"]
    return found


def terms(raw: Raw) -> list[Raw]:
    found: list[Raw] = raw["vocabularies"][0]["terms"]
    return found


def swap(things: list[Raw], first: str, second: str) -> None:
    one_place, other = (things.index(one(things, key)) for key in (first, second))
    things[one_place], things[other] = things[other], things[one_place]


def of_field(key: str, **more: Any) -> Making:
    return lambda raw: one(fields(raw), key).update(more)


def of_term(key: str, **more: Any) -> Making:
    return lambda raw: one(terms(raw), key).update(more)


def of_vocabulary(**more: Any) -> Making:
    return lambda raw: raw["vocabularies"][0].update(more)


def of_section(**more: Any) -> Making:
    return lambda raw: raw["dataset"]["sections"][1].update(more)


def of_type(**more: Any) -> Making:
    return lambda raw: raw["partner_types"][1].update(more)


def new_field(**more: Any) -> Making:
    return lambda raw: fields(raw).append(field("new", "New", **more))


def profile(raw: Raw) -> list[Raw]:
    found: list[Raw] = raw["partner_types"][0]["fields"]
    return found


def exchange_names(raw: Raw) -> None:
    """Two fields take each other's names: two renames, which one repair mends."""
    one(fields(raw), "remark").update(field_name="office", previous_names=["remark"])
    one(fields(raw), "office").update(field_name="remark", previous_names=["office"])


def across_the_edge(raw: Raw) -> None:
    """A field changes places with its neighbor and comes into the next section: one change."""
    swap(fields(raw), "remark", "office")
    one(fields(raw), "remark").update(section="places")


EXAMPLES = [
    Example("title_changed", "editorial", lambda raw: raw.update(title="Our schema"), "The title of the shared schema changes"),
    Example("about_changed", "editorial", lambda raw: raw.update(about="What it is"), "The description of the shared schema is added"),
    Example("note_changed", "editorial", lambda raw: raw.update(note="To do"), "The curators' note of the shared schema is added"),
    Example("section_added", "editorial", lambda raw: raw["dataset"]["sections"].append({"id": "more", "label": "More"}), "The section “More” is added"),
    Example("section_removed", "editorial", lambda raw: raw["dataset"]["sections"].pop(), "The section “Empty” is removed"),
    Example("section_moved", "editorial", lambda raw: raw["dataset"]["sections"].insert(0, raw["dataset"]["sections"].pop()), "The section “Empty” moves to the beginning of its list"),
    Example("section_relabelled", "editorial", of_section(label="Where"), "The section “Places” is now called “Where”"),
    Example("section_description_changed", "editorial", of_section(description={"en": "Where", "es": "Dónde"}), "The description of the section “Places” changes in these languages: en, es"),
    Example("section_page_changed", "editorial", of_section(page=True), "A new page of the form begins with the section “Places”"),
    Example("partner_type_added", "compatible", lambda raw: raw["partner_types"].append({"name": "archive", "label": "Archive", "sector": "community"}), "The partner type “Archive” is added"),
    Example("partner_type_removed", "needs_attention", lambda raw: raw["partner_types"].pop(), "The partner type “Museum” is removed"),
    Example("partner_type_moved", "editorial", lambda raw: raw["partner_types"].reverse(), "The partner type “Museum” moves to the beginning of its list"),
    Example("partner_type_relabelled", "editorial", of_type(label="Gallery"), "The partner type “Museum” is now called “Gallery”"),
    Example("partner_type_description_changed", "editorial", of_type(description="Keeps things"), "The description of the partner type “Museum” is added"),
    Example("partner_type_icon_changed", "editorial", of_type(icon="fa-landmark"), "The icon of the partner type “Museum” is added"),
    Example("partner_type_note_changed", "editorial", of_type(note="Ask them"), "The curators' note of the partner type “Museum” is added"),
    Example("partner_type_sector_changed", "compatible", of_type(sector="government"), "The partner type “Museum” belongs to “Governments”, not “Community”"),
    Example("partner_type_field_added", "compatible", lambda raw: profile(raw).append({"field": "since"}), "“Since” for “Library” is now requested: Optional"),
    Example("partner_type_field_added", "needs_attention", lambda raw: profile(raw).append({"field": "since", "expectation": "required"}), "“Since” for “Library” is now requested: Required"),
    Example("partner_type_field_removed", "compatible", lambda raw: profile(raw).pop(), "“Web site” for “Library” is no longer requested"),
    Example("partner_type_field_changed", "compatible", lambda raw: profile(raw)[0].update(expectation="recommended"), "“Roles” for “Library” becomes: Recommended"),
    Example("partner_type_field_changed", "needs_attention", lambda raw: profile(raw)[0].update(expectation="required"), "“Roles” for “Library” becomes: Required"),
    Example("partner_type_field_moved", "editorial", lambda raw: profile(raw).reverse(), "“Web site” for “Library” moves to the beginning of its list"),
    Example("field_added", "compatible", new_field(), "“New” is added to “About”, optional"),
    Example("field_added", "compatible", lambda raw: one(fields(raw), "rows")["repeating_subfields"].append({"id": "size", "field_name": "size", "label": "Size"}), "“Size” within “Rows” is added, optional"),
    Example("field_added", "needs_attention", new_field(expectation="required"), "“New” is added to “About”, required"),
    Example("field_added", "records_first", new_field(expectation="required", enforce="all"), "“New” is added to “About”, required of existing records too"),
    Example("field_removed", "needs_attention", lambda raw: fields(raw).remove(one(fields(raw), "remark")), "“Remark” is removed"),
    Example("field_renamed", "records_first", of_field("remark", field_name="comment", previous_names=["remark"]), "“Remark” is stored as “comment”, not “remark”"),
    Example("field_history_changed", "editorial", of_field("remark", previous_names=["remark"]), "The list of earlier names of “Remark” changes"),
    Example("field_retired", "compatible", of_field("remark", state="retired"), "“Remark” is no longer offered; its values stay"),
    Example("field_retired", "compatible", of_field("temporal_coverage", state="retired"), "“Period” is no longer offered; its values stay"),
    Example("field_restored", "compatible", of_field("gone", state="active"), "“Gone” is offered again, with the values it had"),
    Example("field_restored", "needs_attention", of_field("gone_must", state="active"), "“Gone must” is offered again, with the values it had"),
    Example("field_restored", "records_first", of_field("gone_always", state="active"), "“Gone always” is offered again, with the values it had"),
    Example("field_moved", "editorial", of_field("remark", section="places"), "“Remark” moves to the section “Places”"),
    Example("field_moved", "editorial", across_the_edge, "“Remark” moves to the section “Places”"),
    Example("field_moved", "editorial", lambda raw: fields(raw).append(fields(raw).pop(1)), "“Remark” moves after “Rows”"),
    Example("field_moved", "editorial", lambda raw: fields(raw).insert(0, fields(raw).pop()), "“Rows” moves to the beginning of its section"),
    Example("field_relabelled", "editorial", of_field("remark", label="Comment"), "“Remark” is now called “Comment”"),
    Example("field_relabelled", "editorial", lambda raw: raw["dataset"]["resource_fields"][0].update(label="Characters"), "“Encoding” of files and links is now called “Characters”"),
    Example("field_help_changed", "editorial", of_field("remark", help_text="Say more"), "The help for publishers of “Remark” is added"),
    Example("field_guidance_changed", "editorial", of_field("remark", guidance="As in MARC 500"), "The guidance for catalogers of “Remark” is added"),
    Example("field_example_changed", "editorial", of_field("remark", example="So it is"), "The example of “Remark” is added"),
    Example("field_bad_example_changed", "editorial", of_field("remark", bad_example="misc."), "The bad example of “Remark” is added"),
    Example("field_definition_changed", "editorial", of_field("remark", definition="What is said"), "The definition of “Remark” is added"),
    Example("field_uri_changed", "editorial", of_field("remark", uri="http://example.org/remark"), "The URI of “Remark” is added"),
    Example("field_note_changed", "editorial", of_field("remark", note="Needed?"), "The curators' note of “Remark” is added"),
    Example("field_mapping_changed", "editorial", of_field("remark", mapping={"dcat": "rdfs:comment", "schema_org": "comment"}), "What “Remark” corresponds to changes in: DCAT, schema.org"),
    Example("field_made_required", "needs_attention", of_field("remark", expectation="required"), "“Remark” becomes required"),
    Example("field_made_required", "needs_attention", of_field("temporal_start", expectation="required"), "“Begin” becomes required"),
    Example("field_made_required", "records_first", of_field("lax", expectation="required"), "“Lax” becomes required"),
    Example("field_made_recommended", "compatible", of_field("remark", expectation="recommended"), "“Remark” becomes recommended"),
    Example("field_made_optional", "compatible", of_field("must", expectation="optional"), "“Must” becomes optional"),
    Example("field_type_changed", "compatible", of_field("remark", preset="textarea"), "The type of “Remark” is now multiple lines of text, not one line of text"),
    Example("field_type_changed", "needs_attention", of_field("remark", preset="email"), "The type of “Remark” is now an email address, not one line of text"),
    Example("field_type_changed", "records_first", of_field("remark", preset="multiple_text"), "The type of “Remark” is now one value per line, not one line of text"),
    Example("field_type_changed", "records_first", of_field("lax", preset="email"), "The type of “Lax” is now an email address, not one line of text"),
    Example("field_type_changed", "records_first", of_field("remark", repeating_subfields=[{"id": "name", "field_name": "name", "label": "Name"}]), "The type of “Remark” is now entries of several parts, not one line of text"),
    Example("field_vocabulary_exchanged", "compatible", of_field("part", vocabulary="unit"), "“Part” takes its terms from “Units” instead of “Few units”"),
    Example("field_vocabulary_exchanged", "needs_attention", of_field("unit", vocabulary="few"), "“Unit” takes its terms from “Few units” instead of “Units”"),
    Example("field_vocabulary_exchanged", "records_first", of_field("part_all", vocabulary="unused"), "“Part, always” takes its terms from “Unused” instead of “Few units”"),
    Example("field_pattern_changed", "compatible", of_field("coded", pattern=""), "“Coded” accepts any text again; the pattern was [0-9]+"),
    Example("field_pattern_changed", "needs_attention", of_field("remark", pattern="[A-Z].*"), "“Remark” has to match the pattern [A-Z].*"),
    Example("field_pattern_changed", "records_first", of_field("lax", pattern="[A-Z].*"), "“Lax” has to match the pattern [A-Z].*"),
    Example("field_limits_changed", "compatible", of_field("count", minimum="", maximum=""), "“Count” accepts values of any size again"),
    Example("field_limits_changed", "compatible", of_field("count", maximum="60"), "“Count” accepts only: at least 1, at most 60; before: at least 1, at most 50"),
    Example("field_limits_changed", "needs_attention", of_field("remark", max_length=300), "“Remark” accepts only: at most 300 characters"),
    Example("field_limits_changed", "records_first", of_field("lax", max_length=300), "“Lax” accepts only: at most 300 characters"),
    Example("field_missing_values_changed", "compatible", of_field("remark", missing_values=["none"]), "For “Remark” these count as missing: “none”"),
    Example("field_missing_values_changed", "needs_attention", of_field("must", missing_values=["none", "n/a"]), "For “Must” these count as missing: “none”, “n/a”"),
    Example("field_missing_values_changed", "records_first", of_field("always", missing_values=["none"]), "For “Always” these count as missing: “none”"),
    Example("field_applied_to_all", "records_first", of_field("remark", enforce="all"), "The rules for “Remark” also apply to existing records"),
    Example("field_applied_to_new", "compatible", of_field("lax", enforce="new"), "The rules for “Lax” apply only to new and changed values"),
    Example("field_facet_changed", "compatible", of_field("remark", facet=True), "Visitors can filter by “Remark”"),
    Example("field_searchable_changed", "compatible", of_field("remark", searchable=True), "The search box finds the text of “Remark”"),
    Example("field_presentation_changed", "editorial", of_field("remark", form_placeholder="Here"), "“Remark” is displayed differently"),
    Example("vocabulary_added", "compatible", lambda raw: raw["vocabularies"].append({"id": "color", "label": "Colors", "terms": []}), "The vocabulary “Colors” is added"),
    Example("vocabulary_removed", "compatible", lambda raw: raw["vocabularies"].pop(), "The vocabulary “Unused” is removed"),
    Example("vocabulary_moved", "editorial", lambda raw: raw["vocabularies"].insert(0, raw["vocabularies"].pop()), "The vocabulary “Unused” moves to the beginning of its list"),
    Example("vocabulary_relabelled", "editorial", of_vocabulary(label="Areas"), "The vocabulary “Units” is now called “Areas”"),
    Example("vocabulary_description_changed", "editorial", of_vocabulary(description="Parts of a county"), "The description of the vocabulary “Units” is added"),
    Example("vocabulary_uri_changed", "editorial", of_vocabulary(uri="http://example.org/unit"), "The URI of the vocabulary “Units” is added"),
    Example("vocabulary_note_changed", "editorial", of_vocabulary(note="From 2020"), "The curators' note of the vocabulary “Units” is added"),
    Example("term_added", "compatible", lambda raw: terms(raw).append({"id": "city", "value": "city", "label": "City"}), "The term “City” in “Units” is added"),
    Example("term_removed", "needs_attention", lambda raw: terms(raw).pop(0), "The term “Census tract” in “Units” is removed"),
    Example("term_merged", "needs_attention", of_term("tract", state="retired", merged_into="ward"), "The term “Census tract” in “Units” is merged into “Ward”"),
    Example("term_unmerged", "compatible", of_term("town", state="active", merged_into=""), "The term “Town” in “Units” is no longer merged"),
    Example("term_retired", "needs_attention", of_term("tract", state="retired", replaced_by="ward"), "The term “Census tract” in “Units” is no longer offered; use “Ward” instead"),
    Example("term_retired", "needs_attention", of_term("tract", state="retired"), "The term “Census tract” in “Units” is no longer offered"),
    Example("term_restored", "compatible", of_term("borough", state="active"), "The term “Borough” in “Units” is offered again"),
    Example("term_replacement_changed", "needs_attention", of_term("borough", replaced_by="ward"), "Use “Ward” instead of “Borough” in “Units”"),
    Example("term_replacement_changed", "compatible", of_term("parish", replaced_by=""), "No term is named as a replacement for “Parish” in “Units”"),
    Example("term_value_changed", "records_first", of_term("tract", value="census_tract"), "The term “Census tract” in “Units” is stored as “census_tract”, not “tract”"),
    Example("term_broader_changed", "editorial", of_term("tract", broader="ward"), "The broader term of “Census tract” in “Units” is “Ward”"),
    Example("term_moved", "editorial", lambda raw: swap(terms(raw), "tract", "ward"), "“Ward” in “Units” moves to the beginning of its list"),
    Example("term_relabelled", "editorial", of_term("tract", label={"en": "Tract", "es": "Distrito"}), "The label of “Tract” in “Units” changes in these languages: en, es"),
    Example("term_alternate_labels_changed", "editorial", of_term("tract", alternate_labels=["Tract"]), "The alternate labels of “Census tract” in “Units” change"),
    Example("term_definition_changed", "editorial", of_term("tract", definition="For the census"), "The definition of “Census tract” in “Units” is added"),
    Example("term_scope_note_changed", "editorial", of_term("tract", scope_note="Of 2020"), "The scope note of “Census tract” in “Units” is added"),
    Example("term_uri_changed", "editorial", of_term("tract", uri="http://example.org/tract"), "The URI of “Census tract” in “Units” is added"),
    Example("term_source_changed", "editorial", of_term("tract", source="Census"), "The source of “Census tract” in “Units” is added"),
    Example("term_note_changed", "editorial", of_term("tract", note="Check"), "The curators' note of “Census tract” in “Units” is added"),
]

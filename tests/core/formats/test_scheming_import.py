"""A portal's own scheming schemas become a document."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ckanext.civicswitchboard.core.formats.scheming_import import Adopted, Schemas, adopt
from ckanext.civicswitchboard.core.schema.document import Field
from ckanext.civicswitchboard.core.schema.rules import faults_of
from ckanext.civicswitchboard.core.schema.yaml_files import read_folder

SHIPPED = read_folder(Path(__file__).parents[3] / "schemas")
PORTAL = Path(__file__).parents[2] / "adoption"

Raw = dict[str, Any]


def field(name: str, **more: Any) -> Raw:
    return {"field_name": name, "label": name.capitalize(), **more}


def dataset(*fields: Raw, resource: list[Raw] | None = None, **more: Any) -> Raw:
    return {
        "scheming_version": 2, "dataset_type": "dataset", "dataset_fields": list(fields),
        "resource_fields": resource or [], **more,
    }


def adopted(*fields: Raw, presets: Raw | None = None, **more: Any) -> Adopted:
    return adopt(Schemas(datasets=[dataset(*fields, **more)], presets=presets or {}), SHIPPED)


def told(found: Adopted) -> list[str]:
    """The remarks on what the portal has a schema of."""
    return [str(remark) for remark in found.remarks if not remark.text.startswith("the portal has no schema")]


def only(found: Adopted) -> Field:
    (one,) = found.document.dataset.fields
    return one


@pytest.mark.parametrize(
    ("given", "preset"),
    [
        (field("title", preset="title"), "title"),
        (field("name"), "dataset_slug"),
        (field("notes", form_snippet="markdown.html"), "markdown"),
        (field("owner_org", preset="dataset_organization"), "dataset_organization"),
        (field("license_id", form_snippet="license.html"), "license"),
        (field("author_email", display_snippet="email.html"), ""),
        (field("humps", validators="ignore_missing int_validator"), "number"),
        (field("page", validators="ignore_missing unicode_safe url_validator"), "link"),
        (field("seen", preset="date"), "partial_date"),
        (field("seen", preset="datetime"), ""),
        (field("more", preset="json_object"), "textarea"),
        (field("names", preset="multiple_text"), "multiple_text"),
        (field("kind", preset="select", choices=[{"value": "a", "label": "A"}]), "select"),
        (field("kind", choices=[{"value": "a"}]), "select"),
        (field("kind", preset="select", choices_helper="theirs"), ""),
        (field("kinds", preset="multiple_select", choices_helper="theirs"), "multiple_text"),
        (field("plain"), ""),
    ],
)
def test_each_field_gets_the_type_that_comes_nearest(given: Raw, preset: str) -> None:
    assert only(adopted(given)).preset == preset


def test_texts_obligation_and_passing_keys_stay() -> None:
    given = field(
        "humps", label={"en": "Humps", "fr": "Bosses"}, required=True, help_text={"en": "Count"},
        form_placeholder="2", display_property="ex:humps",
    )
    one = only(adopted(given))
    assert one.label == {"en": "Humps", "fr": "Bosses"} and one.help_text == {"en": "Count"}
    assert (one.expectation, one.form_placeholder, one.display_property) == ("required", "2", "ex:humps")


def test_choices_become_terms_with_the_values_that_records_hold() -> None:
    choices = [
        {"value": "F2 Hybrid", "label": {"en": "F2 hybrid"}},
        {"value": 2016, "label": "The year"},
        {"value": "", "label": "None"},
        {"value": "F2 Hybrid", "label": "Twice"},
    ]
    found = adopted(field("kind", preset="select", choices=choices))
    (vocabulary,) = [v for v in found.document.vocabularies if v.id == "kind"]
    assert [(t.id, t.value) for t in vocabulary.terms] == [("f2_hybrid", "F2 Hybrid"), ("2016", "2016")]
    assert told(found) == [
        "dataset.fields[1] (kind): the choice 2016 isn't a text; records store it as '2016'",
        "dataset.fields[1] (kind): the choice 'F2 Hybrid' is there twice or says nothing; it is left out",
    ]


def test_fields_with_the_same_choices_share_a_vocabulary() -> None:
    choices = [{"value": "a", "label": "A"}]
    found = adopted(field("one", choices=choices), field("two", choices=choices), field("theme", choices=[{"value": "b"}]))
    assert [f.vocabulary for f in found.document.dataset.fields] == ["one", "one", "dataset_theme"]


def test_repeating_fields_keep_their_parts() -> None:
    found = adopted(field("contact", repeating_subfields=[field("name"), field("Phone")], form_blanks=2))
    one = only(found)
    assert [part.id for part in one.repeating_subfields] == ["name"] and one.form_blanks == 2
    assert "(Phone): isn't a part here: names have small letters" in told(found)[0]


def test_pages_of_the_form_become_sections() -> None:
    found = adopted(
        field("title", start_form_page={"title": "First", "description": "What"}), field("notes"),
        field("kind", start_form_page={"title": "Second"}),
    )
    sections = found.document.dataset.sections
    assert [(s.id, s.label, s.page) for s in sections] == [("first", "First", True), ("second", "Second", True)]
    assert [f.section for f in found.document.dataset.fields] == ["first", "first", "second"]


def test_a_preset_of_the_portals_own_is_written_out() -> None:
    presets = {"code": {"validators": "ignore_missing our_code", "form_snippet": "code.html", "help_text": "Two",
                        "display_snippet": "code_link.html", "classes": ["wide"],
                        "output_validators": "ignore_missing our_code_output(1)"}}
    found = adopted(field("area", preset="code"), presets=presets)
    assert only(found).help_text == "Two"
    assert told(found) == [
        "dataset.fields[1] (area): the check 'our_code' is not kept",
        "dataset.fields[1] (area): the control 'code.html' is not kept",
        "dataset.fields[1] (area): the display 'code_link.html' is not kept",
        "dataset.fields[1] (area): what 'our_code_output(1)' made of values that are read is not kept",
        "dataset.fields[1] (area): 'classes' is not kept",
    ]


@pytest.mark.parametrize("name", ["Humps", "end_date", "text", "resources", "a-b", "extras_x"])
def test_a_name_that_cannot_be_used_is_told_and_its_values_stay_elsewhere(name: str) -> None:
    found = adopted(field(name), field("fine"))
    assert [f.id for f in found.document.dataset.fields] == ["fine"]
    assert f"({name}): isn't a field here:" in told(found)[0] and '“Other fields”' in told(found)[0]


def test_what_is_left_out_is_told_line_by_line() -> None:
    given = field("humps", form_attrs={"x": 1}, validators="ignore_missing ours(1,2)", form_snippet=None,
                  display_snippet=None)
    found = adopted(given, before_validators="x", about="Ours")
    assert told(found) == [
        "dataset: 'before_validators' is not kept",
        "dataset.fields[1] (humps): the check 'ours' is not kept",
        "dataset.fields[1] (humps): it was left out of the form; now it is shown there",
        "dataset.fields[1] (humps): it was left out of the page; now it is shown there",
        "dataset.fields[1] (humps): 'form_attrs' is not kept",
    ]


def test_other_types_of_datasets_are_told() -> None:
    other = {**dataset(field("humps")), "dataset_type": "camel-photos"}
    found = adopt(Schemas(datasets=[other, dataset(field("title"))]), SHIPPED)
    assert [f.id for f in found.document.dataset.fields] == ["title"]
    assert str(found.remarks[0]).startswith("dataset_type 'camel-photos': not taken over")


def test_a_portal_without_schemas_gets_the_shipped_ones() -> None:
    found = adopt(Schemas(), SHIPPED)
    assert found.document.dataset == SHIPPED.dataset
    assert found.document.organization == SHIPPED.organization
    assert {v.id for v in found.document.vocabularies} <= {v.id for v in SHIPPED.vocabularies}
    assert len(found.remarks) == 2


def test_a_portals_organizations_get_what_partner_types_ask_for() -> None:
    schema = {"organization_type": "organization", "fields": [
        field("title"), field("dept_id", label="Department"), field("contact_email"), field("partner_type"),
    ]}
    found = adopt(Schemas(organizations=[schema]), SHIPPED)
    names = [f.id for f in found.document.organization.fields]
    assert names[:3] == ["title", "dept_id", "contact_email"]
    assert {"partner_type", "also_acts_as", "roles"} <= set(names) and names.count("contact_email") == 1
    assert any("(partner_type): isn't a field here: partner types are kept" in line for line in told(found))


def portal(name: str) -> Raw:
    loaded: Raw = yaml.safe_load((PORTAL / name).read_text())
    return loaded


def test_a_whole_portal_is_taken_over_by_the_rules() -> None:
    presets = {each["preset_name"]: each["values"] for each in portal("presets.yaml")["presets"]}
    found = adopt(Schemas([portal("dataset.yaml")], [portal("organization.yaml")], presets), SHIPPED)
    assert faults_of(found.document) == []
    assert [f.id for f in found.document.dataset.fields][:3] == ["title", "name", "notes"]


@pytest.mark.parametrize("name", ["camel_photos.yaml", "ckan_dataset.yaml", "ckan_formpages.yaml", "subfields.yaml"])
def test_schemings_own_examples_are_taken_over(name: str) -> None:
    from importlib.resources import files

    schema = yaml.safe_load((files("ckanext.scheming") / name).read_text())
    found = adopt(Schemas(datasets=[{**schema, "dataset_type": "dataset"}]), SHIPPED)
    taken = [f.field_name for f in found.document.dataset.fields]
    assert taken == [f["field_name"] for f in schema["dataset_fields"]]


@pytest.mark.parametrize(
    ("given", "preset", "expectation"),
    [
        (field("a", required="true"), "", "required"),
        (field("a", required="No"), "", "optional"),
        (field("a", required=1, validators="scheming_required unicode_safe"), "", "required"),
        (field("a", required=True, validators="ignore_missing unicode_safe"), "", "recommended"),
        (field("a", validators="not_empty"), "", "required"),
        (field("a", required=True, preset="select", choices=[{"value": "x"}]), "select", "required"),
        (field("title", required=True, preset="title"), "title", "required"),
        (field("license_id", required=True, validators="ignore_missing"), "license", "recommended"),
        (field("a", form_snippet="date.html"), "", "optional"),
        (field("a", form_snippet="number.html"), "", "optional"),
        (field("a", validators="ignore_missing isodate"), "", "optional"),
        (field("a", validators="ignore_missing isodate convert_to_json_if_date"), "partial_date", "optional"),
        (field("a", preset="fluent_text"), "textarea", "optional"),
        (field("a", preset="dcat_date"), "textarea", "optional"),
        (field("a", preset="partner_type"), "textarea", "optional"),
    ],
)
def test_only_validators_check_and_ask(given: Raw, preset: str, expectation: str) -> None:
    one = only(adopted(given))
    assert (one.preset, one.expectation) == (preset, expectation)


def test_whole_numbers_stay_whole() -> None:
    checks = {"int_validator": "", "natural_number_validator": "0", "is_positive_integer": "1"}
    for check, minimum in checks.items():
        one = only(adopted(field("n", validators=f"ignore_missing {check}")))
        assert (one.preset, one.pattern, one.minimum) == ("number", "[+-]?[0-9]+", minimum)


def test_choices_have_the_values_that_scheming_stores() -> None:
    choices = [{"value": True, "label": "Yes"}, {"value": False}, {"value": 2.5}, {"value": "b", "label": "  "}]
    found = adopted(field("flag", choices=choices))
    (vocabulary,) = [v for v in found.document.vocabularies if v.id == "flag"]
    assert [(term.value, term.label) for term in vocabulary.terms] == [
        ("true", "Yes"), ("false", "false"), ("2.5", "2.5"), ("b", "b")]
    assert any("scheming didn't check" in line for line in told(found))


def test_core_controls_stay_outside_entries() -> None:
    parts = [field("name"), field("title", preset="title"), field("url", preset="resource_url_upload"), field("format")]
    found = adopted(field("contact", repeating_subfields=parts), resource=[field("by", repeating_subfields=parts)])
    for one in (*found.document.dataset.fields, *found.document.dataset.resource_fields):
        assert [part.preset for part in one.repeating_subfields] == ["", "", "", ""]
    assert len([line for line in told(found) if "is for a field of CKAN's own" in line]) == 4


def test_a_field_without_a_part_that_can_be_edited_is_left_out() -> None:
    nested = field("agent", repeating_subfields=[field("mail")])
    found = adopted(field("a", repeating_subfields=[nested]), field("b", repeating_subfields=[field("part"), nested]))
    assert [f.id for f in found.document.dataset.fields] == ["b"]
    assert "none of its parts can be edited" in told(found)[0] and "a part can't have parts" in told(found)[1]


def test_presets_of_the_portals_own_come_first() -> None:
    presets = {"email": {"validators": "ignore_missing"}, "date": {"form_snippet": "text.html"},
               "select": {"validators": "ignore_missing", "form_snippet": "select.html"}}
    found = adopted(field("mail", preset="email"), field("day", preset="date"), presets=presets)
    assert [f.preset for f in found.document.dataset.fields] == ["", ""] and told(found) == []


def test_labels_are_read_whatever_yaml_made_of_them() -> None:
    one = only(adopted(field("area", label={"en": "Area", False: "Omr\u00e5de"}, help_text="a\0b")))
    assert one.label == {"en": "Area", "no": "Omr\u00e5de"} and one.help_text == "ab"
    assert only(adopted(field("area", label="  "))).label == "area"


def test_fields_of_every_organization_are_not_asked_by_partner_types() -> None:
    schema = {"organization_type": "organization", "fields": [field("website", required=True), field("roles")]}
    found = adopt(Schemas(organizations=[schema]), SHIPPED)
    asked = {each.field for kind in found.document.partner_types for each in kind.fields}
    assert asked and not asked & {"website", "roles"}
    assert found.changed == [] and len([r for r in found.remarks if "for every organization" in r.text]) == 2


def test_a_schema_that_is_named_last_counts() -> None:
    found = adopt(Schemas(datasets=[dataset(field("one")), dataset(field("two"))]), SHIPPED)
    assert [f.id for f in found.document.dataset.fields] == ["two"]
    assert "more than one schema" in found.remarks[0].text

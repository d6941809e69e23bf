"""Edits of a draft."""
from __future__ import annotations

from typing import Any

import pytest
from core.examples import document

from ckanext.civicswitchboard.core.editing import fields
from ckanext.civicswitchboard.core.editing.fields import EditRefused
from ckanext.civicswitchboard.core.editing.form import (
    Whereabouts,
    called,
    faults_at,
    in_languages,
    languages_of,
    types_for,
    values_of,
    whereabouts,
)
from ckanext.civicswitchboard.core.schema.document import Document, Fault
from ckanext.civicswitchboard.core.schema.publish_rules import faults_after
from ckanext.civicswitchboard.core.schema.slugs import name_of


def order(made: Document, section: str) -> list[str]:
    return [field.id for field in made.dataset.fields if field.section == section]


def test_a_field_goes_behind_another_or_first_in_a_section() -> None:
    before = document()
    assert order(fields.move_field("dataset", "unit", "about", "title")(before), "about")[:2] == ["title", "unit"]
    assert order(fields.move_field("dataset", "unit", "about", "")(before), "about")[0] == "unit"
    assert order(fields.move_field("dataset", "unit", "empty", "")(before), "empty") == ["unit"]
    assert order(before, "about")[0] == "title", "the document itself stays"


def test_a_field_goes_one_place_and_over_the_edge_of_its_section() -> None:
    before = document()
    first, second, *_rest = order(before, "about")
    up = fields.nudge_field("dataset", second, up=True)(before)
    assert order(up, "about")[:2] == [second, first]
    assert fields.nudge_field("dataset", second, up=False)(up) == before
    last = order(before, "about")[-1]
    down = fields.nudge_field("dataset", last, up=False)(before)
    assert order(down, "places") == [last]
    assert order(fields.nudge_field("dataset", last, up=True)(down), "about") == order(before, "about")
    with pytest.raises(EditRefused, match="at the end of the list"):
        fields.nudge_field("dataset", first, up=True)(before)


@pytest.mark.parametrize(("label", "name"), [
    ("Reading level", "reading_level"), ("Öffnungszeiten!", "offnungszeiten"), ("3 words", "n_3_words"), ("…", "unnamed"),
])
def test_a_name_in_records_is_made_of_the_label(label: str, name: str) -> None:
    assert name_of(label) == name


@pytest.mark.parametrize(("label", "reason"), [
    ("Remark", "already has the name “remark”"),
    ("State", "CKAN itself uses this name"),
    ("Due date", "takes every name ending in _date"),
])
def test_a_name_that_is_taken_or_reserved_is_refused_with_the_reason(label: str, reason: str) -> None:
    with pytest.raises(EditRefused, match=reason):
        fields.add_field("dataset", label, "about")(document())


def test_a_published_field_gets_another_name_and_remembers_the_ones_that_were_published() -> None:
    before = document()
    (remark,) = [field for field in before.dataset.fields if field.id == "remark"]
    renamed = before
    for name in ("first_try", "comment"):
        renamed = fields.rename_field("dataset", remark, name)(renamed)
    (found,) = [field for field in renamed.dataset.fields if field.id == "remark"]
    assert (found.field_name, found.previous_names) == ("comment", ["remark"])
    assert faults_after(before, renamed) == []
    assert fields.rename_field("dataset", remark, "remark")(renamed) == before
    (again,) = [field for field in fields.rename_field("dataset", found, "remark")(renamed).dataset.fields
                if field.id == "remark"]  # fmt: skip
    assert (again.field_name, again.previous_names) == ("remark", ["remark", "comment"])


def test_two_fields_take_each_others_names_by_way_of_a_third() -> None:
    before = document()
    remark, unit = (next(f for f in before.dataset.fields if f.id == name) for name in ("remark", "unit"))
    with pytest.raises(EditRefused, match="has the name “unit” in records"):
        fields.rename_field("dataset", remark, "unit")(before)
    after = before
    for field, name in ((remark, "between"), (unit, "remark"), (remark, "unit")):
        after = fields.rename_field("dataset", field, name)(after)
    assert faults_after(before, after) == []
    with pytest.raises(EditRefused, match="CKAN itself uses this name"):
        fields.rename_field("dataset", remark, "state")(before)


def test_a_vocabulary_is_made_of_lines() -> None:
    made = fields.new_vocabulary(document(), "Unit", ["Easy", "Hard", "Easy", "hard"])
    assert made["id"] == "unit_2"
    assert [(term["id"], term["label"]) for term in made["terms"]] == [
        ("easy", "Easy"), ("hard", "Hard"), ("hard_2", "hard")
    ]


def test_a_section_with_fields_stays() -> None:
    with pytest.raises(EditRefused, match="Move its fields first"):
        fields.remove_section("dataset", "about")(document())
    made = fields.remove_section("dataset", "empty")(document())
    assert [section.id for section in made.dataset.sections] == ["about", "places"]
    named = fields.add_section("dataset", "About")(made)
    assert [section.id for section in named.dataset.sections] == ["about", "places", "about_2"]


def parts(made: Document) -> list[str]:
    return [part.id for part in next(f for f in made.dataset.fields if f.id == "rows").repeating_subfields]


def test_a_part_is_added_moved_and_taken_out() -> None:
    before = document()
    made = fields.add_part("dataset", "rows", "Size")(fields.add_part("dataset", "rows", "Unit")(before))
    assert parts(made) == ["name", "unit", "size"] and parts(before) == ["name"]
    assert parts(fields.move_part("dataset", "rows", "size", "")(made)) == ["size", "name", "unit"]
    assert parts(fields.move_part("dataset", "rows", "name", "unit")(made)) == ["unit", "name", "size"]
    up = fields.nudge_part("dataset", "rows", "size", up=True)(made)
    assert parts(up) == ["name", "size", "unit"]
    assert fields.nudge_part("dataset", "rows", "size", up=False)(up) == made
    with pytest.raises(EditRefused, match="“Size” is already at the end"):
        fields.nudge_part("dataset", "rows", "size", up=False)(made)
    assert parts(fields.remove_part("dataset", "rows", "unit")(made)) == ["name", "size"]


@pytest.mark.parametrize(("label", "name", "reason"), [
    ("Name", "", "already has the name “name”"),
    ("Size", "Größe", "small letters, digits and _ only"),
])
def test_a_part_has_a_name_of_its_own(label: str, name: str, reason: str) -> None:
    with pytest.raises(EditRefused, match=reason):
        fields.add_part("dataset", "rows", label, name)(document())


def test_an_entry_keeps_a_part_to_fill_in() -> None:
    with pytest.raises(EditRefused, match="at least one part"):
        fields.set_field("dataset", "rows", {"state": "retired"}, "name")(document())
    with pytest.raises(EditRefused, match="at least one part"):
        fields.remove_part("dataset", "rows", "name")(document())
    made = fields.add_part("dataset", "rows", "Size")(document())
    retired = fields.set_field("dataset", "rows", {"state": "retired"}, "name")(made)
    with pytest.raises(EditRefused, match="at least one part"):
        fields.set_field("dataset", "rows", {"state": "retired"}, "size")(retired)
    assert fields.set_field("dataset", "rows", {"state": "active"}, "name")(retired) == made


def test_the_first_part_makes_a_field_repeating() -> None:
    made = fields.add_part("dataset", "unit", "Name")(document())
    (unit,) = [field for field in made.dataset.fields if field.id == "unit"]
    assert (unit.preset, unit.vocabulary, [part.label for part in unit.repeating_subfields]) == ("", "", ["Name"])


def test_a_part_is_filled_in_with_a_single_text() -> None:
    field = document().dataset.fields[0]
    assert {"multiple_text", "geojson"} <= set(types_for(field)) - set(types_for(field, part=True))
    several = field.model_copy(update={"preset": "multiple_text"})
    assert types_for(several, part=True)[-1] == "multiple_text", "what it is stays on offer"


def test_only_what_was_sent_counts() -> None:
    field = document().dataset.fields[0]
    assert values_of({}, field) == {}
    sent = {"label": [" Name "], "facet": ["no", "yes"], "searchable": ["no"], "missing_values": ["a\r\n\r\nb"],
            "mapping.dcat": ["dct:title"], "mapping.mods": [""], "expectation": ["nonsense"], "enforce": ["no", "yes"]}
    assert values_of(sent, field) == {
        "label": "Name", "facet": True, "searchable": False, "missing_values": ["a", "b"],
        "mapping": {"dcat": "dct:title"}, "expectation": "optional", "enforce": "all",
    }


def test_a_text_is_written_in_each_language() -> None:
    field = document().dataset.fields[0]
    sent: dict[str, Any] = {"label.en": ["Title"], "label.es": ["Título"], "help_text.en": ["Say"], "help_text.es": [""]}
    assert values_of(sent, field, ["en", "es"]) == {"label": {"en": "Title", "es": "Título"}, "help_text": "Say"}
    assert in_languages("Title", ["en", "es"]) == {"en": "Title", "es": ""}
    made = fields.set_field("dataset", "title", {"label": {"de": "Titel"}})(document())
    assert languages_of(made, ["en"]) == ["en", "de"]
    assert languages_of(document()) == []
    said = field.model_copy(update={"label": {"en": "Title"}})
    assert values_of({"label.en": ["Title"], "label.es": [""]}, said, ["en", "es"]) == {"label": {"en": "Title"}}, "as it was"


@pytest.mark.parametrize(("path", "place"), [
    ("dataset.fields[2] (remark).label", Whereabouts("dataset", "remark")),
    ("dataset.fields (remark)", Whereabouts("dataset", "remark")),
    ("dataset.fields[9] (nowhere).label", Whereabouts()),
    ("dataset.fields[14] (rows).repeating_subfields[1] (name).label", Whereabouts("dataset", "rows", "name")),
    ("dataset.fields (rows).repeating_subfields (name)", Whereabouts("dataset", "rows", "name")),
    ("dataset.fields[14] (rows).repeating_subfields", Whereabouts("dataset", "rows")),
    ("vocabularies (unit).terms (ward).label", Whereabouts("vocabulary", "unit", "ward")),
    ("vocabularies[0] (unit).terms[9] (nowhere).label", Whereabouts("vocabulary", "unit")),
    ("vocabularies (nowhere).label", Whereabouts()),
    ("dataset.sections (about).label", Whereabouts("section", "about", "dataset")),
    ("dataset.sections (nowhere).label", Whereabouts()),
    ("title", Whereabouts()),
])
def test_a_fault_leads_to_where_it_is_mended(path: str, place: Whereabouts) -> None:
    assert whereabouts(Fault(path=path, message="").path, document()) == place


@pytest.mark.parametrize(("path", "labels", "attribute"), [
    ("dataset.fields[1] (remark).label", ["Remark"], "label"),
    ("dataset.fields (remark)", ["Remark"], ""),
    ("dataset.fields[9] (nowhere).label", ["nowhere"], "label"),
    ("dataset.fields[14] (rows).repeating_subfields[0] (name).pattern", ["Rows", "Name"], "pattern"),
    ("dataset.sections (places).label", ["Places"], "label"),
    ("vocabularies[0] (unit).terms (ward).replaced_by", ["Units", "Ward"], "replaced_by"),
    ("partner_types (library).fields (roles)", ["Library", "roles"], ""),
    ("vocabularies (a.b)", ["a.b"], ""),
    ("title", [], "title"),
    ("", [], ""),
])
def test_a_fault_is_where_pages_say_it_is(path: str, labels: list[str], attribute: str) -> None:
    assert called(path, document()) == (labels, attribute)


def test_a_field_has_the_faults_of_its_parts_too() -> None:
    paths = ["dataset.fields (rows).label", "dataset.fields (rows).repeating_subfields (name).label", "title"]
    faults = [Fault(path=path, message="") for path in paths]
    assert [f.path for f in faults_at(faults, document(), "dataset", "rows")] == paths[:2]
    assert [f.path for f in faults_at(faults, document(), "dataset", "rows", "name")] == paths[1:2]

"""Edits of a draft."""
from __future__ import annotations

from typing import Any

import pytest
from core.examples import document

from ckanext.civicswitchboard.core import drafting
from ckanext.civicswitchboard.core.document import Document, Fault
from ckanext.civicswitchboard.core.draft_forms import (
    Whereabouts,
    in_languages,
    languages_of,
    values_of,
    whereabouts,
)
from ckanext.civicswitchboard.core.drafting import EditRefused
from ckanext.civicswitchboard.core.naming import name_of
from ckanext.civicswitchboard.core.succession import faults_after


def order(made: Document, section: str) -> list[str]:
    return [field.id for field in made.dataset.fields if field.section == section]


def test_a_field_goes_behind_another_or_first_in_a_section() -> None:
    before = document()
    assert order(drafting.move_field("dataset", "unit", "about", "title")(before), "about")[:2] == ["title", "unit"]
    assert order(drafting.move_field("dataset", "unit", "about", "")(before), "about")[0] == "unit"
    assert order(drafting.move_field("dataset", "unit", "empty", "")(before), "empty") == ["unit"]
    assert order(before, "about")[0] == "title", "the document itself stays"


def test_a_field_goes_one_place_and_over_the_edge_of_its_section() -> None:
    before = document()
    first, second, *_rest = order(before, "about")
    up = drafting.nudge_field("dataset", second, up=True)(before)
    assert order(up, "about")[:2] == [second, first]
    assert drafting.nudge_field("dataset", second, up=False)(up) == before
    last = order(before, "about")[-1]
    down = drafting.nudge_field("dataset", last, up=False)(before)
    assert order(down, "places") == [last]
    assert order(drafting.nudge_field("dataset", last, up=True)(down), "about") == order(before, "about")
    with pytest.raises(EditRefused, match="at the edge of the list"):
        drafting.nudge_field("dataset", first, up=True)(before)


@pytest.mark.parametrize(("label", "name"), [
    ("Reading level", "reading_level"), ("Öffnungszeiten!", "offnungszeiten"), ("3 words", "n_3_words"), ("…", "unnamed"),
])
def test_a_name_in_records_is_made_of_the_label(label: str, name: str) -> None:
    assert name_of(label) == name


@pytest.mark.parametrize(("label", "reason"), [
    ("Remark", "has the name “remark” in records already"),
    ("State", "CKAN itself uses this name"),
    ("Due date", "takes every name ending in _date"),
])
def test_a_name_that_is_taken_or_reserved_is_refused_with_the_reason(label: str, reason: str) -> None:
    with pytest.raises(EditRefused, match=reason):
        drafting.add_field("dataset", label, "about")(document())


def test_a_published_field_gets_another_name_and_remembers_the_ones_that_were_published() -> None:
    before = document()
    (remark,) = [field for field in before.dataset.fields if field.id == "remark"]
    renamed = before
    for name in ("first_try", "comment"):
        renamed = drafting.rename_field("dataset", remark, name)(renamed)
    (found,) = [field for field in renamed.dataset.fields if field.id == "remark"]
    assert (found.field_name, found.previous_names) == ("comment", ["remark"])
    assert faults_after(before, renamed) == []
    assert drafting.rename_field("dataset", remark, "remark")(renamed) == before
    (again,) = [field for field in drafting.rename_field("dataset", found, "remark")(renamed).dataset.fields
                if field.id == "remark"]  # fmt: skip
    assert (again.field_name, again.previous_names) == ("remark", ["remark", "comment"])


def test_two_fields_take_each_others_names_by_way_of_a_third() -> None:
    before = document()
    remark, unit = (next(f for f in before.dataset.fields if f.id == name) for name in ("remark", "unit"))
    with pytest.raises(EditRefused, match="has the name “unit” in records"):
        drafting.rename_field("dataset", remark, "unit")(before)
    after = before
    for field, name in ((remark, "between"), (unit, "remark"), (remark, "unit")):
        after = drafting.rename_field("dataset", field, name)(after)
    assert faults_after(before, after) == []
    with pytest.raises(EditRefused, match="CKAN itself uses this name"):
        drafting.rename_field("dataset", remark, "state")(before)


def test_a_vocabulary_is_made_of_lines() -> None:
    made = drafting.new_vocabulary(document(), "Unit", ["Easy", "Hard", "Easy", "hard"])
    assert made["id"] == "unit_2"
    assert [(term["id"], term["label"]) for term in made["terms"]] == [
        ("easy", "Easy"), ("hard", "Hard"), ("hard_2", "hard")
    ]


def test_a_section_with_fields_stays() -> None:
    with pytest.raises(EditRefused, match="move its fields elsewhere first"):
        drafting.remove_section("dataset", "about")(document())
    made = drafting.remove_section("dataset", "empty")(document())
    assert [section.id for section in made.dataset.sections] == ["about", "places"]
    named = drafting.add_section("dataset", "About")(made)
    assert [section.id for section in named.dataset.sections] == ["about", "places", "about_2"]


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
    made = drafting.set_field("dataset", "title", {"label": {"de": "Titel"}})(document())
    assert languages_of(made, ["en"]) == ["en", "de"]
    assert languages_of(document()) == []


@pytest.mark.parametrize(("path", "place"), [
    ("dataset.fields[2] (remark).label", Whereabouts("dataset", "remark")),
    ("dataset.fields (remark)", Whereabouts("dataset", "remark")),
    ("dataset.fields[9] (nowhere).label", Whereabouts()),
    ("vocabularies (unit).terms (ward).label", Whereabouts("vocabulary", "unit")),
    ("title", Whereabouts()),
])
def test_a_fault_leads_to_where_it_is_mended(path: str, place: Whereabouts) -> None:
    assert whereabouts(Fault(path=path, message="").path, document()) == place

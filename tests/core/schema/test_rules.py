"""What must hold across a document: each rule refuses its fault, with the place."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ckanext.civicswitchboard.core.schema import rules

Raw = dict[str, Any]
Faults = Callable[[], list[str]]


def field(name: str, **more: Any) -> Raw:
    return {"id": name, "field_name": name, "label": "A label", "section": "about", **more}


def test_a_field_name_cannot_be_used_twice_in_one_entity(raw: Raw, faults: Faults) -> None:
    raw["dataset"]["fields"].append(field("unit"))
    assert faults() == [
        "dataset.fields: the id 'unit' is there twice",
        "dataset.fields: the field name 'unit' is there twice",
    ]


def test_the_same_field_name_may_stand_in_two_entities(raw: Raw, faults: Faults) -> None:
    raw["organization"]["fields"].append(field("unit", section="work"))
    assert faults() == []


def test_subfields_are_unique_words_and_not_nested(raw: Raw, faults: Faults) -> None:
    subfields = raw["dataset"]["resource_fields"][0]["repeating_subfields"]
    subfields.append(field("column"))
    subfields.append(field("a-0-b"))
    subfields.append(field("inner", repeating_subfields=[field("deep")]))
    place = "dataset.resource_fields[1] (dictionary).repeating_subfields"
    assert faults() == [
        f"{place}: the id 'column' is there twice",
        f"{place}: the field name 'column' is there twice",
        f"{place}[3] (a-0-b).field_name: 'a-0-b' cannot be used:"
        " small letters, digits and _ only, beginning with a letter",
        f"{place}[4] (inner): a repeating field cannot hold another one",
    ]


def test_the_id_stays_the_first_name(raw: Raw, faults: Faults) -> None:
    raw["dataset"]["fields"].append(field("new_name", id="old_name", previous_names=["old_name", "middle"]))
    assert faults() == []
    raw["dataset"]["fields"][-1]["id"] = "new_name"
    assert faults() == ["dataset.fields[3] (new_name).id: the id stays the first field name, 'old_name'"]


def test_a_field_stands_in_a_known_section(raw: Raw, faults: Faults) -> None:
    raw["dataset"]["fields"].append(field("more", section="nowhere"))
    assert faults() == ["dataset.fields[3] (more).section: there is no section 'nowhere'; known: about"]


def test_a_resource_field_needs_no_section(raw: Raw, faults: Faults) -> None:
    raw["dataset"]["resource_fields"].append({"id": "rows", "field_name": "rows", "label": "Rows"})
    assert faults() == []


def test_the_field_type_is_known(raw: Raw, faults: Faults) -> None:
    raw["dataset"]["fields"].append(field("more", preset="wheel"))
    (fault,) = faults()
    assert fault.startswith("dataset.fields[3] (more).preset: there is no field type 'wheel'; known: dataset_")


def test_a_choice_needs_a_vocabulary_that_exists(raw: Raw, faults: Faults) -> None:
    raw["dataset"]["fields"].append(field("one", preset="select"))
    raw["dataset"]["fields"].append(field("two", preset="radio", vocabulary="colors"))
    assert faults() == [
        "dataset.fields[3] (one): a field of type 'select' needs a vocabulary",
        "dataset.fields[4] (two).vocabulary: no vocabulary has the id 'colors'",
    ]


@pytest.mark.parametrize("limits, told", [
    ({"preset": "number", "minimum": "few"}, "minimum: 'few' cannot be used: it has to be a number"),
    ({"preset": "partial_date", "maximum": "2019-13"}, "maximum: '2019-13' cannot be used: it has to be a year, month or day, such as 2019, 2019-07 or 2019-07-31"),
    ({"max_length": -1}, "max_length: '-1' cannot be used: it has to be a whole number above 0"),
    ({"preset": "number", "minimum": "5", "maximum": "4.5"}, "maximum: '4.5' lies below the least value, '5'"),
    ({"preset": "partial_date", "minimum": "2019-07", "maximum": "2018"}, "maximum: '2018' lies below the least value, '2019-07'"),
    ({"minimum": "5"}, "minimum: this type of field has no such limit; empty it, or choose another type"),
    ({"preset": "number", "max_length": 5}, "max_length: this type of field has no such limit; empty it, or choose another type"),
    ({"preset": "number", "minimum": "-0.5", "maximum": "1e3"}, ""),
    ({"preset": "partial_date", "minimum": "2019-07", "maximum": "2019"}, ""),
    ({"preset": "multiple_text", "max_length": 5}, ""),
])  # fmt: skip
def test_limits_are_of_the_fields_type(raw: Raw, faults: Faults, limits: Raw, told: str) -> None:
    raw["dataset"]["fields"].append(field("more", **limits))
    assert faults() == ([f"dataset.fields[3] (more).{told}"] if told else [])


def test_a_pattern_can_be_read(raw: Raw, faults: Faults) -> None:
    raw["dataset"]["fields"].append(field("more", pattern="(["))
    (fault,) = faults()
    assert fault.startswith("dataset.fields[3] (more).pattern: the pattern cannot be read: ")


def test_terms_are_unique_and_name_each_other(raw: Raw, faults: Faults) -> None:
    terms = raw["vocabularies"][0]["terms"]
    terms.append({"id": "old", "value": "Ward", "label": "Ward again"})
    terms[0]["broader"] = "county"
    terms[1]["replaced_by"] = "tract"
    assert faults() == [
        "vocabularies[1] (unit).terms: the id 'old' is there twice",
        "vocabularies[1] (unit).terms: the value 'Ward' is there twice",
        "vocabularies[1] (unit).terms (tract).broader: no term has the id 'county'",
    ]


def test_partner_types_name_organization_fields(raw: Raw, faults: Faults) -> None:
    raw["partner_types"][0]["fields"].append({"field": "wheels"})
    assert faults() == ["partner_types[1] (public_library).fields: there is no organization field 'wheels'"]


def test_a_partner_type_names_a_field_once(raw: Raw, faults: Faults) -> None:
    raw["partner_types"][0]["fields"].append({"field": "roles"})
    assert faults() == ["partner_types[1] (public_library).fields: the field 'roles' is there twice"]


def test_a_term_has_an_id(raw: Raw, faults: Faults) -> None:
    raw["vocabularies"][0]["terms"][0]["id"] = " "
    assert faults() == ["vocabularies[1] (unit).terms[1].id: says nothing; write a word"]


@pytest.mark.parametrize("label", ["", "  ", {}, {"en": ""}, {"en": "Unit", "es": " "}])
def test_a_label_says_something(raw: Raw, faults: Faults, label: Any) -> None:
    raw["dataset"]["fields"][1]["label"] = label
    assert faults() == ["dataset.fields[2] (unit).label: says nothing; write at least a word"]


def test_a_term_stores_something(raw: Raw, faults: Faults) -> None:
    raw["vocabularies"][0]["terms"][0]["value"] = ""
    assert faults() == ["vocabularies (unit).terms (tract).value: says nothing; write at least a word"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda raw: raw["dataset"]["sections"].append({"id": "Big One", "label": "x"}), "dataset.sections: the id"),
        (lambda raw: raw["vocabularies"].append({"id": "Big One", "label": "x", "terms": []}), "vocabularies: the id"),
        (
            lambda raw: raw["partner_types"].append({"name": "Big One", "label": "x", "sector": "library"}),
            "partner_types: the name",
        ),
    ],
)
def test_what_stands_in_addresses_is_a_plain_word(
    raw: Raw, faults: Faults, change: Callable[[Raw], None], place: str
) -> None:
    change(raw)
    assert faults() == [
        f"{place} 'Big One' cannot be used: small letters, digits and _ only, beginning with a letter"
    ]


def test_an_icon_is_an_icons_name(raw: Raw, faults: Faults) -> None:
    raw["partner_types"][0]["icon"] = 'fa-x" onclick="alert(1)'
    (fault,) = faults()
    assert fault.startswith("partner_types (public_library).icon: ")


def test_there_are_limits(raw: Raw, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_FIELDS", 4)
    monkeypatch.setattr(rules, "MAX_TERMS", 1)
    assert faults() == [
        "5 fields; at most 4 are possible",
        "vocabularies: 2 terms; at most 1 are possible",
    ]

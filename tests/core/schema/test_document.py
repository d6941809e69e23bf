"""Reading a document: either a Document, or every fault with its place."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.civicswitchboard.core.schema.document import Document, DocumentError, dump, path_text
from ckanext.civicswitchboard.core.schema.rules import read
from ckanext.civicswitchboard.core.schema.yaml_files import emit_yaml, parse_json, parse_yaml

Raw = dict[str, Any]
Faults = Callable[[], list[str]]


def test_a_valid_document_is_read(raw: Raw, faults: Faults) -> None:
    assert faults() == []
    document = read(raw)
    assert [f.field_name for f in document.fields_of("dataset")] == ["title", "unit"]
    assert document.vocabulary("unit").active_terms[0].value == "Census Tract"
    assert document.vocabulary("nothing") is None and document.partner_type("nothing") is None
    assert document.partner_type("public_library").fields[0].expectation == "required"


def test_a_document_does_not_change(raw: Raw) -> None:
    document = read(raw)
    with pytest.raises(pydantic.ValidationError):
        document.title = "Another"
    with pytest.raises(pydantic.ValidationError):
        document.dataset.fields[0].label = "Another"


def test_what_is_missing_is_said_with_its_place(raw: Raw, faults: Faults) -> None:
    del raw["vocabularies"][0]["terms"][1]["label"]
    del raw["dataset"]["fields"][1]["field_name"]
    del raw["format"]
    assert faults() == [
        "'format' is missing",
        "vocabularies[1] (unit).terms[2] (old): 'label' is missing",
        "dataset.fields[2] (unit): 'field_name' is missing",
    ]


def test_what_is_misspelled_is_said_with_its_place(raw: Raw, faults: Faults) -> None:
    raw["dataset"]["resource_fields"][0]["repeating_subfields"][0]["helptext"] = "x"
    raw["notes"] = "x"
    assert faults() == [
        "dataset.resource_fields[1] (dictionary).repeating_subfields[1] (column):"
        " 'helptext' is not known here; remove it or check its spelling",
        "'notes' is not known here; remove it or check its spelling",
    ]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("label", 2016, "label: has to be a text in quotes, not 2016"),
        ("label", None, "label: has to be a text in quotes, not None"),
        ("label", {"en": 3}, "label.en: has to be a text in quotes, not 3"),
        ("expectation", "must", "expectation: Input should be 'required', 'recommended' or 'optional', not 'must'"),
        ("facet", "yes", "facet: has to be true or false, not 'yes'"),
        ("form_blanks", "2", "form_blanks: has to be a whole number, not '2'"),
        ("mapping", {"dcat": 1}, "mapping.dcat: has to be a text in quotes, not 1"),
        ("previous_names", "a", "previous_names: has to be a list, not 'a'"),
        ("repeating_subfields", ["a"], "repeating_subfields[1]: has to be a mapping, not 'a'"),
    ],
)
def test_a_value_of_the_wrong_kind_is_said_once(
    raw: Raw, faults: Faults, key: str, value: Any, message: str
) -> None:
    raw["dataset"]["fields"][1][key] = value
    assert faults() == [f"dataset.fields[2] (unit).{message}"]


def test_every_fault_is_told_not_only_the_first(raw: Raw, faults: Faults) -> None:
    raw["title"] = 1
    raw["partner_types"][0]["sector"] = "libraries"
    assert len(faults()) == 2


@pytest.mark.parametrize("nothing", [None, [], "x", 1])
def test_what_is_no_document_is_refused(nothing: Any) -> None:
    with pytest.raises(DocumentError, match=r"^has to be a mapping, not "):
        read(nothing)


def test_a_huge_value_is_cut_in_the_message(raw: Raw, faults: Faults) -> None:
    raw["dataset"]["fields"][1]["label"] = [[1] * 1000] * 1000
    assert len(faults()) == 1 and len(faults()[0]) < 200


def test_data_nested_beyond_measure_is_refused_and_not_followed() -> None:
    deep: list[Any] = []
    for _ in range(900):
        deep = [deep]
    with pytest.raises(DocumentError):
        read({"format": 1, "title": deep})


def test_a_path_names_what_it_passes() -> None:
    data = {"fields": [{"id": "a"}, {"field_name": "b", "label": 1}]}
    assert path_text(("fields", 1, "label"), data) == "fields[2] (b).label"
    assert path_text(("fields", 0), data) == "fields[1] (a)"
    assert path_text((), data) == ""


WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
LABELS = WORDS.filter(lambda text: text.strip())
TEXTS = WORDS | st.dictionaries(st.sampled_from(["en", "es", "pt_BR"]), LABELS, max_size=2)
NAMES = st.from_regex(r"x[a-z0-9_]{0,8}x", fullmatch=True)


@st.composite
def fields(draw: Any) -> Raw:
    name = draw(NAMES)
    return {
        "id": name,
        "field_name": name,
        "label": draw(LABELS),
        "section": "about",
        "help_text": draw(TEXTS),
        "example": draw(TEXTS),
        "note": draw(WORDS),
        "facet": draw(st.booleans()),
        "expectation": draw(st.sampled_from(["required", "recommended", "optional"])),
        "mapping": draw(st.dictionaries(WORDS, WORDS, max_size=2)),
        "missing_values": draw(st.lists(WORDS, max_size=3)),
    }


@st.composite
def documents(draw: Any) -> Document:
    unique = {"unique_by": lambda each: each["id"], "max_size": 3}
    terms = st.builds(
        lambda name, label, note: {"id": name, "value": name, "label": label, "scope_note": note},
        NAMES,
        LABELS,
        TEXTS,
    )
    return read(
        {
            "format": 1,
            "title": draw(LABELS),
            "about": draw(TEXTS),
            "vocabularies": [{"id": "v", "label": "V", "terms": draw(st.lists(terms, **unique))}],
            "partner_types": [],
            "dataset": {
                "sections": [{"id": "about", "label": "About"}],
                "fields": draw(st.lists(fields(), **unique)),
                "resource_fields": [],
            },
            "organization": {"sections": [], "fields": []},
        }
    )


@given(documents())
def test_what_is_written_reads_back_as_the_same(document: Document) -> None:
    assert read(dump(document)) == document
    assert read(parse_yaml(emit_yaml(dump(document)), "a.yaml")) == document


@given(documents())
def test_writing_twice_gives_the_same_bytes(document: Document) -> None:
    text = emit_yaml(dump(document))
    assert emit_yaml(dump(read(parse_yaml(text, "a.yaml")))) == text


@given(documents())
def test_json_holds_the_same_document(document: Document) -> None:
    import json

    assert read(parse_json(json.dumps(dump(document)), "a.json")) == document

"""Every text of the shipped schema says something, and says it once.

The files are read as plain YAML here, so that these tests hold whatever reads them.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ckanext.civicswitchboard.core.schema.reserved_names import why_reserved

SCHEMAS = Path(__file__).parents[2] / "schemas"
SECTORS = {"library", "intermediary", "government", "community"}
EXPECTATIONS = {"required", "recommended", "optional"}
ID = re.compile(r"[a-z][a-z0-9_]*")
Thing = dict[str, Any]


def load(name: str) -> Any:
    return yaml.safe_load((SCHEMAS / name).read_text(encoding="utf-8"))


DATASET = load("dataset.yaml")
ORGANIZATION = load("organization.yaml")
PARTNER_TYPES: list[Thing] = load("partner_types.yaml")["partner_types"]
VOCABULARIES: list[Thing] = [
    load(f"vocabularies/{path.name}") for path in sorted((SCHEMAS / "vocabularies").glob("*.yaml"))
]
ENTITIES: dict[str, list[Thing]] = {
    "dataset": DATASET["fields"],
    "resource": DATASET["resource_fields"],
    "organization": ORGANIZATION["fields"],
}


def words(text: Any) -> list[str]:
    """The words of a text, whatever their case and punctuation."""
    return re.findall(r"\w+", text.casefold()) if isinstance(text, str) else []


def fields() -> Iterator[tuple[str, Thing]]:
    """Every field and subfield with the place where it stands."""
    for entity, its_fields in ENTITIES.items():
        for field in its_fields:
            yield f"{entity} {field['id']}", field
            for subfield in field.get("repeating_subfields", []):
                yield f"{entity} {field['id']} {subfield['id']}", subfield


def terms() -> Iterator[tuple[str, Thing]]:
    """Every term with its place."""
    for vocabulary in VOCABULARIES:
        for term in vocabulary["terms"]:
            yield f"{vocabulary['id']} {term['id']}", term


def sections() -> Iterator[tuple[str, Thing]]:
    """Every section with its place."""
    for name, part in (("dataset", DATASET), ("organization", ORGANIZATION)):
        for section in part["sections"]:
            yield f"{name} section {section['id']}", section


def explained() -> Iterator[tuple[str, str, str]]:
    """Every explaining text: its place, the label it explains, itself."""
    for place, field in fields():
        yield f"{place}: help_text", field["label"], field.get("help_text", "")
        yield f"{place}: definition", field["label"], field.get("definition", "")
    for place, term in terms():
        yield f"{place}: definition", term["label"], term.get("definition", "")
        if "scope_note" in term:
            yield f"{place}: scope_note", term["label"], term["scope_note"]
    for vocabulary in VOCABULARIES:
        yield vocabulary["id"], vocabulary["label"], vocabulary.get("description", "")
    for kind in PARTNER_TYPES:
        yield kind["name"], kind["label"], kind.get("description", "")
    for place, section in sections():
        yield place, section["label"], section.get("description", "")


EXPLAINED = list(explained())
FIELDS = list(fields())
TERMS = list(terms())


def says_only(label: str, text: str) -> bool:
    """Whether a text has no more to say than the label."""
    said, named = words(text), words(label)
    return len(said) <= len(named) or set(said) <= set(named)


def repeated(values: list[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]


@pytest.mark.parametrize(
    ("label", "text", "expected"),
    [
        ("Geographic unit", "", True),
        ("Geographic unit", "geographic unit.", True),
        ("Geographic unit", "The unit", True),
        ("Geographic unit", "How finely the data are divided.", False),
    ],
)
def test_a_text_that_only_says_the_label_is_recognized(label: str, text: str, expected: bool) -> None:
    assert says_only(label, text) is expected


def test_every_explanation_says_more_than_its_label() -> None:
    assert [place for place, label, text in EXPLAINED if says_only(label, text)] == []


def test_no_explanation_is_given_twice() -> None:
    assert repeated([" ".join(words(text)) for _place, _label, text in EXPLAINED]) == []


def test_every_explanation_is_a_sentence_that_ends() -> None:
    assert [place for place, _label, text in EXPLAINED if not text.strip().endswith((".", "?"))] == []


def test_every_field_has_an_example_of_its_own() -> None:
    examples = {place: words(field.get("example")) for place, field in FIELDS}
    assert [place for place, example in examples.items() if not example] == []
    assert repeated([" ".join(example) for example in examples.values()]) == []


def test_no_example_is_the_label_or_the_name() -> None:
    for place, field in FIELDS:
        assert words(field["example"]) != words(field["label"]), place
        assert field["example"] != field["field_name"], place


def test_examples_of_fields_with_a_vocabulary_are_terms_on_offer() -> None:
    offered = {
        vocabulary["id"]: {t["label"] for t in vocabulary["terms"] if t.get("state") != "retired"}
        for vocabulary in VOCABULARIES
    }
    for place, field in FIELDS:
        if "vocabulary" in field:
            assert field["example"] in offered[field["vocabulary"]], place


def test_e_mail_examples_are_at_reserved_domains() -> None:
    texts = [str(value) for path in SCHEMAS.rglob("*.yaml") for value in path.read_text("utf-8").split()]
    assert [t for t in texts if re.search(r"\w@\w", t) and "@example.org" not in t] == []


def test_every_text_was_read_as_text() -> None:
    """An unquoted year, ``no`` or ``N/A`` must not have turned into something else."""
    keys = ("id", "value", "label", "example", "definition", "help_text", "scope_note", "uri")
    for place, thing in [*FIELDS, *TERMS]:
        assert [k for k in keys if k in thing and not isinstance(thing[k], str)] == [], place


def test_field_ids_are_names_and_unique() -> None:
    for entity, its_fields in ENTITIES.items():
        assert repeated([field["id"] for field in its_fields]) == [], entity
        for field in its_fields:
            subfields = field.get("repeating_subfields", [])
            assert repeated([subfield["id"] for subfield in subfields]) == [], field["id"]
    for place, field in FIELDS:
        assert ID.fullmatch(field["id"]) and field["id"] == field["field_name"], place


def test_field_names_are_free_to_use() -> None:
    for entity, its_fields in ENTITIES.items():
        reasons = {field["id"]: why_reserved(entity, field["field_name"]) for field in its_fields}
        assert {name: reason for name, reason in reasons.items() if reason} == {}, entity


def test_terms_have_unique_ids_values_and_labels() -> None:
    assert repeated([vocabulary["id"] for vocabulary in VOCABULARIES]) == []
    for vocabulary in VOCABULARIES:
        for key in ("id", "value", "label"):
            assert repeated([term[key] for term in vocabulary["terms"]]) == [], (vocabulary["id"], key)
        assert all(ID.fullmatch(term["id"]) for term in vocabulary["terms"]), vocabulary["id"]


def test_terms_that_others_name_exist() -> None:
    for vocabulary in VOCABULARIES:
        known = {term["id"] for term in vocabulary["terms"]}
        named = {t[key] for t in vocabulary["terms"] for key in ("replaced_by", "broader") if key in t}
        assert named <= known, vocabulary["id"]


def test_every_vocabulary_that_a_field_names_exists_and_is_used() -> None:
    named = {field["vocabulary"] for _place, field in FIELDS if "vocabulary" in field}
    assert named == {vocabulary["id"] for vocabulary in VOCABULARIES}


def test_every_field_stands_in_a_section_and_no_section_is_empty() -> None:
    for part in (DATASET, ORGANIZATION):
        known = [section["id"] for section in part["sections"]]
        assert repeated(known) == []
        assert {field["section"] for field in part["fields"]} == set(known)


def test_expectations_are_known() -> None:
    assert {field["expectation"] for _place, field in FIELDS} <= EXPECTATIONS


def test_partner_types_name_known_sectors_and_fields() -> None:
    assert repeated([kind["name"] for kind in PARTNER_TYPES]) == []
    known = {field["id"] for field in ORGANIZATION["fields"]}
    for kind in PARTNER_TYPES:
        assert kind["sector"] in SECTORS, kind["name"]
        named = [profile["field"] for profile in kind["fields"]]
        assert set(named) <= known and repeated(named) == [], kind["name"]
        assert {profile["expectation"] for profile in kind["fields"]} <= EXPECTATIONS, kind["name"]


def test_the_ambiguous_frequencies_are_retired_and_undecided() -> None:
    frequency = next(v for v in VOCABULARIES if v["id"] == "frequency")
    ambiguous = [term for term in frequency["terms"] if term["value"].startswith("Bi-")]
    assert [term["value"] for term in ambiguous] == ["Bi-Annually", "Bi-Monthly", "Bi-Weekly"]
    for term in ambiguous:
        assert term["state"] == "retired" and term["scope_note"], term["value"]
        assert "replaced_by" not in term and "uri" not in term, term["value"]

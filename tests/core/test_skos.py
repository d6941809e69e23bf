"""Vocabularies as SKOS: out, in, and those of others."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ckanext.civicswitchboard.core.document import DocumentError, Term, Vocabulary
from ckanext.civicswitchboard.core.files import read_folder
from ckanext.civicswitchboard.core.skos import read_skos, write_skos

BASE = "http://data.example.org/vocabulary"
FORMS: Any = ["turtle", "json-ld"]


def refused(text: str, form: Any) -> str:
    with pytest.raises(DocumentError) as error:
        read_skos(text, form, "a.ttl")
    return str(error.value)


@pytest.mark.parametrize("form", FORMS)
def test_the_shipped_vocabularies_come_back(form: Any) -> None:
    for vocabulary in read_folder(Path(__file__).parents[2] / "schemas").vocabularies:
        assert read_skos(write_skos(vocabulary, form, BASE), form, "a") == vocabulary


@pytest.mark.parametrize("form", FORMS)
def test_everything_that_a_term_has_comes_back_in_its_order(form: Any) -> None:
    vocabulary = Vocabulary(
        id="unit", label={"en": "Units", "pt_BR": "Unidades"}, description="Parts", uri="http://example.org/u", note="n",
        terms=[
            Term(id="z", value="Z \"quoted\"", label="Zone", definition={"en": "A\nzone", "es": "Zona"}, scope_note="s",
                 alternate_labels=["District", {"en": "Sector"}, {"pt_BR": "Setor"}]),
            Term(id="a b", value="é", label="Area", uri="http://example.org/a", source="Census", broader="z", note="n"),
            Term(id="m", value="m", label="Merged", state="retired", merged_into="z", uri="http://example.org/a"),
            Term(id="c", value="c", label="Old", state="retired", replaced_by="a b"),
        ],
    )
    assert read_skos(write_skos(vocabulary, form, BASE), form, "a") == vocabulary


def test_what_others_made_is_read() -> None:
    text = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    @prefix x: <http://example.org/colors/> .
    <http://example.org/colors> a skos:ConceptScheme ; skos:prefLabel "Colors"@en .
    x:light a skos:Concept ; skos:prefLabel "Light red"@en ; skos:broader x:red .
    x:red a skos:Concept ; skos:prefLabel "Red"@en, "Rojo"@es ; skos:notation "R" ."""
    vocabulary = read_skos(text, "turtle", "a.ttl")
    assert (vocabulary.id, vocabulary.label, vocabulary.uri) == ("colors", {"en": "Colors"}, "http://example.org/colors")
    light, red = vocabulary.terms
    assert (light.id, light.value, light.broader) == ("light_red", "light_red", "r")
    assert (red.id, red.value, red.label, red.uri) == ("r", "R", {"en": "Red", "es": "Rojo"}, "http://example.org/colors/red")


@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_address_and_no_language_is_left_out(form: Any) -> None:
    terms = [Term(id="a", value="a", label={"en": "A", "no language": "B"}, uri='no "address"> <x>')]
    (term,) = read_skos(write_skos(Vocabulary(id="v", label="V", terms=terms), form, BASE), form, "a").terms
    assert (term.label, term.uri) == ({"en": "A"}, "")


def test_the_value_comes_from_the_first_language() -> None:
    text = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    <http://example.org/colors> a skos:ConceptScheme .
    <http://example.org/red> a skos:Concept ; skos:prefLabel "Rojo"@es, "Red"@en ."""
    assert [term.value for term in read_skos(text, "turtle", "a.ttl").terms] == ["red"]


def test_an_endless_list_is_refused() -> None:
    text = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    <x:o> a skos:OrderedCollection ; skos:memberList <x:l> . <x:l> rdf:first <x:a> ; rdf:rest <x:l> ."""
    assert refused(text, "turtle").startswith("a.ttl: not readable as turtle: ")


def test_what_cannot_be_read_is_refused() -> None:
    assert refused("<a> <b", "turtle").startswith("a.ttl: not readable as turtle: ")
    assert "not readable as JSON" in refused("{", "json-ld")
    assert refused("", "turtle") == "a.ttl: has 0 concept schemes and 0 concepts; one scheme is needed"


@pytest.mark.parametrize(
    "data",
    [
        {"@context": "http://127.0.0.1:9/c"},
        [{"a": {"@context": [{}, "http://127.0.0.1:9/c"]}}],
        {"@context": {"@import": "http://127.0.0.1:9/c"}},
        {"@context": {"a": {"@id": "b", "@context": "http://127.0.0.1:9/c"}}},
    ],
)
def test_nothing_is_fetched(data: Any) -> None:
    assert "not fetched" in refused(json.dumps(data), "json-ld")

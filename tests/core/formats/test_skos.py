"""Vocabularies as SKOS: out, in, and those of others."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ckanext.civicswitchboard.core.formats.skos import read_skos, write_skos
from ckanext.civicswitchboard.core.schema.document import DocumentError, Term, Vocabulary
from ckanext.civicswitchboard.core.schema.messages import Message
from ckanext.civicswitchboard.core.schema.yaml_files import read_folder

BASE = "http://data.example.org/vocabulary"
FORMS: Any = ["turtle", "json-ld"]


def refused(text: str, form: Any) -> str:
    with pytest.raises(DocumentError) as error:
        read_skos(text, form, "a.ttl")
    return str(error.value)


@pytest.mark.parametrize("form", FORMS)
def test_the_shipped_vocabularies_come_back(form: Any) -> None:
    for vocabulary in read_folder(Path(__file__).parents[3] / "schemas").vocabularies:
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
    assert refused("<a:b> c <b:d> .", "turtle").startswith("a.ttl: not readable as turtle: at line 1: Bad syntax (")
    assert "not readable as JSON" in refused("{", "json-ld")
    assert refused("", "turtle") == "a.ttl: has no SKOS concepts"


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


PREFIXES = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix xl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix x: <http://example.org/t/> .
"""
SCHEME = '<http://example.org/t> a skos:ConceptScheme ; skos:prefLabel "Themes"@en .\n'


def terms(text: str, head: str = PREFIXES + SCHEME) -> list[dict[str, Any]]:
    found = read_skos(head + text, "turtle", "a.ttl")
    return [term.model_dump(exclude_defaults=True, exclude={"uri"}) for term in found.terms]


def test_labels_in_any_script_give_distinct_values() -> None:
    assert [term["value"] for term in terms(
        'x:AGRI a skos:Concept ; skos:prefLabel "Земя"@bg, "Land"@en . x:ECON a skos:Concept ; skos:prefLabel "Пари"@bg .'
        'x:地 a skos:Concept ; skos:prefLabel "地図"@ja . x:図 a skos:Concept ; skos:prefLabel "Земя"@bg .'
        '[] a skos:Concept ; skos:prefLabel "العربية"@ar .'
    )] == ["land", "econ", "Земя", "地図", "العربية"]


def test_terms_with_one_label_are_told_apart_and_the_same_at_every_reading() -> None:
    text = ('x:a a skos:Concept ; skos:prefLabel "Other" . x:b a skos:Concept ; skos:prefLabel "Other" .'
            '[] a skos:Concept ; skos:prefLabel "Other" ; skos:scopeNote "2" . [] a skos:Concept ; skos:prefLabel "Other" .'
            'x:c a skos:Concept ; skos:prefLabel "One" ; skos:notation "1" ; dct:identifier "1" .'
            'x:d a skos:Concept ; skos:prefLabel "Two" ; skos:notation "1" ; dct:identifier "1" .')
    first = terms(text)
    assert [(each["id"], each["value"]) for each in first] == [
        ("other", "other"), ("b", "b"), ("1", "1"), ("two", "two"), ("other_2", "other_2"), ("other_3", "other_3")]
    assert all(terms(text) == first for _time in range(5))


def test_texts_may_be_nodes_and_labels_addresses() -> None:
    assert terms(
        'x:A a skos:Concept ; skos:prefLabel "A" ; skos:definition [ rdf:value "Of a"@en ], <http://example.org/d> .'
        '<http://example.org/d> rdfs:comment "Von a"@de . x:B a skos:Concept ; xl:prefLabel [ xl:literalForm "B"@en ] ;'
        'xl:altLabel [ xl:literalForm "Bee"@en ] ; skos:definition <http://example.org/elsewhere>, [] .'
        'x:C a skos:Concept ; skos:prefLabel <http://example.org/labels/c> . <http://example.org/labels/c> xl:literalForm "See" .'
        'x:D a skos:Concept ; skos:prefLabel <http://example.org/labels/Dee> . x:E a skos:Concept ; skos:prefLabel [] .'
    ) == [
        {"id": "a", "value": "a", "label": "A", "definition": {"de": "Von a", "en": "Of a"}},
        {"id": "b", "value": "b", "label": {"en": "B"}, "alternate_labels": [{"en": "Bee"}], "definition": "http://example.org/elsewhere"},
        {"id": "see", "value": "see", "label": "See"},
        {"id": "dee", "value": "dee", "label": "Dee"},
        {"id": "e", "value": "e", "label": "E"},
    ]


def test_no_text_is_lost_between_languages() -> None:
    (term,) = terms('x:A a skos:Concept ; skos:prefLabel "Map", "Karte"@de-at, "Plan"@de-AT, "地圖"@zh-hant, "Map"@en ;'
                    'skos:altLabel "Chart"@und ; skos:hiddenLabel "Mpa" ; skos:definition "One"@en, "Two"@en, "Three" .')
    assert term["label"] == {"en": "Map", "de_AT": "Karte", "zh_Hant": "地圖"}
    assert term["alternate_labels"] == ["Chart", "Mpa", {"de_AT": "Plan"}]
    assert term["definition"] == {"en": "One\n\nTwo\n\nThree"}


def test_the_tree_is_read_from_both_ends_and_told_of_where_it_is_none() -> None:
    notes: list[Any] = []
    text = ('<http://example.org/t> skos:hasTopConcept x:1 . x:1 skos:prefLabel "One" ; skos:narrower x:2, x:10 .'
            'x:2 skos:prefLabel "Two" . x:10 skos:prefLabel "Ten" ; skos:broader x:2 ; skos:example "e" .'
            'x:3 a skos:Concept ; skos:prefLabel "Three" ; skos:broader x:4, x:3 . x:4 a skos:Concept ; skos:prefLabel "Four" ;'
            'skos:broader x:3 . x:c a skos:Collection ; skos:prefLabel "Some" ; skos:member x:2 .')
    found = read_skos(PREFIXES + SCHEME + text, "turtle", "a.ttl", notes)
    assert [(term.id, term.broader) for term in found.terms] == [
        ("one", ""), ("two", "one"), ("three", "four"), ("four", ""), ("ten", "one")]
    assert [str(note) for note in notes] == [
        "Terms with more than one broader term: 1. The first one is kept.",
        "Terms that were their own broader terms: 1. They have none now.",
        "Left out: “example” of 1 terms.",
        "Left out: collections (1). Their terms are read.",
    ]


def test_of_several_schemes_the_one_with_all_concepts_is_read() -> None:
    two = ('<http://example.org/u> a skos:ConceptScheme . x:a a skos:Concept ; skos:inScheme <http://example.org/t> ; skos:prefLabel "A" .'
           'x:b a skos:Concept ; skos:inScheme <http://example.org/u> ; skos:prefLabel "B" .')
    assert refused(PREFIXES + SCHEME + two, "turtle") == (
        "a.ttl: has the concepts of 2 schemes; choose one of them by its name: “Themes” (1), “u” (1)")
    both = f"{two} x:b skos:inScheme <http://example.org/t> ."
    assert read_skos(PREFIXES + SCHEME + both, "turtle", "a.ttl").label == {"en": "Themes"}


@pytest.mark.parametrize(
    "wanted, label, values",
    [(" THEMES", {"en": "Themes"}, ["a"]), ("t", {"en": "Themes"}, ["a"]), ("u", "u", ["b", "c"]), ("http://example.org/u", "u", ["b", "c"])],
)
def test_of_several_schemes_one_is_chosen_by_its_name(wanted: str, label: Any, values: list[str]) -> None:
    text = PREFIXES + SCHEME + """
        <http://example.org/u> a skos:ConceptScheme .
        x:a a skos:Concept ; skos:inScheme <http://example.org/t> ; skos:prefLabel "A" ; skos:broader x:b .
        x:b a skos:Concept ; skos:inScheme <http://example.org/u> ; skos:prefLabel "B" .
        x:c a skos:Concept ; skos:topConceptOf <http://example.org/u> ; skos:prefLabel "C" ; skos:broader x:b ."""
    notes: list[Message] = []
    found = read_skos(text, "turtle", "a.ttl", notes, wanted)
    assert (found.label, [term.value for term in found.terms]) == (label, values)
    assert [term.broader for term in found.terms] == ([""] if values == ["a"] else ["", "b"])
    assert str(notes[0]) == f"Left out: terms of other schemes ({3 - len(values)})."
    with pytest.raises(DocumentError, match="2 schemes; choose one of them by its name: “u” \\(2\\), “Themes” \\(1\\)"):
        read_skos(text, "turtle", "a.ttl", None, "Nothing")


def test_without_a_scheme_the_file_names_the_vocabulary() -> None:
    found = read_skos(PREFIXES + '<#a> a skos:Concept ; skos:prefLabel "A" .', "turtle", "My list.ttl")
    assert (found.id, found.label, found.uri) == ("my_list", "My list", "")
    assert found.terms == [Term(id="a", value="a", label="A")]


def nested(levels: int) -> str:
    concept = '{"@id": "x:%s", "@type": "skos:Concept", "prefLabel": {"en": "Term %s"}, "narrower": ['
    context = {"skos": "http://www.w3.org/2004/02/skos/core#", "x": "http://example.org/t/", "narrower": "skos:narrower",
               "prefLabel": {"@id": "skos:prefLabel", "@container": "@language"}}
    concepts = "".join(concept % (level, level) for level in reversed(range(levels))) + "]}" * levels
    return f'{{"@context": {json.dumps(context)}, "@id": "x:named", "@graph": [{concepts}]}}'


def test_deep_json_ld_is_read_or_refused() -> None:
    read = read_skos(nested(49), "json-ld", "a.jsonld").terms
    assert [term.broader for term in read] == [*(f"term_{level}" for level in range(1, 49)), ""]
    for levels in (51, 100, 250):
        assert "more than 100 levels of nesting; write each concept on its own" in refused(nested(levels), "json-ld")
    for text in ("[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000):
        assert refused(text, "json-ld") == "a.ttl: not readable as JSON: it is nested too deeply"
    for text in ("<a:b> <a:c> " + "[ <a:c> " * 900 + "]" * 900 + ".", "<a:b> <a:c> " + "(" * 900 + ")" * 900 + "."):
        assert refused(text, "turtle") == "a.ttl: not readable as turtle: it is nested too deeply"


def test_rdf_xml_is_read_and_names_nothing_else(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    text = """<?xml version="1.0"?><!DOCTYPE rdf:RDF [<!ENTITY s "http://www.w3.org/2004/02/skos/core#">%s]>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="&s;">
    <skos:Concept rdf:about="http://example.org/t/1"><skos:prefLabel>A%s</skos:prefLabel></skos:Concept></rdf:RDF>"""
    assert read_skos(text % ("", ""), "rdf-xml", "a.rdf").terms[0].label == "A"
    for entity in (f'<!ENTITY e SYSTEM "{secret}">', '<!ENTITY e "&s;&s;">'):
        assert "not fetched" in refused(text % (entity, "&e;"), "rdf-xml")

"""Terms that are looked up, found as one types, and listed where they are few."""
from __future__ import annotations

from typing import Any

import pytest

from ckanext.civicswitchboard.core.schema.choices import (
    MOST_LISTED,
    TERM_SEARCH,
    Choices,
    TermChoices,
    searched_vocabularies,
)
from ckanext.civicswitchboard.core.schema.compiler import Snapshot, compile_document
from ckanext.civicswitchboard.core.schema.document import parse


def vocabulary(name: str, labels: list[Any]) -> dict[str, Any]:
    terms = [{"id": f"t{n}", "value": f"{name}_{n}", "label": label} for n, label in enumerate(labels)]
    return {"id": name, "label": name, "terms": terms}


def document(vocabularies: list[dict[str, Any]], fields: list[tuple[str, str]]) -> Any:
    made = [
        {"id": f"f{n}", "field_name": f"f{n}", "label": "x", "section": "s", "preset": preset, "vocabulary": taken}
        for n, (preset, taken) in enumerate(fields)
    ]
    return parse({
        "format": 1, "title": "x", "vocabularies": vocabularies, "partner_types": [],
        "dataset": {"sections": [{"id": "s", "label": "S"}], "fields": made, "resource_fields": []},
        "organization": {"sections": [], "fields": []},
    })


def compiled(made: Any) -> Snapshot:
    presets = {name: {"form_snippet": f"{name}.html"} for name in ("select", "multiple_checkbox")}
    return compile_document(made, 1, presets)


def found(choices: TermChoices, text: str) -> list[Any]:
    return [term.label for term in choices.find(text)]


@pytest.fixture
def places() -> TermChoices:
    labels = ["Water rivers", "Rivers", "Rivers of the north", {"en": "Schools", "fr": "Écoles"}, "Riverside"]
    terms = vocabulary("places", labels)
    terms["terms"][3]["alternate_labels"] = ["Academies"]
    terms["terms"].append({"id": "old", "value": "old", "label": "Rivers, old", "state": "retired"})
    return TermChoices.of(document([terms], []).vocabulary("places"))


def test_the_best_fit_comes_first_and_retired_terms_do_not(places: TermChoices) -> None:
    assert found(places, "rivers") == ["Rivers", "Rivers of the north", "Riverside", "Water rivers"]


def test_words_are_found_in_any_order_language_and_spelling(places: TermChoices) -> None:
    schools = {"en": "Schools", "fr": "Écoles"}
    assert found(places, "NORTH riv") == ["Rivers of the north"]
    for text in ("ecole", "ÉCOLES", "academ", "places_3"):
        assert schools in found(places, text), text
    assert found(places, "zebra") == []


def test_nothing_typed_finds_all_in_the_order_of_the_list(places: TermChoices) -> None:
    assert found(places, " – ")[:2] == ["Water rivers", "Rivers"]


def test_a_label_says_its_value_unless_two_have_it() -> None:
    choices = Choices([
        {"value": "a", "label": {"en": "Water", "fr": "Eau"}}, {"value": "b", "label": "Air"}, {"value": "c", "label": "air"},
    ])
    assert [choices.called(text) for text in (" WATER ", "eau", "Air", "a")] == ["a", "a", None, None]


def test_a_vocabulary_is_listed_up_to_a_number_of_terms() -> None:
    just, more = (vocabulary(f"v{n}", [f"Term {t}" for t in range(n)]) for n in (MOST_LISTED, MOST_LISTED + 1))
    snapshot = compiled(document([just, more], [("select", just["id"]), ("select", more["id"])]))
    snippets = [field.scheming["form_snippet"] for field in snapshot.fields["dataset"].values()]
    assert snippets == ["select.html", TERM_SEARCH]


def test_lists_that_are_too_much_together_are_searched_the_largest_first() -> None:
    small, large = vocabulary("small", ["Term"] * 20), vocabulary("large", ["Term"] * 150)
    fields = [*[("multiple_checkbox", "small")] * 20, *[("select", "large")] * 40]
    assert searched_vocabularies(document([small, large], fields)) == {"large"}
    assert searched_vocabularies(document([small, large], fields[:30])) == set()


def test_a_hundred_fields_share_one_list() -> None:
    many = vocabulary("many", [f"Term {t}" for t in range(1000)])
    fields = compiled(document([many], [("select", "many")] * 100)).fields["dataset"].values()
    assert len({id(field.scheming["choices"]) for field in fields}) == 1
    assert len({id(field.scheming["choices"].labels) for field in fields}) == 1

"""Lists of terms taken into a vocabulary, seen before they are."""
from __future__ import annotations

import time
from typing import Any

import pytest
from core.editing.test_terms import document, faults_of_terms, kinds, linked, units
from core.laws import law
from core.strategies import vocabulary
from hypothesis import given

from ckanext.civicswitchboard.core.editing.term_import import Preview, joined, pasted, preview, take
from ckanext.civicswitchboard.core.formats.csv_terms import read_terms, terms_csv
from ckanext.civicswitchboard.core.formats.skos import read_skos, write_skos
from ckanext.civicswitchboard.core.schema.document import DocumentError, Term, Vocabulary
from ckanext.civicswitchboard.core.schema.publish_rules import faults_after

many = law(25)
EMPTY = Vocabulary(id="unit", label="Units", terms=[])


def seen(text: str, vocabulary: Vocabulary | None = None) -> Preview:
    vocabulary = vocabulary or units()
    return preview(vocabulary, pasted(text, "pasted", vocabulary))


def outcomes(shown: Preview) -> list[tuple[str, Any]]:
    return [(row.outcome, row.term.label) for row in shown.rows]


def taken(text: str, vocabulary: Vocabulary | None = None, **more: Any) -> Vocabulary:
    vocabulary = vocabulary or units()
    shown = seen(text, vocabulary)
    return take(vocabulary, shown, shown.takeable, **more)


def test_a_column_is_one_term_a_line() -> None:
    shown = seen("census tract\r\nWard\n\nBlock group \nblock Group\nward\n")
    assert outcomes(shown) == [("changed", "census tract"), ("same", "Ward"), ("added", "Block group")]
    assert shown.rows[0].changes == {"label": ("Census tract", "census tract")}
    assert [term.id for term in shown.missing] == []
    after = take(units(), shown, shown.takeable)
    assert kinds(units(), after) == [("term_relabelled", "tract"), ("term_added", "block_group")]
    assert take(units(), shown, []) == units()


def test_labels_of_any_script_and_of_one_word_are_told_apart() -> None:
    after = taken("A+B\nA-B\n学校\n図書館", EMPTY)
    assert [(term.id, term.value) for term in after.terms] == [
        ("a_b", "a_b"), ("a_b_2", "a_b_2"), ("term", "学校"), ("term_2", "図書館")]
    assert outcomes(seen("図書館", after)) == [("same", "図書館")]
    shown = preview(EMPTY, [Term(id="a", value="a", label="A"), Term(id="b", value="b", label="a")])
    assert str(shown.rows[1].why) == "The list already has “a” above"


def test_more_columns_are_stored_value_label_and_definition() -> None:
    after = taken("tract\tCensus tract\tAbout 4,000 people\nbg\tBlock group\tA part of one")
    assert after.terms[0].definition == "About 4,000 people"
    assert after.terms[-1] == Term(id="bg", value="bg", label="Block group", definition="A part of one")


def test_under_headings_any_columns_do() -> None:
    after = taken("Label@en\tScope note\tlabel@es\nWard\tCity only\tDistrito\n")
    assert after.terms[1].scope_note == "City only"


def test_quotes_of_a_spreadsheet_and_others() -> None:
    assert taken('"""Big"" unit"', EMPTY).terms[0].label == '"Big" unit'
    assert taken('"Big" unit', EMPTY).terms[0].label == '"Big" unit'


def test_where_terms_store_their_labels_new_ones_do_so_too() -> None:
    often = units(Term(id="daily", value="Daily", label="Daily"))
    assert taken("Every two weeks", often).terms[-1].value == "Every two weeks"
    assert taken("Every two weeks", EMPTY).terms[-1].value == "every_two_weeks"


def test_what_the_list_lacks_stays_unless_told() -> None:
    assert [term.state for term in taken("Block group").terms[:2]] == ["active", "active"]
    after = taken("Ward", retire_missing=True)
    assert [(term.id, term.state) for term in after.terms] == [("tract", "retired"), ("ward", "active"), ("borough", "retired")]


def test_another_terms_label_is_not_taken() -> None:
    shown = seen("value\tlabel\nward\tCensus tract")
    assert (shown.rows[0].outcome, str(shown.rows[0].why)) == ("left_out", "Another term has the label “Census tract”")


@pytest.mark.parametrize(("text", "message"), [
    (" \n", "pasted: has no terms; write one on each line"),
    ("a\tb\tc\td", "pasted: has 4 columns; three are possible, or more under a line of headings"),
    ("x" * 5_000_001, "pasted: larger than 5,000,000 bytes"),
])
def test_what_cannot_be_read_is_told(text: str, message: str) -> None:
    with pytest.raises(DocumentError, match=f"^{message}$"):
        seen(text)


def test_links_go_to_what_the_terms_became() -> None:
    text = "id,label,broader,state,replaced_by\nx,Area,,,\ny,Block,x,,\nz,Plot,,retired,y\nw,Ward,y,,\n"
    shown = preview(units(), read_terms(text, "a.csv"))
    after = take(units(), shown, shown.takeable)
    by_label = {term.label: term for term in after.terms}
    assert by_label["Block"].broader == by_label["Area"].id
    assert (by_label["Plot"].state, by_label["Plot"].replaced_by) == ("retired", by_label["Block"].id)
    assert by_label["Ward"].broader == by_label["Block"].id
    # Where the other row is not taken, nothing leads to it, and what was there stays.
    partly = take(units(), shown, [row for row in shown.takeable if shown.rows[row].term.label != "Block"])
    assert {t.label: t.broader for t in partly.terms}["Ward"] == "tract"


@pytest.mark.parametrize(("before", "after", "result"), [
    ("A", "B", "B"), ("A", {"en": "A"}, "A"), ("A", {"en": "A", "es": "E"}, {"en": "A", "es": "E"}),
    ({"en": "A", "es": "E"}, "A", {"en": "A", "es": "E"}), ({"en": "A", "es": "E"}, "B", {"en": "B", "es": "E"}),
    ({"en": "A"}, {"es": "E"}, {"en": "A", "es": "E"}), ({"en": "A"}, "", {"en": "A"}),
])
def test_a_text_keeps_the_languages_that_the_list_does_not_have(before: Any, after: Any, result: Any) -> None:
    assert joined(before, after) == result


@many
@given(vocabulary("unit"), vocabulary("unit"))
def test_taking_keeps_what_records_store_and_taking_again_changes_nothing(here: Any, there: Any) -> None:
    mine, theirs = (linked(Vocabulary.model_validate(raw)) for raw in (here, there))
    shown = preview(mine, theirs.terms)
    after = take(mine, shown, shown.takeable)
    assert faults_after(document(mine), document(after)) == []
    assert faults_of_terms(after) == [] or "leads back" in faults_of_terms(after)[0]
    assert len(after.terms) == len(mine.terms) + shown.count("added")
    assert len(shown.rows) == len(theirs.terms)


@many
@given(vocabulary("unit"))
def test_what_was_downloaded_changes_nothing(raw: Any) -> None:
    made = linked(Vocabulary.model_validate(raw))
    back = read_skos(write_skos(made, "turtle", "http://x.org/v"), "turtle", "a").terms if made.terms else []
    for terms in (read_terms(terms_csv(made), "a.csv"), back):
        shown = preview(made, terms)
        assert shown.count("added") == 0 and shown.count("changed") == 0


def test_a_list_that_is_too_long_is_refused_at_once() -> None:
    # The work of this process alone: others may be at work beside it.
    began = time.process_time()
    with pytest.raises(DocumentError, match=r"^unit: 20001 terms; at most 20000 are possible"):
        taken("\n".join(f"Term {number}" for number in range(20_001)), EMPTY)
    assert time.process_time() - began < 10

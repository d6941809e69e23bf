"""Edits of vocabularies: what each changes, and that what records store never does."""
from __future__ import annotations

from typing import Any

import pytest
from core.laws import law
from core.strategies import NAMES, term, vocabulary
from hypothesis import given
from hypothesis import strategies as st

from ckanext.civicswitchboard.core.changes import apply, diff, inverse
from ckanext.civicswitchboard.core.editing import terms
from ckanext.civicswitchboard.core.editing.terms import TermEditError
from ckanext.civicswitchboard.core.schema.document import Document, Term, Vocabulary, parse
from ckanext.civicswitchboard.core.schema.publish_rules import faults_after
from ckanext.civicswitchboard.core.schema.rules import faults_of

many = law(30)


def units(*terms: Term) -> Vocabulary:
    usual = (
        Term(id="tract", value="tract", label="Census tract"),
        Term(id="ward", value="ward", label="Ward", broader="tract"),
        Term(id="borough", value="borough", label="Borough", state="retired", replaced_by="ward"),
    )
    return Vocabulary(id="unit", label="Units", terms=list(terms or usual))


def document(vocabulary: Vocabulary) -> Document:
    return parse(
        {
            "format": 1, "title": "A schema", "partner_types": [], "vocabularies": [vocabulary.model_dump()],
            "dataset": {"sections": [], "fields": [], "resource_fields": []},
            "organization": {"sections": [], "fields": []},
        }
    )


def kinds(before: Vocabulary, after: Vocabulary) -> list[tuple[str, str]]:
    return [(change.kind.name, change.part) for change in diff(document(before), document(after))]


def refused(edit: Any, *arguments: Any, **more: Any) -> tuple[str, str]:
    with pytest.raises(TermEditError) as error:
        edit(*arguments, **more)
    return error.value.attribute, str(error.value)


def test_a_term_is_added_under_an_id_of_its_own() -> None:
    added = terms.add(units(), " Census Tract, 2020 ", definition="Small")
    assert added.terms[-1] == Term(
        id="census_tract_2020", value="census_tract_2020", label="Census Tract, 2020", definition="Small"
    )
    assert kinds(units(), added) == [("term_added", "census_tract_2020")]


def test_a_new_term_stores_its_label_where_the_others_do() -> None:
    often = units(Term(id="daily", value="Daily", label={"en": "Daily"}))
    assert terms.add(often, "Every two weeks").terms[-1].value == "Every two weeks"
    assert terms.add(often, "学校", value="x y").terms[-1].id == "x_y"
    assert [t.id for t in terms.add(often, "学校").terms] == ["daily", "term"]


def test_no_two_terms_on_offer_have_one_label_or_one_value() -> None:
    assert refused(terms.add, units(), "census  TRACT") == ("label", "There's already a term “Census tract”")
    assert refused(terms.add, units(), "New", "ward") == ("value", "“Ward” already stores “ward”")
    assert refused(terms.change, units(), "ward", label="Census tract")[0] == "label"
    assert refused(terms.add, units(), "  ") == ("label", "Enter a label")
    assert terms.add(units(), "Borough").terms[-1].value == "borough_2"


def test_what_a_term_says_changes() -> None:
    after = terms.change(units(), "ward", label="Ward (city)", uri="http://example.org/w", scope_note="City only")
    assert kinds(units(), after) == [("term_relabelled", "ward"), ("term_scope_note_changed", "ward"),
                                     ("term_uri_changed", "ward")]
    with pytest.raises(TypeError, match="value"):
        terms.change(units(), "ward", value="other")
    assert refused(terms.change, units(), "none", label="A") == (
        "term", "There's no term “none” in this vocabulary"
    )


def test_a_term_is_retired_and_says_what_to_use_instead() -> None:
    after = terms.retire(units(), "ward", replaced_by="tract")
    # Who was sent to the ward is sent on.
    assert kinds(units(), after) == [("term_retired", "ward"), ("term_replacement_changed", "borough")]
    assert kinds(after, terms.restore(after, "ward")) == [("term_restored", "ward")]
    assert kinds(units(), terms.retire(units(), "ward")) == [("term_retired", "ward")]
    assert refused(terms.retire, units(), "ward", "borough")[0] == "replaced_by"
    assert refused(terms.retire, units(), "ward", "ward")[0] == "replaced_by"


def test_a_merged_term_leaves_its_labels_to_the_other() -> None:
    after = terms.merge(units(), "ward", "tract")
    assert kinds(units(), after) == [
        ("term_alternate_labels_changed", "tract"), ("term_merged", "ward"), ("term_replacement_changed", "borough"),
    ]
    tract, ward, borough = after.terms
    assert (tract.alternate_labels, ward.state, ward.merged_into) == (["Ward"], "retired", "tract")
    assert borough.replaced_by == "tract" and faults_of_terms(after) == []
    back = terms.restore(after, "ward")
    assert back.terms[0].alternate_labels == [] and back.terms[1].merged_into == ""
    assert refused(terms.retire, after, "ward")[0] == "term"
    assert refused(terms.merge, units(), "ward", "borough")[0] == "merged_into"


def test_a_wider_term_merges_into_its_narrower_one_without_a_circle() -> None:
    after = terms.merge(units(), "tract", "ward")
    assert [term.broader for term in after.terms] == ["", "", ""]
    assert faults_of_terms(after) == []


def test_a_term_does_not_stand_under_itself() -> None:
    assert refused(terms.broaden, units(), "tract", "ward")[0] == "broader"
    assert refused(terms.broaden, units(), "tract", "tract")[0] == "broader"
    assert kinds(units(), terms.broaden(units(), "ward", "")) == [("term_broader_changed", "ward")]


def test_only_what_was_never_published_goes() -> None:
    assert refused(terms.remove, units(), "ward", {"ward"})[0] == "term"
    after = terms.remove(units(), "ward", {"tract"})
    assert [(t.id, t.replaced_by) for t in after.terms] == [("tract", ""), ("borough", "")]


def test_the_term_to_use_instead_sends_nobody_back() -> None:
    rows = [
        {"id": "old", "value": "old", "label": "Old"},
        {"id": "new", "value": "new", "label": "New", "replaced_by": "old"},
    ]
    given_in_a_file = Vocabulary.model_validate({"id": "unit", "label": "Unit", "terms": rows})
    after = terms.retire(given_in_a_file, "old", "new")
    assert [(t.id, t.state, t.replaced_by) for t in after.terms] == [("old", "retired", "new"), ("new", "active", "")]


def test_terms_take_another_order() -> None:
    def ids(vocabulary: Vocabulary) -> list[str]:
        return [each.id for each in vocabulary.terms]

    assert ids(terms.place(units(), "borough", "")) == ["borough", "tract", "ward"]
    assert ids(terms.place(units(), "tract", "ward")) == ["ward", "tract", "borough"]
    assert ids(terms.shift(units(), "ward", -1)) == ids(terms.shift(units(), "ward", -9)) == [
        "ward", "tract", "borough"]
    assert ids(terms.shift(units(), "tract", 1)) == ["ward", "tract", "borough"]
    assert ids(terms.in_order(units())) == ["borough", "tract", "ward"]


def test_a_new_vocabulary_has_a_word_for_an_id() -> None:
    assert terms.new_vocabulary({"reading_level"}, "Reading level").id == "reading_level_2"
    assert terms.new_vocabulary(set(), "2020 wards").id == "wards"
    assert terms.new_vocabulary(set(), "学校").id == "vocabulary"


EDITS: Any = {
    "change": lambda v, a, b: terms.change(v, a, label=f"New {a}", definition={"en": "D"}),
    "retire": lambda v, a, b: terms.retire(v, a, b),
    "retire alone": lambda v, a, b: terms.retire(v, a),
    "restore": lambda v, a, b: terms.restore(v, a),
    "merge": lambda v, a, b: terms.merge(v, a, b),
    "broaden": lambda v, a, b: terms.broaden(v, a, b),
    "place": lambda v, a, b: terms.place(v, a, b),
    "shift": lambda v, a, b: terms.shift(v, a, 2),
    "order": lambda v, a, b: terms.in_order(v),
    "add": lambda v, a, b: terms.add(v, f"Label of {a}"),
}


def linked(made: Vocabulary) -> Vocabulary:
    """The vocabulary without links that lead nowhere or in a circle."""
    ids = [term.id for term in made.terms]
    changed = [
        term.model_copy(update={
            name: "" for name in ("broader", "replaced_by", "merged_into")
            if getattr(term, name) not in ids[:number]
        })
        for number, term in enumerate(made.terms)
    ]
    return made.model_copy(update={"terms": changed})


def faults_of_terms(made: Vocabulary) -> list[str]:
    return [str(fault) for fault in faults_of(document(made)) if "terms" in fault.path]


@many
@given(vocabulary("unit"), st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.sampled_from(NAMES),
                                             st.sampled_from(NAMES)), max_size=6))
def test_no_edit_changes_what_records_store_or_loses_a_term(raw: Any, steps: Any) -> None:
    start = linked(Vocabulary.model_validate(raw))
    made = start
    for name, one, other in steps:
        try:
            made = EDITS[name](made, one, other)
        except TermEditError as error:
            assert str(error) and error.attribute
        assert faults_of_terms(made) == faults_of_terms(start)
    before, after = document(start), document(made)
    assert faults_after(before, after) == []
    changes = diff(before, after)
    assert apply(before, changes) == after and apply(after, inverse(changes)) == before
    assert not {change.kind.name for change in changes} & {"term_removed", "term_value_changed"}


@many
@given(st.tuples(*(term(name) for name in NAMES[:3])), st.sampled_from(NAMES[:3]), st.sampled_from(NAMES[:3]))
def test_after_a_merge_nothing_leads_to_the_loser(raws: Any, loser: str, winner: str) -> None:
    start = linked(units(*(Term.model_validate(raw) for raw in raws)))
    try:
        merged = terms.merge(start, loser, winner)
    except TermEditError:
        return
    links = {getattr(each, name) for each in merged.terms for name in ("broader", "replaced_by", "merged_into")}
    assert loser not in links
    assert ("term_merged", loser) in kinds(start, merged) or terms.term_of(start, loser).merged_into == winner
    assert faults_of_terms(merged) == faults_of_terms(start)


def test_a_merge_leaves_no_circle_of_terms_to_use_instead() -> None:
    """Found by the law above: what named the loser names the winner, which named that term."""
    rows = [
        {"id": "old", "value": "old", "label": "Old"},
        {"id": "other", "value": "other", "label": "Other", "replaced_by": "old"},
        {"id": "new", "value": "new", "label": "New", "replaced_by": "other"},
    ]
    start = Vocabulary.model_validate({"id": "unit", "label": "Unit", "terms": rows})
    merged = terms.merge(start, "old", "new")
    assert [(t.id, t.replaced_by, t.merged_into) for t in merged.terms] == [("old", "", "new"), ("other", "new", ""), ("new", "", "")]

"""Terms as a table: out, in, and by hand."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from core.laws import law
from core.strategies import NAMES, term
from hypothesis import given
from hypothesis import strategies as st

from ckanext.civicswitchboard.core.formats.csv_terms import read_terms, terms_csv
from ckanext.civicswitchboard.core.schema.document import DocumentError, Term, Vocabulary
from ckanext.civicswitchboard.core.schema.messages import Message
from ckanext.civicswitchboard.core.schema.rules import MAX_BYTES
from ckanext.civicswitchboard.core.schema.yaml_files import read_folder

TERMS: Any = st.tuples(*(term(name) for name in NAMES[:3])).map(lambda raws: [Term.model_validate(raw) for raw in raws])


def written(terms: list[Term]) -> str:
    return terms_csv(Vocabulary(id="v", label="V", terms=terms))


def told(text: str) -> list[str]:
    with pytest.raises(DocumentError) as error:
        read_terms(text, "a.csv")
    return [str(fault) for fault in error.value.faults]


@law(40)
@given(TERMS, st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_terms_come_back_as_they_were(terms: list[Term], odd: str) -> None:
    terms[0] = terms[0].model_copy(update={"note": odd, "definition": {"en": odd, "es": f"={odd}"}})
    assert read_terms(written(terms), "a.csv") == terms
    assert read_terms("\ufeff" + written(terms), "a.csv") == terms


@pytest.mark.parametrize("text", ["=1", "'=1", "''=1", "'a", "-", " +1", "'", "a'", '"', 'a,"b"\r\nc'])
def test_what_is_made_safe_for_a_spreadsheet_comes_back(text: str) -> None:
    terms = [Term(id="a", value=text, label=text)]
    assert read_terms(written(terms), "a.csv") == terms


def test_the_shipped_vocabularies_come_back() -> None:
    for vocabulary in read_folder(Path(__file__).parents[3] / "schemas").vocabularies:
        assert read_terms(terms_csv(vocabulary), "a.csv") == vocabulary.terms


@pytest.mark.parametrize("divider", [",", ";", "\t"])
def test_a_table_made_by_hand_needs_labels_only(divider: str) -> None:
    text = f"label{divider}definition\nCensus tract{divider}Small\n\n  {divider}\nCafé & bar{divider}\n"
    assert read_terms(text, "a.csv") == [
        Term(id="census_tract", value="census_tract", label="Census tract", definition="Small"),
        Term(id="cafe_bar", value="cafe_bar", label="Café & bar"),
    ]


def test_each_fault_is_told_with_its_line() -> None:
    assert told("") == ["a.csv, line 1: a column 'label' is missing"]
    assert told("term,color\nA,red\n") == ["a.csv, line 1: a column 'label' is missing; there are: term, color"]
    assert told("label,color,label\nA,red,B\n") == [
        "a.csv, line 1: the column 'label' is there more than once (columns 1, 3); keep one of them"]
    assert told("label\nA,B\n") == ["a.csv, line 2: has more cells than there are headings"]
    assert told("label,state,broader\nA,old,\nA,,c\n,retired,\n") == [
        "a.csv, line 3: the label 'A' is there already: a.csv, line 2",
        "a.csv, line 2: the state is 'active' or 'retired', not 'old'",
        "a.csv, line 4: the label is missing",
        "a.csv, line 4: the value is missing",
        "a.csv, line 4: the id is missing",
        "a.csv, line 3: broader: no term has the id 'c'",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "label,definition,,\nMaps,x,,\n",
        "label,,definition\nMaps,,x,,,\n",
        "sep=;\r\nlabel;definition\r\nMaps;x\r\n",
        '"sep=,"\nlabel,definition\nMaps,x',
        "sep=|\nlabel|definition\nMaps|x",
        " Label ,DEFINITION\nMaps,x\n",
        ";;\n\n;\nlabel;definition\n;\nMaps;x\n",
        "label\tdefinition\rMaps\tx\r",
    ],
)
def test_tables_as_spreadsheets_save_them(text: str) -> None:
    assert read_terms(text, "a.csv") == [Term(id="maps", value="maps", label="Maps", definition="x")]


def test_cells_under_no_heading_are_refused_with_their_line() -> None:
    assert told("sep=,\nlabel,,note\nA,,\nB,x,\nC,,,y\n") == [
        "a.csv, line 4: column 2 has no heading",
        "a.csv, line 5: has more cells than there are headings",
    ]
    assert told("label,LABEL\nA,B\n") == [
        "a.csv, line 1: the column 'label' is there more than once (columns 1, 2); keep one of them"]


def test_columns_that_terms_do_not_have_are_left_out_and_reported() -> None:
    notes: list[Message] = []
    terms = read_terms("Label,Sort order,definition,Color,Color\nA,1,x,red,\nB,2,,,blue\n", "a.csv", notes)
    assert [(term.label, term.definition) for term in terms] == [("A", "x"), ("B", "")]
    assert [str(note) for note in notes] == [
        "Left out: columns that terms don’t have: “Sort order”, “Color”, “Color”. Columns that are read: id, value, label,"
        " alternate_labels, definition, scope_note, uri, source, broader, state, replaced_by, merged_into, note, label@en."]
    notes.clear()
    read_terms("label,definition\nA,x\n", "a.csv", notes)
    assert notes == []


def test_labels_in_any_script_and_of_one_word_are_told_apart() -> None:
    terms = read_terms("label,value\nالعربية,\n中文,\nA+B,\nA-B,\n2019,\nA b,a_b_2\n", "a.csv")
    assert [(term.id, term.value) for term in terms] == [
        ("term", "العربية"), ("term_2", "中文"), ("a_b", "a_b"), ("a_b_3", "a_b_3"), ("2019", "2019"), ("a_b_2", "a_b_2")]


def test_no_label_is_lost_between_languages() -> None:
    text = "Label@EN,label,label@de-at,label@zh_hans\nMap,Chart,,\n,Chart,Karte,\n,,\"Kar\nte\",地图\n"
    assert [(term.value, term.label, term.alternate_labels) for term in read_terms(text, "a.csv")] == [
        ("map", {"en": "Map"}, ["Chart"]),
        ("chart", {"en": "Chart", "de_AT": "Karte"}, []),
        ("kar_te", {"de_AT": "Kar\nte", "zh_Hans": "地图"}, []),
    ]


def test_what_is_too_large_is_refused() -> None:
    assert told("x" * (MAX_BYTES + 1)) == ["a.csv: larger than 5,000,000 bytes"]


@law(100)
@given(st.text(st.characters(codec="utf-8")) | st.text("label,id\n\r;\"'\0=", max_size=40))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        read_terms(text, "a.csv")
    except DocumentError as error:
        assert str(error).startswith("a.csv")

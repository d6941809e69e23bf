"""A vocabulary in a file of its own, taken into a document."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ckanext.civicswitchboard.core.document import Document, DocumentError, read
from ckanext.civicswitchboard.core.skos import write_skos
from ckanext.civicswitchboard.core.term_tables import terms_csv
from ckanext.civicswitchboard.core.vocabulary_files import vocabulary_of, with_vocabulary

ADDRESS = "http://portal.example.org/metadata-schema/vocabularies"


@pytest.fixture
def document(raw: dict[str, Any]) -> Document:
    return read(raw)


@pytest.mark.parametrize("ending", ["ttl", "jsonld", "csv"])
def test_what_goes_out_and_comes_in_changes_nothing(document: Document, tmp_path: Path, ending: str) -> None:
    vocabulary = document.vocabularies[0]
    forms = {
        "ttl": lambda: write_skos(vocabulary, "turtle", ADDRESS),
        "jsonld": lambda: write_skos(vocabulary, "json-ld", ADDRESS),
        "csv": lambda: "\ufeff" + terms_csv(vocabulary),
    }
    path = tmp_path / f"unit.{ending}"
    path.write_text(forms[ending](), encoding="utf-8")
    assert with_vocabulary(document, vocabulary_of(path, "unit")) == document


def test_terms_are_met_by_what_they_store_and_missing_ones_stay(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "terms.csv"
    path.write_text("id,value,label,definition\nx,Census Tract,Tract,A small area\nblock,Block,Block,\n")
    terms = with_vocabulary(document, vocabulary_of(path, "unit")).vocabularies[0].terms
    assert [(t.id, t.value, t.label, t.definition, t.state) for t in terms] == [
        ("tract", "Census Tract", "Tract", "A small area", "active"),
        ("old", "Ward", "Ward", "", "retired"),
        ("block", "Block", "Block", "", "active"),
    ]


def test_skos_of_others_becomes_a_new_vocabulary(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "theirs.ttl"
    path.write_text(
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        '<http://x.example.org/v> a skos:ConceptScheme ; skos:prefLabel "Levels" .\n'
        '<http://x.example.org/v/1> a skos:Concept ; skos:inScheme <http://x.example.org/v> ; skos:prefLabel "Easy" .'
    )
    after = with_vocabulary(document, vocabulary_of(path, "levels"))
    assert after.vocabularies[-1].id == "levels" and after.vocabularies[-1].terms[0].value == "easy"


def test_a_file_that_is_none_is_refused(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_bytes(b"\xff")
    with pytest.raises(DocumentError, match="is not text"):
        vocabulary_of(path, None)

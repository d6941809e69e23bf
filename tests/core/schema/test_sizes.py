"""How much a document may hold, so that pages that show all of it stay small."""
from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from ckanext.civicswitchboard.core.schema import rules
from ckanext.civicswitchboard.core.schema.document import parse

Raw = dict[str, Any]


def faults(raw: Raw) -> list[str]:
    return [str(fault) for fault in rules.faults_of(parse(raw))]


def _sections(raw: Raw, number: int) -> None:
    raw["dataset"]["sections"] += [{"id": f"s{n}", "label": "S"} for n in range(number)]


def _vocabularies(raw: Raw, number: int) -> None:
    raw["vocabularies"] += [{"id": f"v{n}", "label": "V", "terms": []} for n in range(number)]


def _partner_types(raw: Raw, number: int) -> None:
    raw["partner_types"] += [{"name": f"p{n}", "label": "P", "sector": "library"} for n in range(number)]


def _terms(raw: Raw, number: int) -> None:
    raw["vocabularies"][0]["terms"] += [{"id": f"t{n}", "value": f"t{n}", "label": "T"} for n in range(number)]


@pytest.mark.parametrize("add, most, what", [
    (_sections, rules.MAX_SECTIONS, "sections"),
    (_vocabularies, rules.MAX_VOCABULARIES, "vocabularies"),
    (_partner_types, rules.MAX_PARTNER_TYPES, "partner types"),
    (_terms, rules.MAX_TERMS, "terms"),
])
def test_a_number_of_things_is_the_limit(
    raw: Raw, add: Callable[[Raw, int], None], most: int, what: str
) -> None:
    before = next(n for n in range(10) if _count(raw, add) == n)
    full, over = deepcopy(raw), deepcopy(raw)
    add(full, most - before)
    add(over, most - before + 1)
    assert faults(full) == []
    assert [each for each in faults(over) if what in each and f"at most {most:,}" in each]


def _count(raw: Raw, add: Callable[[Raw, int], None]) -> int:
    held = {
        _sections: [*raw["dataset"]["sections"], *raw["organization"]["sections"]],
        _vocabularies: raw["vocabularies"],
        _partner_types: raw["partner_types"],
        _terms: [term for each in raw["vocabularies"] for term in each["terms"]],
    }
    return len(held[add])


def test_a_text_has_a_length_and_all_texts_together(raw: Raw) -> None:
    field = raw["dataset"]["fields"][1]
    field["help_text"] = "x" * rules.MAX_TEXT
    assert faults(raw) == []
    field["help_text"] += "x"
    assert faults(raw) == ["dataset.fields[2] (unit).help_text: is 5,001 characters long; at most 5,000 are possible"]
    field["help_text"], field["label"] = "", "x" * (rules.MAX_LABEL + 1)
    assert faults(raw) == ["dataset.fields[2] (unit).label: is 501 characters long; at most 500 are possible"]


def test_the_longest_language_counts_and_notes_do_not(raw: Raw) -> None:
    before = rules.size_of_texts(raw)
    raw["dataset"]["fields"][1].update(help_text={"en": "x" * 10, "fr": "é" * 10}, note="y" * 100)
    assert rules.size_of_texts(raw) == before + 20


def test_texts_together_have_a_limit(raw: Raw) -> None:
    for number in range(60):
        raw["dataset"]["fields"].append(
            {"id": f"f{number}", "field_name": f"f{number}", "label": "F", "section": "about", "guidance": "x" * 4990}
        )
    assert [each for each in faults(raw) if "bytes of texts beside the terms; at most 250,000" in each]

"""The terms of a controlled vocabulary as a table for spreadsheets, out and in.

A text in several languages has a column for each: ``label@en``, ``label@es``. Alternate
labels stand in one cell, each on a line of its own.
"""
from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ckanext.civicswitchboard.core.document import DocumentError, Fault, Term, Text, Vocabulary
from ckanext.civicswitchboard.core.files import MAX_BYTES
from ckanext.civicswitchboard.core.naming import word
from ckanext.civicswitchboard.core.tables import csv_text, plain_cell

_TEXTS = ("label", "alternate_labels", "definition", "scope_note")
COLUMNS = tuple(Term.model_fields)
_LANGUAGE = re.compile(rf"({'|'.join(_TEXTS)})@(.+)\Z")


def terms_csv(vocabulary: Vocabulary) -> str:
    """A vocabulary's terms, one in a row; :func:`read_terms` reads them back.

    :param vocabulary: the vocabulary
    :returns: CSV in the form of RFC 4180 under a line of headings
    """
    rows = [dict(_cells(term)) for term in vocabulary.terms]
    used = {heading for row in rows for heading in row}
    languages = sorted(heading for heading in used if "@" in heading)
    headings = [
        heading
        for column in COLUMNS
        for heading in (column, *(each for each in languages if each.startswith(f"{column}@")))
        if heading in used or column in ("id", "value", "label")
    ]
    return csv_text(headings, ([row.get(heading, "") for heading in headings] for row in rows))


def _cells(term: Term) -> Iterator[tuple[str, str]]:
    for name, value in term.model_dump(exclude_defaults=True).items():
        if name == "alternate_labels":
            yield from _alternate_cells(value)
        elif isinstance(value, dict):
            yield from ((f"{name}@{language}", text) for language, text in value.items())
        else:
            yield name, value


def _alternate_cells(labels: list[Text]) -> Iterator[tuple[str, str]]:
    cells: dict[str, list[str]] = {}
    for label in separate_labels(labels):
        language, text = next(iter(label.items())) if isinstance(label, dict) else ("", label)
        cells.setdefault(f"alternate_labels@{language}" if language else "alternate_labels", []).append(text)
    yield from ((heading, "\n".join(texts)) for heading, texts in cells.items())


def separate_labels(labels: Iterable[Text]) -> list[Text]:
    """Labels as alternate labels are kept: one language and one line each, none twice, in order."""
    found: set[tuple[str, str]] = set()
    for label in labels:
        texts = label if isinstance(label, dict) else {"": label}
        found |= {(language, " ".join(text.split())) for language, text in texts.items()}
    return [{language: text} if language else text for language, text in sorted(found) if text]


def read_terms(text: str, name: str) -> list[Term]:
    """The terms of a table, as :func:`terms_csv` writes it or a person made it.

    A column ``label`` is enough: a term without a value stores its label in small letters
    and _, and a term without an id takes it from its value.

    :param text: CSV with a line of headings, divided by commas, semicolons or tabs
    :param name: the file's name, for the messages
    :raises DocumentError: with every fault and its line
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise DocumentError([Fault(path=name, message=f"larger than {MAX_BYTES:,} bytes")])
    text = text.removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        headings = [heading.strip() for heading in next(reader, [])]
        faults = list(_heading_faults(headings, name))
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DocumentError([Fault(path=name, message=f"not readable as CSV: {error}")]) from None
    faults += [
        Fault(path=f"{name}, line {number}", message="has more cells than there are headings")
        for number, row in rows
        if len(row) > len(headings)
    ]
    if faults:
        raise DocumentError(faults)
    terms = [(f"{name}, line {number}", _term(dict(zip(headings, row)))) for number, row in rows]
    faults = list(_term_faults(terms))
    if faults:
        raise DocumentError(faults)
    return [Term.model_validate(term) for _, term in terms]


def _delimiter(text: str) -> str:
    """What divides the headings: a comma unless there is more of another."""
    heading = text.splitlines()[0] if text.strip() else ""
    return max(",;\t", key=heading.count)


def _heading_faults(headings: list[str], name: str) -> Iterator[Fault]:
    path = f"{name}, line 1"
    for heading in headings:
        if heading not in COLUMNS and not _LANGUAGE.match(heading):
            known = ", ".join(COLUMNS)
            yield Fault(path=path, message=f"'{heading}' is no column of terms; known: {known}, label@en")
    for heading in sorted({each for each in headings if headings.count(each) > 1}):
        yield Fault(path=path, message=f"the column '{heading}' is there twice")
    if not any(heading == "label" or heading.startswith("label@") for heading in headings):
        yield Fault(path=path, message="a column 'label' is missing")


def _term(row: dict[str, str]) -> dict[str, Any]:
    term: dict[str, Any] = {}
    for heading, cell in row.items():
        text = plain_cell(cell)
        if not text:
            continue
        found = _LANGUAGE.match(heading)
        if heading.partition("@")[0] == "alternate_labels":
            labels = [{found[2]: line} if found else line for line in text.split("\n")]
            term["alternate_labels"] = separate_labels([*term.get("alternate_labels", []), *labels])
        elif found:
            texts = term.get(found[1])
            term[found[1]] = {**(texts if isinstance(texts, dict) else {}), found[2]: text}
        else:
            term.setdefault(heading, text)
    term.setdefault("label", "")
    label = term["label"]
    term.setdefault("value", word(next(iter(label.values())) if isinstance(label, dict) else label))
    term.setdefault("id", word(term["value"]))
    return term


def _term_faults(terms: list[tuple[str, dict[str, Any]]]) -> Iterator[Fault]:
    places: dict[tuple[str, str], str] = {}
    for path, term in terms:
        for name in ("label", "value", "id"):
            if not term[name]:
                yield Fault(path=path, message=f"the {name} is missing")
        for name in ("id", "value"):
            other = places.setdefault((name, term[name]), path)
            if term[name] and other != path:
                yield Fault(path=path, message=f"the {name} '{term[name]}' is there already: {other}")
        if term.get("state", "active") not in ("active", "retired"):
            yield Fault(path=path, message=f"the state is 'active' or 'retired', not '{term['state']}'")
    for path, term in terms:
        for name in ("broader", "replaced_by", "merged_into"):
            if term.get(name) and ("id", term[name]) not in places:
                yield Fault(path=path, message=f"{name}: no term has the id '{term[name]}'")

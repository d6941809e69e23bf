"""The terms of a controlled vocabulary as a table for spreadsheets, out and in.

A text in several languages has a column for each: ``label@en``, ``label@es``. Alternate
labels stand in one cell, each on a line of its own.
"""
from __future__ import annotations

import csv
import io
import re
from collections.abc import Container, Iterable, Iterator
from typing import Any

from ckanext.civicswitchboard.core.formats.csv_fields import csv_text, plain_cell
from ckanext.civicswitchboard.core.schema.document import DocumentError, Fault, Term, Text, Vocabulary
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message, shortened
from ckanext.civicswitchboard.core.schema.rules import MAX_BYTES
from ckanext.civicswitchboard.core.schema.term_names import first_text, name_terms

_TEXTS = ("label", "alternate_labels", "definition", "scope_note")
COLUMNS = tuple(Term.model_fields)
_KNOWN = ", ".join((*COLUMNS, "label@en"))
_LEFT_OUT = N_("Left out: columns that terms don’t have: {what}. Columns that are read: {known}.")
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
        for heading in (column, *(language for language in languages if language.startswith(f"{column}@")))
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
    pairs: set[tuple[str, str]] = set()
    for label in labels:
        texts = label if isinstance(label, dict) else {"": label}
        pairs |= {(language, " ".join(text.split())) for language, text in texts.items()}
    return [{language: text} if language else text for language, text in sorted(pairs) if text]


def read_terms(text: str, name: str, notes: list[Message] | None = None) -> list[Term]:
    """The terms of a table, as :func:`terms_csv` writes it or a person made it.

    A column ``label`` is enough: :func:`~.term_names.name_terms` makes the rest. Headings are
    read in capitals too, columns without a heading are passed over where they are empty, and columns
    of what terms don't have are left out.

    :param text: CSV with a line of headings, divided by commas, semicolons or tabs; Excel's
        line ``sep=;`` may come before them
    :param name: the file's name, for the messages
    :param notes: gets which columns were left out
    :raises DocumentError: with every fault and its line
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise DocumentError([Fault(path=name, message=f"larger than {MAX_BYTES:,} bytes")])
    try:
        rows = list(_rows(text.removeprefix("\ufeff")))
    except csv.Error as error:
        raise DocumentError([Fault(path=name, message=f"not readable as CSV: {error}")]) from None
    at, first = rows.pop(0) if rows else (1, [])
    columns = {n: heading(cell) for n, cell in enumerate(first) if cell.strip()}
    known = {n: heading for n, heading in columns.items() if heading in COLUMNS or _LANGUAGE.match(heading)}
    unknown = [first[n].strip() for n in columns if n not in known]
    faults = list(_heading_faults(known, unknown, f"{name}, line {at}"))
    for number, row in rows:
        faults += _stray_cells(row, columns, len(first), f"{name}, line {number}")
    if faults:
        raise DocumentError(faults)
    terms = [
        (f"{name}, line {number}", _term({known[n]: cell for n, cell in enumerate(row) if n in known}))
        for number, row in rows
    ]
    if unknown and notes is not None:
        what = ", ".join(f"“{shortened(heading)}”" for heading in unknown)
        notes.append(Message(_LEFT_OUT, {"what": what, "known": _KNOWN}))
    faults = list(_repeated_labels(terms))
    name_terms([term for _path, term in terms])
    faults += list(_term_faults(terms))
    if faults:
        raise DocumentError(faults)
    return [Term.model_validate(term) for _, term in terms]


# What Excel writes first, and reads, to say what divides the cells.
_DIVIDER = re.compile(r'"?sep=([,;|:\t])"?[,;\t]*\r?(?:\n|\Z)', re.IGNORECASE)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that has something in it, with the number of its last line."""
    said = _DIVIDER.match(text)
    body = text[said.end() :] if said else text
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=said[1] if said else _delimiter(body))
    for row in reader:
        if any(cell.strip() for cell in row):
            yield reader.line_num + bool(said), row


def _delimiter(text: str) -> str:
    """What divides the headings: a comma unless there is more of another."""
    first = next((line for line in text.splitlines() if line.strip(",;\t \"")), "")
    return max(",;\t", key=first.count)


def heading(cell: str) -> str:
    """A heading as :data:`COLUMNS` has it: ``Scope note`` is ``scope_note``, ``Label@DE`` ``label@de``."""
    name, at, tag = cell.strip().partition("@")
    return "_".join(name.lower().split()) + at + (language(tag.strip()) if at else "")


def language(tag: str) -> str:
    """A language's code as CKAN writes it: ``pt_BR`` of ``pt-br``, ``zh_Hans`` of ``zh-hans``.

    :returns: the tag itself where it isn't made of a language, a script and a region
    """
    if not _LOCALE.fullmatch(tag):
        return tag
    first, *more = re.split("[-_]", tag)
    return "_".join(
        [first.lower(), *(subtag.title() if len(subtag) == 4 else subtag.upper() for subtag in more)]
    )


_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|[0-9]{3}))?")


def _heading_faults(known: dict[int, str], unknown: list[str], path: str) -> Iterator[Fault]:
    for member in sorted(set(known.values())):
        places = [str(n + 1) for n, other in known.items() if other == member]
        if len(places) > 1:
            where = ", ".join(places)
            message = f"the column '{member}' is there more than once (columns {where}); keep one of them"
            yield Fault(path=path, message=message)
    if not any(member == "label" or member.startswith("label@") for member in known.values()):
        there = f"; there are: {', '.join(map(shortened, unknown))}" if unknown else ""
        yield Fault(path=path, message=f"a column 'label' is missing{there}")


def _stray_cells(row: list[str], columns: Container[int], width: int, path: str) -> Iterator[Fault]:
    """Cells that say something under no heading: the first of a row is enough to tell."""
    stray = next((n for n, cell in enumerate(row) if cell.strip() and n not in columns), None)
    if stray is not None:
        more = "has more cells than there are headings"
        message = more if stray >= width else f"column {stray + 1} has no heading"
        yield Fault(path=path, message=message)


def _term(row: dict[str, str]) -> dict[str, Any]:
    term: dict[str, Any] = {}
    texts: dict[str, list[tuple[str, str]]] = {}
    for column, cell in row.items():
        text = plain_cell(cell)
        attribute, _at, tag = column.partition("@")
        if attribute in _TEXTS and text:
            lines = text.split("\n") if attribute == "alternate_labels" else [text]
            texts.setdefault(attribute, []).extend((tag, line) for line in lines)
        elif text:
            term[column] = text
    alternates = texts.pop("alternate_labels", [])
    for attribute, said in texts.items():
        term[attribute], more = text_of(said)
        if attribute == "label":
            alternates += more
    if alternates:
        term["alternate_labels"] = separate_labels({tag: text} if tag else text for tag, text in alternates)
    term.setdefault("label", "")
    return term


def text_of(said: Iterable[tuple[str, str]]) -> tuple[Text, list[tuple[str, str]]]:
    """One text of what is said in languages, and what has no place in it.

    A text without a language beside texts with one counts as English where there is none.

    :param said: languages, "" for none, and texts
    """
    by_language: dict[str, list[str]] = {}
    for tag, words in said:
        by_language.setdefault(tag, []).append(words)
    plain = by_language.pop("", [])
    if not by_language:
        return (plain[0] if plain else ""), [("", words) for words in plain[1:]]
    known = {words for all_words in by_language.values() for words in all_words}
    plain = [words for words in plain if words not in known]
    if plain and "en" not in by_language:
        by_language = {"en": plain, **by_language}
        plain = []
    text: Text = {tag: words[0] for tag, words in by_language.items()}
    more = [(tag, words) for tag, all_words in by_language.items() for words in all_words[1:]]
    return text, [*more, *(("", words) for words in plain)]


def _repeated_labels(terms: list[tuple[str, dict[str, Any]]]) -> Iterator[Fault]:
    """Labels that are there twice, of which no two values could be made that tell them apart."""
    places: dict[str, str] = {}
    for path, term in terms:
        if not term.get("value"):
            said = " ".join(first_text(term["label"]).split())
            other = places.setdefault(said.casefold(), path)
            if said and other != path:
                yield Fault(path=path, message=f"the label '{said}' is there already: {other}")


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

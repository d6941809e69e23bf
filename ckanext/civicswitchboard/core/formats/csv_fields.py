"""Tables for spreadsheets: the fields of the shared schema as CSV."""
from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from ckanext.civicswitchboard.core.schema.document import Document, Entity, Field, Section, Text
from ckanext.civicswitchboard.core.schema.labels import STANDARDS, filled_in, repeatable
from ckanext.civicswitchboard.core.schema.outline import parts

Say = Callable[[Text], str]

# A spreadsheet takes a cell that begins so for a formula, and would run it.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


@dataclass(frozen=True)
class _Row:
    """A field with where it stands."""

    entity: Entity
    section: Section | None
    parent: Field | None
    field: Field


def _target(standard: str, row: _Row, say: Say) -> str:
    return row.field.mapping.get(standard, "")


_COLUMNS: dict[str, Callable[[_Row, Say], str]] = {
    "entity": lambda row, say: row.entity,
    "section": lambda row, say: say(row.section.label) if row.section else "",
    "part_of": lambda row, say: row.parent.field_name if row.parent else "",
    "field_name": lambda row, say: row.field.field_name,
    "label": lambda row, say: say(row.field.label),
    "expectation": lambda row, say: row.field.expectation,
    "filled_in_with": lambda row, say: say(filled_in(row.field)),
    "repeatable": lambda row, say: "yes" if repeatable(row.field) else "no",
    "vocabulary": lambda row, say: row.field.vocabulary,
    "help_text": lambda row, say: say(row.field.help_text),
    "example": lambda row, say: say(row.field.example),
    "definition": lambda row, say: say(row.field.definition),
    "uri": lambda row, say: row.field.uri,
    **{name: partial(_target, name) for name in STANDARDS},
    "state": lambda row, say: row.field.state,
}


def fields_csv(document: Document, say: Say) -> str:
    """Every field and subfield, one in a row.

    :param document: the document
    :param say: gives a text in the reader's language
    :returns: CSV in the form of RFC 4180 under a line of headings
    """
    rows = ([say_cell(row, say) for say_cell in _COLUMNS.values()] for row in _rows(document))
    return csv_text(list(_COLUMNS), rows)


def _rows(document: Document) -> Iterator[_Row]:
    for part in parts(document):
        for group in part.groups:
            for field in group.fields:
                yield _Row(part.entity, group.section, None, field)
                for subfield in field.repeating_subfields:
                    yield _Row(part.entity, group.section, field, subfield)


def csv_text(headings: list[str], rows: Iterable[Iterable[str]]) -> str:
    """CSV that is safe to open in a spreadsheet.

    :param headings: the first line; a spreadsheet runs what stands there as well
    :param rows: the cells, as texts
    """
    out = io.StringIO(newline="")
    csv.writer(out).writerows([safe_cell(cell) for cell in row] for row in (headings, *rows))
    return out.getvalue()


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe comes before such a one.

    One that has the apostrophe already gets another, so that :func:`plain_cell` can tell.
    """
    bare = text.lstrip("'")
    begins = bare.startswith(_FORMULA) or bare.lstrip().startswith(_FORMULA)
    return f"'{text}" if begins else text


def plain_cell(text: str) -> str:
    """The text of which :func:`safe_cell` made a cell."""
    return text[1:] if text.startswith("'") and safe_cell(text[1:]) == text else text

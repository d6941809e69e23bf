"""The demo's small tables, made from the columns that the dataset files declare.

A table has ``columns`` and either ``rows: 40`` or ``each: {branch: branches, month: [...]}``,
which gives one row for every combination. The same name always gives the same table.
"""
from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

from .places import Branch, Gazetteer, Place

Column = dict[str, Any]
SUPPRESSED = "suppressed"


@dataclass(frozen=True)
class Row:
    """What a cell may draw on: the row's number, place and the values it stands for."""

    random: Random
    number: int
    place: Place
    values: dict[str, Any]
    level: Callable[[str], float]


def cells(table: dict[str, Any], name: str, gazetteer: Gazetteer) -> Iterator[list[str]]:
    """The table's records, without the line of column names.

    :param table: a resource of a dataset file, with ``columns`` and ``rows`` or ``each``.
    :param name: what makes the table's random numbers its own, such as the dataset's name.
    """
    random = Random(name)
    for number, values in enumerate(_combinations(table, gazetteer), 1):
        place = _place(values, random, gazetteer)
        known = {**values, "place": place, "region": gazetteer}
        row = Row(random, number, place, known, _levels(name, number, values))
        yield [_cell(column, row) for column in table["columns"]]


def csv_text(table: dict[str, Any], name: str, gazetteer: Gazetteer) -> str:
    """:returns: the whole table as a CSV file."""
    return _csv([column["column"] for column in table["columns"]], cells(table, name, gazetteer))


def dictionary(table: dict[str, Any]) -> list[dict[str, str]]:
    """:returns: the data dictionary, a row for each column."""
    return [
        {
            "column": column["column"],
            "label": column.get("label") or _words(column["column"]),
            "type": column.get("type") or GENERATORS[_generator(column)].type(column[_generator(column)]),
            **{key: column[key] for key in ("description", "unit", "codes") if key in column},
        }
        for column in table["columns"]
    ]


def dictionary_csv(table: dict[str, Any]) -> str:
    """:returns: the data dictionary as a CSV file."""
    names = ("column", "label", "type", "unit", "description")
    return _csv(names, ([row.get(name, "") for name in names] for row in dictionary(table)))


@dataclass(frozen=True)
class Generator:
    """One way to fill a cell, named by the key that a column uses for it."""

    fill: Callable[[Any, Column, Row], Any]
    type: Callable[[Any], str]


def _is(path: str, _column: Column, row: Row) -> Any:
    first, *rest = path.split(".")
    value = row.values[first]
    for attribute in rest:
        value = getattr(value, attribute)
    return value


def _between(bounds: list[float], column: Column, row: Row) -> float:
    low, high = bounds
    share = 0.85 * row.level(column["column"]) + 0.15 * row.random.random()
    if "suppress_under" in column:
        share **= 3  # Where counts are small, most of them are: that is why they are suppressed.
    value = low + (high - low) * share
    return round(value) if _whole(bounds) else round(value, column.get("digits", 2))


def _date(bounds: list[date], _column: Column, row: Row) -> str:
    first, last = bounds
    return (first + timedelta(days=row.random.randint(0, (last - first).days))).isoformat()


def _near(axis: str, _column: Column, row: Row) -> float:
    west, south, east, north = row.place.box
    low, high = {"lon": (west, east), "lat": (south, north)}[axis]
    return round(row.random.uniform(low, high), 5)


def _whole(bounds: list[float]) -> bool:
    return all(isinstance(bound, int) for bound in bounds)


def _text(_value: Any) -> str:
    return "text"


GENERATORS = {
    "is": Generator(_is, _text),
    "one_of": Generator(lambda choices, _column, row: row.random.choice(choices), _text),
    "between": Generator(_between, lambda bounds: "whole number" if _whole(bounds) else "decimal"),
    "date": Generator(_date, lambda _bounds: "date, YYYY-MM-DD"),
    "near": Generator(_near, lambda _axis: "decimal"),
    "serial": Generator(lambda pattern, _column, row: pattern.format(row.number), _text),
    "in_turn": Generator(lambda choices, _column, row: choices[(row.number - 1) % len(choices)], _text),
}


def _generator(column: Column) -> str:
    return next(key for key in column if key in GENERATORS)


def _cell(column: Column, row: Row) -> str:
    kind = _generator(column)
    value = GENERATORS[kind].fill(column[kind], column, row)
    hidden = "suppress_under" in column and value < column["suppress_under"]
    return SUPPRESSED if hidden else str(value)


def _combinations(table: dict[str, Any], gazetteer: Gazetteer) -> Iterator[dict[str, Any]]:
    each = table.get("each")
    if not each:
        return ({} for _ in range(table["rows"]))
    axes = [_axis(axis, gazetteer) for axis in each.values()]
    return (dict(zip(each, values)) for values in product(*axes))


def _axis(axis: Any, gazetteer: Gazetteer) -> Sequence[Any]:
    """A list of values, ``{from: 1890, to: 1936}``, or the name of a list in the gazetteer."""
    if isinstance(axis, str):
        return getattr(gazetteer, axis)
    return range(axis["from"], axis["to"] + 1) if isinstance(axis, dict) else axis


def _place(values: dict[str, Any], random: Random, gazetteer: Gazetteer) -> Place:
    """A row is at the place that it names, at that of its branch, or anywhere in the city."""
    for value in values.values():
        if isinstance(value, Place):
            return value
        if isinstance(value, Branch):
            return value.place
    return random.choice(gazetteer.neighborhoods)


def _levels(name: str, number: int, values: dict[str, Any]) -> Callable[[str], float]:
    """A busy branch is busy in every column and month; records of a list have nothing in common."""
    if not values:
        return lambda column: Random(f"{name} {number} {column}").random()
    first = next(iter(values.values()))
    anchor = f"{name} {getattr(first, 'name', first)}"
    return lambda column: 0.8 * Random(anchor).random() + 0.2 * Random(f"{anchor} {column}").random()


def _csv(header: Iterable[str], records: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(records)
    return out.getvalue()


def _words(name: str) -> str:
    spaced = "".join(f" {letter}" if letter.isupper() else letter for letter in name.replace("_", " "))
    return " ".join(spaced.split()).capitalize()

"""The field types that a document may use: how a value is stored, read and compared.

A browser changes some values by merely showing them in a form. Each type says how its
control does that, so that a value which only passed through a form counts as unchanged.
"""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Shape = Literal["text", "several", "rows"]
Control = Literal["line", "area"]


@dataclass(frozen=True)
class FieldType:
    """One kind of field.

    :ivar name: the preset's name in a document
    :ivar shape: ``text`` is stored as it is; ``several`` (a list of texts) and ``rows``
        (a list of objects) are stored as JSON text
    :ivar control: a one-line input drops line ends, a text area rewrites them
    :ivar ordered: whether the order of several values means something
    :ivar needs_vocabulary: whether its values are a vocabulary's terms
    :ivar checked: whether some texts are no value of this type
    :ivar parts: of rows, the types of the parts that take several values, by name
    """

    name: str
    shape: Shape = "text"
    control: Control = "line"
    ordered: bool = True
    needs_vocabulary: bool = False
    checked: bool = False
    parts: tuple[tuple[str, FieldType], ...] = ()


FIELD_TYPES: dict[str, FieldType] = {
    kind.name: kind
    for kind in [
        FieldType(""),
        FieldType("title"),
        FieldType("dataset_slug", checked=True),
        FieldType("organization_slug", checked=True),
        FieldType("tag_string_autocomplete"),
        FieldType("dataset_organization"),
        FieldType("resource_url_upload"),
        FieldType("organization_url_upload"),
        FieldType("resource_format_autocomplete"),
        FieldType("license"),
        FieldType("partner_type", checked=True),
        FieldType("partner_types", shape="several", ordered=False, checked=True),
        FieldType("select", needs_vocabulary=True, checked=True),
        FieldType("radio", needs_vocabulary=True, checked=True),
        FieldType("multiple_select", shape="several", ordered=False, needs_vocabulary=True, checked=True),
        FieldType("multiple_checkbox", shape="several", ordered=False, needs_vocabulary=True, checked=True),
        FieldType("multiple_text", shape="several"),
        FieldType("markdown", control="area"),
        FieldType("textarea", control="area"),
        FieldType("geojson", control="area", checked=True),
        FieldType("partial_date", checked=True),
        FieldType("email", checked=True),
        FieldType("link", checked=True),
        FieldType("number", checked=True),
    ]
}
ROWS = FieldType("repeating", shape="rows")


def field_type(preset: str, repeating: bool = False) -> FieldType:
    """The type of a field.

    :param preset: the field's preset, empty for one line of text
    :param repeating: whether the field has repeating subfields
    """
    return ROWS if repeating else FIELD_TYPES[preset]


def rows_type(presets: Mapping[str, str]) -> FieldType:
    """The type of a field with entries.

    :param presets: the preset of each part by its name
    """
    kinds = {name: FIELD_TYPES[preset] for name, preset in presets.items()}
    return replace(ROWS, parts=tuple(item for item in kinds.items() if item[1].shape == "several"))


def is_empty(value: Any) -> bool:
    """Whether a value, given or stored, says nothing; a zero and a no say something."""
    if isinstance(value, list):
        return all(member is None or member in ("", [], {}) for member in value)
    return value is None or value in ("", "[]", "null")


def is_empty_row(row: dict[str, Any]) -> bool:
    """Whether none of the parts of a repeating field's row says anything."""
    return all(is_empty(value) for value in row.values())


def shown_rows(kind: FieldType, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as they are shown: a part with several values is stored as JSON text inside its row.

    :param kind: the field's type
    :param rows: the stored rows
    """
    if not kind.parts:
        return rows
    return [{**row, **dict(_lists_of(kind, row))} for row in rows]


def _lists_of(kind: FieldType, row: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for name, part in kind.parts:
        # What can't be read as a list stays as it is.
        if row.get(name) and (values := load(part, row[name])) is not None:
            yield name, values


def lines(text: str) -> list[str]:
    """The texts of a control that takes one a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def load(kind: FieldType, stored: Any) -> Any:
    """What a stored value reads as, or None when it cannot be read as this type.

    :param kind: the field's type
    :param stored: the stored value
    """
    if kind.shape == "text":
        return stored
    values = _list_in(stored)
    member = dict if kind.shape == "rows" else str
    return values if values is not None and _all_are(member, values) else None


def listed(stored: Any) -> list[Any] | None:
    """A stored value that is several texts, or entries; None for any other."""
    values = _list_in(stored)
    return values if values is not None and (_all_are(str, values) or _all_are(dict, values)) else None


def _list_in(stored: Any) -> list[Any] | None:
    """A list that is stored as it is or as JSON; nothing stored is an empty one."""
    values = stored
    if isinstance(stored, str):
        try:
            values = json.loads(stored) if stored else []
        except (ValueError, RecursionError):
            return None
    return values if isinstance(values, list) else None


def _all_are(member: type, values: list[Any]) -> bool:
    return all(isinstance(value, member) for value in values)


def same(kind: FieldType, stored: Any, value: Any) -> bool:
    """Whether a given value is the stored one, but for what a form does to it.

    :param kind: the field's type
    :param stored: what the record holds, None when it holds nothing
    :param value: what the caller sent, None when it sent nothing
    """
    if stored == value or _is_only_one_of(kind, stored, value):
        return True
    # First of all: a form sends the one chosen term "null" as it would send nothing, and a line
    # of nothing but line ends as an empty one.
    sent = _through_form if kind.shape == "text" else _comparable
    if sent(kind, stored) == sent(kind, value):
        return True
    return _says_nothing(kind, stored) and _says_nothing(kind, value)


def _is_only_one_of(kind: FieldType, stored: Any, sent: Any) -> bool:
    """Whether a form sent the only one of several values, whatever else the same text would mean."""
    if kind.shape != "several" or not isinstance(sent, str):
        return False
    loaded = load(kind, stored) or []
    return bool(loaded) and [line for text in loaded for line in lines(text)] == lines(sent)


def _says_nothing(kind: FieldType, value: Any) -> bool:
    loaded = None if kind.shape == "text" or value is None else load(kind, value)
    return is_empty(value if loaded is None else loaded)


def _comparable(kind: FieldType, value: Any) -> Any:
    if kind.shape == "several" and isinstance(value, str):
        # A form sends one chosen item as a plain text.
        loaded = load(kind, value)
        values: Any = [value] if loaded is None else loaded
    else:
        values = load(kind, value)
    if values is None:
        return value
    if kind.shape == "rows":
        # A form does not send a row with nothing in it.
        return [row for row in (_row(kind, member) for member in values) if row]
    texts = [line for text in values for line in lines(text)]
    return texts if kind.ordered else sorted(set(texts))


def _row(kind: FieldType, row: dict[str, Any]) -> dict[str, Any]:
    parts = dict(kind.parts)
    said = {
        key: _comparable(parts[key], value) if key in parts else _in_row(value)
        for key, value in row.items()
        if not is_empty(value)
    }
    return {key: value for key, value in said.items() if not is_empty(value)}


def same_row(kind: FieldType, stored: dict[str, Any], sent: dict[str, Any]) -> bool:
    """Whether a row of a repeating field only passed through a form.

    :param kind: the field's type
    """
    return _row(kind, stored) == _row(kind, sent)


def _in_row(value: Any) -> Any:
    # As a form shows it: true, not Python's True.
    is_text = value is None or isinstance(value, str)
    return _without_line_ends(value) if is_text else json.dumps(value, ensure_ascii=False)


def _through_form(kind: FieldType, value: Any) -> Any:
    if not isinstance(value, str):
        # As a form shows it: true, not Python's True.
        return value if value is None else json.dumps(value, ensure_ascii=False, default=str)
    if kind.control == "line":
        return _without_line_ends(value)
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    # HTML drops the first line end inside a text area.
    return text[1:] if text.startswith("\n") else text


def _without_line_ends(value: Any) -> Any:
    return value.replace("\r", "").replace("\n", "") if isinstance(value, str) else value

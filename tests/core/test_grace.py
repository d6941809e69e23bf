"""The law of grace in the core: a value that nobody touched counts as untouched, whatever the
schema became, and no key of a record is lost sight of.
"""
from __future__ import annotations

import json
from typing import Any

from core.laws import law
from core.strategies import documents
from hypothesis import given
from hypothesis import strategies as st

from ckanext.civicswitchboard.core.changes import diff
from ckanext.civicswitchboard.core.changes.merge import merge
from ckanext.civicswitchboard.core.schema.compiler import CompiledField, Snapshot, compile_document
from ckanext.civicswitchboard.core.schema.document import Document, parse
from ckanext.civicswitchboard.core.schema.field_types import (
    FIELD_TYPES,
    ROWS,
    FieldType,
    is_empty,
    load,
    same,
)

Record = dict[str, Any]

many = law(300)
# Whole documents take long to draw.
few = law(15)

WORDS = st.sampled_from(
    ["a", "Bi-Annually", " a  b ", "two\r\nlines", "\nfirst", "x\ry", "\u2028", "[]", "{}", "null", "", "0", "ß"]
) | st.text(max_size=8)
LISTS = st.lists(WORDS, max_size=4)
ROW = st.dictionaries(st.sampled_from(["alpha", "beta", "other"]), WORDS, max_size=3)
STORED = (
    WORDS
    | LISTS.map(json.dumps)
    | LISTS.map(lambda values: json.dumps(values, ensure_ascii=False, indent=1))
    | st.lists(ROW, max_size=3).map(json.dumps)
)
# A resource keeps what its caller sent.
IN_RESOURCES = STORED | LISTS | st.lists(ROW, max_size=3) | st.integers() | st.booleans()
KINDS = st.sampled_from([*FIELD_TYPES.values(), ROWS])


def shown(kind: FieldType, stored: Any) -> Any:
    """What package_show gives; None where the value stays among the extras."""
    return load(kind, stored)


def through_form(kind: FieldType, value: Any) -> Any:
    """What a browser sends of a shown value that nobody touched."""
    if kind.shape == "rows":
        return [{k: _line(v) for k, v in row.items() if not is_empty(v)} for row in value]
    if kind.shape == "several" and kind.ordered:
        return _area("\n".join(value))
    if kind.shape == "several":
        # In the order of the choices; a single one comes as a text, none as an empty one.
        chosen = sorted({_crlf(each) for each in value if each})
        return chosen if len(chosen) > 1 else "".join(chosen)
    text = str(value)
    return _area(text) if kind.control == "area" else _line(text)


def _line(value: Any) -> Any:
    return value.replace("\r", "").replace("\n", "") if isinstance(value, str) else value


def _crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def _area(text: str) -> str:
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _crlf(unified[1:] if unified.startswith("\n") else unified)


def clean_rows(value: Any) -> bool:
    """Whether a form can show these rows: their parts are texts."""
    return all(isinstance(each, str) for row in value for each in row.values())


@law(150)
@given(kind=KINDS, stored=IN_RESOURCES)
def test_a_value_that_is_read_and_sent_back_is_the_stored_one(kind: FieldType, stored: Any) -> None:
    assert same(kind, stored, stored)
    value = shown(kind, stored)
    if value is not None:
        assert same(kind, stored, value)
        assert same(kind, stored, json.loads(json.dumps(value)))


@law(150)
@given(kind=KINDS, stored=STORED)
def test_a_value_that_only_passed_through_a_form_is_the_stored_one(kind: FieldType, stored: str) -> None:
    value = shown(kind, stored)
    if value is None or (kind.shape == "rows" and not clean_rows(value)):
        return
    if kind.shape == "rows":
        value = [row for row in value if any(row.values())]
    sent = through_form(kind, value)
    if kind.shape == "several" and not kind.ordered and isinstance(sent, str) and load(kind, sent) is not None:
        # A single term that is written as a list, such as "[]", is no term anybody has.
        return
    assert same(kind, stored, sent)


@law(150)
@given(kind=KINDS, stored=STORED, given_=WORDS.filter(lambda text: text.isalnum() and not is_empty(text)))
def test_a_value_that_somebody_changed_is_another_one(kind: FieldType, stored: str, given_: str) -> None:
    """Grace must not hide an edit."""
    if kind.shape == "rows" or stored == "":
        return
    read = shown(kind, stored)
    texts = read if isinstance(read, list) else [stored]
    if any(given_ in str(text) for text in texts):
        return
    assert not same(kind, stored, [given_] if kind.shape == "several" else given_)


def names_of(snapshot: Snapshot) -> dict[str, CompiledField]:
    return dict(snapshot.fields["dataset"])


@few
@given(before=documents(), after=documents(), record=st.dictionaries(
    st.sampled_from(["alpha", "beta_now", "gamma", "delta", "guid", "_odd"]), STORED, max_size=5))
def test_whatever_a_schema_became_every_key_of_a_record_is_kept(
    before: Document, after: Document, record: Record
) -> None:
    """A record that stood under one version is read, and sent back untouched, under another."""
    for document in (before, after, merge(before, after, after).document):
        fields = names_of(compile_document(document, 2, {}))
        kept: Record = {}
        for key, stored in record.items():
            field = fields.get(key)
            value = shown(field.kind, stored) if field else None
            if field is None or value is None:
                # Beside the schema, or unreadable as its field's type: an extra, bytes and all.
                kept[key] = stored
            elif same(field.kind, stored, value):
                kept[key] = stored
        assert kept == record


@few
@given(document=documents(), other=documents())
def test_what_a_change_does_to_records_is_what_its_level_says(document: Document, other: Document) -> None:
    """An editorial change reads, and stands in the index, as before."""
    changes = diff(document, other)
    if all(change.level == "editorial" for change in changes):
        before, after = (compile_document(each, 1, {}) for each in (document, other))
        assert before.epoch == after.epoch
        for name, field in before.fields["dataset"].items():
            assert after.fields["dataset"][name].kind == field.kind


@few
@given(document=documents())
def test_a_retired_field_gives_its_values_to_other_fields_and_gets_them_back(document: Document) -> None:
    raw = document.model_dump()
    for field in raw["dataset"]["fields"]:
        field["state"] = "retired"
    retired = compile_document(parse(raw), 2, {})
    assert retired.fields["dataset"] == {}
    back = compile_document(document, 3, {})
    active = [f.field_name for f in document.dataset.fields if f.state == "active"]
    assert list(back.fields["dataset"]) == active

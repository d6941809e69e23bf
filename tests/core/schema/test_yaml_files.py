"""Documents in files: what is read, and what is refused with its place."""
from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from core.laws import law
from core.strategies import documents
from hypothesis import given
from hypothesis import strategies as st

from ckanext.civicswitchboard.core.schema.document import Document, DocumentError, dump, parse
from ckanext.civicswitchboard.core.schema.rules import MAX_BYTES
from ckanext.civicswitchboard.core.schema.yaml_files import (
    RepeatedKey,
    emit_yaml,
    parse_json,
    parse_last_holds,
    parse_yaml,
    read_file,
    read_folder,
    read_presets,
)

SCHEMAS = Path(__file__).parents[3] / "schemas"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped files."""
    return Path(shutil.copytree(SCHEMAS, tmp_path / "schemas"))


def refused(text: str) -> str:
    with pytest.raises(DocumentError) as error:
        parse_yaml(text, "a.yaml")
    return str(error.value)


def test_the_shipped_files_are_a_document() -> None:
    document = read_folder(SCHEMAS)
    assert document.title and document.fields_of("dataset")
    assert [v.id for v in document.vocabularies] == [
        path.stem.split("-", 1)[1] for path in sorted((SCHEMAS / "vocabularies").glob("*.yaml"))
    ]


def test_every_shipped_file_is_part_of_it(folder: Path) -> None:
    """A file that no reader reads would be a schema that nobody has."""
    for path in sorted(folder.rglob("*.yaml")):
        if path.name == "presets.yaml":
            assert read_presets(path)
            continue
        kept = path.read_text(encoding="utf-8")
        path.write_text("- a list", encoding="utf-8")
        with pytest.raises(DocumentError, match=f"^{path.name}: is empty or no mapping$"):
            read_folder(folder)
        path.write_text(kept, encoding="utf-8")


def test_a_fault_in_a_file_is_found_by_its_path(folder: Path) -> None:
    path = folder / "vocabularies" / "30-frequency.yaml"
    path.write_text(path.read_text("utf-8").replace("    label: As Needed\n", "", 1), encoding="utf-8")
    with pytest.raises(DocumentError) as error:
        read_folder(folder)
    assert str(error.value) == "vocabularies[3] (frequency).terms[2] (as_needed): 'label' is missing"


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "organization.yaml").unlink()
    with pytest.raises(OSError, match=r"organization\.yaml"):
        read_folder(folder)


def test_the_shipped_document_survives_both_forms(tmp_path: Path) -> None:
    import json

    document = read_folder(SCHEMAS)
    as_yaml, as_json = tmp_path / "a.yaml", tmp_path / "a.json"
    as_yaml.write_text(emit_yaml(dump(document)), encoding="utf-8")
    as_json.write_text(json.dumps(dump(document)), encoding="utf-8")
    assert read_file(as_yaml) == document
    assert read_file(as_json) == document


def test_what_is_written_has_no_aliases() -> None:
    """A person edits it: each text has to stand where it belongs."""
    text = emit_yaml(dump(read_folder(SCHEMAS)))
    assert "&id" not in text and "*id" not in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", "line 2, column 1: 'a' is given twice"),
        ("? [a, b]\n: c", "line 1, column 3: a key has to be a text"),
        ("a: 2016-30-09", "line 1, column 4: month must be in 1..12; put dates and numbers in quotes"),
        ("a: b: c", "line 1, column 5: mapping values are not allowed in this context"),
        ("a: *b", "line 1, column 4: '*b' names nothing that stands before it"),
        ("a: &a [*a]", "line 1, column 8: '*a' names nothing that stands before it"),
        ("[" * 200_000, "line 1, column 51: more than 50 levels"),
        ("- &a x\n" + "- *a\n" * 101, "line 102, column 3: more than 100 aliases"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_line(text: str, message: str) -> None:
    assert refused(text) == f"a.yaml: not readable as YAML: {message}"


def test_a_tag_runs_no_code() -> None:
    assert "the tag !!python/object/apply:os.system can't be used here; remove it" in refused(
        "a: !!python/object/apply:os.system [ls]")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !!bool x", "line 1, column 4: not a !!bool; put dates and numbers in quotes"),
        ("!!bool x: y", "line 1, column 1: not a !!bool; put dates and numbers in quotes"),
        ("a: !<tag:yaml.org,2002:bool> x", "line 1, column 4: not a !!bool; put dates and numbers in quotes"),
        ("a: !!int ''", "line 1, column 4: not a !!int; put dates and numbers in quotes"),
        ("a: !!map x", "line 1, column 4: the tag !!map can't be used here; remove it"),
        ("a: !!bool [x]", "line 1, column 4: the tag !!bool can't be used here; remove it"),
        ("- !!map [[a, b]]", "line 1, column 3: the tag !!map can't be used here; remove it"),
        ("a: !!set {b}", "line 1, column 4: the tag !!set can't be used here; remove it"),
        ("a: !!omap [b: c]", "line 1, column 4: the tag !!omap can't be used here; remove it"),
        ("a: !!binary YQ==", "line 1, column 4: the tag !!binary can't be used here; remove it"),
        ("a: !own x", "line 1, column 4: the tag !own can't be used here; remove it"),
    ],
)
def test_a_tag_that_does_not_fit_is_refused_with_its_line(text: str, message: str) -> None:
    assert refused(text) == f"a.yaml: not readable as YAML: {message}"


def test_tags_of_plain_data_are_read() -> None:
    text = 'a: !!bool true\nb: !!str 2019\nc: !!int "7"\nd: !!seq [!!null x]\ne: !!map {f: ! x}'
    assert parse_yaml(text, "a.yaml") == {"a": True, "b": "2019", "c": 7, "d": [None], "e": {"f": "x"}}


def test_aliases_cannot_stand_for_a_huge_document() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    started = time.monotonic()
    assert "more than 500,000 values" in refused("\n".join(lines))
    assert time.monotonic() - started < 5


def test_a_few_aliases_are_welcome() -> None:
    assert parse_yaml("a: &x {b: c}\nd: *x", "a.yaml") == {"a": {"b": "c"}, "d": {"b": "c"}}


def test_what_is_too_large_is_refused(tmp_path: Path) -> None:
    assert refused("x" * (MAX_BYTES + 1)) == "a.yaml: larger than 5,000,000 bytes"
    path = tmp_path / "big.yaml"
    path.write_bytes(b"x" * (MAX_BYTES + 1))
    with pytest.raises(DocumentError, match=r"^big\.yaml: larger than"):
        read_file(path)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: \xff")
    with pytest.raises(DocumentError, match=r"^a\.yaml: is not text in UTF-8 \(byte 4\)$"):
        read_file(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ("[" * 200_000, "it is nested too deeply"),
        ('{"a": 1, "a": 2}', "'a' is given twice"),
    ],
)
def test_what_is_no_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(DocumentError) as error:
        parse_json(text, "a.json")
    assert str(error.value).startswith(f"a.json: not readable as JSON: {message}")


@given(st.text(st.characters(codec="utf-8")) | st.text("[]{}&*!?:-#'\"<>=|%@a1 \n", max_size=40))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        parse_yaml(text, "a.yaml")
    except DocumentError as error:
        assert str(error).startswith("a.yaml: not readable as YAML: ")


PLAIN: Any = st.recursive(
    st.text(st.characters(codec="utf-8")) | st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(PLAIN)
def test_plain_data_survives_yaml(data: Any) -> None:
    assert parse_yaml(emit_yaml(data), "a.yaml") == data


@law(60)
@given(documents(), st.text(st.characters(codec="utf-8"), min_size=1))
def test_a_document_survives_yaml_and_is_written_in_one_way(document: Document, odd: str) -> None:
    texts = {"title": odd, "about": {"en": f"  {odd}\r\n{odd}  ", odd: "\u2028\u0085\ufeff"}}
    document = document.model_copy(update=texts)
    text = emit_yaml(dump(document))
    again = parse(parse_yaml(text, "a.yaml"))
    assert again == document
    assert emit_yaml(dump(again)) == text


ODD = [
    "", " ", "\n", "\t", "a\n", "\na", " a", "a ", "a\r\nb", "\r", "\x85", "\u2028", "\ufeff", "\ufffe", "\x00", "\x7f", "\u200b",
    "null", "~", "yes", "No", "on", "1e3", "0x1F", "0o7", "1_000", "1:30", "2016-01-01", ".inf", "=", "<<", "!", "&a", "*a", "- a", "? a",
    "# a", "a: b", "a #b", "'", '"', "\\", "%", "@a", "`a`", "|", ">", "{}", "[]", "---", "...", "\U0001f1fa\U0001f1f8", "e\u0301", "עברית", "x" * 500,
    "word " * 60, "a\n\n b\n", "a \nb",
]


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_every_odd_text_survives_as_value_and_as_key(text: str) -> None:
    data = {"a": text, "b": [text, {text: text}]}
    written = emit_yaml(data)
    assert parse_yaml(written, "a.yaml") == data
    assert emit_yaml(parse_yaml(written, "a.yaml")) == written


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("d.json", '{"fields": [{"field_name": "area", "label": "Area", "label": "Area covered"}]}'),
        ("d.YML", "fields:\n- {field_name: area, label: Area, label: Area covered}\n"),
    ],
)
def test_of_two_equal_keys_the_last_one_counts_where_that_is_asked(name: str, text: str) -> None:
    data, twice = parse_last_holds(text, name)
    assert data == {"fields": [{"field_name": "area", "label": "Area covered"}]}
    assert twice == [RepeatedKey("fields[1] (area)", "label")]


def test_merged_keys_are_not_given_twice() -> None:
    text = "base: &base {a: 1, b: 2}\nmore: &more {<<: *base, b: 3}\nlast: {<<: [*base, *more], a: 4}\n"
    data, twice = parse_last_holds(text, "m.yaml")
    assert data["last"] == {"a": 4, "b": 2} and twice == []
    many = "base: &base {a: 1}\n" + "".join(f"k{number}: *base\n" for number in range(500))
    assert len(parse_last_holds(many, "m.yaml")[0]) == 501


@pytest.mark.parametrize(("name", "text"), [("a.yaml", "a: ["), ("a.json", "{"), ("a.json", "[" * 100_000), ("b.yaml", "[" * 100)])
def test_what_cannot_be_parsed_is_refused_with_the_file(name: str, text: str) -> None:
    with pytest.raises(DocumentError, match=f"{name}: not readable as"):
        parse_last_holds(text, name)

"""What a document cannot do to the portal: each attempt is refused with its place, or stays a text."""
from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories
from support.editing import act, changed, current_document, publish, with_field

from ckanext.civicswitchboard.cli.schema import schema
from ckanext.civicswitchboard.core.schema.yaml_files import emit_yaml

Raw = dict[str, Any]
SCRIPT = "<script>alert(1)</script>{{ 7*7 }}{% raw %}"

pytestmark = [pytest.mark.usefixtures("clean_portal")]


def many_terms(raw: Raw) -> Raw:
    terms = [{"id": f"t{n}", "value": f"t{n}", "label": "T"} for n in range(20_001)]
    return {**raw, "vocabularies": [*raw["vocabularies"], {"id": "many", "label": "Many", "terms": terms}]}


def nested(raw: Raw) -> Raw:
    field: Raw = {"id": "x", "field_name": "x", "label": "X"}
    for _level in range(200):
        field = {"id": "x", "field_name": "x", "label": "X", "repeating_subfields": [field]}
    return with_field(raw, **{**field, "field_name": "deep", "id": "deep"})


ATTEMPTS: dict[str, tuple[Callable[[Raw], Raw], str]] = {
    "a pattern that looks ahead": (
        lambda raw: changed(raw, "department", pattern="(?=a)b"),
        "dataset.fields[11] (department).pattern: the pattern cannot be read",
    ),
    "a validator": (
        lambda raw: changed(raw, "department", validators="run_code"),
        "dataset.fields[11] (department): 'validators' is not known here",
    ),
    "a snippet": (
        lambda raw: changed(raw, "department", form_snippet="../../x"),
        "dataset.fields[11] (department): 'form_snippet' is not known here",
    ),
    "a field type": (
        lambda raw: changed(raw, "department", preset="../../x"),
        "dataset.fields[11] (department).preset: there is no field type '../../x'",
    ),
    "too many terms": (many_terms, "vocabularies: "),
    "a zero": (
        lambda raw: changed(raw, "department", label="a\0b"),
        "dataset.fields[11] (department).label: has a character that cannot be stored",
    ),
    "half a letter": (
        lambda raw: changed(raw, "department", help_text={"en": "\ud800"}),
        "(department).help_text.en: has a character that cannot be stored",
    ),
    "deep parts": (nested, "a repeating field cannot hold another one"),
}


def test_the_actions_refuse_each_with_its_place() -> None:
    raw = current_document()
    revision = act("schema_draft_create")["revision"]
    for what, (attempt, told) in ATTEMPTS.items():
        document = attempt(raw)
        checked = act("schema_validate", document=document)
        storable = what not in ("a zero", "half a letter")
        if storable:
            lines = [f"{error['path']}: {error['message']}" for error in checked["errors"]]
            assert any(told in line for line in lines), (what, lines)
        if what == "deep parts":
            continue
        with pytest.raises(tk.ValidationError) as error:
            act("schema_draft_update", revision=revision, document=document)
        assert any(told in line for line in error.value.error_dict["document"]), (what, error.value)
    assert act("schema_draft_show")["document"] == raw


def test_the_console_refuses_each_with_its_place(cli: Any, tmp_path: Path) -> None:
    raw = current_document()
    for what, (attempt, told) in ATTEMPTS.items():
        if what in ("a zero", "half a letter"):
            continue
        path = tmp_path / "schema.json"
        path.write_text(json.dumps(attempt(raw)), encoding="utf-8")
        done = cli.invoke(schema, ["validate", str(path)])
        assert done.exit_code == 1 and told.rstrip() in done.output, (what, done.output[:400])
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{after}: &{after} [{','.join([f'*{before}'] * 9)}]\n" for before, after in zip("abcdefg", "bcdefgh")
    )
    path = tmp_path / "bomb.yaml"
    path.write_text(bomb)
    began = time.monotonic()
    done = cli.invoke(schema, ["validate", str(path)])
    assert done.exit_code == 1 and "bomb.yaml: not readable as YAML: line " in done.output
    assert time.monotonic() - began < 5


def test_what_looks_like_code_is_a_text(app: Any, cli: Any, tmp_path: Path) -> None:
    raw = changed(current_document(), "data_notes", label=SCRIPT, help_text=SCRIPT, example=SCRIPT, definition=SCRIPT)
    theme = next(each for each in raw["vocabularies"] if each["id"] == "theme")
    theme["terms"][0] |= {"label": SCRIPT, "definition": SCRIPT, "scope_note": SCRIPT, "alternate_labels": [SCRIPT]}
    theme["label"] = SCRIPT
    raw["partner_types"][0] |= {"label": SCRIPT, "description": SCRIPT}
    publish(raw)
    value = theme["terms"][0]["value"]
    factories.Dataset(name="odd", license_id="cc-by", theme=[value], data_notes="Some",
                      owner_org=factories.Organization(partner_type="public_library")["id"])
    admin = {"Authorization": factories.APIToken(user=factories.Sysadmin()["name"])["token"]}
    act("schema_draft_create")
    for path in ("/metadata-schema", "/dataset/odd", "/dataset/edit/odd", "/dataset/", "/partners",
                 "/metadata-schema/versions/2", "/metadata-schema/draft", "/metadata-schema/draft/vocabularies",
                 f"/metadata-schema/draft/vocabularies/theme?term={theme['terms'][0]['id']}",
                 "/metadata-schema/draft/crosswalk", "/metadata-schema/draft/partner-types?type=public_library",
                 "/metadata-schema/draft/translations?language=es&show=all", "/metadata-schema/review"):
        page = BeautifulSoup(app.get(path, headers=admin).body, "html.parser")
        assert not [script for script in page.find_all("script") if "alert(1)" in script.get_text()], path
        assert "49{%" not in page.get_text() and "</script>49" not in page.get_text(), path
    written = tmp_path / "schema.yaml"
    written.write_text(emit_yaml(raw), encoding="utf-8")
    assert cli.invoke(schema, ["validate", str(written)]).exit_code == 0


def test_a_pattern_that_would_hang_others_answers_at_once() -> None:
    publish(with_field(current_document(), field_name="code", pattern="(a+)+$"))
    owner = factories.Organization()["id"]
    began = time.monotonic()
    with pytest.raises(tk.ValidationError) as error:
        factories.Dataset(license_id="cc-by", owner_org=owner, code="a" * 10_000 + "!")
    assert "code" in error.value.error_dict and time.monotonic() - began < 3
    factories.Dataset(license_id="cc-by", owner_org=owner, code="a" * 10_000)

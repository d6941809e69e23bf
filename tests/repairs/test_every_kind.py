"""Every kind of repair on the database, whatever it holds: done, and undone without a trace."""
from __future__ import annotations

import json
import random
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from impact.writing import Row, write
from repairs.conftest import stored
from support.editing import act

from ckanext.civicswitchboard.core.repairs import KINDS
from ckanext.civicswitchboard.repairs import runner

pytestmark = [pytest.mark.usefixtures("portal")]

# Of datasets, of files and of organizations, where a kind may be asked of them.
REPAIRS: list[tuple[str, dict[str, Any]]] = [
    ("rename", {"field": "office", "to": "department"}),
    ("rename", {"entity": "resource", "field": "code_page", "to": "encoding"}),
    ("rename", {"entity": "organization", "field": "contact_person", "to": "contact_name"}),
    ("swap", {"field": "methods", "with": "limitations"}),
    ("swap", {"entity": "organization", "field": "contact_name", "with": "website"}),
    ("map_values", {"field": "theme", "values": {"health": "technology", "x": "technology"}}),
    ("map_values", {"field": "license_id", "values": {"notspecified": "cc-by"}}),
    ("map_values", {"entity": "resource", "field": "dictionary.unit", "values": {"x": "y"}}),
    ("map_values", {"entity": "organization", "field": "skills", "values": {"x": "gis"}}),
    ("set_default", {"field": "license_id", "value": "cc-by"}),
    ("set_default", {"field": "theme", "value": ["health"]}),
    ("set_default", {"entity": "resource", "field": "encoding", "value": "UTF-8"}),
    ("set_default", {"entity": "resource", "field": "dictionary.unit", "value": "unknown"}),
    ("set_default", {"entity": "organization", "field": "contact_name", "value": "The desk"}),
    ("split_interval", {"field": "temporal_coverage", "start": "temporal_start", "end": "temporal_end"}),
    ("join", {"fields": ["methods", "limitations"], "to": "source_description", "separator": "; "}),
    ("retype", {"field": "places", "to": "several", "separator": ";"}),
    ("retype", {"field": "temporal_coverage", "to": "date"}),
    ("retype", {"field": "department", "to": "text"}),
    ("retype", {"entity": "resource", "field": "dictionary", "to": "repeating", "part": "column"}),
    ("retype", {"entity": "organization", "field": "spaces", "to": "repeating", "part": "name"}),
    ("move", {"key": "office", "to": "places"}),
    ("move", {"key": "department", "to": "kept_elsewhere"}),
    ("merge_terms", {"vocabulary": "frequency", "term": "x", "into": "x"}),
    ("delete_values", {"field": "theme", "values": ["health", "x"]}),
    ("delete_values", {"entity": "resource", "field": "dictionary.unit", "values": ["x"]}),
]  # fmt: skip
VALUES = [
    "", " ", "[]", "null", "x", "x; y", "health", '["health", "x"]', '["x"', '[""]', "[1, null]", "notspecified",
    "2016/2017", "2016-12-01/", "2020-21", "2018-03-20T13:39:15.000Z", '[{"unit": "x", "column": "é"}, {"unit": ""}]',
    '[{"unit": ["x"]}, "x"]', "{}", "\u2028é", "[" * 3000,
]  # fmt: skip
# CKAN keeps all but texts out of what datasets and organizations store, not out of files.
ODD = [*VALUES, 7, True, None, ["health", "x"], [{"unit": "x"}], {"a": "x"}]
ENTRIES = '[{"unit": "x", "column": "a"}, {"column": "b", "unit": ""}]'
OTHERS = ("public-library", "university-library")
KEYS = {
    "dataset": ["office", "department", "methods", "limitations", "theme", "temporal_coverage", "temporal_start",
                "temporal_end", "source_description", "places", "kept_elsewhere", "frequency_publishing"],
    "resource": ["code_page", "encoding", "dictionary"],
    "organization": ["contact_person", "contact_name", "website", "skills", "spaces"],
}  # fmt: skip


def fill(draw: random.Random) -> None:
    """Datasets, files and organizations with values as no form would let them in."""
    county = model.Group.get("county").id
    write(
        Row(
            f"dataset-{number}",
            county,
            {"license_id": draw.choice(["", "notspecified", "cc-by", None])},
            extras(draw, "dataset"),
            files=tuple(({}, a_files_extras(draw)) for _each in range(draw.randint(0, 2))),
            state=draw.choice(["active", "active", "active", "draft", "deleted"]),
            private=draw.random() < 0.2,
        )
        for number in range(40)
    )
    # What each kind finds for sure.
    write([Row("sure", county, {}, {"theme": '["health"]'}, files=(({}, json.dumps({"dictionary": ENTRIES})),))])
    held = {"county": {"skills": '["x"]'}, **{name: extras(draw, "organization") for name in OTHERS}}
    for name, values in held.items():
        model.Session.execute(
            sa.text('UPDATE "group" SET extras = CAST(:extras AS jsonb) WHERE name = :name'),
            {"name": name, "extras": json.dumps(values)},
        )
    model.Session.commit()


def extras(draw: random.Random, entity: str) -> dict[str, Any]:
    values = ODD if entity == "resource" else VALUES
    return {key: draw.choice(values) for key in KEYS[entity] if draw.random() < 0.6}


def a_files_extras(draw: random.Random) -> str | None:
    """A file's extras as text: JSON, none, or what is none."""
    made = json.dumps(extras(draw, "resource"), ensure_ascii=draw.random() < 0.5)
    return draw.choice([made, made, made, made, None, "", "{}", "{broken", "[1]"])


def everything() -> dict[str, list[Any]]:
    """All that the tables hold, but for when it was modified last; files' extras as what they mean."""
    model.Session.remove()
    held = {}
    for table in ("package", "resource", '"group"'):
        found = model.Session.execute(
            sa.text(f"SELECT to_jsonb(t) - 'metadata_modified' AS row FROM {table} t ORDER BY id")
        )
        held[table] = [row.row for row in found]
    for row in held["resource"]:
        row["extras"] = meant(row["extras"])
    return held


def meant(text: str | None) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def work(run_id: str) -> dict[str, Any]:
    runner.work(run_id)
    model.Session.remove()
    shown: dict[str, Any] = act("repair_show", id=run_id)
    assert shown["done"] == shown["total"]
    return shown


@pytest.mark.parametrize(("kind", "params"), REPAIRS, ids=lambda each: each if isinstance(each, str) else None)
def test_done_and_undone_it_leaves_no_trace(kind: str, params: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setattr(runner, "catch_up", lambda run_id: False)
    draw = random.Random(f"{kind} {json.dumps(params, sort_keys=True)}")
    fill(draw)
    if kind == "merge_terms":
        params = merged()
        write([Row("holds-it", extras={"frequency_publishing": two_terms("value")[0]})])
    before = everything()
    previewed = act("repair_preview", kind=kind, params=params, most_left=10_000)
    assert everything() == before, "a preview changes nothing"
    begun = act("repair_start", kind=kind, params=params, confirm=True)
    shown = work(begun["id"])
    after = everything()
    assert shown["state"] == "done" and shown["trouble"] == ""
    left = previewed["collisions"] + previewed["unconvertible"]
    assert (shown["total"], shown["skipped"]) == (previewed["total"], left) and len(previewed["left"]) == left
    assert (after != before) == (shown["total"] > left) and shown["total"] > left, "it has something to do"
    again = act("repair_preview", kind=kind, params=params)
    assert again["total"] == left or kind == "swap", "nothing is left to do but what was left"
    act("repair_undo", id=begun["id"])
    assert work(begun["id"])["state"] == "undone"
    assert everything() == before


def two_terms(name: str = "id") -> list[str]:
    """The first two frequencies on offer, by their ids or values."""
    (found,) = [each for each in act("schema_show")["document"]["vocabularies"] if each["id"] == "frequency"]
    return [term[name] for term in found["terms"] if term.get("state", "active") == "active"][:2]


def merged() -> dict[str, str]:
    term, into = two_terms()
    return {"vocabulary": "frequency", "term": term, "into": into}


def test_the_list_has_every_kind() -> None:
    assert {kind for kind, _params in REPAIRS} == set(KINDS)


def test_fields_are_joined_values_moved_and_terms_merged() -> None:
    term, into = two_terms("value")
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", methods="Counted", limitations="by hand",
                      frequency_publishing=term, extras=[{"key": "where", "value": "Hill"}])
    for kind, params in (
        ("join", {"fields": ["methods", "limitations"], "to": "source_description", "separator": " "}),
        ("move", {"key": "where", "to": "places"}),
        ("merge_terms", merged()),
    ):
        assert work(act("repair_start", kind=kind, params=params)["id"])["done"] == 1
    assert stored("one") == {
        "methods": "Counted", "limitations": "by hand", "source_description": "Counted by hand",
        "places": '["Hill"]', "frequency_publishing": into,
    }  # fmt: skip

"""Records that another tool has loaded, or that another portal's plugins have marked."""
from __future__ import annotations

from typing import Any

import pytest
from ckan import model
from ckan.tests import factories, helpers
from importer.records import SQUARE, Record, an_id, odd_records, record

pytestmark = pytest.mark.usefixtures("portal")

RESOURCE = record("resource")["resources"][0]


def shaped_records() -> list[Record]:
    """Records that CKAN takes as they are, and stores in another form than they have."""
    file = {**RESOURCE, "id": an_id("shaped/csv"), "size": "1250", "last_modified": "2020-01-01T00:00:00.000000",
            "created": "2019-01-01T00:00:00", "metadata_modified": "2019-01-01T00:00:00.5", "datastore_active": True, "position": 3}
    tags = [{"name": "wifi", "display_name": "wifi", "state": "active", "vocabulary_id": None, "id": an_id("wifi")}]
    groups = [{"id": an_id("reading"), "name": "reading", "title": "Reading", "display_name": "Reading", "image_display_url": ""}]
    return [
        record("files", resources=[file]),
        record("without-ids", id=None, resources=[{k: v for k, v in RESOURCE.items() if k != "id"}]),
        record("units", tags=tags, groups=groups, num_tags=1, num_resources=1, relationships_as_subject=[]),
        record("numbers", version=2, theme=["health"], extras=[{"key": "count", "value": "7"}]),
        record("square", spatial=SQUARE),
        record("feature", spatial=f'{{"type": "Feature", "properties": {{}}, "geometry": {SQUARE}}}'),
        record("across", spatial='{"type": "Polygon", "coordinates": [[[177, 1], [182, 1], [182, 2], [177, 2], [177, 1]]]}'),
        record("times", metadata_created="2015-02-03T04:05:06.000007", metadata_modified="2019-01-01T00:00:00.123456"),
        record("texts", title=" Blanks around ", notes="One\r\ntwo\n", url="https://data.example.org/a b"),
    ]


def load(records: list[Record]) -> list[Record]:
    """Load records as ckanapi does: organizations and groups first, then each as ``package_create`` takes it.

    :returns: those that CKAN took
    """
    user = factories.Sysadmin()["name"]
    units = {("organization", "example-library"): record("x")["organization"]}
    units |= {("group", each["name"]): each for given in records for each in given["groups"] if isinstance(each, dict)}
    for (kind, _name), unit in units.items():
        helpers.call_action(f"{kind}_create", {"user": user}, **unit)
    taken = []
    for each in records:
        given = {key: value for key, value in each.items() if value is not None}
        try:
            helpers.call_action("package_create", {"user": user}, **{**given, "owner_org": "example-library"})
            taken.append(each)
        except Exception as error:
            assert "None - {" in str(error), (each["name"], error)
            model.Session.rollback()
    return taken


def last_line(output: str) -> str:
    return output.strip().splitlines()[-1]


@pytest.mark.parametrize(("records", "most"), [(odd_records(), 10), (shaped_records(), 7)], ids=["odd", "shaped"])
def test_an_import_after_another_tools_load_is_settled_at_its_second_run(
    records: list[Record], most: int, imported: Any
) -> None:
    loaded = load(records)
    assert len(loaded) > most
    assert "refused 0" in last_line(imported(loaded))
    assert last_line(imported(loaded)) == f"created 0, updated 0, unchanged {len(loaded)}, refused 0"


def test_a_record_of_the_portal_that_was_changed_in_the_file_is_settled_at_its_second_run(imported: Any, show: Any) -> None:
    imported([record("one")])
    changed = {**show("one"), "title": "Another title"}
    changed.pop("other")
    assert last_line(imported([changed])) == "created 0, updated 1, unchanged 0, refused 0"
    assert last_line(imported([changed])) == "created 0, updated 0, unchanged 1, refused 0"
    assert "source_metadata_modified" not in show("one")["other"]


@pytest.mark.parametrize("id_", ["abc", an_id("abc")])
def test_a_group_or_organization_whose_id_is_its_name_is_created(imported: Any, show: Any, id_: str) -> None:
    unit = {"id": id_, "name": id_, "title": "Abecedia", "display_name": "Abecedia"}
    records = [record("group", groups=[unit]), record("owned", organization={**unit, "id": "org", "name": "org"})]
    assert last_line(imported(records)) == "created 2, updated 0, unchanged 0, refused 0"
    assert [(group["id"], group["name"], group["title"]) for group in show("group")["groups"]] == [(id_, id_, "Abecedia")]
    assert (show("owned")["organization"]["id"], show("owned")["organization"]["title"]) == ("org", "Abecedia")
    assert helpers.call_action("organization_show", id="org")["package_count"] == 1
    assert last_line(imported(records)) == "created 0, updated 0, unchanged 2, refused 0"


def test_one_odd_value_keeps_no_other_record_out(run_import: Any, show: Any) -> None:
    # Texts in which nothing repeats: PostgreSQL's index holds no more than some thousand bytes of one.
    long = "".join(an_id(str(number)) for number in range(300))
    deep: Any = "\0"
    for _level in range(800):
        deep = [deep]
    odd = [
        record("title", title=long),
        record("address", resources=[{**RESOURCE, "id": an_id("address/csv"), "url": f"https://example.org/{long}"}]),
        record("deep", flags=deep),
        record("deep-extra", extras=[{"key": "flags", "value": deep}]),
        record("resource-id", resources=[{**RESOURCE, "id": ["a"]}]),
        record("state", state=long),
        record("kind", type=[long]),
        record("owner", organization=[long]),
    ]
    fine = [
        record("numbers", title=5, notes=1.5, license_id=True, count=10**400, maintainer=["a"], tags=[5, None, ["a"]], groups=[{}]),
        record("nothing", title=None, notes=None, tags=None, groups=None, resources=None, extras=None),
        record("lists", title=[], notes={}, url=[{}], author_email={"a": 1}, extras="text", spatial=[1], theme={"a": 1}),
    ]
    records = [each for pair in zip(odd, [*fine, *[record(f"good-{n}") for n in range(10)]]) for each in pair]
    result = run_import([*records, record("last")])
    assert last_line(result.output) == f"created {len(odd) + 1}, updated 0, unchanged 0, refused {len(odd)}"
    reasons = [line for line in result.output.splitlines() if line.startswith("  line ")]
    assert len(reasons) == len(odd) and max(map(len, reasons)) < 400
    for words in ("too long to be stored (index row", "nested too deep", "the id of a resource is no text", "its state is “"):
        assert any(words in reason for reason in reasons), words
    assert show("last")["title"] == "Data about last"


@pytest.fixture
def admin() -> dict[str, str]:
    return {"Authorization": factories.APIToken(user=factories.Sysadmin()["name"])["token"]}


def test_a_file_of_a_datastore_elsewhere_has_its_pages(
    imported: Any, show: Any, app: Any, admin: dict[str, str]
) -> None:
    marks = {"datastore_active": True, "datastore_contains_all_records_of_source_file": True, "url_type": "datastore",
             "has_views": True, "on_same_domain": True, "ckan_url": "https://example.org", "tracking_summary": {"total": 1}}
    imported([record("datastore", resources=[{**RESOURCE, **marks}])])
    page = f"/dataset/datastore/resource/{RESOURCE['id']}"
    for headers in ({}, admin):
        assert "Data Dictionary" not in app.get(page, headers=headers, status=200).body
    assert show("datastore")["resources"][0]["datastore_active"] is True
    for path in ("/dataset/datastore", f"{page}/edit", f"{page}/views", "/dataset/resources/datastore", "/dataset/edit/datastore"):
        app.get(path, headers=admin, status=200)


def test_previews_of_plugins_that_are_not_there_are_no_error(imported: Any, app: Any, admin: dict[str, str]) -> None:
    imported([record("one")])
    view = model.ResourceView(resource_id=an_id("one/csv"), title="Table", view_type="datatables_view", config={}, order=1)
    model.Session.add(view)
    model.Session.commit()
    page, id_ = f"/dataset/one/resource/{an_id('one/csv')}", view.id
    for path in (page, f"{page}?view_id={id_}", f"{page}/views", f"{page}/edit", "/dataset/one"):
        app.get(path, headers=admin, status=200)
    for path in (f"{page}/view/{id_}", f"{page}/edit_view/{id_}", f"{page}/view?resource_view=%7B%7D",
                 f"{page}/view?resource_view=%7B%22view_type%22%3A%20%5B%5D%7D"):
        app.get(path, headers=admin, status=404)

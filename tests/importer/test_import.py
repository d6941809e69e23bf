"""What an import stores, and that it stores it once."""
from __future__ import annotations

import json
from typing import Any

import pytest
from ckan import model
from ckan.tests import factories, helpers
from ckanext.activity.model import Activity
from importer.records import SQUARE, an_id, many, odd_records, record

pytestmark = pytest.mark.usefixtures("portal")

ODD = odd_records()


def last_line(output: str) -> str:
    return output.strip().splitlines()[-1]


def changed_times() -> dict[str, str]:
    rows = model.Session.query(model.Package.name, model.Package.metadata_modified)
    times = {name: time.isoformat() for name, time in rows}
    model.Session.rollback()
    return times


def a_person() -> dict[str, Any]:
    """A context in which somebody acts, as the activity stream wants to know who."""
    return {"ignore_auth": True, "user": factories.Sysadmin()["name"]}


class TestOddRecords:
    @pytest.fixture
    def output(self, imported):
        return imported(ODD)

    def test_none_is_refused_and_all_are_found(self, output, found):
        assert f"created {len(ODD)}, updated 0, unchanged 0, refused 0" == last_line(output)
        assert set(found()) == {each["name"] for each in ODD} - {"deleted"}

    def test_ids_are_kept(self, output, show):
        for given in ODD:
            shown = show(given["name"])
            assert shown["id"] == given["id"]
            ids = [resource.get("id") for resource in given["resources"]]
            for kept, resource in zip(ids, shown["resources"], strict=True):
                assert kept in (None, resource["id"])

    def test_states_are_kept(self, output, show):
        assert show("draft")["state"] == "draft"
        assert show("deleted")["state"] == "deleted"
        assert show("private")["private"] is True

    def test_tags_are_changed_only_as_far_as_needed(self, output, show):
        tags = {tag["name"] for tag in show("tags")["tags"]}
        assert tags == {"R D", "a" * 100, "Café", "wifi"}
        assert json.loads(show("tags")["other"]["tags_2"]) == ["a" * 120, "C"]
        assert "“R&D” became “R D”" in output
        assert "“R/D” became “R D”" in output
        assert "“C” is too short" in output

    def test_long_values_and_any_script_are_kept(self, output, show):
        assert len(show("long-extra")["other"]["raw"]) > 100_000
        unicode = show("unicode")
        assert unicode["title"] == "Bücher 📚 \u202eolleh 漢字"
        assert unicode["other"]["漢字"] == "値"
        assert unicode["notes"] == "a\ufffdb\u000bc\ufffd"
        assert "were replaced" in output

    def test_html_stays_text(self, output, show, app):
        assert show("html")["title"] == "<script>alert(1)</script>"
        assert "<script>alert(1)</script>" not in app.get("/dataset/html").body

    def test_extras_named_as_fields_move_into_them(self, output, show):
        shown = show("fields-in-extras")
        assert shown["spatial"] == SQUARE
        assert shown["geographic_unit"] == "County"
        assert shown["frequency_publishing"] == "Annually"
        assert shown["other"] == {"frequency_publishing_2": "Monthly"}
        assert show("same-in-extras")["other"] == {}

    def test_values_that_do_not_fit_are_kept_and_told(self, output, show):
        vocabulary = show("vocabulary")
        assert vocabulary["frequency_publishing"] == "Now and then"
        assert vocabulary["theme"] == ["health", "no such theme"]
        assert show("no-license")["license_id"] == "notspecified"
        assert show("no-license")["data_steward_email"] == "not an address"
        assert show("bad-extent")["other"]["spatial_2"] == "somewhere in the north"
        assert show("core-faults")["other"]["author_email_2"] == "nobody"
        assert show("core-faults")["other"]["version_2"] == "v" * 120
        for field in ("frequency_publishing", "theme", "license_id", "data_steward_email"):
            assert f"  {field}: 1 in 1 dataset" in output

    def test_blanks_around_a_value_are_kept(self, output, show):
        shown = show("blanks")
        assert (shown["url"], shown["temporal_start"]) == ("https://data.example.org/a ", " 2019")
        assert shown["notes"] == "Counts.\r\n"

    def test_unknown_keys_become_other_fields(self, output, show):
        other = show("own-keys")["other"]
        guid = "https://data.example.org/own-keys"
        assert other == {
            "group": "plain text", "flags": '{"a": [1, null]}', "count": "7", "ok": "true", "guid": guid,
        }
        assert show("dates")["other"]["source_metadata_created"] == "2015-02-03T04:05:06"
        assert show("doubled")["other"] == {"guid": "first", "guid_2": "second"}
        assert show("names-of-core")["other"] == {"author_email_2": "someone"}

    def test_resources_keep_what_ckan_does_not_know(self, output, show):
        custom, size, plain, upload, kind, extras = show("resources")["resources"]
        assert (custom["depth"], custom["parts"]) == (12, [{"a": 1}])
        assert (size["size"], size["size_2"], size["rows"]) == (None, "12 KB", "1250")
        assert plain["format"] == "CSV"
        assert (upload["url_type"], upload["url_type_2"]) == (None, "upload")
        assert upload["url"] == "https://data.example.org/odd.csv"
        assert kind["resource_type"] == "no such type"
        assert (extras["extras_2"], extras["unnamed_2"]) == ({"a": "b"}, "empty key")

    def test_organizations_and_groups_are_created(self, output, show):
        organization = helpers.call_action("organization_show", id="example-library")
        assert organization["title"] == "Example Library"
        assert show("plain")["organization"]["id"] == organization["id"]
        assert {group["name"] for group in show("related")["groups"]} == {"reading", "second-group"}

    def test_the_index_holds_what_is_stored(self, output, found):
        for name, indexed in found().items():
            shown = helpers.call_action("package_show", {"use_cache": False}, id=name)
            assert indexed == shown

    def test_each_dataset_has_one_activity(self, output):
        counted = model.Session.query(Activity).filter_by(activity_type="new package").count()
        # A draft is an activity too; who may not see the dataset may not see it.
        assert counted == len(ODD)

    def test_a_second_run_changes_nothing(self, output, imported):
        before = changed_times()
        again = imported(ODD)
        assert last_line(again) == f"created 0, updated 0, unchanged {len(ODD)}, refused 0"
        assert changed_times() == before
        assert model.Session.query(Activity).filter_by(activity_type="changed package").count() == 0


class TestChanges:
    def test_only_a_changed_record_is_written(self, imported, found):
        records = many(5)
        imported(records)
        before = changed_times()
        records[2]["notes"] = "Counted anew."
        assert last_line(imported(records)) == "created 0, updated 1, unchanged 4, refused 0"
        after = changed_times()
        assert {name for name in after if after[name] != before[name]} == {"series-0002"}
        assert found()["series-0002"]["notes"] == "Counted anew."
        changed = model.Session.query(Activity).filter_by(activity_type="changed package").one()
        assert changed.data["package"]["notes"] == "Counted anew."

    @pytest.mark.parametrize(
        "more",
        [
            {"frequency_publishing": "Monthly"},
            {"frequency_publishing": ""},
            {"tags": [{"name": "other"}]},
            {"groups": []},
            {"organization": {"name": "other-library"}},
            {"extras": [{"key": "guid", "value": "https://data.example.org/moved"}]},
            {"private": True},
            {"new_key": "new value"},
            {"resources": []},
            {"resources": [{**record("one")["resources"][0], "description": "Two rows a year"}]},
            {"resources": [{**record("one")["resources"][0], "depth": 3}]},
        ],
        ids=lambda more: "-".join(more),
    )
    def test_every_kind_of_value_is_compared(self, imported, more):
        imported([record("one")])
        assert last_line(imported([record("one", **more)])).startswith("created 0, updated 1,")
        assert last_line(imported([record("one", **more)])).startswith("created 0, updated 0,")

    def test_what_the_record_does_not_mention_stays(self, imported, show):
        imported([record("one")])
        helpers.call_action("package_patch", a_person(), id="one", theme=["health"], methods="By hand")
        imported([record("one", title="New title")])
        shown = show("one")
        assert (shown["title"], shown["theme"], shown["methods"]) == ("New title", ["health"], "By hand")

    def test_resources_without_ids_stay_the_same_ones(self, imported, show):
        resources = [{"name": n, "url": f"https://data.example.org/{n}"} for n in ("a", "b")]
        imported([record("one", resources=resources)])
        ids = {r["name"]: r["id"] for r in show("one")["resources"]}
        resources.insert(0, {"name": "new", "url": "https://data.example.org/new"})
        resources[1]["description"] = "Now described"
        imported([record("one", resources=resources)])
        after = {r["name"]: r["id"] for r in show("one")["resources"]}
        assert list(after) == ["new", "a", "b"]
        assert {name: after[name] for name in ids} == ids

    def test_an_existing_name_keeps_its_id(self, imported, show):
        imported([record("one")])
        output = imported([record("one", id=an_id("another"), title="New")])
        assert last_line(output).startswith("created 0, updated 1,")
        assert show("one")["id"] == an_id("one")

    def test_the_portal_s_own_records_come_back_unchanged(self, imported, show):
        imported(ODD)
        shown = [helpers.call_action("package_show", id=each["name"]) for each in ODD]
        assert last_line(imported(shown)) == f"created 0, updated 0, unchanged {len(ODD)}, refused 0"

    def test_what_someone_deleted_stays_deleted(self, imported, show):
        imported([record("one")])
        helpers.call_action("package_delete", a_person(), id="one")
        output = imported([record("one")])
        assert "it stays deleted" in output
        assert show("one")["state"] == "deleted"

"""Runs of repairs on stored records: done, watched, met by people's edits, undone."""
from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories, helpers
from records.test_forms import fields_of
from repairs.conftest import counts, many, progress, stored
from support.editing import act, call, changed, current_document, field_of, publish, with_field
from werkzeug.datastructures import MultiDict

from ckanext.civicswitchboard.repairs import runner
from ckanext.civicswitchboard.schema_registry import versions

pytestmark = [pytest.mark.usefixtures("portal")]

MAPPED = {"field": "frequency_publishing", "values": {"Monthly": "Weekly", "Weekly": "Daily"}}
NAMES = {"field_name": "office", "previous_names": ["department"]}


def start(kind: str, **params: Any) -> str:
    return str(act("repair_start", kind=kind, params=params)["id"])


def done(run_id: str) -> dict[str, Any]:
    runner.work(run_id)
    model.Session.remove()
    shown: dict[str, Any] = act("repair_show", id=run_id)
    return shown


def put_in(name: str, extras: dict[str, Any]) -> None:
    """Store extras behind CKAN's back."""
    model.Session.execute(
        sa.text("UPDATE package SET extras = CAST(:extras AS jsonb) WHERE name = :name"),
        {"extras": json.dumps(extras), "name": name},
    )
    model.Session.commit()


def told_to(organization: str) -> list[dict[str, Any]]:
    """What an organization's activity tells of repairs, the newest first."""
    activity = call("organization_activity_list", id=organization, include_hidden_activity=True)
    return [each for each in activity if each["activity_type"] == "civicswitchboard repair"]


def test_a_repair_is_previewed_done_told_and_undone() -> None:
    curator = factories.User()
    act_user = {"user": curator["name"], "ignore_auth": False}
    helpers.call_action(
        "organization_member_create", id="university-library", username=curator["name"], role="admin"
    )
    one = factories.Dataset(name="one", owner_org="county", license_id="cc-by", frequency_publishing="Monthly",
                            extras=[{"key": "kept", "value": " as\r\nit is "}])
    factories.Dataset(name="two", owner_org="public-library", license_id="cc-by", frequency_publishing="Weekly")
    factories.Dataset(name="secret", owner_org="county", license_id="cc-by", frequency_publishing="Monthly",
                      private=True)
    before = {name: stored(name) for name in ("one", "two", "secret")}
    data = {"kind": "map_values", "params": MAPPED}
    preview = tk.get_action("civicswitchboard_repair_preview")(dict(act_user), dict(data))
    assert (preview["total"], preview["collisions"], preview["unconvertible"]) == (3, 0, 0)
    assert sorted(each["dataset"] for each in preview["examples"]) == ["one", "two"]
    assert {name: stored(name) for name in before} == before

    begun = tk.get_action("civicswitchboard_repair_start")(dict(act_user), dict(data))
    assert (begun["state"], begun["total"], begun["author"]) == ("queued", 3, curator["name"])
    shown = done(begun["id"])
    assert (shown["state"], shown["done"], shown["total"], shown["skipped"]) == ("done", 3, 3, 0)
    assert shown["to_index"] == 0 and shown["rate"] > 0
    assert stored("one") == {**before["one"], "frequency_publishing": "Weekly"}
    assert stored("two")["frequency_publishing"] == "Daily"
    again = call("package_show", id="one")
    assert again["metadata_modified"] > one["metadata_modified"]
    found = call("package_search", fq="vocab_frequency_publishing:Weekly", include_private=True)
    assert [each["name"] for each in found["results"]] == ["one", "secret"] or found["count"] == 2
    assert found["results"][0]["frequency_publishing"] == "Weekly"
    # A record that a save reads from the index would bring the old value back.
    call("package_patch", id="one", title="Another title")
    assert stored("one")["frequency_publishing"] == "Weekly"

    (activity,) = told_to("county")
    assert activity["user_id"] == curator["id"]
    assert activity["data"]["repair"]["id"] == begun["id"]
    assert activity["data"]["repair"]["records"] == 1 and not activity["data"]["repair"]["undone"]

    call("package_patch", id="two", frequency_publishing="Hourly")
    other = factories.User()
    helpers.call_action(
        "organization_member_create", id="university-library", username=other["name"], role="admin"
    )
    act("repair_undo", user=other["name"], id=begun["id"])
    shown = done(begun["id"])
    assert (shown["state"], shown["undone"], shown["kept"]) == ("undone", 2, 1)
    assert (shown["author"], shown["undone_by"]) == (curator["name"], other["name"])
    undo, _repair = told_to("county")
    assert (undo["user_id"], undo["data"]["repair"]) == (
        other["id"], {**activity["data"]["repair"], "undone": True}
    )  # fmt: skip
    # Nothing was given back to this one.
    assert [each["data"]["repair"]["undone"] for each in told_to("public-library")] == [False]
    assert [(each["dataset"], each["reason"]) for each in shown["left"]] == [("two", "edited")]
    assert act("repair_show", id=shown["id"], most_left=0)["left"] == []
    assert act("repair_show", id=shown["id"], most_left=10**30)["left"] == shown["left"]
    assert stored("one") == before["one"] and stored("secret") == before["secret"]
    assert stored("two")["frequency_publishing"] == "Hourly"
    assert call("package_search", fq="vocab_frequency_publishing:Weekly")["count"] == 0


def test_people_who_save_while_it_runs_win_and_nothing_is_mapped_twice(ckan_config: Any) -> None:
    ckan_config["civicswitchboard.repairs.chunk"] = 1
    for name in ("a", "b", "c", "d"):
        factories.Dataset(name=f"dataset-{name}", owner_org="county", license_id="cc-by", frequency_publishing="Monthly")
    run_id = start("map_values", **MAPPED)
    runner._step(run_id)
    runner._step(run_id)
    mapped = [name for name in "abcd" if stored(f"dataset-{name}")["frequency_publishing"] == "Weekly"]
    waiting = [name for name in "abcd" if name not in mapped]
    assert len(mapped) == 2 and progress(run_id).done == 2
    call("package_patch", id=f"dataset-{mapped[0]}", title="Edited", frequency_publishing="Monthly")
    call("package_patch", id=f"dataset-{waiting[0]}", title="Edited", frequency_publishing="Hourly")
    call("package_patch", id=f"dataset-{waiting[1]}", title="Edited too")
    shown = done(run_id)
    assert (shown["state"], shown["done"], shown["total"]) == ("done", 3, 3)
    now = {name: stored(f"dataset-{name}")["frequency_publishing"] for name in "abcd"}
    assert now == {mapped[0]: "Monthly", mapped[1]: "Weekly", waiting[0]: "Hourly", waiting[1]: "Weekly"}
    assert call("package_show", id=f"dataset-{waiting[1]}")["title"] == "Edited too"


def test_a_record_that_somebody_is_saving_is_passed_over_and_done_at_the_end() -> None:
    for name in ("held", "free"):
        factories.Dataset(name=name, owner_org="county", license_id="cc-by", frequency_publishing="Monthly")
    run_id = start("map_values", **MAPPED)
    with model.meta.engine.connect() as somebody:
        somebody.execute(sa.text("SELECT FROM package WHERE name = 'held' FOR UPDATE"))
        runner._step(run_id)
        assert stored("free")["frequency_publishing"] == "Weekly" and progress(run_id).done == 1
        somebody.rollback()
    assert done(run_id)["done"] == 2
    assert stored("held")["frequency_publishing"] == "Weekly"


def test_what_collides_or_can_not_be_converted_is_left_and_listed() -> None:
    for name, value in {"good": "2016/2017", "doubtful": "2020-21", "other": "2015"}.items():
        more = {"temporal_start": "1999"} if name == "other" else {}
        factories.Dataset(name=name, owner_org="county", license_id="cc-by", temporal_coverage=value, **more)
    factories.Dataset(name="odd", owner_org="county", license_id="cc-by")
    put_in("odd", {"temporal_coverage": ["2016", "2017"]})
    shown = done(start("split_interval", field="temporal_coverage", start="temporal_start", end="temporal_end"))
    assert (shown["state"], shown["done"], shown["total"], shown["skipped"]) == ("done", 4, 4, 3)
    left = {each["dataset"]: each["reason"] for each in shown["left"]}
    assert left == {"doubtful": "unconvertible", "other": "collision", "odd": "unconvertible"}
    assert stored("good") == {"temporal_coverage": "2016/2017", "temporal_start": "2016", "temporal_end": "2017"}
    assert stored("doubtful") == {"temporal_coverage": "2020-21"}


def test_files_and_organizations_and_columns_are_repaired_too() -> None:
    resources = [
        {"name": "t", "url": "http://example.org/1", "encoding": "latin", "odd": [1, {"a": None}]},
        {"name": "u", "url": "http://example.org/2"},
    ]
    broken = [{"name": "broken", "url": "http://example.org/3", "encoding": "latin"}]
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", resources=resources)
    factories.Dataset(name="broken", owner_org="county", license_id="cc-by", resources=broken)
    model.Session.execute(sa.text("UPDATE package SET license_id = 'notspecified' WHERE name = 'one'"))
    model.Session.commit()
    model.Session.execute(sa.text("UPDATE resource SET extras = '{\"encoding\": \"latin' WHERE name = 'broken'"))
    model.Session.execute(sa.text("UPDATE \"group\" SET extras = '{\"website\": \"http://a.org\"}' WHERE name = 'county'"))
    model.Session.commit()
    files = done(start("map_values", field="encoding", values={"latin": "utf-8"}))
    assert (files["done"], files["skipped"]) == (2, 1)
    extras = model.Session.scalar(sa.text("SELECT extras FROM resource WHERE name = 't'"))
    assert json.loads(extras) == {"encoding": "utf-8", "odd": [1, {"a": None}]}
    assert "latin" in model.Session.scalar(sa.text("SELECT extras FROM resource WHERE name = 'broken'"))
    model.Session.rollback()

    places = done(start("map_values", field="website", values={"http://a.org": "https://a.org"}))
    assert places["done"] == 1
    licensed = done(start("set_default", field="license_id", value="cc-by"))
    assert call("package_show", id="one")["license_title"].startswith("Creative Commons")
    for run_id in (files["id"], places["id"], licensed["id"]):
        act("repair_undo", id=run_id)
        assert done(run_id)["state"] == "undone"
    assert model.Package.by_name("one").license_id == "notspecified"
    assert model.Group.get("county").extras["website"] == "http://a.org"
    extras = model.Session.scalar(sa.text("SELECT extras FROM resource WHERE name = 't'"))
    assert json.loads(extras) == {"encoding": "latin", "odd": [1, {"a": None}]}


def test_pause_resume_cancel_and_what_can_not_be_asked(ckan_config: Any) -> None:
    ckan_config["civicswitchboard.repairs.chunk"] = 10
    many(40, department="Parks")
    params = {"field": "department", "values": {"Parks": "Parks and recreation"}}
    run_id = start("map_values", **params)
    runner._step(run_id)
    with pytest.raises(tk.ValidationError, match="this repair is: Running"):
        act("repair_undo", id=run_id)
    with pytest.raises(tk.ValidationError, match="Another repair is changing the same values"):
        act("repair_start", kind="map_values", params={"field": "department", "values": {"Parks": "x"}})
    assert act("repair_start", kind="set_default", params={"field": "language", "value": "en"})["state"] == "queued"
    assert act("repair_pause", id=run_id)["state"] == "paused"
    assert done(run_id)["done"] == 10
    assert act("repair_resume", id=run_id)["state"] == "queued"
    runner._step(run_id)
    assert act("repair_cancel", id=run_id)["state"] == "cancelled"
    assert done(run_id)["done"] == 20 and counts("department") == {"Parks": 20, "Parks and recreation": 20}
    with pytest.raises(tk.ValidationError, match="this repair is: Cancelled"):
        act("repair_resume", id=run_id)
    act("repair_undo", id=run_id)
    assert done(run_id)["undone"] == 20 and counts("department") == {"Parks": 40}
    with pytest.raises(tk.ObjectNotFound):
        act("repair_show", id="nothing")


@pytest.mark.parametrize("slip", [{}, {"confirm": False}, {"confirm": "no"}, {"confirm": ""}])
def test_values_are_deleted_only_by_who_says_so_once_more(slip: dict[str, Any]) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="Parks")
    deletes = {"kind": "delete_values", "params": {"field": "department", "values": ["Parks"]}}
    assert act("repair_preview", **deletes)["total"] == 1
    with pytest.raises(tk.ValidationError, match="Confirm that the values should be deleted"):
        act("repair_start", **deletes, **slip)
    assert act("repair_list") == [] and stored("one") == {"department": "Parks"}
    run_id = act("repair_start", **deletes, confirm=True)["id"]
    assert done(run_id)["done"] == 1 and stored("one") == {}
    act("repair_undo", id=run_id)
    assert done(run_id)["undone"] == 1 and stored("one") == {"department": "Parks"}


def test_a_name_that_two_kinds_of_records_have_is_chosen_with_whose_it_is(app: Any) -> None:
    publish(with_field(current_document(), field_name="website"))
    headers = {"Authorization": factories.SysadminWithToken()["token"]}
    new = "/metadata-schema/repairs/new?kind=map_values"
    page = app.get(new, headers=headers).body
    assert 'value="dataset:website"' in page and 'value="organization:website"' in page
    assert 'value="department"' in page
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", website="http://of.a.dataset")
    for whose, holds in (("dataset", True), ("organization", False)):
        page = app.get(f"{new}&field={whose}:website", headers=headers).body
        assert f'name="entity" value="{whose}"' in page and ("http://of.a.dataset" in page) is holds


def test_only_those_who_may_publish_repair() -> None:
    for role, may in {"admin": True, "editor": False}.items():
        user = factories.User()
        helpers.call_action("organization_member_create", id="university-library", username=user["name"], role=role)
        context = {"user": user["name"], "ignore_auth": False}
        data = {"kind": "set_default", "params": {"field": "language", "value": "en"}}
        assert tk.get_action("civicswitchboard_repair_list")(dict(context), {}) == []
        if may:
            assert tk.get_action("civicswitchboard_repair_preview")(context, data)["total"] == 0
        else:
            with pytest.raises(tk.NotAuthorized):
                tk.get_action("civicswitchboard_repair_preview")(context, data)
    outsider = {"user": factories.User()["name"], "ignore_auth": False}
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("civicswitchboard_repair_list")(outsider, {})


@pytest.mark.parametrize(
    ("kind", "params"),
    [("x", {}), ("rename", "x"), ("rename", None), ("rename", {"field": 1, "to": []}), (None, {}), ([], {}),
     ("set_default", {"field": "data_steward_email", "value": "no address"}), ("retype", {"field": "\x00", "to": "date"})],
)  # fmt: skip
def test_what_makes_no_sense_is_an_error_and_no_more(kind: Any, params: Any) -> None:
    for action in ("repair_preview", "repair_start"):
        with pytest.raises(tk.ValidationError):
            act(action, kind=kind, params=params)


class TestRename:
    """A field is renamed, and its values follow, as one act."""

    def publish(self) -> str:
        draft = act("schema_draft_create")
        document = changed(current_document(), "department", **NAMES)
        draft = act("schema_draft_update", revision=draft["revision"], document=document)
        act("schema_publish", revision=draft["revision"], note="Clearer", with_repairs=True)
        return str(act("repair_list")[0]["id"])

    def test_its_values_are_found_all_the_while_and_nobody_loses_anything(self) -> None:
        for name in ("read-before", "form-before", "untouched", "patched"):
            factories.Dataset(name=name, owner_org="county", license_id="cc-by", department="Parks")
        read_before = call("package_show", id="read-before")
        moved = {"kind": "rename", "params": {"field": "department", "to": "office"}}
        with pytest.raises(tk.ValidationError, match="There's no field 'office'"):
            act("repair_preview", **moved)
        draft = act("schema_draft_create")
        act("schema_draft_update", revision=1, document=changed(draft["document"], "department", **NAMES))
        found = act("repair_preview", **moved)
        assert (found["total"], found["goes_with_draft"]) == (4, True)
        with pytest.raises(tk.ValidationError, match="Publish the draft"):
            act("repair_start", **moved)
        act("schema_draft_delete")
        run_id = self.publish()
        assert progress(run_id).state == "queued" and stored("untouched") == {"department": "Parks"}
        shown = call("package_show", id="untouched")
        assert shown["office"] == "Parks" and "department" not in shown and shown["extras"] == []
        found = call("package_search", q="name:untouched")["results"][0]
        assert found["office"] == "Parks" and "department" not in found
        call("package_patch", id="patched", title="Patched")
        assert stored("patched") == {"office": "Parks"}
        call("package_update", **{**read_before, "title": "Read before"})
        call("package_patch", id="form-before", civicswitchboard_form_version="1", department="Parks and rivers")
        assert stored("read-before") == {"office": "Parks"}
        assert stored("form-before") == {"office": "Parks and rivers"}

        end = done(run_id)
        assert (end["state"], end["done"], end["total"]) == ("done", 1, 1)
        assert stored("untouched") == {"office": "Parks"}
        call("package_update", **{**read_before, "title": "Read before, saved after"})
        assert stored("read-before") == {"office": "Parks"}

        act("schema_rollback", version=1, note="Back")
        assert call("package_show", id="untouched")["department"] == "Parks"
        back = act("repair_list")[0]
        assert back["params"] == {"entity": "dataset", "field": "office", "to": "department"}
        assert done(back["id"])["done"] == 4
        assert stored("untouched") == {"department": "Parks"} and "office" not in stored("form-before")
        assert call("package_show", id="form-before")["department"] == "Parks and rivers"

    def test_a_failure_leaves_either_state_whole(self, monkeypatch: Any) -> None:
        factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="Parks")
        with monkeypatch.context() as patch:
            patch.setattr(runner, "begin", lambda *given: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                self.publish()
        model.Session.rollback()
        assert versions.newest().version == 1 and act("repair_list") == []
        assert call("package_show", id="one")["department"] == "Parks"
        act("schema_draft_delete")
        run_id = self.publish()
        with monkeypatch.context() as patch:
            patch.setattr(runner.sql, "write", lambda *given: 1 / 0)
            runner.work(run_id)
        shown = act("repair_show", id=run_id)
        assert shown["state"] == "failed" and "division" in shown["trouble"] and shown["done"] == 0
        assert call("package_show", id="one")["office"] == "Parks"
        act("repair_resume", id=run_id)
        assert done(run_id)["state"] == "done" and stored("one") == {"office": "Parks"}

    def test_two_fields_take_each_others_names_in_one_act(self) -> None:
        factories.Dataset(name="one", owner_org="county", license_id="cc-by", methods="how", limitations="what not")
        factories.Dataset(name="two", owner_org="county", license_id="cc-by", methods="how")
        read_before = call("package_show", id="one")
        document = changed(current_document(), "methods", field_name="limitations", previous_names=["methods"])
        document = changed(document, "limitations", field_name="methods", previous_names=["limitations"])
        with pytest.raises(tk.ValidationError, match="fixed first"):
            publish(document)
        act("schema_publish", revision=2, note="x", with_repairs=True)
        assert stored("one") == {"methods": "what not", "limitations": "how"}
        assert stored("two") == {"limitations": "how"}
        shown = call("package_show", id="one")
        assert (shown["methods"], shown["limitations"]) == ("what not", "how")
        (swapped,) = act("repair_list")
        assert (swapped["kind"], swapped["state"], swapped["done"]) == ("swap", "done", 2)
        # Under the same names each value is another field's now: undo alone would put them crosswise.
        assert swapped["with_version"] and swapped["possible"] == []
        with pytest.raises(tk.ValidationError, match="Restore version 1 to undo both"):
            act("repair_undo", id=swapped["id"])

        call("package_update", **{**shown, "title": "Read after"})
        assert stored("one") == {"methods": "what not", "limitations": "how"}
        call("package_update", **{**read_before, "title": "Read before"})
        assert stored("one") == {"methods": "what not", "limitations": "how"}
        assert call("package_show", id="one")["title"] == "Read before"
        act("schema_rollback", version=1, note="Back")
        assert stored("one") == {"methods": "how", "limitations": "what not"}

    def test_a_time_from_before_an_exchange_does_not_make_later_readers_early_ones(self) -> None:
        factories.Dataset(name="one", owner_org="county", license_id="cc-by", methods="how", limitations="what not")
        read_before = call("package_show", id="one")
        document = changed(current_document(), "methods", field_name="limitations", previous_names=["methods"])
        document = changed(document, "limitations", field_name="methods", previous_names=["limitations"])
        draft = act("schema_draft_create")
        draft = act("schema_draft_update", revision=draft["revision"], document=document)
        act("schema_publish", revision=draft["revision"], note="x", with_repairs=True)
        exchanged = {"methods": "what not", "limitations": "how"}
        # CKAN lets system administrators say when a record was modified.
        for early in (
            lambda: call("package_update", **{**read_before, "title": "Read before"}),
            lambda: call("package_patch", id="one", title="Patched", metadata_modified="2015-01-01T00:00:00"),
        ):
            early()
            assert stored("one") == exchanged
            call("package_update", **{**call("package_show", id="one"), "notes": "Read after"})
            assert stored("one") == exchanged

    @pytest.mark.parametrize("typed", [None, "Typed in the form"])
    @pytest.mark.parametrize("when", ["queued", "done"])
    @pytest.mark.parametrize("entity", ["dataset", "resource", "organization"])
    def test_a_form_opened_before_is_sent_after(self, app: Any, entity: str, when: str, typed: str | None) -> None:
        record = Renamed.of(entity)
        before = record.stored()
        assert before[record.old] == "As it was" and len(before) > 2
        headers = {"Authorization": factories.SysadminWithToken()["token"]}
        opened = fields_of(app.get(record.form, headers=headers).body)
        assert [value for name, value in opened if name == record.old] == ["As it was"]
        run_id = record.publish()
        if when == "done":
            assert done(run_id)["done"] == 2 and record.stored()[record.new] == "As it was"
        sent = [(name, typed if typed and name == record.old else value) for name, value in opened]
        answer = app.post(record.form, headers=headers, data=MultiDict([*sent, ("save", "go_metadata")]),
                          follow_redirects=False)  # fmt: skip
        assert answer.status_code == 302, answer.body
        assert record.stored() == record.after(before, typed or "As it was")
        assert done(run_id)["skipped"] == 0
        assert record.stored() == record.after(before, typed or "As it was")
        shown = record.shown()
        assert shown[record.new] == (typed or "As it was") and record.old not in shown
        assert record.stored("two") == {record.new: "Another's"}

    @pytest.mark.parametrize("when", ["queued", "done"])
    @pytest.mark.parametrize("entity", ["dataset", "resource", "organization"])
    def test_a_dict_read_before_is_sent_after(self, entity: str, when: str) -> None:
        record = Renamed.of(entity)
        before, read = record.stored(), record.shown()
        run_id = record.publish()
        if when == "done":
            done(run_id)
        text = "notes" if entity == "dataset" else "description"
        call(record.update, **{**read, text: "Saved after"})
        assert record.stored() == record.after(before, "As it was")
        assert done(run_id)["skipped"] == 0
        assert record.stored() == record.after(before, "As it was")
        shown = record.shown()
        assert (shown[record.new], shown[text]) == ("As it was", "Saved after") and record.old not in shown


@dataclass(frozen=True)
class Renamed:
    """A record with more than the field that gets another name, beside one with that alone.

    :ivar part: the list of fields in the document
    :ivar kept: what it holds besides
    """

    entity: str
    part: str
    old: str
    new: str
    kept: dict[str, Any]

    @classmethod
    def of(cls, entity: str) -> Renamed:
        """One of its kind, and the other."""
        record = RENAMED[entity]
        mine, other = {**record.kept, record.old: "As it was"}, {record.old: "Another's"}
        if entity == "organization":
            for name in ("one", "two"):
                factories.Organization(name=name, title=name, partner_type="public_library")
            record.put("one", {"partner_type": "public_library", **mine})
            record.put("two", other)
            return record
        for name, values in (("one", mine), ("two", other)):
            files = [{"name": name, "url": "http://data.example.org/1.csv"}]
            factories.Dataset(name=name, owner_org="county", license_id="cc-by", resources=files)
            record.put(name, values)
        return record

    def put(self, name: str, values: dict[str, Any]) -> None:
        """Store values as an earlier program left them."""
        record = self._record(name)
        record.extras = values
        if self.entity != "organization":
            # Otherwise the record would be read from the index, as it was.
            model.Package.by_name(name).metadata_modified = datetime.now(timezone.utc).replace(tzinfo=None)
        model.Session.commit()
        model.Session.remove()

    def stored(self, name: str = "one") -> dict[str, Any]:
        model.Session.remove()
        return dict(self._record(name).extras or {})

    def after(self, before: dict[str, Any], value: str) -> dict[str, Any]:
        """What is stored when nothing is lost."""
        return {**{key: kept for key, kept in before.items() if key != self.old}, self.new: value}

    def shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = call(f"{self._core}_show", id=self._record("one").id)
        return shown

    def publish(self) -> str:
        """Publish the other name; the run's id."""
        draft = act("schema_draft_create")
        place = draft["document"]["organization" if self.entity == "organization" else "dataset"]
        field = next(each for each in place[self.part] if each["field_name"] == self.old)
        field.update(field_name=self.new, previous_names=[self.old])
        for shown in [each for partner_type in draft["document"]["partner_types"] for each in partner_type["fields"]]:
            shown["field"] = self.new if shown["field"] == self.old else shown["field"]
        draft = act("schema_draft_update", revision=draft["revision"], document=draft["document"])
        act("schema_publish", revision=draft["revision"], note="Clearer", with_repairs=True)
        return str(act("repair_list")[0]["id"])

    @property
    def form(self) -> str:
        addresses = {"dataset": "/dataset/edit/one", "organization": "/organization/edit/one"}
        return addresses.get(self.entity) or f"/dataset/one/resource/{self._record('one').id}/edit"

    @property
    def update(self) -> str:
        return f"{self._core}_update"

    @property
    def _core(self) -> str:
        return "package" if self.entity == "dataset" else self.entity

    def _record(self, name: str) -> Any:
        if self.entity == "organization":
            return model.Group.get(name)
        dataset = model.Package.by_name(name)
        return dataset if self.entity == "dataset" else dataset.resources[0]


RENAMED = {
    each.entity: each
    for each in (
        Renamed("dataset", "fields", "department", "office",
                {"guid": " a\r\nb", "theme": '["energy","an_old_theme"]', "temporal_start": "2016-30-09"}),
        Renamed("resource", "resource_fields", "encoding", "character_set",
                {"weird": [1, {"a": None}], "dictionary": [{"column": "a", "label": "A"}, {"column": "b"}]}),
        Renamed("organization", "fields", "contact_name", "contact",
                {"guid": " a\r\nb", "spaces": '[{"name": "Hall", "capacity": "many"}]', "website": "see desk"}),
    )
}  # fmt: skip


class TestAnotherForm:
    """A field that stores another form of values: its records are converted within the publish."""

    def test_text_becomes_several_and_back_byte_for_byte(self) -> None:
        factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="Parks; and rivers")
        factories.Dataset(name="none", owner_org="county", license_id="cc-by")
        document = changed(current_document(), "department", preset="multiple_text")
        with pytest.raises(tk.ValidationError, match="fixed first: 1 "):
            publish(document)
        offered = {"kind": "retype", "params": {"field": "department", "to": "several", "separator": ";"}}
        shown = act("repair_preview", **offered)
        assert shown["goes_with_draft"] and shown["examples"][0]["after"] == {"department": '["Parks", "and rivers"]'}
        with pytest.raises(tk.ValidationError, match="repaired with it"):
            act("repair_start", **offered)
        assert stored("one") == {"department": "Parks; and rivers"}

        act("schema_publish", revision=2, note="Several", with_repairs=True)
        assert stored("one") == {"department": '["Parks; and rivers"]'} and stored("none") == {}
        assert call("package_show", id="one")["department"] == ["Parks; and rivers"]
        runner = act("repair_list")[0]
        assert (runner["kind"], runner["state"], runner["done"], runner["with_version"]) == ("retype", "done", 1, True)
        assert runner["version"] == 2 and runner["possible"] == []
        assert done(runner["id"])["to_index"] == 0
        assert call("package_search", q="name:one")["results"][0]["department"] == ["Parks; and rivers"]

        act("schema_rollback", version=1, note="Back")
        assert stored("one") == {"department": "Parks; and rivers"}
        assert call("package_show", id="one")["department"] == "Parks; and rivers"

    def test_what_cannot_be_converted_keeps_the_version_back(self) -> None:
        factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="Parks")
        factories.Dataset(name="two", owner_org="county", license_id="cc-by", department='[{"a": "b", "c": "d"}]')
        document = changed(current_document(), "department", preset="multiple_text")
        draft = act("schema_draft_create")
        draft = act("schema_draft_update", revision=draft["revision"], document=document)
        with pytest.raises(tk.ValidationError, match="1 record has a value that can't be converted"):
            act("schema_publish", revision=draft["revision"], note="Several", with_repairs=True)
        assert act("schema_show")["version"] == 1 and act("repair_list") == []
        assert stored("one") == {"department": "Parks"} and stored("two") == {"department": '[{"a": "b", "c": "d"}]'}

    def test_a_form_or_dict_of_before_is_saved_after_it(self) -> None:
        factories.Dataset(name="form", owner_org="county", license_id="cc-by", department="Parks")
        factories.Dataset(name="dict", owner_org="county", license_id="cc-by", department="Parks")
        read_before = call("package_show", id="dict")
        draft = act("schema_draft_create")
        document = changed(current_document(), "department", preset="multiple_text")
        draft = act("schema_draft_update", revision=draft["revision"], document=document)
        act("schema_publish", revision=draft["revision"], note="Several", with_repairs=True)
        call("package_update", **{**read_before, "title": "Read before"})
        call("package_patch", id="form", civicswitchboard_form_version="1", department="Parks", title="Form")
        assert stored("dict") == stored("form") == {"department": '["Parks"]'}
        read_between = call("package_show", id="dict")
        act("schema_rollback", version=1, note="Back")
        call("package_update", **{**read_between, "title": "Read between"})
        assert stored("dict") == {"department": "Parks"}


def test_values_of_a_field_that_is_no_longer_offered_are_repaired(app: Any) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", temporal_coverage="2016/2017", department="Old")
    document = changed(current_document(), "temporal_coverage", state="retired")
    publish(changed(document, "department", state="retired"))
    headers = {"Authorization": factories.SysadminWithToken()["token"]}
    address = "/metadata-schema/repairs/new?kind={}&field={}"
    split = app.get(address.format("split_interval", "temporal_coverage"), headers=headers).body
    assert "no longer offered" in split
    assert 'value="Old"' in app.get(address.format("map_values", "department"), headers=headers).body
    done(start("split_interval", field="temporal_coverage", start="temporal_start", end="temporal_end"))
    done(start("map_values", field="department", values={"Old": "New"}))
    assert stored("one") == {
        "temporal_coverage": "2016/2017", "temporal_start": "2016", "temporal_end": "2017", "department": "New"
    }
    with pytest.raises(tk.ValidationError, match="no field 'department'"):
        start("set_default", field="department", value="x")


def test_undo_leaves_a_period_whole_of_which_somebody_edited_one_end() -> None:
    for name in ("one", "two"):
        factories.Dataset(name=name, owner_org="county", license_id="cc-by", temporal_coverage="2016/2017")
    run_id = start("split_interval", field="temporal_coverage", start="temporal_start", end="temporal_end")
    done(run_id)
    call("package_patch", id="one", temporal_end="2018")
    act("repair_undo", id=run_id)
    done(run_id)
    assert stored("one") == {"temporal_coverage": "2016/2017", "temporal_start": "2016", "temporal_end": "2018"}
    assert stored("two") == {"temporal_coverage": "2016/2017"}


def test_a_version_under_which_a_repair_could_not_go_on_waits_for_it() -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", frequency_publishing="Monthly")
    run_id = start("map_values", field="frequency_publishing", values={"Monthly": "Weekly"})
    act("repair_pause", id=run_id)
    draft = act("schema_draft_create")
    document = draft["document"]
    (weekly,) = [
        term for each in document["vocabularies"] for term in each["terms"]
        if each["id"] == field_of(document, "frequency_publishing")["vocabulary"] and term["value"] == "Weekly"
    ]  # fmt: skip
    weekly["state"] = "retired"
    draft = act("schema_draft_update", revision=draft["revision"], document=document)
    with pytest.raises(tk.ValidationError) as refused:
        act("schema_publish", revision=draft["revision"], note="Fewer")
    assert "A repair couldn't continue: In “" in str(refused.value) and "Not among the terms on offer: Weekly" in str(refused.value)
    assert act("schema_show")["version"] == 1 and progress(run_id).state == "paused"
    act("repair_cancel", id=run_id)
    assert act("schema_publish", revision=draft["revision"], note="Fewer")["version"] == 2


def test_a_repair_gives_no_unknown_license() -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by")
    for kind, params in (
        ("map_values", {"field": "license_id", "values": {"cc-by": "no such license"}}),
        ("set_default", {"field": "license_id", "value": "no such license"}),
    ):
        with pytest.raises(tk.ValidationError, match="no such license"):
            start(kind, **params)


def test_the_page_that_restores_a_version_says_that_records_go_with_it(app: Any) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="Parks")
    draft = act("schema_draft_create")
    document = changed(draft["document"], "department", **NAMES)
    draft = act("schema_draft_update", revision=draft["revision"], document=document)
    act("schema_publish", revision=draft["revision"], note="Clearer", with_repairs=True)
    done(act("repair_list")[0]["id"])
    headers = {"Authorization": factories.SysadminWithToken()["token"]}
    page = app.get("/metadata-schema/versions/1/restore", headers=headers).body
    assert "records are repaired when it's published" in page and "must be fixed first" not in page
    assert "the records are repaired too. “Repairs” shows the progress." in page
    app.post("/metadata-schema/versions/1/restore", headers=headers, data={"note": "Back"})
    done(act("repair_list")[0]["id"])
    assert stored("one") == {"department": "Parks"}

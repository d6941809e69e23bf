"""Versions of the shared schema: drafted, published, restored, and served."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from support.editing import act, call, changed, current_document, field_of, publish, with_field
from support.people import enter_people

from ckanext.civicswitchboard.core.schema.document import dump
from ckanext.civicswitchboard.model.schema_versions import Version
from ckanext.civicswitchboard.schema_registry import versions

pytestmark = [pytest.mark.usefixtures("clean_portal")]


class TestDraft:
    def test_it_begins_as_the_current_version(self) -> None:
        draft = act("schema_draft_create")
        assert draft["base_version"] == 1 and draft["revision"] == 1
        assert draft["document"] == current_document() and not draft["can_undo"]

    def test_there_is_one_at_a_time(self) -> None:
        act("schema_draft_create")
        with pytest.raises(tk.ValidationError, match="There's already a draft"):
            act("schema_draft_create")

    def test_each_save_adds_a_revision_and_undo_brings_the_state_before(self) -> None:
        first = act("schema_draft_create")
        named = changed(first["document"], "data_notes", label="Caveats")
        second = act("schema_draft_update", revision=1, document=named)
        third = act("schema_draft_update", revision=2, document=changed(named, "citation", label="Cite"))
        back = act("schema_draft_undo", revision=third["revision"])
        assert back["document"] == second["document"] and back["can_undo"]
        start = act("schema_draft_undo", revision=back["revision"])
        assert start["document"] == first["document"] and not start["can_undo"]
        with pytest.raises(tk.ValidationError, match="nothing to undo"):
            act("schema_draft_undo", revision=start["revision"])

    def test_an_edit_of_an_old_revision_is_refused_and_changes_nothing(self) -> None:
        document = act("schema_draft_create")["document"]
        saved = act("schema_draft_update", revision=1, document=changed(document, "url", label="Home"))
        with pytest.raises(tk.ValidationError) as refused:
            act("schema_draft_update", revision=1, document=document)
        assert list(refused.value.error_dict) == ["revision"]
        assert act("schema_draft_show") == saved

    def test_it_may_break_rules_but_has_to_have_the_form(self) -> None:
        document = act("schema_draft_create")["document"]
        act("schema_draft_update", revision=1, document=changed(document, "url", label=""))
        with pytest.raises(tk.ValidationError, match="is not known here"):
            act("schema_draft_update", revision=2, document={**document, "script": 1})

    def test_discarding_ends_it(self) -> None:
        act("schema_draft_create")
        act("schema_draft_delete")
        with pytest.raises(tk.ObjectNotFound):
            act("schema_draft_show")
        # Numbers go on, so that an edit of the discarded draft is none of this one's.
        assert act("schema_draft_create")["revision"] == 2

    @pytest.mark.parametrize("revision", [None, "", "x", -1, 10**30, [1]])
    def test_a_revision_that_is_no_number_is_an_error(self, revision: Any) -> None:
        document = act("schema_draft_create")["document"]
        with pytest.raises(tk.ValidationError):
            act("schema_draft_update", revision=revision, document=document)


class TestPublish:
    def test_the_next_version_is_served_and_told(self) -> None:
        document = with_field(current_document(), field_name="reading_level")
        version = publish(document, note="Schools asked for it")
        assert version["version"] == 2 and version["note"] == "Schools asked for it"
        assert version["level"] == "compatible" and version["document"] == document
        assert "reading_level" in versions.current().fields["dataset"]
        newest, first = act("schema_version_list")
        assert [newest["version"], first["version"]] == [2, 1]
        assert newest["change_count"] == 1
        with pytest.raises(tk.ObjectNotFound):
            act("schema_draft_show")

    def test_every_fault_is_named_and_nothing_is_changed(self) -> None:
        document = changed(current_document(), "url", label="", section="nowhere")
        with pytest.raises(tk.ValidationError) as refused:
            publish(document)
        faults = "\n".join(refused.value.error_dict["document"])
        assert "label: says nothing" in faults and "no section 'nowhere'" in faults
        assert act("schema_show")["version"] == 1 and act("schema_draft_show")["revision"] == 2

    def test_a_note_is_asked_for(self) -> None:
        act("schema_draft_create")
        for note in ("", "   ", None, "a\x00b", "\ud800"):
            with pytest.raises(tk.ValidationError) as refused:
                act("schema_publish", revision=1, note=note)
            assert list(refused.value.error_dict) == ["note"]

    def test_a_draft_without_changes_is_refused(self) -> None:
        act("schema_draft_create")
        with pytest.raises(tk.ValidationError, match="Nothing has changed"):
            act("schema_publish", revision=1, note="x")

    def test_a_draft_that_went_on_is_refused(self) -> None:
        document = act("schema_draft_create")["document"]
        act("schema_draft_update", revision=1, document=changed(document, "url", label="Home"))
        with pytest.raises(tk.ValidationError) as refused:
            act("schema_publish", revision=1, note="x")
        assert list(refused.value.error_dict) == ["revision"]

    def test_a_published_version_cannot_be_changed_or_deleted(self) -> None:
        publish(with_field(current_document(), field_name="reading_level"))
        for statement in (sa.update(Version).values(note="forged"), sa.delete(Version)):
            with pytest.raises(sa.exc.DatabaseError, match="never changed or deleted"):
                model.Session.execute(statement)
            model.Session.rollback()

    def test_a_rename_waits_for_its_repair_while_records_hold_values(self) -> None:
        dataset = factories.Dataset(license_id="cc-by", department="Parks")
        document = changed(
            current_document(), "department", field_name="office", previous_names=["department"]
        )
        with pytest.raises(tk.ValidationError, match="Records must be fixed first: 1"):
            publish(document)
        act("schema_draft_delete")
        call("package_patch", id=dataset["id"], department="")
        assert publish(document)["version"] == 2


class TestRestore:
    def test_an_earlier_version_comes_back_as_a_new_one_and_values_stay(self) -> None:
        before = current_document()
        publish(with_field(before, field_name="reading_level"))
        dataset = factories.Dataset(license_id="cc-by", reading_level="Grade 6")
        restored = act("schema_rollback", version=1, note="Not yet")
        assert restored["version"] == 3 and restored["document"] == before
        shown = call("package_show", id=dataset["id"])
        assert {"key": "reading_level", "value": "Grade 6"} in shown["extras"]
        call("package_patch", id=dataset["id"], title="Saved meanwhile")
        act("schema_rollback", version=2, note="Now")
        assert call("package_show", id=dataset["id"])["reading_level"] == "Grade 6"

    @pytest.mark.parametrize("version", [0, 7, 10**30])
    def test_a_version_that_is_not_there_is_not_found(self, version: int) -> None:
        with pytest.raises((tk.ObjectNotFound, tk.ValidationError)):
            act("schema_rollback", version=version, note="x")

    def test_the_current_version_is_refused(self) -> None:
        with pytest.raises(tk.ValidationError, match="Nothing has changed"):
            act("schema_rollback", version=1, note="x")


class TestShow:
    def test_any_version_is_shown(self) -> None:
        first = current_document()
        publish(changed(first, "data_notes", label="Caveats"))
        assert act("schema_show", version=1)["document"] == first
        assert field_of(act("schema_show", version="2")["document"], "data_notes")["label"] == "Caveats"

    @pytest.mark.parametrize("version", ["x", "-1", "0", "1.5", 10**40, "draft"])
    def test_what_is_no_version_is_not_found(self, version: Any) -> None:
        with pytest.raises(tk.ObjectNotFound):
            act("schema_show", version=version)

    def test_a_difference_tells_each_change_in_words(self) -> None:
        publish(changed(current_document(), "data_notes", label="Caveats"))
        found = act("schema_diff", from_version=1, to_version=2)
        assert found["level"] == "editorial"
        (change,) = found["changes"]
        assert change["kind"] == "field_relabelled" and change["field"] == "data_notes"
        assert "Caveats" in change["text"]

    def test_the_list_is_cut_as_asked(self) -> None:
        publish(changed(current_document(), "data_notes", label="Caveats"))
        assert [v["version"] for v in act("schema_version_list", limit=1, offset=1)] == [1]
        assert len(act("schema_version_list", limit=10**9)) == 2

    def test_while_no_version_is_entered_the_shipped_one_stands_for_the_first(self) -> None:
        assert [v["version"] for v in act("schema_version_list")] == [1]
        assert act("schema_show")["document"] == dump(versions.shipped().document)


class TestFormOpenedBefore:
    """Somebody opened a form, a version was published, and the form is saved."""

    def test_a_value_follows_its_field_to_a_new_name(self) -> None:
        dataset = factories.Dataset(license_id="cc-by")
        publish(changed(current_document(), "department", field_name="office", previous_names=["department"]))
        call(
            "package_patch", id=dataset["id"], civicswitchboard_form_version="1", department="Parks"
        )
        shown = call("package_show", id=dataset["id"])
        assert shown["office"] == "Parks" and shown["extras"] == []

    def test_fields_that_took_each_others_names_keep_their_values(self) -> None:
        dataset = factories.Dataset(license_id="cc-by")
        document = changed(
            current_document(), "methods", field_name="limitations", previous_names=["methods"]
        )
        document = changed(
            document, "limitations", field_name="methods", previous_names=["limitations"]
        )
        publish(document)
        call(
            "package_patch", id=dataset["id"], civicswitchboard_form_version=1,
            methods="how", limitations="what not",
        )
        shown = call("package_show", id=dataset["id"])
        assert (shown["limitations"], shown["methods"]) == ("how", "what not")

    def test_what_was_typed_for_a_field_that_went_is_kept(self) -> None:
        publish(with_field(current_document(), field_name="reading_level"))
        dataset = factories.Dataset(license_id="cc-by", reading_level="Grade 6")
        act("schema_rollback", version=1, note="Not yet")
        call(
            "package_patch", id=dataset["id"], civicswitchboard_form_version=2, reading_level="Grade 7"
        )
        shown = call("package_show", id=dataset["id"])
        assert shown["extras"] == [{"key": "reading_level", "value": "Grade 7"}]

    def test_a_retired_field_keeps_what_an_open_form_says_of_it(self) -> None:
        dataset = factories.Dataset(license_id="cc-by", methods="line one\nline two")
        publish(changed(current_document(), "methods", state="retired"))
        call("package_patch", id=dataset["id"], civicswitchboard_form_version=1,
             methods="line one\r\nline two", title="T")
        assert model.Package.get(dataset["id"]).extras["methods"] == "line one\nline two"
        call("package_patch", id=dataset["id"], civicswitchboard_form_version=1, methods="Other")
        assert model.Package.get(dataset["id"]).extras["methods"] == "Other"

    @pytest.mark.parametrize("version", ["", "x", "99", "-1", [], {}, 10**40])
    def test_a_forged_version_is_passed_over(self, version: Any) -> None:
        dataset = factories.Dataset(license_id="cc-by")
        call(
            "package_patch", id=dataset["id"], civicswitchboard_form_version=version, department="Parks"
        )
        assert call("package_show", id=dataset["id"])["department"] == "Parks"

    @pytest.mark.parametrize("name", ["__", "____state", "__x__id", "__line__extras", "__a"])
    def test_a_forged_value_for_what_is_cores_is_passed_over(self, name: str) -> None:
        dataset = factories.Dataset(license_id="cc-by")
        call("package_patch", id=dataset["id"], **{f"civicswitchboard_left{name}": "x"})
        assert call("package_show", id=dataset["id"])["extras"] == []


def test_remarks_between_curators_are_read_by_curators_only(app: Any) -> None:
    people = enter_people()
    document = changed(current_document(), "data_notes", note="Ask the county first", label="Caveats")
    document["vocabularies"][0]["terms"][0]["note"] = "To be merged"
    publish(document)

    def remarks(user: str) -> tuple[list[str], bool]:
        given = {"user": user, "ignore_auth": False}
        shown = tk.get_action("civicswitchboard_schema_show")(dict(given), {})["document"]
        told = tk.get_action("civicswitchboard_schema_diff")(dict(given), {"from_version": 1, "to_version": 2})
        texts = [each.get("note") for each in [*shown["dataset"]["fields"], shown["vocabularies"][0]["terms"][0]]]
        return [each for each in texts if each], any("note" in each["kind"] for each in told["changes"])

    assert remarks(people.editor) == (["Ask the county first", "To be merged"], True)
    assert remarks(people.publisher) == remarks("") == ([], False)
    download = app.get("/metadata-schema/schema.yaml").body
    assert "Caveats" in download and "Ask the county" not in download
    assert "Ask the county" in app.get("/metadata-schema/schema.yaml", headers=people.headers("editor")).body

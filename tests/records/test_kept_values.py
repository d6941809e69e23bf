"""A save changes what its sender changed, and nothing else that the record held."""
from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories
from records.test_forms import fields_of
from support.editing import act, call, changed, current_document, publish, with_field
from werkzeug.datastructures import MultiDict

pytestmark = [pytest.mark.usefixtures("clean_portal")]

COLUMNS = {"author": "Records office", "author_email": "records@example.org", "maintainer": "Data desk",
           "maintainer_email": "no address", "version": "2.1", "url": "see the desk"}  # fmt: skip
FILE_COLUMNS = {"mimetype": "application/x-odd", "mimetype_inner": "text/csv", "hash": "abc", "size": 12,
                "cache_url": "http://cache.example.org", "resource_type": "old kind", "format": "Csv",
                "description": "\r\ntwo\rlines"}  # fmt: skip


@pytest.fixture
def editor() -> dict[str, Any]:
    return factories.UserWithToken()


@pytest.fixture
def owner(editor: dict[str, Any]) -> dict[str, Any]:
    members = [{"name": editor["name"], "capacity": "admin"}]
    return factories.Organization(name="library", title="Library", users=members, partner_type="public_library")


@pytest.fixture
def dataset(owner: dict[str, Any]) -> dict[str, Any]:
    created = factories.Dataset(
        name="one", title="One", notes="Notes", license_id="cc-by", owner_org=owner["id"], methods="By hand",
        resources=[{"name": "File", "url": "http://data.example.org/1.csv", "encoding": "utf-8"}],
    )
    package = model.Package.get("one")
    for name, value in COLUMNS.items():
        setattr(package, name, value)
    for name, value in FILE_COLUMNS.items():
        setattr(package.resources[0], name, value)
    package.metadata_modified = datetime.datetime.utcnow()
    model.Session.commit()
    return created


@pytest.fixture
def post(app: Any, editor: dict[str, Any]) -> Callable[..., Any]:
    """Open a form, or take one that was opened before, and send it with some inputs changed."""
    headers = {"Authorization": editor["token"]}

    def send(address: str, opened: str = "", **typed: Any) -> Any:
        sent = fields_of(opened or app.get(address, headers=headers).body)
        pairs = [(name, value) for name, value in sent if name not in typed]
        for name, value in typed.items():
            pairs += [(name, each) for each in (value if isinstance(value, list) else [value])]
        pairs.append(("save", ""))
        return app.post(address, headers=headers, data=MultiDict(pairs), follow_redirects=False)

    send.get = lambda address: app.get(address, headers=headers).body  # type: ignore[attr-defined]
    return send


def columns(record: Any) -> dict[str, Any]:
    """Every column of a row, but for when the row was modified."""
    model.Session.expire_all()
    table = record.__table__.columns
    return {c.name: getattr(record, c.name) for c in table if c.name != "metadata_modified"}


def package() -> Any:
    return model.Package.get("one")


def resource_form(dataset: dict[str, Any]) -> str:
    return f"/dataset/one/resource/{dataset['resources'][0]['id']}/edit"


class TestColumnsWithoutAField:
    def test_stay_when_an_unchanged_form_is_saved(self, dataset: Any, post: Any) -> None:
        before, file_before = columns(package()), columns(package().resources[0])
        assert post("/dataset/edit/one").status_code == 302
        assert post(resource_form(dataset)).status_code == 302
        assert columns(package()) == before
        assert columns(package().resources[0]) == file_before

    def test_stay_when_a_dict_leaves_them_out(self, dataset: Any, owner: Any) -> None:
        shown = call("package_show", id="one")
        sent = {key: value for key, value in shown.items() if key not in {*COLUMNS, "extras", "metadata_modified"}}
        call("package_update", **{**sent, "title": "Another title"})
        assert {name: columns(package())[name] for name in COLUMNS} == {**COLUMNS, "url": None}
        resource = package().resources[0].id
        call("resource_update", id=resource, name="File", url="http://data.example.org/1.csv", encoding="utf-16")
        after = columns(package().resources[0])
        assert after["mimetype"] == "application/x-odd" and after["mimetype_inner"] == "text/csv"
        assert after["resource_type"] is None and after["extras"] == {"encoding": "utf-16"}

    def test_are_changed_and_emptied_on_purpose(self, dataset: Any, owner: Any) -> None:
        call("package_patch", id="one", author="City archive", version="")
        assert (package().author, package().version) == ("City archive", "")
        assert package().maintainer_email == "no address"
        with pytest.raises(tk.ValidationError, match="maintainer_email"):
            call("package_patch", id="one", maintainer_email="another that is none")

    def test_are_shown_as_other_fields_and_removed_there(self, dataset: Any, post: Any) -> None:
        page = BeautifulSoup(post.get("/dataset/one"), "html.parser")
        others = page.select_one(".csw-other")
        assert others is not None and {each.text for each in others.select("dt")} == set(COLUMNS) - {"url"}
        post("/dataset/edit/one", other_fields_remove="author")
        assert package().author is None and package().maintainer == "Data desk"

    def test_stay_when_their_field_is_retired(self, dataset: Any, post: Any) -> None:
        document = changed(current_document(), "url", state="retired")
        fields = [{**f, "state": "retired"} if f["id"] in ("description", "resource_type") else f
                  for f in document["dataset"]["resource_fields"]]  # fmt: skip
        publish({**document, "dataset": {**document["dataset"], "resource_fields": fields}})
        before, file_before = columns(package()), columns(package().resources[0])
        assert post("/dataset/edit/one").status_code == post(resource_form(dataset)).status_code == 302
        assert (columns(package()), columns(package().resources[0])) == (before, file_before)
        assert "see the desk" in post.get("/dataset/one") and "old kind" in post.get(resource_form(dataset))


class TestADictReadBeforeAFieldWasRetired:
    """What a nightly push sends, and sends again."""

    @pytest.fixture
    def read(self, dataset: Any) -> dict[str, Any]:
        call("package_patch", id="one", extras=[{"key": "guid", "value": "x"}, {"key": "gone", "value": "y"}])
        shown: dict[str, Any] = call("package_show", id="one")
        publish(changed(current_document(), "methods", state="retired"))
        return shown

    def test_keeps_the_value_however_often_it_is_sent(self, read: dict[str, Any]) -> None:
        for number in range(3):
            call("package_update", **{**read, "title": f"Push {number}"})
            assert package().extras == {"guid": "x", "gone": "y", "methods": "By hand"}

    @pytest.mark.parametrize("action", ["package_update", "package_patch"])
    def test_deletes_only_keys_that_never_were_a_field(self, action: str, read: dict[str, Any]) -> None:
        sent = {**read, "extras": [{"key": "guid", "value": "x"}]}
        del sent["methods"]
        call(action, **(sent if action == "package_update" else {"id": "one", "extras": sent["extras"]}))
        assert package().extras == {"guid": "x", "methods": "By hand"}

    @pytest.mark.parametrize("empty", [{"methods": ""}, {"extras": [{"key": "methods", "value": ""}]}])
    def test_deletes_the_value_by_sending_it_empty(self, empty: dict[str, Any], read: dict[str, Any]) -> None:
        call("package_patch", id="one", **empty)
        assert "methods" not in package().extras

    def test_changes_the_value_by_sending_another(self, read: dict[str, Any]) -> None:
        call("package_update", **{**read, "methods": "By machine"})
        assert package().extras["methods"] == "By machine"

    def test_has_to_keep_the_rules_that_the_field_had(self, dataset: Any) -> None:
        publish(changed(current_document(), "temporal_end", state="retired"))
        with pytest.raises(tk.ValidationError, match="temporal_end"):
            call("package_patch", id="one", temporal_end="some day")
        call("package_patch", id="one", temporal_end="2019")
        assert package().extras["temporal_end"] == "2019"

    def test_of_an_organization_keeps_the_value_too(self, owner: dict[str, Any]) -> None:
        call("organization_patch", id="library", contact_name="Front desk")
        read = call("organization_show", id="library", include_datasets=False)
        document = current_document()
        fields = [{**f, "state": "retired"} if f["id"] == "contact_name" else f for f in document["organization"]["fields"]]
        types = [{**t, "fields": [f for f in t["fields"] if f["field"] != "contact_name"]} for t in document["partner_types"]]
        publish({**document, "partner_types": types, "organization": {**document["organization"], "fields": fields}})
        for sent in (read, {**read, "extras": []}, {k: v for k, v in read.items() if k != "contact_name"}):
            call("organization_update", **{**sent, "description": "Sent again"})
            assert model.Group.get("library").extras["contact_name"] == "Front desk"

    def test_of_a_field_that_an_earlier_version_does_not_have(self, dataset: Any) -> None:
        publish(with_field(current_document(), field_name="reading_level"))
        call("package_patch", id="one", reading_level="Grade 6")
        act("schema_rollback", version=1, note="Not yet")
        call("package_patch", id="one", extras=[])
        assert package().extras["reading_level"] == "Grade 6"


class TestAValueThatItsFieldCannotRead:
    @pytest.fixture
    def unreadable(self, dataset: Any) -> None:
        row = package()
        row.extras = {**row.extras, "theme": "Environment", "places": '["A", 1]'}
        row.resources[0].extras = {"dictionary": "see the guide"}
        row.metadata_modified = datetime.datetime.utcnow()
        model.Session.commit()

    def test_is_offered_and_kept(self, unreadable: Any, dataset: Any, post: Any) -> None:
        before, file_before = columns(package()), columns(package().resources[0])
        form = BeautifulSoup(post.get("/dataset/edit/one"), "html.parser")
        removable = [box["value"] for box in form.select("[name=other_fields_remove]")]
        assert "theme" not in removable and "Environment" in post.get("/dataset/one")
        ticked = form.select("input[name=theme][type=checkbox][checked]")
        assert [each["value"] for each in ticked] == ["Environment"]
        assert post("/dataset/edit/one").status_code == post(resource_form(dataset)).status_code == 302
        assert (columns(package()), columns(package().resources[0])) == (before, file_before)

    @pytest.mark.parametrize("odd", [{"column": "a"}, [{"column": "a"}, 1], 7])
    def test_of_any_shape_breaks_no_page(self, odd: Any, unreadable: Any, dataset: Any, post: Any) -> None:
        row = package().resources[0]
        row.extras = {"dictionary": odd}
        model.Session.commit()
        assert post(resource_form(dataset)).status_code == 302
        assert columns(package().resources[0])["extras"] == {"dictionary": odd}
        post.get(f"/dataset/one/resource/{row.id}")

    def test_is_shown_where_its_entries_would_be(self, unreadable: Any, dataset: Any, post: Any) -> None:
        assert "can't be shown as entries: “see the guide”" in post.get(resource_form(dataset))

    def test_stays_beside_a_term_that_is_added(self, unreadable: Any, post: Any) -> None:
        post("/dataset/edit/one", theme=["", "Environment", "energy"])
        assert package().extras["theme"] == '["energy", "Environment"]'

    def test_goes_when_its_tick_is_taken_away(self, unreadable: Any, post: Any) -> None:
        post("/dataset/edit/one", theme="")
        assert "theme" not in package().extras and package().extras["places"] == '["A", 1]'

    def test_stays_when_a_dict_leaves_extras_out(self, unreadable: Any) -> None:
        shown = call("package_show", id="one")
        assert {e["key"] for e in shown.pop("extras")} == {"theme", "places"}
        call("package_update", **{**shown, "title": "Sent again"})
        assert package().extras["theme"] == "Environment"


class TestAFormThatIsShownAgain:
    """A field was retired while the form was open, and the form has a fault."""

    ADDRESSES = {"dataset": "/dataset/edit/one", "resource": "", "organization": "/organization/edit/library"}
    FIELDS = {"dataset": "methods", "resource": "encoding", "organization": "contact_name"}
    FAULTS = {"dataset": {"data_steward_email": "nobody"}, "resource": {"rows": "many"},
              "organization": {"website": "nowhere"}}  # fmt: skip
    RIGHT = {"dataset": {"data_steward_email": ""}, "resource": {"rows": "12"}, "organization": {"website": ""}}

    def retire(self, entity: str) -> None:
        document, name = current_document(), self.FIELDS[entity]
        part, fields = ("organization", "fields") if entity == "organization" else ("dataset", "fields")
        fields = "resource_fields" if entity == "resource" else fields
        retired = [{**f, "state": "retired"} if f["id"] == name else f for f in document[part][fields]]
        types = [{**t, "fields": [f for f in t["fields"] if f["field"] != name]} for t in document["partner_types"]]
        publish({**document, "partner_types": types, part: {**document[part], fields: retired}})

    def stored(self, entity: str) -> Any:
        model.Session.expire_all()
        record = {"dataset": package, "resource": lambda: package().resources[0],
                  "organization": lambda: model.Group.get("library")}[entity]()  # fmt: skip
        return record.extras.get(self.FIELDS[entity])

    @pytest.fixture(params=["dataset", "resource", "organization"])
    def shown_again(self, request: Any, dataset: Any, post: Any) -> tuple[str, str, str]:
        """What was sent with a fault, and what came back: whose form, its address, the page."""
        entity = request.param
        address = self.ADDRESSES[entity] or resource_form(dataset)
        opened = post.get(address)
        self.retire(entity)
        answer = post(address, opened, **{self.FIELDS[entity]: "Typed <i>before</i>"}, **self.FAULTS[entity])
        assert answer.status_code == 200 and "error-explanation" in answer.body
        assert "Typed <i>before</i>" not in self.stored_text(entity)
        return entity, address, answer.body

    def stored_text(self, entity: str) -> str:
        return str(self.stored(entity))

    def test_keeps_what_was_typed(self, shown_again: Any, post: Any) -> None:
        entity, address, page = shown_again
        assert "Earlier answers" in page and "Typed &lt;i&gt;before&lt;/i&gt;" in page
        removable = [box["value"] for box in BeautifulSoup(page, "html.parser").select("[name=other_fields_remove]")]
        assert removable.count(self.FIELDS[entity]) == 1
        again = post(address, page, **self.FAULTS[entity])
        assert "Typed &lt;i&gt;before&lt;/i&gt;" in again.body
        assert post(address, again.body, **self.RIGHT[entity]).status_code == 302
        assert self.stored(entity) == "Typed <i>before</i>"

    def test_deletes_what_is_ticked(self, shown_again: Any, post: Any) -> None:
        entity, address, page = shown_again
        name = self.FIELDS[entity]
        assert post(address, page, **self.RIGHT[entity], other_fields_remove=name).status_code == 302
        assert self.stored(entity) is None

    @pytest.mark.parametrize("how", ["signature", "key"])
    def test_shows_what_has_no_valid_signature_and_does_not_save_it(
        self, shown_again: Any, post: Any, how: str, monkeypatch: Any
    ) -> None:
        entity, address, page = shown_again
        [token] = [value for name, value in fields_of(page) if name == "civicswitchboard_carried"]
        before = self.stored(entity)
        if how == "key":
            monkeypatch.setitem(tk.config, "SECRET_KEY", "rotated")
            answer = post(address, page, **self.RIGHT[entity])
        else:
            answer = post(address, page, **self.RIGHT[entity], civicswitchboard_carried=token[:-4] + "AAAA")
        assert answer.status_code == 200 and "couldn’t confirm" in answer.body
        assert "Typed &lt;i&gt;before&lt;/i&gt;" in answer.body and self.stored(entity) == before
        assert post(address, answer.body).status_code == 302
        assert self.stored(entity) == "Typed <i>before</i>"

    def test_takes_no_other_records_or_persons_signature(self, shown_again: Any, post: Any, owner: Any, app: Any) -> None:
        entity, _address, page = shown_again
        [token] = [value for name, value in fields_of(page) if name == "civicswitchboard_carried"]
        actions = {"dataset": ("package_patch", "one"), "organization": ("organization_patch", "library"),
                   "resource": ("resource_patch", package().resources[0].id)}  # fmt: skip
        action, record = actions[entity]
        with pytest.raises(tk.ValidationError, match="couldn’t confirm"):
            call(action, id=record, civicswitchboard_carried=token)
        assert "Typed" not in self.stored_text(entity)

    def test_gives_a_field_that_is_offered_again_its_value(self, shown_again: Any, post: Any) -> None:
        entity, address, page = shown_again
        act("schema_rollback", version=1, note="Asked for again")
        assert post(address, page, **self.RIGHT[entity]).status_code == 302
        assert self.stored(entity) == "Typed <i>before</i>"


def test_a_form_of_a_version_without_a_field_does_not_clear_it(dataset: Any, post: Any) -> None:
    document = changed(current_document(), "methods", state="retired")
    publish(changed(document, "url", state="retired"))
    opened = post.get("/dataset/edit/one")
    act("schema_rollback", version=1, note="Asked for again")
    before = columns(package())
    assert post("/dataset/edit/one", opened, title="Two").status_code == 302
    assert columns(package()) == {**before, "title": "Two"}


FORGED = ["civicswitchboard_left__text__partner_type", "civicswitchboard_left__select__partner_type",
          "civicswitchboard_carried", "civicswitchboard_carried__partner_type"]  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.parametrize("value", ["academic_library", ["academic_library"], {"partner_type": "academic_library"}])
def test_nobody_sets_a_field_past_its_rules_by_a_carried_input(
    name: str, value: Any, owner: Any, editor: dict[str, Any], app: Any, post: Any
) -> None:
    headers = {"Authorization": editor["token"]}
    answer = app.post(
        "/api/action/organization_patch", headers=headers, json={"id": "library", name: value}
    )
    assert answer.status_code in (200, 409)
    if isinstance(value, str):
        assert post("/organization/edit/library", **{name: value}).status_code in (200, 302, 400)
    model.Session.expire_all()
    assert model.Group.get("library").extras == {"partner_type": "public_library"}


def test_an_earlier_name_leads_past_no_rule(dataset: Any) -> None:
    document = changed(current_document(), "temporal_end", field_name="last_day", previous_names=["temporal_end"])
    publish(document)
    for sent in ({"temporal_end": "some day"}, {"extras": [{"key": "temporal_end", "value": "some day"}]}):
        with pytest.raises(tk.ValidationError, match="last_day"):
            call("package_patch", id="one", **sent)
    call("package_patch", id="one", extras=[{"key": "temporal_end", "value": "2019"}])
    assert package().extras["last_day"] == "2019"


def test_a_text_that_a_repair_divided_stays_divided_when_an_old_form_is_saved(dataset: Any, post: Any) -> None:
    call("package_patch", id="one", department="Parks; Rivers")
    opened = post.get("/dataset/edit/one")
    read = call("package_show", id="one")
    draft = act("schema_draft_create")
    document = changed(current_document(), "department", preset="multiple_text")
    draft = act("schema_draft_update", revision=draft["revision"], document=document)
    act("schema_publish", revision=draft["revision"], note="Several", with_repairs=True)
    assert package().extras["department"] == '["Parks; Rivers"]'
    post("/dataset/edit/one", opened)
    assert package().extras["department"] == '["Parks; Rivers"]'
    from ckanext.civicswitchboard.repairs import runner

    started = act("repair_start", kind="retype", params={"field": "department", "to": "several", "separator": ";"})
    runner.work(started["id"])
    model.Session.expire_all()
    assert package().extras["department"] == '["Parks", "Rivers"]'
    assert post("/dataset/edit/one", opened).status_code == 302
    assert package().extras["department"] == '["Parks", "Rivers"]'
    call("package_update", **{**read, "title": "Pushed"})
    assert package().extras["department"] == '["Parks", "Rivers"]'
    post("/dataset/edit/one", opened, department="Parks; Rivers; Bridges")
    assert package().extras["department"] == '["Parks", "Rivers", "Bridges"]'


def test_several_values_that_no_repair_made_a_text_stay_as_they_are(dataset: Any, post: Any) -> None:
    call("package_patch", id="one", places=["Hill", "River"])
    read, opened = call("package_show", id="one"), post.get("/dataset/edit/one")
    draft = act("schema_draft_create")
    document = changed(current_document(), "places", preset="")
    draft = act("schema_draft_update", revision=draft["revision"], document=document)
    act("schema_publish", revision=draft["revision"], note="One text", with_repairs=True)
    row = package()
    row.extras = {**row.extras, "places": '["Hill", "River"]'}
    model.Session.commit()
    call("package_update", **{**read, "title": "Pushed"})
    post("/dataset/edit/one", opened, title="Saved")
    assert package().extras["places"] == '["Hill", "River"]' and package().title == "Saved"
    again = post("/dataset/edit/one", opened, data_steward_email="nobody").body
    assert post("/dataset/edit/one", again, data_steward_email="").status_code == 302
    assert package().extras["places"] == '["Hill", "River"]'
    call("package_update", **{**read, "places": ["Hill", "Bridge"]})
    assert package().extras["places"] == "Hill; Bridge"


def test_every_required_part_of_an_entry_is_asked_for(owner: Any) -> None:
    document = current_document()
    aligned = next(f for f in document["organization"]["fields"] if f["id"] == "mission_alignment")
    parts = [{**part, "expectation": "required"} for part in aligned["repeating_subfields"]]
    fields = [{**f, "repeating_subfields": parts} if f is aligned else f for f in document["organization"]["fields"]]
    publish({**document, "organization": {**document["organization"], "fields": fields}})
    with pytest.raises(tk.ValidationError) as caught:
        call("organization_patch", id="library", mission_alignment=[{"plan": "Plan of 2030"}])
    missing = {part["field_name"] for part in parts} - {"plan"}
    assert caught.value.error_dict["mission_alignment"] == [{name: ["Missing value"] for name in missing}]

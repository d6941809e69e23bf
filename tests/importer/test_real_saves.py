"""Real records after a version that is hard on them: each is sent back as it is shown, and loses nothing."""
from __future__ import annotations

import copy
import json
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import factories, helpers
from importer.real import REAL, where_they_are
from support.editing import act, changed, current_document, publish, with_field

pytestmark = [pytest.mark.usefixtures("portal"), where_they_are]

Raw = dict[str, Any]

# What no real organization has yet, and what the next version makes of it: all of it wrong.
PROFILES: list[Raw] = [
    {
        "partner_type": "public_library", "partner_since": "some time ago", "website": "see the desk",
        "roles": '["no such role"]', "contact_name": "The desk", "contact_email": "nobody", "kept": " as\r\nit is ",
    },
    {"partner_type": "local_government", "roles": "{not a list", "contact_name": "The county's desk"},
    {},
]  # fmt: skip


def edited(document: Raw, place: str, part: str, **by_id: Raw) -> Raw:
    """A copy with other attributes of some fields."""
    fields = [{**field, **by_id.get(field["id"], {})} for field in document[place][part]]
    return {**document, place: {**document[place], part: fields}}


def harder(document: Raw) -> Raw:
    """What the next version asks: nearly no record has it."""
    for field_id, attributes in {
        "data_notes": {"expectation": "required", "max_length": 3},
        "license_id": {"expectation": "required", "missing_values": ["notspecified", "cc-zero"]},
        "department": {"state": "retired"},
        "spatial": {"state": "retired"},
        "frequency_publishing": {"vocabulary": "geographic_unit", "expectation": "required"},
        "geographic_unit": {"preset": "", "vocabulary": "", "pattern": "[0-9]{5}"},
        "temporal_coverage": {"preset": "partial_date"},
        "data_steward_name": {"preset": "email"},
        "data_steward_email": {"preset": "number"},
        "related_documents": {"preset": "link"},
    }.items():
        document = changed(document, field_id, **attributes)
    document = edited(
        document, "dataset", "resource_fields",
        description={"expectation": "required", "max_length": 3}, name={"pattern": "[0-9]+"},
        format={"state": "retired"},
    )  # fmt: skip
    document = edited(
        document, "organization", "fields",
        description={"max_length": 3}, contact_name={"expectation": "required", "preset": "number"},
        website={"state": "retired"}, roles={"vocabulary": "skill", "expectation": "required"},
        skills={"expectation": "required"}, contact_email={"pattern": "[0-9]+"},
    )  # fmt: skip
    return with_field(document, field_name="reading_level", expectation="required")


@pytest.fixture
def by(run_import: Any) -> Any:
    """The 207 records and their organizations, under the next version; calls an action as a person."""
    assert "created 207, updated 0, unchanged 0, refused 0" in run_import(REAL).output
    for name, profile in zip(helpers.call_action("organization_list"), PROFILES, strict=False):
        group = model.Group.get(name)
        group.extras = {**group.extras, **profile}
    model.Session.commit()
    person = factories.Sysadmin()["name"]

    def by(action: str, **data: Any) -> Raw:
        context = {"user": person, "ignore_auth": False}
        return json.loads(json.dumps(tk.get_action(action)(context, data)))

    return by


def stored(thing: Any) -> Any:
    """All that the database holds of a dataset or an organization, but for its title and when it was saved."""
    model.Session.expire_all()
    found = thing.get(thing.name)
    columns = {column.name: getattr(found, column.name) for column in found.__table__.columns}
    resources = [
        {column.name: getattr(each, column.name) for column in each.__table__.columns}
        for each in getattr(found, "resources", [])
    ]
    return copy.deepcopy(({**columns, "title": "", "metadata_modified": ""}, resources))


def but_for_the_title(shown: Raw) -> Raw:
    return {**shown, "title": "", "display_name": "", "metadata_modified": ""}


def saved_again_with_another_title(by: Any, kind: str, name: str) -> None:
    """Read a record by the API and send it back; all but its title is as it was shown.

    :param kind: ``package`` or ``organization``
    """
    shown = by(f"{kind}_show", id=name)
    by(f"{kind}_update", **{**shown, "title": f"{shown['title']} (again)"})
    after = by(f"{kind}_show", id=name)
    assert after["title"] == f"{shown['title']} (again)"
    assert but_for_the_title(after) == but_for_the_title(shown), name


def test_every_record_is_saved_as_it_is_shown_but_for_its_title(by: Any) -> None:
    names = helpers.call_action("package_list")
    before = {name: stored(model.Package.by_name(name)) for name in names}
    document = harder(current_document())
    changes = act("schema_impact", document=document)["changes"]
    concerned = {(each["kind"], each["field"]): each["affected"] for each in changes}
    # As hard as that: not one of the records would be accepted as a new one.
    assert concerned["field_added", "reading_level"] == concerned["field_pattern_changed", "name"] == 207
    assert concerned["field_type_changed", "data_steward_email"] == 162
    assert concerned["field_vocabulary_exchanged", "frequency_publishing"] == 153
    assert concerned["field_retired", "department"] == 94
    publish(document)
    for name in names:
        saved_again_with_another_title(by, "package", name)
        assert stored(model.Package.by_name(name)) == before[name], name
    assert len(names) == 207


def test_their_organizations_are_saved_as_they_are_shown_but_for_their_titles(by: Any) -> None:
    names = helpers.call_action("organization_list")
    before = {name: stored(model.Group.get(name)) for name in names}
    publish(harder(current_document()))
    for name in names:
        saved_again_with_another_title(by, "organization", name)
        assert stored(model.Group.get(name)) == before[name], name
    assert len(names) >= len(PROFILES)

"""Calls that succeed: of every action of ours or chained by us, and of every page of ours or overridden by us.

What exists is said in one place, the table of `metadata_schema/test_who_may.py`; here is with what it succeeds.
"""
from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import sqlalchemy as sa
from access import test_who_may as table
from ckan import model
from ckan.tests import factories
from support.editing import act, changed, current_document
from support.people import People

from ckanext.civicswitchboard.core.repairs.states import AT_WORK
from ckanext.civicswitchboard.model.schema_versions import THE_ONE, Draft
from ckanext.civicswitchboard.repairs import runner as running

Raw = dict[str, Any]
OURS = table.OURS
NUMBERS = itertools.count()


@dataclass(frozen=True)
class Call:
    """A request that succeeds.

    :ivar target: what is asked: an action's name, or a page's endpoint or path
    :ivar body: sent as JSON to an action, as a form to a page
    :ivar query: in the address
    """

    target: str
    method: str
    path: str
    body: Raw = field(default_factory=dict)
    query: Raw = field(default_factory=dict)

    @property
    def is_action(self) -> bool:
        """Whether it is a call of the API, not of a page."""
        return self.path.startswith("/api/3/action/")


class Portal:
    """A portal with one of each thing that a call needs; what a call takes away is made anew.

    :ivar people: accounts
    """

    def __init__(self, people: People) -> None:
        self.people = people
        table.some_datasets()
        factories.Group(name="a-group")
        self.file = table.a_file()
        self.run = self.a_run()

    def draft(self) -> Raw:
        """The draft, begun where there is none."""
        if model.Session.get(Draft, THE_ONE, populate_existing=True) is None:
            act("schema_draft_create")
        return act("schema_draft_show")

    def heal(self) -> None:
        """Make anew what an input took away or renamed."""
        model.Session.remove()
        group, package = model.Group, model.Package
        # An input can have left one in another state, with its name.
        model.Session.execute(sa.update(group).where(group.state != "active").values(name=sa.func.concat("gone-", group.id)))
        model.Session.commit()
        groups = set(model.Session.scalars(sa.select(group.name).where(group.state == "active")))
        for name in {"public-library", "elsewhere", "university-library"} - groups:
            factories.Organization(name=name, title=name.capitalize(), description="")
        if "a-group" not in groups:
            factories.Group(name="a-group")
        packages = set(model.Session.scalars(sa.select(package.name).where(package.state == "active")))
        for name in {"open", "other"} - packages:
            owner = "public-library" if name == "open" else "elsewhere"
            factories.Dataset(name=name, owner_org=owner, license_id="cc-by")

    def edited(self) -> Raw:
        """The draft with one more edit that can be published and undone."""
        self.no_draft()
        draft = self.draft()
        document = changed(draft["document"], "collection", label=f"Collection {next(NUMBERS)}")
        return act("schema_draft_update", revision=draft["revision"], document=document)

    def no_draft(self) -> None:
        """Discard the draft where there is one."""
        if model.Session.get(Draft, THE_ONE, populate_existing=True) is not None:
            act("schema_draft_delete")

    def suggestion(self) -> str:
        """The id of a suggestion that waits for an answer."""
        self.forget_suggestions()
        text = f"A wish {next(NUMBERS)}"
        return str(act("suggestion_create", user=self.people.sysadmin, field="url", text=text)["id"])

    def forget_suggestions(self) -> None:
        """So that nobody has suggested too much of late."""
        model.Session.execute(sa.text("DELETE FROM civicswitchboard_suggestion"))
        model.Session.commit()

    def a_run(self, state: str = "queued") -> str:
        """The id of a repair in a state, the only one that is not finished."""
        for each in act("repair_list", limit=100):
            if "cancel" in each["possible"]:
                act("repair_cancel", id=each["id"])
            elif each["state"] in AT_WORK:
                running.work(each["id"])
        params = {"field": "department", "values": {"Parks": f"Parks {next(NUMBERS)}"}}
        factories.Dataset(department="Parks", license_id="cc-by")
        made = str(act("repair_start", kind="map_values", params=params)["id"])
        if state == "paused":
            act("repair_pause", id=made)
        if state == "done":
            running.work(made)
        return made


def actions() -> dict[str, Callable[[Portal], Raw]]:
    """With what each action succeeds, by name."""
    return {
        **{f"{OURS}{name}": data for name, data in _OURS.items()},
        **{name: _of_table(action.data) for name, action in table.CORE.items()},
        **_CORE,
    }


def _of_table(data: Raw) -> Callable[[Portal], Raw]:
    return lambda portal: table.filled_in(copy.deepcopy(data))


def _with_revision(**more: Any) -> Callable[[Portal], Raw]:
    return lambda portal: {"revision": portal.edited()["revision"], **more}


def _update(portal: Portal) -> Raw:
    portal.no_draft()
    draft = portal.draft()
    return {"revision": draft["revision"], "document": draft["document"]}


def _create_draft(portal: Portal) -> Raw:
    portal.no_draft()
    return {"base_version": act("schema_show")["version"]}


def _suggest(portal: Portal) -> Raw:
    portal.forget_suggestions()
    return {"field": "department", "entity": "dataset", "text": f"A wish {next(NUMBERS)}"}


def _repair(portal: Portal) -> Raw:
    factories.Dataset(department="Parks", license_id="cc-by")
    portal.a_run("done")
    return {"kind": "map_values", "params": {"field": "department", "values": {"Parks": f"Parks {next(NUMBERS)}"}}}


def _drafted(data: Raw) -> Callable[[Portal], Raw]:
    def make(portal: Portal) -> Raw:
        portal.draft()
        return copy.deepcopy(data)

    return make


def _given(data: Raw) -> Callable[[Portal], Raw]:
    return lambda portal: copy.deepcopy(data)


_BESIDE = {"dataset_id": "open", "item_id": "other"}
_OURS: dict[str, Callable[[Portal], Raw]] = {
    "schema_show": _given({"version": 1}),
    "schema_validate": lambda portal: {"document": current_document()},
    "schema_version_list": _given({"limit": 5, "offset": 0}),
    "term_search": _given({"vocabulary": "frequency", "q": "month", "limit": 5, "offset": 0, "include_retired": True}),
    "schema_diff": _drafted({"from_version": 1, "to_version": "draft"}),
    "schema_impact": _drafted({"version": "draft", "include_drafts": True, "include_deleted": False}),
    "schema_draft_create": _create_draft,
    "schema_draft_show": _drafted({}),
    "schema_draft_update": _update,
    "schema_draft_undo": _with_revision(),
    "schema_draft_rebase": _with_revision(),
    "schema_draft_delete": _drafted({}),
    "schema_publish": _with_revision(note="A note", with_repairs=True),
    "schema_rollback": _given({"version": 1, "note": "A note"}),
    "suggestion_create": _suggest,
    "suggestion_list": _given({"state": "open", "entity": "dataset", "field": "url", "limit": 5, "offset": 0}),
    "suggestion_update": lambda portal: {"id": portal.suggestion(), "state": "declined", "reply": "No"},
    "repair_preview": lambda portal: {**_repair(portal), "most_left": 5},
    "repair_start": lambda portal: {**_repair(portal), "confirm": True},
    "repair_list": _given({"limit": 5, "offset": 0}),
    "repair_show": lambda portal: {"id": portal.run, "most_left": 5},
    "repair_pause": lambda portal: {"id": portal.a_run()},
    "repair_resume": lambda portal: {"id": portal.a_run("paused")},
    "repair_cancel": lambda portal: {"id": portal.a_run()},
    "repair_undo": lambda portal: {"id": portal.a_run("done")},
    "partner_type_list": _given({}),
    "partner_search": _given({"q": "library", "partner_type": "public_library", "sector": "library",
                              "role": "x", "skill": "x", "audience": "x", "rows": 5, "start": 0}),
    "partner_show": _given({"id": "public-library"}),
    "steward_show": _given({}),
    "steward_update": _given({"organization_id": "university-library"}),
    "shelf_show": _given({"dataset_id": "open", "limit": 3}),
    "shelf_item_pin": _given(_BESIDE),
    "shelf_item_hide": _given(_BESIDE),
    "shelf_item_reset": _given(_BESIDE),
}


def _record(**more: Any) -> Callable[[Portal], Raw]:
    return lambda portal: {
        "title": "A record", "notes": "Notes", "license_id": "cc-by", "department": "Parks",
        "update_frequency": "monthly", "temporal_start": "2019-05", "temporal_end": "2020",
        "spatial": '{"type": "Point", "coordinates": [-80, 40]}', "tags": [{"name": "roads"}],
        "extras": [{"key": "kept", "value": "so"}], "groups": [{"name": "a-group"}],
        "owner_org": "public-library", "private": False,
        "resources": [{"url": "https://example.org/1.csv", "name": "One", "format": "CSV"}],
        **{key: value() if callable(value) else value for key, value in more.items()},
    }


def _new_name() -> str:
    return f"new-{next(NUMBERS)}"


_FILE = {"url": "https://example.org/2.csv", "name": "Two", "format": "CSV", "description": "A file"}
_ABOUT = {"title": "Elsewhere", "description": "About", "partner_type": "public_library", "roles": ["creating_civic_data"],
          "extras": [{"key": "odd", "value": "kept"}]}
_CORE: dict[str, Callable[[Portal], Raw]] = {
    "package_show": _given({"id": "open", "use_default_schema": False, "include_tracking": False}),
    "package_search": _given({
        "q": "a", "fq": "partner_type:public_library", "fq_list": ["state:active"], "rows": 5, "start": 0,
        "sort": "name asc", "facet.field": ["partner_type", "tags"], "facet.limit": 5, "facet.mincount": 1,
        "include_private": True, "extras": {"ext_bbox": "-81,39,-79,41"},
    }),
    "package_create": _record(name=_new_name),
    "package_update": _record(id="other", name="other"),
    "package_patch": _given({"id": "open", "title": "A title", "tags": [{"name": "parks"}]}),
    "package_revise": _given({"match": {"name": "open"}, "update": {"title": "A title"}}),
    "package_resource_reorder": lambda portal: {"id": "open", "order": [table.a_file()]},
    "resource_create": _given({"package_id": "open", **_FILE}),
    "resource_update": lambda portal: {"id": table.a_file(), **_FILE},
    "resource_patch": lambda portal: {"id": table.a_file(), "name": "Three"},
    "organization_show": _given({"id": "elsewhere", "include_datasets": True, "include_users": True}),
    "organization_list": _given({"all_fields": True, "include_extras": True, "limit": 5, "offset": 0,
                                 "sort": "title asc", "organizations": ["elsewhere"]}),
    "organization_create": lambda portal: {"name": _new_name(), **_ABOUT},
    "organization_update": _given({"id": "elsewhere", "name": "elsewhere", **_ABOUT}),
    "organization_patch": _given({"id": "elsewhere", "title": "Elsewhere", "roles": ["creating_civic_data"]}),
    "group_show": _given({"id": "a-group", "include_datasets": True}),
    "group_list": _given({"all_fields": True, "limit": 5, "offset": 0, "sort": "title asc"}),
}

# Pages of core's that ours are drawn by, or that ask actions of ours.
CORE_PAGES = {
    "home": "/", "search": "/dataset/?q=a&partner_type=public_library&ext_bbox=-81,39,-79,41&page=1&sort=name+asc",
    "read": "/dataset/open", "new": "/dataset/new", "edit": "/dataset/edit/open", "file": "/dataset/open/resource/{file}",
    "file_new": "/dataset/open/resource/new", "file_edit": "/dataset/open/resource/{file}/edit",
    "resources": "/dataset/resources/open", "groups": "/dataset/groups/open", "activity": "/dataset/activity/open",
    "organizations": "/organization/?q=a&sort=title+asc&page=1", "organization": "/organization/public-library?q=a&page=1",
    "about": "/organization/about/public-library", "organization_new": "/organization/new",
    "organization_edit": "/organization/edit/public-library", "members": "/organization/members/public-library",
    "bulk": "/organization/bulk_process/public-library", "organization_activity": "/organization/activity/public-library",
    "group_list": "/group/", "group": "/group/a-group", "dashboard": "/dashboard/datasets",
    "user": "/user/the_publisher", "feed": "/feeds/organization/public-library.atom", "custom_feed": "/feeds/custom.atom?q=a",
}
# What a form of core's sends that is saved.
CORE_FORMS: dict[str, tuple[str, Callable[[Portal], Raw]]] = {
    "new": ("/dataset/new", lambda portal: {
        "title": "Typed", "name": _new_name(), "license_id": "cc-by", "owner_org": "public-library",
        "notes": "Notes", "save": "go-dataset-complete", "_ckan_phase": "1", "tag_string": "roads,parks"}),
    "edit": ("/dataset/edit/other", lambda portal: {
        "title": "Typed", "name": "other", "license_id": "cc-by", "owner_org": "elsewhere", "notes": "Notes",
        "save": "save", "pkg_name": "other", "tag_string": "roads"}),
    "file_new": ("/dataset/open/resource/new", lambda portal: {**_FILE, "id": "", "save": "go-dataset-complete"}),
    "organization_new": ("/organization/new", lambda portal: {"title": "Typed", "name": _new_name(), "save": "save"}),
    "organization_edit": ("/organization/edit/elsewhere", lambda portal: {
        "title": "Typed", "name": "elsewhere", "description": "About", "save": "save"}),
}


def call_of(action: str, portal: Portal) -> Call:
    """A call of an action that succeeds."""
    return Call(action, "POST", f"/api/3/action/{action}", actions()[action](portal))


def page_calls(methods: dict[str, set[str]]) -> dict[str, Callable[[Portal], Call]]:
    """Requests of every page, by what they are called here.

    :param methods: of our endpoints, by endpoint
    """
    made: dict[str, Callable[[Portal], Call]] = {}
    for endpoint, page in table.PAGES.items():
        for method in methods[endpoint] & {"GET", "POST"}:
            made[f"{method} {endpoint}"] = _ours(endpoint, method, page)
    for name, path in CORE_PAGES.items():
        made[f"GET {name}"] = _cores(name, "GET", path, lambda portal: {})
    for name, (path, form) in CORE_FORMS.items():
        made[f"POST {name}"] = _cores(name, "POST", path, form)
    return made


def _ours(endpoint: str, method: str, page: table.Page) -> Callable[[Portal], Call]:
    def make(portal: Portal) -> Call:
        suggestion = portal.suggestion() if "{suggestion}" in page.path else ""
        path, _, query = page.path.format(suggestion=suggestion, run=portal.run).partition("?")
        asked = dict(parse_qsl(query))
        form: Raw = {}
        if method == "POST":
            revision = str(portal.draft()["revision"])
            form = {**page.form, **_FORMS.get(endpoint.rpartition(".")[2], {}), "revision": revision}
        elif "/draft" in path or "/review" in path:
            portal.draft()
        return Call(endpoint, method, page.below + path, form, asked)

    return make


# What the forms of our pages can send, by what the page's function is called.
_FORMS: dict[str, Raw] = {
    "review": {"note": "A note", "with_repairs": "yes"},
    "restore": {"note": "A note"},
    "new": {"kind": "map_values", "field": "dataset.department", "values": "x", "text": "A wish", "entity": "dataset"},
    "show": {"state": "declined", "reply": "No"},
    "dismiss_news": {"version": "1", "form": "dataset", "came_from": "/dataset/new?a=b"},
    "field": {"label": "Department", "help_text": "Help", "expectation": "optional", "preset": "text", "section": "about"},
    "part": {"label": "Label", "expectation": "optional"},
    "add": {"label": "A new one", "section": "about", "id": "new_one", "field_name": "new_one"},
    "add_part": {"label": "A part"}, "add_section": {"label": "A section"}, "section": {"label": "A section"},
    "move": {"to": "1", "direction": "up", "section": "about", "before": ""}, "part_move": {"to": "1"},
    "state": {"state": "retired"}, "part_state": {"state": "retired"}, "name": {"field_name": "office"},
    "try_pattern": {"pattern": "[0-9]+", "value": "12"}, "part_try_pattern": {"pattern": "[0-9]+", "value": "12"},
    "new_vocabulary": {"label": "Words"}, "part_new_vocabulary": {"label": "Words"},
    "save_crosswalk": {"dataset.title.dcat": "dct:title"}, "save_translations": {"language": "es", "page": "1"},
    "edit_partner_type": {"type": "public_library", "label": "Library", "do": "save"},
    "edit": {"set": "", "term": "monthly", "label": "Monthly", "alternate_labels": "Each month", "broader_term": "monthly"},
    "take_new": {"label": "Words", "text": "value,label\na,A", "separator": ",", "row": "1"},
    "take_into": {"text": "value,label\na,A", "separator": ",", "row": "1"},
    "choose": {"action": "pin", "item_id": "other"}, "ask": {}, "stop": {"token": "x"},
}


def _cores(name: str, method: str, path: str, form: Callable[[Portal], Raw]) -> Callable[[Portal], Call]:
    def make(portal: Portal) -> Call:
        where, _, query = path.format(file=table.a_file()).partition("?")
        asked = dict(parse_qsl(query))
        return Call(name, method, where, form(portal), asked)

    return make

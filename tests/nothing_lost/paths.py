"""Ways of saving a record, each as a person or a program goes it.

A path changes one thing on purpose, or nothing, and says so: everything else has to stay.
"""
from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli.cli import ckan
from nothing_lost import browser
from nothing_lost.documents import Versions
from nothing_lost.kinds import ENTRIES, MORE_PARTS, WRONG, Kind, text
from nothing_lost.records import Portal, Record

from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.schema_registry import versions

Json = dict[str, Any]
# What a save changed on purpose: the new values of columns, by their names in `rows`.
Purpose = Mapping[str, Any]


class Refused(Exception):
    """A save that was refused."""


@dataclass
class Cell:
    """One save of one record by one person.

    :ivar app: a visitor of the portal
    :ivar cli: runs a command
    """

    kind: Kind
    role: str
    record: Record
    portal: Portal
    versions: Versions
    app: Any
    cli: Any
    folder: File
    # The id of the record that holds the values afterwards, where it is another one.
    copied_to: Record | None = None

    def act(self, action: str, **data: Any) -> Any:
        """Call an action as the person, with the schema that is pinned."""
        user = model.User.get(self.portal.users[self.role])
        context = {"user": user.name, "auth_user_obj": user, "ignore_auth": False}
        try:
            return tk.get_action(action)(context, copy.deepcopy(data))
        except (tk.ValidationError, tk.NotAuthorized) as error:
            raise Refused(str(error)) from error
        finally:
            model.Session.rollback()
            model.Session.remove()

    def show(self) -> Json:
        """The record as the API gives it."""
        whose = "organization" if self.kind.entity == "organization" else "package"
        shown: Json = json.loads(json.dumps(self.act(f"{whose}_show", id=self.record.id)))
        return shown

    def over_http(self, action: str, **data: Any) -> Any:
        """Call an action over HTTP."""
        answer = self.app.post(
            f"/api/3/action/{action}", json=data, headers=self.portal.headers[self.role], status=None
        )
        model.Session.remove()
        if answer.status_code != 200:
            raise Refused(f"{answer.status_code} {answer.body[:500]}")
        return answer.json["result"]

    def get(self, address: str) -> str:
        """A page."""
        answer = self.app.get(address, headers=self.portal.headers[self.role], status=None)
        model.Session.remove()
        if answer.status_code != 200:
            raise Refused(f"{answer.status_code} for {address}")
        return str(answer.body)

    def post(self, address: str, sent: browser.Sent) -> str:
        """The page that comes back when a form is sent; empty when it was saved."""
        headers = self.portal.headers[self.role]
        answer = self.app.post(
            address, data=browser.body(sent), headers=headers, follow_redirects=False, status=None
        )
        model.Session.remove()
        if answer.status_code == 302:
            return ""
        if answer.status_code != 200:
            raise Refused(f"{answer.status_code} for a form sent to {address}")
        return str(answer.body)

    def save(self, address: str, sent: browser.Sent) -> None:
        """Send a form that has no fault."""
        if page := self.post(address, sent):
            raise Refused(f"the form: {browser.faults_in(page)}")


Run = Callable[[Cell], Purpose]
Skip = Callable[[Kind, str], str]


@dataclass(frozen=True)
class Path:
    """A way of saving.

    :ivar about: whose record is saved
    :ivar indexed: the version by which the record was read last, and is in the search index
    :ivar skip: why a kind of value can't be tried on it by somebody, empty when it can
    :ivar refuses: why somebody may not save so, which leaves everything as it was
    :ivar may_refuse: why a kind of value may be refused there
    :ivar by_meaning: whether values may be written in another way, as in a new record
    :ivar moves: columns that such a save moves by itself, with the reason; `*` stands for any text
    """

    name: str
    about: str
    run: Run
    indexed: str = "after"
    skip: Skip = lambda _kind, _role: ""
    refuses: Skip = lambda _kind, _role: ""
    may_refuse: Skip = lambda _kind, _role: ""
    by_meaning: bool = False
    moves: Mapping[str, str] = field(default_factory=dict)


MOVES = {
    "package.metadata_modified": "CKAN notes the time of every save",
}
_RESOURCE_MOVES = {
    "resource One.metadata_modified": "CKAN notes the time at which this resource was saved",
}
PATHS: list[Path] = []


def _path(name: str, about: str, **more: Any) -> Callable[[Run], Run]:
    def enter(run: Run) -> Run:
        PATHS.append(Path(name, about, run, **more))
        return run

    return enter


def reading(version: Snapshot) -> Any:
    """Read or save with one version of the schema."""
    return versions.pinned(version)


# What is changed on purpose, unless the kind is about that very column.
def _new(kind: Kind) -> tuple[str, str]:
    return ("notes", "Described anew") if "title" in kind.columns else ("title", "Titled anew")


def _purpose(cell: Cell) -> tuple[Json, Purpose]:
    name, value = _new(cell.kind)
    return {name: value}, {f"package.{name}": value}


# --- the dataset form

NO_FORM = "a type that the portal doesn't serve has no form"


def _served(kind: Kind, _role: str) -> str:
    return NO_FORM if kind.sort == "other type" else ""


def _edit(cell: Cell) -> str:
    return f"/dataset/edit/{cell.record.name}"


def _form_of_tags(kind: Kind, _role: str) -> str:
    if kind.sort == "other type":
        return NO_FORM
    if kind.relation == "vocabulary tag":
        return "CKAN's own form sends tags by their names alone: one of a vocabulary becomes a free one"
    return ""


@_path("dataset form, unchanged", "dataset", skip=_form_of_tags)
def _dataset_form(cell: Cell) -> Purpose:
    sent = browser.sent_by(cell.get(_edit(cell)), scripts=False)
    cell.save(_edit(cell), sent)
    return {}


@_path("dataset form, changed", "dataset", skip=_form_of_tags)
def _dataset_form_changed(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    sent = browser.sent_by(cell.get(_edit(cell)))
    cell.save(_edit(cell), browser.with_values(sent, **change))
    return purpose


@_path("dataset form, opened before the publish", "dataset", indexed="before", skip=_form_of_tags)
def _dataset_form_old(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    with reading(cell.versions.before):
        sent = browser.sent_by(cell.get(_edit(cell)))
    cell.save(_edit(cell), browser.with_values(sent, **change))
    return purpose


def _with_fault(cell: Cell, address: str, sent: browser.Sent, wrong: Json, right: Json) -> None:
    """Send a form with a fault, and what comes back again with the fault taken out."""
    page = cell.post(address, browser.with_values(sent, **wrong))
    assert page, "the fault was not found"
    cell.save(address, browser.with_values(browser.sent_by(page), **right))


@_path("dataset form, sent back for a fault", "dataset", skip=_form_of_tags)
def _dataset_form_fault(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    sent = browser.with_values(browser.sent_by(cell.get(_edit(cell))), **change)
    _with_fault(cell, _edit(cell), sent, {"name": "No Name!"}, {"name": cell.record.name})
    return purpose


@_path("dataset form, opened before the publish and sent back", "dataset", indexed="before", skip=_form_of_tags)
def _dataset_form_old_fault(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    with reading(cell.versions.before):
        sent = browser.with_values(browser.sent_by(cell.get(_edit(cell))), **change)
    _with_fault(cell, _edit(cell), sent, {"name": "No Name!"}, {"name": cell.record.name})
    return purpose


# --- the dataset form on several pages


def _page(cell: Cell, number: int) -> str:
    return f"{_edit(cell)}/{number}"


@_path("form pages, all unchanged", "dataset", skip=_form_of_tags)
def _pages(cell: Cell) -> Purpose:
    with reading(cell.versions.after_in_pages):
        for number in (1, 2, 3):
            sent = browser.sent_by(cell.get(_page(cell, number)), scripts=False)
            cell.save(_page(cell, number), sent)
    return {}


@_path("form pages, first changed", "dataset", skip=_form_of_tags)
def _first_page(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    with reading(cell.versions.after_in_pages):
        sent = browser.sent_by(cell.get(_page(cell, 1)))
        cell.save(_page(cell, 1), browser.with_values(sent, **change))
    return purpose


@_path("form pages, last changed", "dataset", skip=_form_of_tags)
def _last_page(cell: Cell) -> Purpose:
    with reading(cell.versions.after_in_pages):
        sent = browser.sent_by(cell.get(_page(cell, 3)))
        cell.save(_page(cell, 3), browser.with_values(sent, call_number="QA 76"))
    return {"package.extras.call_number": "QA 76"}


def _no_entries(kind: Kind, _role: str) -> str:
    entries = kind.entity == "dataset" and kind.sort != "mixture" and kind.extras.get("people") in (text(ENTRIES), text(MORE_PARTS))
    return "" if entries else "it has no entries to change"


@_path("form pages, an entry changed", "dataset", skip=_no_entries, by_meaning=True)
def _page_entry(cell: Cell) -> Purpose:
    with reading(cell.versions.after_in_pages):
        sent = browser.sent_by(cell.get(_page(cell, 1)))
        cell.save(_page(cell, 1), browser.with_values(sent, **{"people-1-given": "Cleo"}))
    first, second = json.loads(cell.kind.extras["people"])
    return {"package.extras.people": text([first, {**second, "given": "Cleo"}])}


@_path("form pages, an entry emptied", "dataset", skip=_no_entries)
def _page_entry_emptied(cell: Cell) -> Purpose:
    with reading(cell.versions.after_in_pages):
        sent = browser.sent_by(cell.get(_page(cell, 1)))
        without = [(name, value) for name, value in sent if not name.startswith("people-1-")]
        cell.save(_page(cell, 1), without)
    return {"package.extras.people": text(json.loads(cell.kind.extras["people"])[:1])}


@_path("form pages, opened before the publish", "dataset", indexed="before", skip=_form_of_tags)
def _old_page(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    opened = {}
    with reading(cell.versions.before_in_pages):
        for number in (1, 3):
            opened[number] = browser.sent_by(cell.get(_page(cell, number)))
    with reading(cell.versions.after_in_pages):
        cell.save(_page(cell, 1), browser.with_values(opened[1], **change))
        cell.save(_page(cell, 3), opened[3])
    return purpose


@_path("form pages, sent back for a fault", "dataset", skip=_form_of_tags)
def _page_fault(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    with reading(cell.versions.after_in_pages):
        sent = browser.with_values(browser.sent_by(cell.get(_page(cell, 1))), **change)
        _with_fault(cell, _page(cell, 1), sent, {"name": "No Name!"}, {"name": cell.record.name})
    return purpose


# --- package_update


@_path("package_update of what was shown", "dataset")
def _update(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    cell.act("package_update", **{**cell.show(), **change})
    return purpose


@_path("package_update without a change", "dataset")
def _update_unchanged(cell: Cell) -> Purpose:
    shown = cell.show()
    shown.pop("metadata_modified")
    # Not equal to what is shown, so that CKAN doesn't pass over it.
    cell.act("package_update", **shown, another_key="")
    return {}


def _extras_follow_ckan(kind: Kind, _role: str) -> str:
    if kind.sort == "other type":
        return "extras of a type that the portal doesn't serve follow CKAN: leaving them out deletes them"
    return ""


@_path("package_update without extras", "dataset", skip=_extras_follow_ckan)
def _update_without_extras(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    shown = {**cell.show(), **change}
    del shown["extras"]
    cell.act("package_update", **shown)
    return purpose


@_path("package_update with the live fields alone", "dataset", skip=_extras_follow_ckan)
def _update_with_fields(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    shown = {**cell.show(), **change}
    fields = versions.current().fields
    sent = {key: value for key, value in shown.items() if key in fields["dataset"]}
    sent["resources"] = [
        {key: value for key, value in each.items() if key in fields["resource"] or key == "id"}
        for each in shown["resources"]
    ]
    cell.act("package_update", id=cell.record.id, tags=shown["tags"], **sent)
    return purpose


@_path("package_update without resources, groups", "dataset")
def _update_without_lists(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    sent = {key: value for key, value in cell.show().items() if key not in ("resources", "groups")}
    cell.act("package_update", **{**sent, **change})
    return purpose


@_path("package_update of what was shown before the publish", "dataset", indexed="before")
def _update_old(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    with reading(cell.versions.before):
        shown = cell.show()
    cell.act("package_update", **{**shown, **change})
    return purpose


@_path("package_update of it twice", "dataset", indexed="before")
def _update_old_twice(cell: Cell) -> Purpose:
    _update_old(cell)
    with reading(cell.versions.before):
        shown = cell.show()
    # A type that the portal doesn't serve has no such field.
    name, stored = ("title",) * 2 if cell.kind.sort == "other type" else ("department", "extras.department")
    cell.act("package_update", **{**shown, name: "Second push"})
    _change, purpose = _purpose(cell)
    return {**purpose, f"package.{stored}": "Second push"}


@_path("package_update of it without extras", "dataset", indexed="before", skip=_extras_follow_ckan)
def _update_old_without_extras(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    with reading(cell.versions.before):
        shown = {**cell.show(), **change}
    del shown["extras"]
    cell.act("package_update", **shown)
    return purpose


# --- other actions on the dataset


@_path("package_patch", "dataset")
def _patch(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    cell.act("package_patch", id=cell.record.id, **change)
    return purpose


@_path("package_patch, indexed before the publish", "dataset", indexed="before")
def _patch_old_index(cell: Cell) -> Purpose:
    return _patch(cell)


@_path("package_patch with its extras", "dataset")
def _patch_extras(cell: Cell) -> Purpose:
    extras = [*cell.show()["extras"], {"key": "added", "value": "now"}]
    cell.act("package_patch", id=cell.record.id, extras=extras)
    return {"package.extras.added": "now"}


@_path("package_patch with its extras from before the publish", "dataset", indexed="before")
def _patch_old_extras(cell: Cell) -> Purpose:
    with reading(cell.versions.before):
        extras = [*cell.show()["extras"], {"key": "added", "value": "now"}]
    cell.act("package_patch", id=cell.record.id, extras=extras)
    return {"package.extras.added": "now"}


@_path("package_revise", "dataset")
def _revise(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    cell.act("package_revise", match={"id": cell.record.id}, update=change)
    return purpose


@_path("package_revise of a resource", "dataset", moves=_RESOURCE_MOVES)
def _revise_resource(cell: Cell) -> Purpose:
    cell.act("package_revise", match={"id": cell.record.id}, update__resources__0={"encoding": "UTF-16"})
    return {"resource One.extras.encoding": "UTF-16"}


def _bulk(name: str, **purpose: Any) -> None:
    @_path(name, "dataset")
    def run(cell: Cell) -> Purpose:
        cell.act(name, datasets=[cell.record.id], org_id=cell.portal.owner)
        return {f"package.{column}": value for column, value in purpose.items()}


_bulk("bulk_update_private", private=True)
_bulk("bulk_update_public", private=False)
_bulk("bulk_update_delete", state="deleted")


# --- a record that is made of what another one shows


def _not_right(kind: Kind, _role: str) -> str:
    if kind.sort in ("odd", "unreadable") or (kind.sort == "turned" and "turned_text" not in kind.keys):
        return "a new record has to be right"
    if kind.name in ("license_id of none", "author_email, no address", WRONG):
        return "a new record has to be right"
    return ""


_ANEW = {
    "package.id": "a new record has an id of its own",
    "package.name": "a new record has a name of its own",
    "package.creator_user_id": "the new one's maker is somebody else",
    "package.metadata_created": "the new one was made now",
    "*.package_id": "a new record has an id of its own",
    "resource *.id": "a new record has ids of its own",
    "tag *.id": "a new record has ids of its own",
    "member *.id": "a new record has ids of its own",
    "member *.table_id": "a new record has an id of its own",
    "resource *.metadata_modified": "the new one was saved now",
    "resource *.extras.previous_upload": "an input of CKAN's form, which no new record keeps",
}


def _not_shown(kind: Kind, _role: str) -> str:
    if kind.sort == "other type":
        return "records of such a type are kept, not made"
    if kind.name in ("plugin_data", "collaborator", "relationship", "resource view", "deleted resource"):
        return "package_show does not give it, so nobody can send it"
    return ""


def _made(cell: Cell, made: Json) -> Purpose:
    cell.copied_to = Record(made["id"], made["name"], tuple(each["id"] for each in made["resources"]))
    return {}


def _as_new(cell: Cell, shown: Json) -> Json:
    data = {key: value for key, value in shown.items() if key not in ("id", "metadata_modified")}
    data["resources"] = [{k: v for k, v in each.items() if k not in ("id", "package_id")} for each in shown["resources"]]
    return {**data, "name": f"copy-{cell.record.id}"}


@_path("package_create of what was shown", "dataset", skip=_not_shown, may_refuse=_not_right, moves=_ANEW, by_meaning=True)
def _create(cell: Cell) -> Purpose:
    return _made(cell, cell.act("package_create", **_as_new(cell, cell.show())))


@_path("dump, then load over HTTP", "dataset")
def _dump_and_load(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    dumped = json.loads(json.dumps(cell.over_http("package_show", id=cell.record.id)))
    cell.over_http("package_update", **{**dumped, **change})
    return purpose


@_path("dump, then load as new over HTTP", "dataset", skip=_not_shown, may_refuse=_not_right, moves=_ANEW, by_meaning=True)
def _dump_and_load_new(cell: Cell) -> Purpose:
    dumped = cell.over_http("package_show", id=cell.record.id)
    return _made(cell, cell.over_http("package_create", **_as_new(cell, dumped)))


def _by_the_portal(kind: Kind, role: str) -> str:
    if kind.sort == "other type":
        return "datasets alone are imported"
    return "" if role == "sysadmin" else "the command saves as the portal itself, whoever runs it"


def _import_records(cell: Cell, shown: Json) -> None:
    path = cell.folder / f"{cell.record.id}.jsonl"
    path.write_text(json.dumps(shown) + "\n")
    result = cell.cli.invoke(ckan, ["civicswitchboard", "import", str(path)])
    model.Session.remove()
    if result.exit_code:
        raise Refused(result.output)


@_path("import of what was shown", "dataset", skip=_by_the_portal)
def _import(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    _import_records(cell, {**cell.show(), **change})
    return purpose


@_path("import of what was shown before the publish", "dataset", skip=_by_the_portal, indexed="before")
def _import_old(cell: Cell) -> Purpose:
    change, purpose = _purpose(cell)
    with reading(cell.versions.before):
        shown = {**cell.show(), **change}
    _import_records(cell, shown)
    return purpose


# --- the resource form and actions


def _resource_edit(cell: Cell) -> str:
    return f"/dataset/{cell.record.name}/resource/{cell.record.resources[0]}/edit"


def _resource_purpose(cell: Cell) -> tuple[Json, Purpose]:
    if "name" in cell.kind.columns:
        return {"encoding": "UTF-16"}, {"resource One.extras.encoding": "UTF-16"}
    return {"name": "Named anew"}, {"resource One.name": "Named anew"}


@_path("resource form, unchanged", "resource", skip=_served, moves=_RESOURCE_MOVES)
def _resource_form(cell: Cell) -> Purpose:
    cell.save(_resource_edit(cell), browser.sent_by(cell.get(_resource_edit(cell)), scripts=False))
    return {}


@_path("resource form, changed", "resource", skip=_served, moves=_RESOURCE_MOVES)
def _resource_form_changed(cell: Cell) -> Purpose:
    change, purpose = _resource_purpose(cell)
    sent = browser.sent_by(cell.get(_resource_edit(cell)))
    cell.save(_resource_edit(cell), browser.with_values(sent, **change))
    return purpose


@_path("resource form, opened before the publish", "resource", skip=_served, indexed="before", moves=_RESOURCE_MOVES)
def _resource_form_old(cell: Cell) -> Purpose:
    change, purpose = _resource_purpose(cell)
    with reading(cell.versions.before):
        sent = browser.sent_by(cell.get(_resource_edit(cell)))
    cell.save(_resource_edit(cell), browser.with_values(sent, **change))
    return purpose


@_path(
    "resource form, opened before the publish and sent back", "resource",
    skip=_served, indexed="before", moves=_RESOURCE_MOVES,
)  # fmt: skip
def _resource_form_old_fault(cell: Cell) -> Purpose:
    with reading(cell.versions.before):
        sent = browser.sent_by(cell.get(_resource_edit(cell)))
    right = cell.kind.columns.get("name", "One") if cell.kind.entity == "resource" else "One"
    _with_fault(cell, _resource_edit(cell), sent, {"name": ""}, {"name": right})
    return {}


@_path("resource_update of what was shown", "resource", moves=_RESOURCE_MOVES)
def _resource_update(cell: Cell) -> Purpose:
    change, purpose = _resource_purpose(cell)
    shown = cell.act("resource_show", id=cell.record.resources[0])
    cell.act("resource_update", **{**shown, **change})
    return purpose


@_path("resource_update with the live fields alone", "resource", moves=_RESOURCE_MOVES)
def _resource_update_fields(cell: Cell) -> Purpose:
    change, purpose = _resource_purpose(cell)
    shown = cell.act("resource_show", id=cell.record.resources[0])
    sent = {key: value for key, value in shown.items() if key in versions.current().fields["resource"]}
    cell.act("resource_update", id=cell.record.resources[0], **{**sent, **change})
    return purpose


@_path("resource_update of what was shown before the publish", "resource", indexed="before", moves=_RESOURCE_MOVES)
def _resource_update_old(cell: Cell) -> Purpose:
    change, purpose = _resource_purpose(cell)
    with reading(cell.versions.before):
        shown = cell.act("resource_show", id=cell.record.resources[0])
    cell.act("resource_update", **{**shown, **change})
    return purpose


@_path("resource_patch", "resource", moves=_RESOURCE_MOVES)
def _resource_patch(cell: Cell) -> Purpose:
    change, purpose = _resource_purpose(cell)
    cell.act("resource_patch", id=cell.record.resources[0], **change)
    return purpose


@_path("resource_patch, indexed before the publish", "resource", indexed="before", moves=_RESOURCE_MOVES)
def _resource_patch_old_index(cell: Cell) -> Purpose:
    return _resource_patch(cell)


def _purged(kind: Kind, _role: str) -> str:
    if kind.relation == "deleted resource":
        return "CKAN purges deleted resources when the list of resources changes"
    return ""


@_path("resource_create", "resource", skip=_purged, moves={"resource Three.*": "it is what is asked for"})
def _resource_create(cell: Cell) -> Purpose:
    cell.act("resource_create", package_id=cell.record.id, name="Three", url="http://data.example.org/3")
    return {}


@_path(
    "resource_delete", "resource", skip=_purged,
    moves={"resource Two.position": "CKAN counts deleted resources anew"},
)  # fmt: skip
def _resource_delete(cell: Cell) -> Purpose:
    cell.act("resource_delete", id=cell.record.resources[1])
    return {"resource Two.state": "deleted"}


@_path(
    "package_resource_reorder", "resource", skip=_purged,
    moves={"resource *.position": "it is what is asked for"},
)  # fmt: skip
def _reorder(cell: Cell) -> Purpose:
    cell.act("package_resource_reorder", id=cell.record.id, order=list(reversed(cell.record.resources)))
    return {}


# --- organizations


def _not_an_editor(_kind: Kind, role: str) -> str:
    return "an editor may not change the organization" if role == "editor" else ""


def _organization_edit(cell: Cell) -> str:
    return f"/organization/edit/{cell.record.name}"


def _organization_purpose(cell: Cell) -> tuple[Json, Purpose]:
    if "title" in cell.kind.columns:
        return {"image_url": "http://x.example.org/a.png"}, {"group.image_url": "http://x.example.org/a.png"}
    return {"title": "Titled anew"}, {"group.title": "Titled anew"}


@_path("organization form, unchanged", "organization", refuses=_not_an_editor)
def _organization_form(cell: Cell) -> Purpose:
    sent = browser.sent_by(cell.get(_organization_edit(cell)), scripts=False)
    cell.save(_organization_edit(cell), sent)
    return {}


@_path("organization form, changed", "organization", refuses=_not_an_editor)
def _organization_form_changed(cell: Cell) -> Purpose:
    change, purpose = _organization_purpose(cell)
    sent = browser.sent_by(cell.get(_organization_edit(cell)))
    cell.save(_organization_edit(cell), browser.with_values(sent, **change))
    return purpose


@_path("organization form, opened before the publish", "organization", indexed="before", refuses=_not_an_editor)
def _organization_form_old(cell: Cell) -> Purpose:
    change, purpose = _organization_purpose(cell)
    with reading(cell.versions.before):
        sent = browser.sent_by(cell.get(_organization_edit(cell)))
    cell.save(_organization_edit(cell), browser.with_values(sent, **change))
    return purpose


@_path(
    "organization form, opened before the publish and sent back", "organization",
    indexed="before", refuses=_not_an_editor,
)  # fmt: skip
def _organization_form_old_fault(cell: Cell) -> Purpose:
    change, purpose = _organization_purpose(cell)
    with reading(cell.versions.before):
        sent = browser.with_values(browser.sent_by(cell.get(_organization_edit(cell))), **change)
    _with_fault(cell, _organization_edit(cell), sent, {"name": "the-group"}, {"name": cell.record.name})
    return purpose


@_path("organization_update of what was shown", "organization", refuses=_not_an_editor)
def _organization_update(cell: Cell) -> Purpose:
    change, purpose = _organization_purpose(cell)
    cell.act("organization_update", **{**cell.show(), **change})
    return purpose


@_path("organization_update without extras", "organization", refuses=_not_an_editor)
def _organization_update_without_extras(cell: Cell) -> Purpose:
    change, purpose = _organization_purpose(cell)
    shown = {**cell.show(), **change}
    shown.pop("extras", None)
    cell.act("organization_update", **shown)
    return purpose


@_path("organization_update with the live fields alone", "organization", refuses=_not_an_editor)
def _organization_update_fields(cell: Cell) -> Purpose:
    change, purpose = _organization_purpose(cell)
    fields = versions.current().fields["organization"]
    sent = {key: value for key, value in cell.show().items() if key in fields}
    cell.act("organization_update", **{**sent, "id": cell.record.id, **change})
    return purpose


@_path(
    "organization_update of what was shown before the publish", "organization",
    indexed="before", refuses=_not_an_editor,
)  # fmt: skip
def _organization_update_old(cell: Cell) -> Purpose:
    change, purpose = _organization_purpose(cell)
    with reading(cell.versions.before):
        shown = cell.show()
    cell.act("organization_update", **{**shown, **change})
    return purpose


@_path("organization_patch", "organization", refuses=_not_an_editor)
def _organization_patch(cell: Cell) -> Purpose:
    change, purpose = _organization_purpose(cell)
    cell.act("organization_patch", id=cell.record.id, **change)
    return purpose


@_path("organization_patch with its extras", "organization", refuses=_not_an_editor)
def _organization_patch_extras(cell: Cell) -> Purpose:
    extras = [*cell.show().get("extras", []), {"key": "added", "value": "now"}]
    cell.act("organization_patch", id=cell.record.id, extras=extras)
    return {"group.extras.added": "now"}


@_path(
    "organization_patch with its extras from before the publish", "organization",
    indexed="before", refuses=_not_an_editor,
)  # fmt: skip
def _organization_patch_old_extras(cell: Cell) -> Purpose:
    with reading(cell.versions.before):
        extras = [*cell.show().get("extras", []), {"key": "added", "value": "now"}]
    cell.act("organization_patch", id=cell.record.id, extras=extras)
    return {"group.extras.added": "now"}


_ORGANIZATION_ANEW = {
    "member *": "who makes an organization is its first member",
    "group.id": "a new organization has an id of its own",
    "group.name": "a new organization has a name of its own",
    "group.created": "the new one was made now",
}


def _not_sysadmins(kind: Kind, role: str) -> str:
    if kind.relation:
        return "organization_create takes people, and makes nobody's dataset or parent its own"
    if kind.name == "contact_name, of no type":
        return "a new organization without a partner type takes no profile"
    if role != "sysadmin":
        return "" if role == "editor" else "like the editor: who makes an organization is its admin"
    return ""


def _no_sysadmin(_kind: Kind, role: str) -> str:
    return "" if role == "sysadmin" else "only a sysadmin sets the partner type, which every record of the table has"


def _organization_not_right(kind: Kind, _role: str) -> str:
    hard = kind.sort in ("odd", "unreadable") or "turned_list" in kind.keys or kind.name == WRONG
    return "a new record has to be right" if hard else ""


@_path(
    "organization_create of what was shown", "organization",
    skip=_not_sysadmins, refuses=_no_sysadmin, may_refuse=_organization_not_right, moves=_ORGANIZATION_ANEW,
    by_meaning=True,
)  # fmt: skip
def _organization_create(cell: Cell) -> Purpose:
    shown = {k: v for k, v in cell.show().items() if k not in ("id", "users", "packages", "groups")}
    made = cell.act("organization_create", **{**shown, "name": f"copy-{cell.record.id}"})
    cell.copied_to = Record(made["id"], made["name"])
    return {}

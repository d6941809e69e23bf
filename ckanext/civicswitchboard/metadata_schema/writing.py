"""A save works by the version that is current when it commits, on the record as it is then."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core import given
from ckanext.civicswitchboard.core.compiler import Snapshot
from ckanext.civicswitchboard.core.document import Entity
from ckanext.civicswitchboard.metadata_schema import carrying, locks
from ckanext.civicswitchboard.metadata_schema.carrying import Sender
from ckanext.civicswitchboard.metadata_schema.reading import STAMP
from ckanext.civicswitchboard.metadata_schema.stored import same_link

Record = dict[str, Any]
Action = Callable[..., Any]

# Core's actions that check a record by the schema before they store it, with what they save.
DATASETS = (
    "package_create package_update package_patch package_revise package_resource_reorder"
    " resource_create resource_update resource_patch resource_delete"
).split()
ORGANIZATIONS = "organization_create organization_update organization_patch".split()


def actions() -> dict[str, Action]:
    """Those actions, chained."""
    saved = {**dict.fromkeys(DATASETS, model.Package), **dict.fromkeys(ORGANIZATIONS, model.Group)}
    return {name: _chained(name, thing) for name, thing in saved.items()}


def _entity(action: str) -> Entity:
    """Whose record an action takes."""
    if action in ORGANIZATIONS:
        return "organization"
    return "resource" if action.startswith("resource_") else "dataset"


def _chained(name: str, thing: Any) -> Action:
    @tk.chained_action
    def action(original: Action, context: Any, data_dict: Record) -> Any:
        _make_readable(_entity(name), data_dict)
        with locks.saving() as snapshot:
            record = None
            if name.startswith(("package_", "organization_")):
                record = _hold(thing, data_dict.get("id") or data_dict.get("name"))
            _translate(name, snapshot, context, data_dict, record)
            result = original(context, data_dict)
        if isinstance(result, dict):
            result.pop(STAMP, None)
        return result

    action.__name__ = name
    action.__doc__ = f"Core's {name}, by the shared schema that is current when it commits."
    return action


def _make_readable(entity: Entity, data_dict: Record) -> None:
    """Put texts where core reads texts; in place.

    :raises ckan.plugins.toolkit.ValidationError: naming what no database can store
    """
    faults = given.faults(entity, data_dict)
    if faults:
        raise tk.ValidationError(_translated(faults))
    given.make_texts(entity, data_dict)


def _translated(faults: Any) -> Any:
    if isinstance(faults, dict):
        return {name: _translated(each) for name, each in faults.items()}
    if isinstance(faults, list):
        return [_translated(each) for each in faults]
    return tk._(faults)


def _hold(thing: Any, reference: Any) -> Any:
    """Keep everybody else from changing a record, and forget what was read of it before.

    :returns: the record, None when there is none
    """
    if not isinstance(reference, str):
        return None
    named = sa.or_(thing.id == reference, thing.name == reference)
    held = sa.select(thing).where(named).with_for_update().execution_options(populate_existing=True)
    records = list(model.Session.scalars(held))
    for record in records:
        for each in list(model.Session):
            if isinstance(each, model.Resource) and each.package_id == record.id:
                model.Session.expire(each)
    # Of two records, core takes the one with this id.
    return next(iter(sorted(records, key=lambda record: record.id != reference)), None)


def _translate(name: str, snapshot: Snapshot, context: Any, data_dict: Record, record: Any) -> None:
    """Put what was sent under the current version's names; in place, as forms show it again."""
    user = str(context.get("user") or "")
    if name.startswith("resource_"):
        _translate_resource_action(snapshot, data_dict, user)
    elif name in ("package_create", "package_update", "package_patch"):
        kind = record.type if record is not None and name != "package_create" else data_dict.get("type")
        if (kind or "dataset") == "dataset":
            known = record if name != "package_create" else None
            _translate_dataset(name, snapshot, context, data_dict, Sender(user, known.id if known else ""))
    elif name.startswith("organization_"):
        known = record.id if record is not None and name != "organization_create" else ""
        carrying.translate(snapshot, "organization", data_dict, Sender(user, known))


def _translate_dataset(
    name: str, snapshot: Snapshot, context: Any, data_dict: Record, sender: Sender
) -> None:
    read_by = carrying.read_by(data_dict) if name != "package_patch" else None
    if read_by is not None:
        # CKAN stores the time that a system administrator sends. With one from before the exchange
        # whoever reads the record from now on would be taken for somebody who read it before that.
        data_dict.pop("metadata_modified", None)
        if "original_package" in context:
            # A patch: its values were put over the record as it is now, whatever time came with them.
            read_by = None
    carrying.translate(snapshot, "dataset", data_dict, sender, read_by)
    resources = data_dict.get("resources")
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, dict):
            stored = _resource(resource.get("id"))
            of_resource = Sender(sender.user, stored.id if stored else "")
            _translate_resource(snapshot, resource, stored, of_resource, read_by)


def _translate_resource_action(snapshot: Snapshot, data_dict: Record, user: str) -> None:
    stored = _resource(data_dict.get("id"))
    package = stored.package if stored else model.Package.get(str(data_dict.get("package_id") or ""))
    if package is not None and package.type == "dataset":
        _translate_resource(snapshot, data_dict, stored, Sender(user, stored.id if stored else package.id))


def _translate_resource(
    snapshot: Snapshot, given: Record, stored: Any, sender: Sender, read_by: Snapshot | None = None
) -> None:
    carrying.translate(snapshot, "resource", given, sender, read_by)
    if stored is None or given.get("upload") or "mimetype" in {*given, *snapshot.fields["resource"]}:
        return
    if same_link(stored, given.get("url")):
        # Core would guess it again from the link.
        given["mimetype"] = stored.mimetype


def _resource(reference: Any) -> Any:
    return model.Resource.get(reference) if isinstance(reference, str) and reference else None

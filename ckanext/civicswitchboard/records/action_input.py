"""Translates what core's saving actions take to the current version of the shared schema."""
from __future__ import annotations

from functools import partial
from typing import Any

from ckan import model

from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.records import translate_input
from ckanext.civicswitchboard.records.stored import NOTHING, of_dataset, of_group, of_resource, same_link
from ckanext.civicswitchboard.records.translate_input import Sender

Record = dict[str, Any]


def translate(name: str, snapshot: Snapshot, context: Any, data_dict: Record, record: Any) -> None:
    """Put what was sent under the current version's names; in place, as forms show it again.

    :param name: the action's name
    :param record: the stored dataset or organization, None when there is none
    :raises ckan.plugins.toolkit.ValidationError: when carried values have no valid signature
    """
    user = str(context.get("user") or "")
    if name.startswith("resource_"):
        _translate_resource_action(snapshot, data_dict, user)
    elif name in ("package_create", "package_update", "package_patch"):
        kind = record.type if record is not None and name != "package_create" else data_dict.get("type")
        if (kind or "dataset") == "dataset":
            known = record if name != "package_create" else None
            _translate_dataset(name, snapshot, context, data_dict, user, known)
    elif name.startswith("organization_"):
        known = record.id if record is not None and name != "organization_create" else ""
        stored = partial(of_group, record, snapshot) if known else lambda: NOTHING
        translate_input.translate(snapshot, "organization", data_dict, Sender(user, known), stored=stored)


def _translate_dataset(
    name: str, snapshot: Snapshot, context: Any, data_dict: Record, user: str, package: Any
) -> None:
    read_by = translate_input.read_by(data_dict) if name != "package_patch" else None
    if read_by is not None:
        # CKAN stores the time that a system administrator sends. With one from before the exchange
        # whoever reads the record from now on would be taken for somebody who read it before that.
        data_dict.pop("metadata_modified", None)
        if "original_package" in context:
            # A patch: its values were put over the record as it is now, whatever time came with them.
            read_by = None
    sender = Sender(user, package.id if package else "")
    stored = partial(of_dataset, package, snapshot) if package else lambda: NOTHING
    translate_input.translate(snapshot, "dataset", data_dict, sender, read_by, stored)
    resources = data_dict.get("resources")
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, dict):
            known = _resource(resource.get("id"))
            _translate_resource(snapshot, resource, known, Sender(user, known.id if known else ""), read_by)


def _translate_resource_action(snapshot: Snapshot, data_dict: Record, user: str) -> None:
    stored = _resource(data_dict.get("id"))
    package = stored.package if stored else model.Package.get(str(data_dict.get("package_id") or ""))
    if package is not None and package.type == "dataset":
        _translate_resource(snapshot, data_dict, stored, Sender(user, stored.id if stored else package.id))


def _translate_resource(
    snapshot: Snapshot, resource: Record, stored: Any, sender: Sender, read_by: Snapshot | None = None
) -> None:
    read_stored = partial(of_resource, stored, snapshot) if stored is not None else lambda: NOTHING
    translate_input.translate(snapshot, "resource", resource, sender, read_by, read_stored)
    if stored is None or resource.get("upload") or "mimetype" in {*resource, *snapshot.fields["resource"]}:
        return
    if same_link(stored, resource.get("url")):
        # Core would guess it again from the link.
        resource["mimetype"] = stored.mimetype


def _resource(reference: Any) -> Any:
    return model.Resource.get(reference) if isinstance(reference, str) and reference else None

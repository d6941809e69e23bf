"""A save works by the version that is current when it commits, on the record as it is then."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core import given
from ckanext.civicswitchboard.core.document import Entity
from ckanext.civicswitchboard.metadata_schema import form_rows, locks
from ckanext.civicswitchboard.metadata_schema.reading import STAMP

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
        if name.endswith("_patch"):
            form_rows.gather_sent(_entity(name), data_dict)
        with locks.saving():
            if name.startswith(("package_", "organization_")):
                _hold(thing, data_dict.get("id") or data_dict.get("name"))
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


def _hold(thing: Any, reference: Any) -> None:
    """Keep everybody else from changing a record, and forget what was read of it before."""
    if not isinstance(reference, str):
        return
    named = sa.or_(thing.id == reference, thing.name == reference)
    held = sa.select(thing).where(named).with_for_update().execution_options(populate_existing=True)
    for record in model.Session.scalars(held):
        for each in list(model.Session):
            if isinstance(each, model.Resource) and each.package_id == record.id:
                model.Session.expire(each)

"""A save works by the version that is current when it commits, on the record as it is then."""
from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib import search

from ckanext.civicswitchboard.core.schema import input_checks
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core_fixes import relationships
from ckanext.civicswitchboard.records import action_input
from ckanext.civicswitchboard.records.show import STAMP
from ckanext.civicswitchboard.schema_registry import locks
from ckanext.civicswitchboard.search_index import fingerprints, reindex
from ckanext.civicswitchboard.search_index.batch import index_one

log = logging.getLogger(__name__)

Record = dict[str, Any]
Action = Callable[..., Any]

# Core's actions that check a record by the schema before they store it, with what they save.
DATASETS = (
    "package_create package_update package_patch package_revise package_resource_reorder"
    " resource_create resource_update resource_patch resource_delete"
).split()
ORGANIZATIONS = "organization_create organization_update organization_patch".split()

# Core's actions whose input is a record, with fields of any name.
RECORDS = {*DATASETS, *ORGANIZATIONS, "group_create", "group_update"} - {"package_resource_reorder"}

# Those that take a dataset away: they index before they commit, but not while they hold its row.
REMOVALS = "package_delete dataset_purge".split()

# Those that index a dataset after they have committed: what they read may be outdated by then.
INDEXED_AFTERWARDS = {
    "member_create": "object", "member_delete": "object", "package_owner_org_update": "id",
}  # fmt: skip

# Those that change the names or titles in many datasets' documents, or which group has which datasets.
SHARED = (
    "organization_delete organization_purge group_create group_update group_delete group_purge tag_delete"
).split()

CHANGED_AROUND = "Index datasets whose organization, group or tag changed"

_saving: ContextVar[bool] = ContextVar("civicswitchboard_saving", default=False)


def is_saving() -> bool:
    """Whether a record is being saved, so that its values have to come from the database."""
    return _saving.get()


@contextmanager
def _as_save() -> Iterator[None]:
    token = _saving.set(True)
    try:
        yield
    finally:
        _saving.reset(token)


def actions() -> dict[str, Action]:
    """Those actions, chained."""
    saved = {**dict.fromkeys(DATASETS, model.Package), **dict.fromkeys(ORGANIZATIONS, model.Group)}
    return {
        **{name: _shared(name) for name in SHARED},
        **{name: _chained(name, thing) for name, thing in saved.items()},
        **{name: _removing(name) for name in REMOVALS},
        **{name: _indexed_afterwards(name, key) for name, key in INDEXED_AFTERWARDS.items()},
    }


def _entity(action: str) -> Entity:
    """Whose record an action takes."""
    if action in ORGANIZATIONS:
        return "organization"
    return "resource" if action.startswith("resource_") else "dataset"


def _chained(name: str, thing: Any) -> Action:
    @tk.chained_action
    def action(original: Action, context: Any, data_dict: Record) -> Any:
        _make_readable(_entity(name), data_dict)
        with locks.saving() as snapshot, _as_save():
            record = None
            if name.startswith(("package_", "organization_")):
                record = _hold(thing, data_dict.get("id") or data_dict.get("name"))
            relationships.keep(data_dict)
            action_input.translate(name, snapshot, context, data_dict, record)
            with _index_follows(name, context, data_dict):
                result = original(context, data_dict)
        if isinstance(result, dict):
            result.pop(STAMP, None)
            result.pop(fingerprints.KEY, None)
        return result

    action.__name__ = name
    action.__doc__ = f"Core's {name}, by the shared schema that is current when it commits."
    return action


def _removing(name: str) -> Action:
    @tk.chained_action
    def action(original: Action, context: Any, data_dict: Record) -> Any:
        _hold(model.Package, data_dict.get("id"))
        return original(context, data_dict)

    action.__name__ = name
    action.__doc__ = f"Core's {name}, which nobody indexes the dataset beside."
    return action


def _indexed_afterwards(name: str, key: str) -> Action:
    @tk.chained_action
    def action(original: Action, context: Any, data_dict: Record) -> Any:
        result = original(context, data_dict)
        if data_dict.get("object_type", "package") == "package" and not context.get("defer_commit"):
            package = model.Package.get(data_dict[key])
            if package is not None:
                _index(package.id)
        return result

    action.__name__ = name
    action.__doc__ = f"Core's {name}, after which search finds the dataset as it is."
    return action


def _index(package_id: str) -> None:
    """Index a dataset whose change is committed: whatever keeps search from it, the change is made."""
    try:
        index_one(package_id)
        search.commit()
    except (search.SearchError, locks.Busy) as error:
        log.warning("Dataset %s is indexed later: %s", package_id, error)
        reindex.follow_up(CHANGED_AROUND)


def _shared(name: str) -> Action:
    @tk.chained_action
    def action(original: Action, context: Any, data_dict: Record) -> Any:
        with _index_follows(name, context, data_dict):
            return original(context, data_dict)

    action.__name__ = name
    action.__doc__ = f"Core's {name}, after which a job indexes the datasets that it changes."
    return action


@contextmanager
def _index_follows(action: str, context: Any, data_dict: Record) -> Iterator[None]:
    """Have a job index the datasets that an organization, group or tag changes."""
    if action not in (*SHARED, "organization_update"):
        yield
        return
    reference = data_dict.get("id")
    before = _named(reference)
    yield
    moved = action == "tag_delete" or "packages" in data_dict
    if not context.get("defer_commit") and (moved or before != _named(before.id if before else None)):
        reindex.follow_up(CHANGED_AROUND)


def _named(reference: Any) -> Any:
    """What datasets' documents hold of an organization or group, None where there is none."""
    if not isinstance(reference, str):
        return None
    group = model.Group
    query = sa.select(group.id, group.name, group.title, group.state)
    return model.Session.execute(query.where(sa.or_(group.id == reference, group.name == reference))).first()


def _make_readable(entity: Entity, data_dict: Record) -> None:
    """Put texts where core reads texts; in place.

    :raises ckan.plugins.toolkit.ValidationError: naming what no database can store
    """
    refuse(input_checks.faults(entity, data_dict))
    input_checks.make_texts(entity, data_dict)


def refuse(faults: input_checks.Errors) -> None:
    """Refuse what was sent where there are faults.

    :param faults: of :func:`given.faults` and the like
    :raises ckan.plugins.toolkit.ValidationError: with the faults in the reader's language
    """
    if faults:
        raise tk.ValidationError(_translated(faults))


def _translated(faults: Any) -> Any:
    if isinstance(faults, dict):
        return {name: _translated(fault) for name, fault in faults.items()}
    if isinstance(faults, list):
        return [_translated(fault) for fault in faults]
    return tk._(faults)


def _hold(thing: Any, reference: Any) -> Any:
    """Keep everybody else from changing a record, and forget what was read of it before.

    :returns: the record, None when there is none
    """
    if not isinstance(reference, str):
        return None
    named = sa.or_(thing.id == reference, thing.name == reference)
    query = sa.select(thing).where(named).with_for_update().execution_options(populate_existing=True)
    records = list(model.Session.scalars(query))
    for record in records:
        for instance in list(model.Session):
            if isinstance(instance, model.Resource) and instance.package_id == record.id:
                model.Session.expire(instance)
    # Of two records, core takes the one with this id.
    return next(iter(sorted(records, key=lambda record: record.id != reference)), None)

"""Actions of what stands beside a dataset."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.logic import validate

from ckanext.civicswitchboard import partners, shelves
from ckanext.civicswitchboard.logic.schema import shelves as schema
from ckanext.civicswitchboard.model import is_missing_table
from ckanext.civicswitchboard.model.shelves import HIDDEN, PINNED
from ckanext.civicswitchboard.shelves import items

Context = Any
Record = dict[str, Any]

MOST = 20


@tk.side_effect_free
@validate(schema.shelf_show)
def shelf_show(context: Context, data_dict: Record) -> list[Record]:
    """The public datasets that go with a dataset, and why.

    :param dataset_id: its id or name
    :param limit: how many at most (default 6, at most 20)
    :returns: ``[{dataset, title, organization, sector, pinned, reasons: [text]}]``, pinned ones
        first, then by how much their reasons say
    :raises NotFound: when there is no such dataset
    :raises NotAuthorized: when the caller may not read it
    """
    tk.check_access("civicswitchboard_shelf_show", context, data_dict)
    shown = tk.get_action("package_show")(_own(context), {"id": data_dict["dataset_id"]})
    if shown["type"] != "dataset":
        return []
    return [_item(companion) for companion in shelves.beside_dataset(shown, min(data_dict["limit"], MOST))]


@validate(schema.shelf_item)
def shelf_item_pin(context: Context, data_dict: Record) -> Record:
    """Have a dataset stand first beside another, as long as it is public.

    :param dataset_id: the dataset on whose page it shall stand, by id or name
    :param item_id: the dataset that shall stand there, by id or name
    :returns: ``{}``
    :raises NotFound: when one of them does not exist
    :raises NotAuthorized: when the caller may not edit the first or read the second
    """
    return _choose("pin", PINNED, context, data_dict)


@validate(schema.shelf_item)
def shelf_item_hide(context: Context, data_dict: Record) -> Record:
    """Keep a dataset from standing beside another.

    :param dataset_id: the dataset on whose page it shall not stand, by id or name
    :param item_id: the dataset that shall not stand there, by id or name
    :returns: ``{}``
    :raises NotFound: when one of them does not exist
    :raises NotAuthorized: when the caller may not edit the first or read the second
    """
    return _choose("hide", HIDDEN, context, data_dict)


@validate(schema.shelf_item)
def shelf_item_reset(context: Context, data_dict: Record) -> Record:
    """Let reasons alone decide again whether a dataset stands beside another.

    :param dataset_id: the dataset on whose page it stands, by id or name
    :param item_id: what was pinned or hidden there, by id or name
    :returns: ``{}``
    :raises NotFound: when there is no such dataset
    :raises NotAuthorized: when the caller may not edit it
    """
    tk.check_access("civicswitchboard_shelf_item_reset", context, data_dict)
    dataset, item = _dataset(data_dict["dataset_id"]), model.Package.get(data_dict["item_id"])
    # What was purged since is still known by its id.
    _stored(context, items.reset, dataset.id, item.id if item else data_dict["item_id"])
    return {}


def _choose(verb: str, state: str, context: Context, data_dict: Record) -> Record:
    tk.check_access(f"civicswitchboard_shelf_item_{verb}", context, data_dict)
    dataset, item = _dataset(data_dict["dataset_id"]), _dataset(data_dict["item_id"])
    tk.check_access("package_show", _own(context), {"id": item.id})
    fault = _why_not(dataset, item)
    if fault:
        raise tk.ValidationError({"item_id": [fault]})
    _stored(context, items.choose, dataset.id, item.id, state, _user_id(context))
    return {}


def _why_not(dataset: model.Package, item: model.Package) -> str:
    if item.id == dataset.id:
        return tk._("A dataset can't be related to itself")
    if item.state != "active" or item.type != "dataset":
        return tk._("“%s” isn't a published dataset") % (item.title or item.name)
    return ""


def _dataset(id_or_name: str) -> model.Package:
    package = model.Package.get(id_or_name)
    if package is None:
        raise tk.ObjectNotFound(tk._("There's no dataset “%s”") % id_or_name)
    return package


def _stored(context: Context, change: Any, *arguments: str) -> None:
    try:
        change(*arguments)
    except sa.exc.ProgrammingError as error:
        model.Session.rollback()
        if not is_missing_table(error):
            raise
        message = tk._(
            "This portal can't save this yet. Its administrator has to run `ckan db upgrade -p "
            "civicswitchboard`"
        )
        raise tk.ValidationError({"message": [message]})
    if not context.get("defer_commit"):
        model.repo.commit()


def _item(item: shelves.Item) -> Record:
    partner = partners.by_organization().get(item.organization)
    return {
        "dataset": item.name,
        "title": item.title,
        "organization": item.organization,
        "sector": partner.sector if partner else None,
        "pinned": item.pinned,
        "reasons": [
            tk._(reason.wording).format(things=", ".join(thing.text for thing in reason.things))
            for reason in item.reasons
        ],
    }


def _user_id(context: Context) -> str:
    user = model.User.get(context.get("user") or "")
    return user.id if user else ""


def _own(context: Context) -> Context:
    """Who asks, without what core's actions leave in a context."""
    kept = ("user", "auth_user_obj", "ignore_auth")
    return {key: context[key] for key in kept if key in context}


ACTIONS = {
    "civicswitchboard_shelf_show": shelf_show,
    "civicswitchboard_shelf_item_pin": shelf_item_pin,
    "civicswitchboard_shelf_item_hide": shelf_item_hide,
    "civicswitchboard_shelf_item_reset": shelf_item_reset,
}

"""Where the editors of a dataset choose what stands beside it."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.civicswitchboard.core.schema.input_checks import storable

civicswitchboard_shelves = Blueprint(
    "civicswitchboard_shelves", __name__, url_prefix="/dataset/alongside"
)

ACTIONS = ("pin", "hide", "reset")


@civicswitchboard_shelves.route("/<dataset_id>", methods=["POST"])
def choose(dataset_id: str) -> Any:
    """Pin, hide or reset an item, then the dataset's page again, at the shelf."""
    if not storable(dataset_id):
        return tk.abort(404, tk._("Dataset not found"))
    action, wanted = tk.request.form.get("action", ""), tk.request.form.get("item", "")
    item = _name_in(wanted)
    try:
        tk.check_access("civicswitchboard_shelf_item_pin", {}, {"dataset_id": dataset_id})
        if action not in ACTIONS:
            return tk.abort(400, tk._("Choose pin, hide or reset"))
        tk.get_action(f"civicswitchboard_shelf_item_{action}")(
            {}, {"dataset_id": dataset_id, "item_id": item}
        )
    except tk.ValidationError as error:
        return _again(dataset_id, "; ".join(text for member in error.error_dict.values() for text in member))
    except (tk.ObjectNotFound, tk.NotAuthorized) as error:
        return _refused(dataset_id, wanted, error)
    return tk.redirect_to("dataset.read", id=dataset_id, shelf=action, _anchor="alongside")


def _refused(dataset_id: str, wanted: str, error: Exception) -> Any:
    """The same sentence for what is not there and what the editor may not read."""
    try:
        tk.check_access("package_update", {}, {"id": dataset_id})
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Dataset not found"))
    except tk.NotAuthorized:
        return tk.abort(403, tk._("Only editors of this dataset can choose related datasets"))
    return _again(dataset_id, tk._("We can't find a dataset “%s”, or you don't have access to it") % wanted)


def _again(dataset_id: str, message: str) -> Any:
    tk.h.flash_error(message)
    return tk.redirect_to("dataset.read", id=dataset_id)


def _name_in(text: str) -> str:
    """A dataset's name or id, out of its web address where one was given."""
    path = text.strip().partition("?")[0].partition("#")[0].rstrip("/")
    return path.rpartition("/")[2]

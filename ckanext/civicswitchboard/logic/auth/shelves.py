"""Who may see and change what stands beside a dataset."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz

Result = dict[str, Any]


@tk.auth_allow_anonymous_access
def shelf_show(context: Any, data_dict: Any) -> Result:
    """Whoever may read the dataset."""
    return authz.is_authorized("package_show", context, {"id": tk.get_or_bust(data_dict, "dataset_id")})


def shelf_item_choose(context: Any, data_dict: Any) -> Result:
    """Whoever may edit the dataset."""
    return authz.is_authorized("package_update", context, {"id": tk.get_or_bust(data_dict, "dataset_id")})


AUTH = {
    "civicswitchboard_shelf_show": shelf_show,
    "civicswitchboard_shelf_item_pin": shelf_item_choose,
    "civicswitchboard_shelf_item_hide": shelf_item_choose,
    "civicswitchboard_shelf_item_reset": shelf_item_choose,
}

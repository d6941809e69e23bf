"""What the actions of shelves take."""
from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args

Schema = dict[str, Any]


@validator_args
def shelf_show(
    not_empty: Any, unicode_safe: Any, default: Any, natural_number_validator: Any
) -> Schema:
    """A dataset, and how many items at most."""
    return {
        "dataset_id": [not_empty, unicode_safe],
        "limit": [default(6), natural_number_validator],
    }


@validator_args
def shelf_item(not_empty: Any, unicode_safe: Any) -> Schema:
    """A dataset and one beside it."""
    return {"dataset_id": [not_empty, unicode_safe], "item_id": [not_empty, unicode_safe]}

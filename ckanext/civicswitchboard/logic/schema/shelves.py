"""What the actions of shelves take."""
from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args

from ckanext.civicswitchboard.logic.schema.numbers import number
from ckanext.civicswitchboard.logic.schema.texts import text

Schema = dict[str, Any]


@validator_args
def shelf_show(not_empty: Any) -> Schema:
    """A dataset, and how many items at most."""
    return {
        "dataset_id": [not_empty, text],
        "limit": number(6),
    }


@validator_args
def shelf_item(not_empty: Any) -> Schema:
    """A dataset and one beside it."""
    return {"dataset_id": [not_empty, text], "item_id": [not_empty, text]}

"""Which saves come from a machine: what it brings may have gaps, which people fill later."""
from __future__ import annotations

from typing import Any

import ckan.plugins as p
import sqlalchemy as sa
from ckan import model
from flask import has_request_context


def allows_gaps(context: Any, dataset_id: Any) -> bool:
    """Whether a dataset may be saved with faults in its fields.

    An import says so itself. ckanext-harvest cannot, but notes which dataset it is about to
    save; whoever edits that dataset later, on a page or through the API, does it in a request.

    :param context: the action's
    :param dataset_id: the id that the caller sends
    """
    if context.get("gaps") == "allow":
        return True
    harvests = p.plugin_loaded("harvest") and not has_request_context()
    return harvests and isinstance(dataset_id, str) and _harvested(dataset_id)


def _harvested(dataset_id: str) -> bool:
    query = sa.text("SELECT 1 FROM harvest_object WHERE package_id = :id LIMIT 1")
    return model.Session.execute(query, {"id": dataset_id}).first() is not None

"""The file or link that a resource leads to, and what its form sends beside the resource's own values."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins.toolkit import _

from ckanext.civicswitchboard.core.schema.reserved_names import FORM_INPUTS

URL = "url"

Record = dict[str, Any]


def drop_form_inputs(sent: Record) -> None:
    """Remove what a resource form sends that is no value of the resource; in place.

    CKAN keeps every key of a resource that it doesn't know.
    """
    for name in FORM_INPUTS & sent.keys():
        del sent[name]


def faults(sent: Mapping[str, Any], stored_url: Any, exists: bool) -> dict[str, list[str]]:
    """The error of a resource that would lead nowhere; empty when there is none.

    By the time of validation CKAN has put the name of an uploaded file into ``url``. A stored resource
    that never had a file or link stays as it is.

    :param sent: the resource
    :param stored_url: the url that is stored
    :param exists: whether the resource is stored already
    """
    if not _is_blank(sent.get(URL)) or (exists and _is_blank(stored_url)):
        return {}
    return {URL: [_("Add a link or choose a file")]}


def _is_blank(url: Any) -> bool:
    return url is None or not str(url).strip()


def datasets_without_files() -> dict[str, int]:
    """How many resources of each active dataset have neither a file nor a link, by the dataset's name."""
    package, resource = model.Package, model.Resource
    rows = model.Session.execute(
        sa.select(package.name, sa.func.count())
        .join(resource, resource.package_id == package.id)
        .where(package.state == "active", package.type == "dataset", resource.state == "active")
        .where(sa.func.trim(sa.func.coalesce(resource.url, "")) == "")
        .group_by(package.name)
        .order_by(package.name)
    )
    return dict(rows.tuples().all())

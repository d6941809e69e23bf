"""Template helpers that show crosswalks."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.core.formats import crosswalks, standards
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.labels import STANDARDS


def civicswitchboard_targets(mapping: Mapping[str, str]) -> list[dict[str, str]]:
    """What a field corresponds to in other standards.

    :returns: ``[{label, path}]``, without blanks
    """
    return [
        {"label": STANDARDS.get(target.standard, target.standard), "path": target.path}
        for target in crosswalks.targets(mapping)
        if target.path
    ]


def civicswitchboard_standards() -> Mapping[str, standards.Standard]:
    """The standards whose properties we know, by their names in a document."""
    return standards.STANDARDS


def shown_records(user: str, entity: Entity, name: str) -> list[dict[str, Any]]:
    """What a sample is taken from: an organization, a dataset, or each of a dataset's files.

    :param user: the reader's account
    :param name: of the organization or dataset
    :raises NotFound, NotAuthorized: as the action that shows it
    """
    action = "organization_show" if entity == "organization" else "package_show"
    shown: dict[str, Any] = tk.get_action(action)({"user": user}, {"id": name})
    return shown.get("resources", []) if entity == "resource" else [shown]


def get_helpers() -> dict[str, Callable[..., Any]]:
    """Every helper by name."""
    return {
        helper.__name__: helper for helper in (civicswitchboard_targets, civicswitchboard_standards)
    }

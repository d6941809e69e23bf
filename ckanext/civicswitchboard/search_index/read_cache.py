"""One reading of a dataset for all who ask within a save.

After each save the activity plugin has the whole dataset shown, and the index wants the same
once more. Where many are saved, half of the time would go there.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import logic, model

Record = dict[str, Any]
# By core's schema and by the shared one, as the index takes them.
Reading = tuple[Record, Record]

_readings: ContextVar[dict[str, Reading] | None] = ContextVar(
    "civicswitchboard_readings", default=None
)

# Whoever asks for another form of the record has it read by core.
_OTHER_FORMS = ("schema", "for_view", "for_update")


@contextmanager
def remembering() -> Iterator[Mapping[str, Reading]]:
    """Keep each dataset's last reading while the block runs, by id."""
    readings: dict[str, Reading] = {}
    token = _readings.set(readings)
    try:
        yield readings
    finally:
        _readings.reset(token)


def show(context: Any, data_dict: Record) -> Record | None:
    """The dataset read anew, and remembered; None where core has to read it.

    :param context: of package_show
    :param data_dict: of package_show
    :raises NotAuthorized: when the user may not see it
    """
    readings = _readings.get()
    if readings is None or not _plain(context, data_dict):
        return None
    package = model.Package.get(data_dict.get("id"))
    if package is None or package.type != "dataset":
        return None
    context["package"] = package
    tk.check_access("package_show", context, data_dict)
    # The database puts keys into an order of its own: later readings have that one.
    model.Session.flush()
    model.Session.refresh(package, ["extras"])
    readings[package.id] = logic.package_show_default_and_custom_schemas(context, package.id)
    return deepcopy(readings[package.id][1])


def _plain(context: Any, data_dict: Record) -> bool:
    return (
        context.get("validate", True)
        and not any(context.get(form) for form in _OTHER_FORMS)
        and not any(data_dict.get(form) for form in ("use_default_schema", "include_plugin_data"))
    )

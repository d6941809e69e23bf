"""Actions of the shared schema, and core's own that serve records by it."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.core.document import DocumentError, dump, read
from ckanext.civicswitchboard.metadata_schema import live, remembered
from ckanext.civicswitchboard.metadata_schema.reading import STAMP

Context = Any
Record = dict[str, Any]


@tk.chained_action
@tk.side_effect_free
def package_show(original: Any, context: Context, data_dict: Record) -> Record:
    """Core's package_show, never stale: a record indexed under another schema is read anew."""
    shown: Record = remembered.show(context, data_dict) or original(context, data_dict)
    if shown.get("type") != "dataset":
        return shown
    stamp = shown.pop(STAMP, None)
    if stamp == live.current().epoch or not _from_index(context):
        return shown
    fresh = {**context, "use_cache": False}
    shown = original(fresh, data_dict)
    if "package" in fresh:
        context["package"] = fresh["package"]
    shown.pop(STAMP, None)
    return shown


def _from_index(context: Context) -> bool:
    """Whether core's package_show may have answered from the search index."""
    by_default_schema = "schema" in context or not context.get("validate", True)
    return bool(context.get("use_cache", True)) and not by_default_schema


@tk.chained_action
def package_create(original: Any, context: Context, data_dict: Record) -> Any:
    """Core's package_create."""
    return _unstamped(original(context, data_dict))


@tk.chained_action
def package_update(original: Any, context: Context, data_dict: Record) -> Any:
    """Core's package_update."""
    return _unstamped(original(context, data_dict))


def _unstamped(result: Any) -> Any:
    if isinstance(result, dict):
        result.pop(STAMP, None)
    return result


@tk.side_effect_free
def schema_show(context: Context, data_dict: Record) -> Record:
    """One version of the shared schema.

    :param version: its number; the current one when left out
    :returns: ``{version, published, author, note, level, document}``
    :raises NotFound: when there is no such version
    """
    tk.check_access("civicswitchboard_schema_show", context, data_dict)
    snapshot = live.current()
    wanted = data_dict.get("version", snapshot.version)
    if str(wanted) != str(snapshot.version):
        raise tk.ObjectNotFound(tk._("There is no version %s of the shared schema") % wanted)
    return {
        "version": snapshot.version,
        "published": None,
        "author": None,
        "note": tk._("The schema that comes with the software"),
        "level": "compatible",
        "document": dump(snapshot.document),
    }


@tk.side_effect_free
def schema_validate(context: Context, data_dict: Record) -> Record:
    """Whether a document can be a version of the shared schema.

    :param document: the document
    :returns: ``{valid, errors: [{path, message}]}``
    """
    tk.check_access("civicswitchboard_schema_validate", context, data_dict)
    try:
        read(tk.get_or_bust(data_dict, "document"))
    except DocumentError as error:
        return {"valid": False, "errors": [fault.model_dump() for fault in error.faults]}
    return {"valid": True, "errors": []}


ACTIONS = {
    "package_show": package_show,
    "package_create": package_create,
    "package_update": package_update,
    "civicswitchboard_schema_show": schema_show,
    "civicswitchboard_schema_validate": schema_validate,
}

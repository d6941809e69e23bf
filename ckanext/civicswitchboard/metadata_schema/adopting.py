"""A portal's own ckanext-scheming files, as its configuration names them."""
from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.core.adoption import Adopted, Schemas, adopt
from ckanext.civicswitchboard.core.files import MAX_BYTES, parse_json, parse_yaml
from ckanext.civicswitchboard.metadata_schema import live

NOTE = "The portal's own schema, taken over"


class Unreadable(Exception):
    """A file that the configuration names and that cannot be used, with the reason."""


def adopted() -> Adopted | None:
    """What becomes of the portal's own schemas, None when its configuration names none.

    :raises Unreadable: naming the option's entry and what is wrong with it
    :raises DocumentError: when they would break rules of the shared schema
    """
    datasets, organizations, presets = (
        [_load(entry) for entry in config.scheming_files(what)]
        for what in ("dataset_schemas", "organization_schemas", "presets")
    )
    if not datasets and not organizations:
        return None
    # Of two presets with one name scheming takes the one in the file named first.
    by_name = {
        str(each.get("preset_name")): each.get("values") or {}
        for file in reversed(presets)
        for each in file.get("presets") or []
        if isinstance(each, dict)
    }
    return adopt(Schemas(datasets, organizations, by_name), live.shipped().document)


def _load(entry: str) -> dict[str, Any]:
    path = _path(entry)
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        raise Unreadable(f"{entry}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{entry}: is not text in UTF-8") from error
    parse = parse_yaml if path.suffix.lower() in (".yaml", ".yml") else parse_json
    try:
        data = parse(text, entry)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    if not isinstance(data, dict):
        raise Unreadable(f"{entry}: is empty or no mapping")
    return data


def _path(entry: str) -> Path:
    """The file that an entry names: a path, ``file://`` and a path, or ``module:file``."""
    if entry.startswith("file:"):
        return Path(unquote(urlsplit(entry).path))
    if entry.startswith(("http:", "https:")):
        raise Unreadable(f"{entry}: nothing is fetched; save it to a file and name that")
    module, colon, name = entry.partition(":")
    if not colon:
        return Path(entry)
    try:
        return Path(inspect.getfile(import_module(module))).parent / name
    except (ImportError, TypeError) as error:
        raise Unreadable(f"{entry}: there is no Python module '{module}'") from error

"""A portal's own ckanext-scheming files, as its configuration or an administrator names them."""
from __future__ import annotations

import inspect
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.core.formats.scheming_import import Adopted, Remark, Schemas, adopt
from ckanext.civicswitchboard.core.schema.document import DocumentError
from ckanext.civicswitchboard.core.schema.rules import MAX_BYTES
from ckanext.civicswitchboard.core.schema.yaml_files import parse_last_holds
from ckanext.civicswitchboard.schema_registry import versions

NOTE = "The portal's own schema, taken over"

Raw = dict[str, Any]


class Unreadable(Exception):
    """A file that can't be used, with the reason."""


@dataclass(frozen=True)
class _File:
    """A file of the portal's.

    :ivar entry: how it is named
    :ivar data: what it holds
    :ivar remarks: the keys that it gives twice
    """

    entry: str
    data: Raw
    remarks: tuple[Remark, ...]


def adopted() -> Adopted | None:
    """What becomes of the portal's own schemas, None when its configuration names none.

    :raises Unreadable: naming the option's entry and what is wrong with it
    :raises DocumentError: when they would break rules of the shared schema
    """
    datasets, organizations, presets = (
        [_load(entry) for entry in config.scheming_files(what)]
        for what in ("dataset_schemas", "organization_schemas", "presets")
    )
    return _adopted(datasets, organizations, presets) if datasets or organizations else None


def checked(entries: Iterable[str]) -> Adopted:
    """What a takeover of these files would make; nothing is read or written but the files.

    What a file is, its content says: a dataset or organization schema, or presets.

    :param entries: paths, or entries as ``scheming.dataset_schemas`` has them
    :raises Unreadable: naming the file and what is wrong with it
    :raises DocumentError: when they would break rules of the shared schema
    """
    schemas = [_load(entry) for entry in entries]
    by_key = {key: [schema for schema in schemas if key in schema.data] for key in _KINDS}
    other = [schema for schema in schemas if not any(key in schema.data for key in _KINDS)]
    if other:
        raise Unreadable(f"{other[0].entry}: has none of the keys {', '.join(_KINDS)}")
    if not by_key["dataset_type"] and not by_key["organization_type"]:
        raise Unreadable("none of the files is a schema of datasets or organizations")
    groups = tuple(
        Remark(
            f"group_type '{schema.data['group_type']}'", "not taken over; groups stay with ckanext-scheming"
        )
        for schema in by_key["group_type"]
    )
    return _adopted(by_key["dataset_type"], by_key["organization_type"], by_key["presets"], groups)


_KINDS = ("dataset_type", "organization_type", "group_type", "presets")


def _adopted(
    datasets: list[_File], organizations: list[_File], presets: list[_File], more: tuple[Remark, ...] = ()
) -> Adopted:
    remarks = [remark for file in (*datasets, *organizations, *presets) for remark in file.remarks]
    schemas = Schemas(
        [file.data for file in datasets],
        [file.data for file in organizations],
        _own_presets(file.data for file in presets),
        (*remarks, *more),
    )
    return adopt(schemas, versions.shipped().document)


def _own_presets(schemas: Iterable[Raw]) -> dict[str, Raw]:
    """Presets that scheming doesn't have so, by name.

    Of two with one name scheming takes the one in the file named first.
    """
    by_name: dict[str, Raw] = {}
    for data in reversed(list(schemas)):
        listed = data.get("presets")
        for path in listed if isinstance(listed, list) else []:
            if isinstance(path, dict):
                values = path.get("values")
                by_name[str(path.get("preset_name"))] = dict(values) if isinstance(values, dict) else {}
    stock = _stock_presets()
    return {name: values for name, values in by_name.items() if values != stock.get(name)}


@lru_cache(maxsize=1)
def _stock_presets() -> dict[str, Raw]:
    stock: Raw = json.loads((files("ckanext.scheming") / "presets.json").read_text())
    return {preset["preset_name"]: preset["values"] for preset in stock["presets"]}


def _load(entry: str) -> _File:
    path = _path(entry)
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        raise Unreadable(f"{entry}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{entry}: is not text in UTF-8") from error
    try:
        data, twice = parse_last_holds(text, path.name)
    except DocumentError as error:
        reasons = "; ".join(fault.message for fault in error.faults)
        raise Unreadable(f"{entry}: {reasons}") from error
    if not isinstance(data, dict):
        raise Unreadable(f"{entry}: is empty or no mapping")
    remarks = (
        Remark(
            f"{path.name}: {repeated.path or 'top'}", f"'{repeated.key}' is given twice; the last one counts"
        )
        for repeated in twice
    )
    return _File(entry, data, tuple(remarks))


def _path(entry: str) -> Path:
    """The file that an entry names: a path, ``file://`` and a path, or ``module:file``."""
    if entry.startswith("file:"):
        return Path(unquote(urlsplit(entry).path))
    if entry.startswith(("http:", "https:")):
        raise Unreadable(f"{entry}: nothing is fetched; save it to a file and name that")
    module, colon, name = entry.partition(":")
    if not colon or Path(entry).exists():
        return Path(entry)
    try:
        return Path(inspect.getfile(import_module(module))).parent / name
    except (ImportError, TypeError, ValueError) as error:
        raise Unreadable(f"{entry}: there is no Python module '{module}'") from error

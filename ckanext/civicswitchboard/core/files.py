"""A schema document in YAML files, as ``schemas/`` holds it."""
from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from ckanext.civicswitchboard.core.document import Document, DocumentError, Fault, read

MAX_BYTES = 5_000_000
MAX_ALIASES = 100
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):
    """Safe YAML that refuses a key given twice and a flood of aliases."""

    aliases = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            self.aliases += 1
            if self.aliases > MAX_ALIASES:
                raise yaml.YAMLError(f"more than {MAX_ALIASES} aliases")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key, _value in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise yaml.YAMLError(f"line {line}: '{key.value}' is given twice")
            seen.add(key.value)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def parse_yaml(text: str, name: str) -> Any:
    """Plain data of a YAML text.

    :param text: the text, 5 MB at most
    :param name: the file's name, for the message
    :raises DocumentError: when it is too large or is not YAML
    """
    if len(text.encode()) > MAX_BYTES:
        raise DocumentError([Fault(path=name, message=f"larger than {MAX_BYTES:,} bytes")])
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader's subclass
    except yaml.YAMLError as error:
        raise DocumentError([Fault(path=name, message=f"not readable as YAML: {error}")]) from None


def emit_yaml(data: Any) -> str:
    """Plain data as YAML, in the order it has."""
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
    return text


def read_folder(folder: Path) -> Document:
    """The document that a folder's files make up.

    :param folder: holds dataset.yaml, organization.yaml, partner_types.yaml and
        vocabularies/*.yaml, which are taken in the order of their names
    :raises DocumentError: naming every fault
    :raises OSError: when a file is missing
    """
    dataset = _file(folder / "dataset.yaml")
    head = {key: dataset.pop(key) for key in ("format", "title", "about") if key in dataset}
    vocabularies = [_file(path) for path in sorted((folder / "vocabularies").glob("*.yaml"))]
    return read(
        {
            **head,
            "vocabularies": vocabularies,
            **_file(folder / "partner_types.yaml"),
            "dataset": dataset,
            "organization": _file(folder / "organization.yaml"),
        }
    )


def read_presets(path: Path) -> dict[str, dict[str, Any]]:
    """Presets by name, from a file in ckanext-scheming's form."""
    return {each["preset_name"]: each["values"] for each in _file(path)["presets"]}


def _file(path: Path) -> dict[str, Any]:
    data = parse_yaml(path.read_text(encoding="utf-8"), path.name)
    if not isinstance(data, dict):
        raise DocumentError([Fault(path=path.name, message="is empty or no mapping")])
    return data

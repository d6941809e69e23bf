"""One standard: its properties, and how a path to one of them is written."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from ckanext.civicswitchboard.core.schema.yaml_files import parse_yaml, read_text

_FOLDER = Path(__file__).parent
_STEP = re.compile(r"([^\[\]\s]+)(?:\[([^\[\]]+)\])?\Z")


@dataclass(frozen=True)
class Property:
    """One property.

    :ivar name: as it is written in a path
    :ivar of: the class or element that has it
    :ivar range: the kind of its values
    :ivar definition: what it is for, in a few words
    """

    name: str
    of: str
    range: str
    definition: str


@dataclass(frozen=True)
class Standard:
    """One standard.

    :ivar key: its name in a document's crosswalk
    :ivar label: what people call it, with the version that the list follows
    :ivar address: the URL of its description
    :ivar divider: what separates the steps of a path
    :ivar properties: its properties, those of a dataset first
    :ivar kinds: the kinds of a property, for properties that have kinds
    :ivar prefixes: other ways to write a prefix
    """

    key: str
    label: str
    address: str
    divider: str
    properties: tuple[Property, ...]
    kinds: Mapping[str, frozenset[str]]
    prefixes: Mapping[str, str]

    @cached_property
    def by_name(self) -> dict[str, list[Property]]:
        """Properties by name. More than one class may have a property of the same name."""
        by_name: dict[str, list[Property]] = {}
        for prop in self.properties:
            by_name.setdefault(prop.name, []).append(prop)
        return by_name

    def steps(self, target: str) -> list[tuple[str, str]]:
        """A path's properties, each with its kind or ""; an empty list if it isn't a path."""
        steps = []
        for text in target.split(self.divider):
            step = _STEP.match(text.strip())
            if not step:
                return []
            steps.append((self._with_usual_prefix(step[1]), step[2] or ""))
        return steps

    def unknown(self, target: str) -> list[str]:
        """The parts of a path that aren't in the list.

        :param target: the path
        """
        steps = self.steps(target)
        if not steps:
            return [target]
        unknown = []
        for name, kind in steps:
            if name not in self.by_name:
                unknown.append(name)
            elif kind and kind not in self.kinds.get(name, {kind}):
                unknown.append(f"{name}[{kind}]")
        return unknown

    def last(self, target: str) -> Property | None:
        """The property at the end of a path, None if it isn't in the list."""
        steps = self.steps(target)
        named = self.by_name.get(steps[-1][0], []) if steps else []
        if len(steps) > 1:
            # Prefer a property of the class that the step before leads to.
            ranges = {prop.range for prop in self.by_name.get(steps[-2][0], [])}
            named = [prop for prop in named if prop.of in ranges] or named
        return named[0] if named else None

    def _with_usual_prefix(self, name: str) -> str:
        prefix, colon, rest = name.partition(":")
        return f"{self.prefixes[prefix]}:{rest}" if colon and prefix in self.prefixes else name


@cache
def load(key: str) -> Standard:
    """A standard from its YAML file, read once per process.

    :param key: the file's name without ``.yaml``
    """
    path = _FOLDER / f"{key}.yaml"
    data = parse_yaml(read_text(path), path.name)
    properties = tuple(
        Property(name, of, values, definition)
        for of, rows in data.pop("properties").items()
        for name, (values, definition) in rows.items()
    )
    kinds = {name: frozenset(names) for name, names in data.pop("kinds", {}).items()}
    return Standard(key, properties=properties, kinds=kinds, prefixes=data.pop("prefixes", {}), **data)

"""One standard: its properties, and how a path to one of them is written."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

_STEP = re.compile(r"([^\[\]\s]+)(?:\[([^\[\]]+)\])?\Z")


@dataclass(frozen=True)
class Property:
    """One property.

    :ivar name: as it is written in a path
    :ivar of: the class or element that has it
    :ivar range: what its values are
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
    :ivar address: where it is described
    :ivar divider: what stands between the steps of a path
    :ivar properties: its properties, those of a dataset first
    :ivar kinds: for steps that say which kind is meant, the kinds there are
    :ivar prefixes: other ways to write a prefix
    """

    key: str
    label: str
    address: str
    divider: str
    properties: tuple[Property, ...]
    kinds: Mapping[str, frozenset[str]] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, list[Property]]:
        """Properties by their names; several classes may have one of the same name."""
        found: dict[str, list[Property]] = {}
        for each in self.properties:
            found.setdefault(each.name, []).append(each)
        return found

    def steps(self, target: str) -> list[tuple[str, str]]:
        """A path's properties, each with the kind that it says; none when it is no path."""
        steps = []
        for text in target.split(self.divider):
            step = _STEP.match(text.strip())
            if not step:
                return []
            steps.append((self._usual(step[1]), step[2] or ""))
        return steps

    def unknown(self, target: str) -> list[str]:
        """The parts of a path that are not in the list; none when all are.

        :param target: the path
        """
        steps = self.steps(target)
        if not steps:
            return [target]
        found = []
        for name, kind in steps:
            if name not in self.by_name:
                found.append(name)
            elif kind and kind not in self.kinds.get(name, {kind}):
                found.append(f"{name}[{kind}]")
        return found

    def last(self, target: str) -> Property | None:
        """The property at the end of a path, None when it is not in the list."""
        steps = self.steps(target)
        named = self.by_name.get(steps[-1][0], []) if steps else []
        if len(steps) > 1:
            # Of several the one that the step before leads to, as far as the ranges tell.
            before = self.by_name.get(steps[-2][0], [])
            ranges = {each.range for each in before}
            named = [each for each in named if each.of in ranges] or named
        return named[0] if named else None

    def _usual(self, name: str) -> str:
        prefix, colon, rest = name.partition(":")
        return f"{self.prefixes[prefix]}:{rest}" if colon and prefix in self.prefixes else name


def table(text: str) -> tuple[Property, ...]:
    """Properties of a table: ``of`` on a line of its own before a colon, then a line for each.

    :param text: ``name | range | definition``
    """
    found, of = [], ""
    for line in text.strip().splitlines():
        cells = [cell.strip() for cell in line.split(" | ")]
        if len(cells) == 1:
            of = cells[0].rstrip(":")
        else:
            name, values, definition = cells
            found.append(Property(name, of, values, definition))
    return tuple(found)

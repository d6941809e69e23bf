"""What a change means for records: its level, which records it can affect, and the repairs it offers."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ckanext.civicswitchboard.core.changes.paths import Entity

Level = Literal["editorial", "compatible", "needs_attention", "records_first"]
LEVELS: tuple[Level, ...] = get_args(Level)

Ask = Literal[
    "has_value",
    "missing",
    "holds",
    "outside_vocabulary",
    "fails_pattern",
    "outside_limits",
    "unreadable",
    "offends",
    "other_key",
]
RepairKind = Literal[
    "rename",
    "swap",
    "map_values",
    "set_default",
    "split_interval",
    "join",
    "retype",
    "move",
    "merge_terms",
    "delete_values",
]


@dataclass(frozen=True)
class Question:
    """Which records a change can affect.

    :ivar ask: ``has_value``: records with a value; ``missing``: records without one, by the new
        version's missing values; ``holds``: records with one of ``values``;
        ``outside_vocabulary``, ``fails_pattern``, ``outside_limits``, ``unreadable``: records whose
        value breaks that rule of the new version; ``offends``: records that break any rule of the
        new version; ``other_key``: records with something under this name in "Other fields"
    :ivar entity: dataset, resource or organization
    :ivar field_name: the name under which records hold the value today
    :ivar subfield: the same within a repeating field
    :ivar values: the values to look for, for ``holds``
    :ivar partner_type: only organizations of this type
    """

    ask: Ask
    entity: Entity
    field_name: str
    subfield: str = ""
    values: tuple[str, ...] = ()
    partner_type: str = ""


@dataclass(frozen=True)
class Offer:
    """A repair that a change offers, filled in as far as possible.

    :ivar kind: the repair's kind
    :ivar entity: whose records
    :ivar params: the parameters that are known
    """

    kind: RepairKind
    entity: Entity
    params: Mapping[str, Any] = field(default_factory=dict)

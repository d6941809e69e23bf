"""Repairs of records: every kind declared once, as what it does to the values of one record.

The laws, for any repair and any values::

    step is made of the values alone, and changes no other key than its part's
    undone(repaired(values)) == values
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.civicswitchboard.core.repairs.keys import Move, Rename, Swap
from ckanext.civicswitchboard.core.repairs.repair import (
    HANDS_OFF,
    Fault,
    Outcome,
    Part,
    Repair,
    RepairError,
    Values,
    left_out,
    refused,
)
from ckanext.civicswitchboard.core.repairs.shapes import Join, Retype, SplitInterval, in_form_of
from ckanext.civicswitchboard.core.repairs.values import DeleteValues, MapValues, MergeTerms, SetDefault
from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.core.schema.labels import N_

__all__ = [
    "HANDS_OFF",
    "KINDS",
    "Fault",
    "Outcome",
    "Part",
    "Repair",
    "RepairError",
    "Values",
    "answerable",
    "in_form_of",
    "left_out",
    "read",
    "refused",
    "repaired",
    "undone",
]

KINDS: dict[str, type[Repair]] = {
    kind.kind: kind
    for kind in (
        MapValues,
        SetDefault,
        SplitInterval,
        Join,
        Retype,
        Move,
        MergeTerms,
        DeleteValues,
        Rename,
        Swap,
    )
}


def read(kind: str, params: Mapping[str, Any], snapshot: Snapshot) -> Repair:
    """A repair as it was asked for.

    :param kind: the kind's name
    :param params: its parameters
    :param snapshot: the version of the schema that names its fields
    :raises RepairError: naming every parameter at fault
    """
    if kind not in KINDS:
        raise refused("kind", N_("Has to be one of: {names}"), names=", ".join(KINDS))
    return KINDS[kind](params, snapshot)


def answerable(kind: str, params: Mapping[str, Any], snapshot: Snapshot) -> bool:
    """Whether what a repair's form begins with can stand, whatever is answered to the rest.

    :param params: some of its parameters; an empty one is still to be answered
    """
    answered = {name: value for name, value in params.items() if value}
    try:
        read(kind, {**_ANY_ANSWER.get(kind, {}), **answered}, snapshot)
    except RepairError as error:
        return not set(error.faults) & set(answered)
    return True


# What stands for an answer that changes leave to people.
_ANY_ANSWER: Mapping[str, Mapping[str, Any]] = {
    "map_values": {"values": {"-": "+"}},
    "set_default": {"value": "-"},
}


def repaired(values: Values, outcome: Outcome) -> dict[str, Any]:
    """A record's values after a repair."""
    if outcome.fault:
        return dict(values)
    kept = {key: value for key, value in values.items() if key not in outcome.before}
    return {**kept, **outcome.after}


def undone(
    values: Values, before: Mapping[str, Any], after: Mapping[str, Any], linked: bool
) -> tuple[dict[str, Any], list[str]]:
    """A record's values after undo, which passes over what somebody changed since.

    :param values: as they are now
    :param before: the touched keys as the repair found them
    :param after: the touched keys as it left them
    :param linked: whether all keys go back, or none
    :returns: the touched keys as they become, and the keys that are left alone
    """
    touched = list({**before, **after})
    edited = [key for key in touched if _at(values, key) != _at(after, key)]
    if edited and linked:
        edited = touched
    back = [key for key in touched if key not in edited]
    becoming = {key: before[key] for key in back if key in before}
    standing = {key: values[key] for key in edited if key in values}
    return {**standing, **becoming}, edited


def _at(values: Mapping[str, Any], key: str) -> tuple[Any, ...]:
    return (values[key],) if key in values else ()

"""What a run can be doing, and what may follow what."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from ckanext.civicswitchboard.core.schema.labels import N_

State = Literal["queued", "running", "paused", "done", "failed", "cancelled", "undoing", "undone"]
STATES: tuple[State, ...] = get_args(State)

# What the worker does, and what people ask for, lead from one state to another.
NEXT: Mapping[State, frozenset[State]] = {
    "queued": frozenset({"running", "paused", "cancelled"}),
    "running": frozenset({"paused", "cancelled", "done", "failed"}),
    "paused": frozenset({"queued", "cancelled"}),
    "failed": frozenset({"queued", "cancelled", "undoing"}),
    "cancelled": frozenset({"undoing"}),
    "done": frozenset({"undoing"}),
    "undoing": frozenset({"undone"}),
    "undone": frozenset(),
}

# While a run is in one of these, no other touches the same values.
UNFINISHED: frozenset[State] = frozenset({"queued", "running", "paused", "failed", "undoing"})
# A worker is to do something about it.
AT_WORK: frozenset[State] = frozenset({"queued", "running", "undoing"})

WORDS: Mapping[State, str] = {
    "queued": N_("Waiting to start"),
    "running": N_("Running"),
    "paused": N_("Paused"),
    "done": N_("Done"),
    "failed": N_("Stopped by an error"),
    "cancelled": N_("Cancelled"),
    "undoing": N_("Being undone"),
    "undone": N_("Undone"),
}

Wish = Literal["pause", "resume", "cancel", "undo"]
WISHES: Mapping[Wish, State] = {
    "pause": "paused",
    "resume": "queued",
    "cancel": "cancelled",
    "undo": "undoing",
}


def possible(state: State, with_version: bool = False) -> list[Wish]:
    """What people can ask of a run in this state.

    :param with_version: whether it was done with a version, and is taken back with it only
    """
    wishes = [wish for wish, leads_to in WISHES.items() if leads_to in NEXT[state]]
    return [wish for wish in wishes if not (with_version and wish == "undo")]

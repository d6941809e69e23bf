"""The difference between two documents, attribute by attribute, and how to apply it.

An edit has one attribute of one thing, before and after. Things are identified by their
permanent ids, never by position or name.
"""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from ckanext.civicswitchboard.core.changes.paths import (
    COLLECTIONS,
    SCHEMA_ATTRIBUTES,
    Collection,
    Place,
    by_ids,
    by_names,
    things,
)
from ckanext.civicswitchboard.core.schema.document import Document, dump

# Not attributes of the model: the whole thing, and the id of the one before it.
ITEM, POSITION = "item", "position"


class ChangeError(ValueError):
    """A change that doesn't fit the document. Its message says where."""


@dataclass(frozen=True)
class Edit:
    """One attribute of one thing, before and after.

    :ivar place: the thing
    :ivar attribute: the attribute; ``item`` for the whole thing (None if it isn't there),
        ``position`` for the id of the one before it ("" for the first)
    """

    place: Place
    attribute: str
    before: Any
    after: Any

    @property
    def inverse(self) -> Edit:
        """The edit back."""
        return Edit(self.place, self.attribute, self.after, self.before)


def edits(old: Document, new: Document) -> list[Edit]:
    """What changes from one document to another.

    :param old: the document before
    :param new: the document after
    :returns: edits in the order of the new document, grouped by thing
    """
    before, after = by_ids(old), by_ids(new)
    changed = list(_attributes(Place(), SCHEMA_ATTRIBUTES, before, after))
    for path, collection in COLLECTIONS.items():
        changed += _members(collection, Place(path), before, after)
    return changed


def _attributes(place: Place, names: Iterable[str], old: Any, new: Any) -> Iterator[Edit]:
    for name in names:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Edit(place, name, _plain(before), _plain(after))


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_defaults=True)
    return [_plain(member) for member in value] if isinstance(value, list) else value


def value_of(state: Mapping[Place, Any], place: Place, attribute: str) -> Any:
    """A thing's attribute as plain data, or the whole thing for ``item``; None if it isn't there.

    :param state: a document's things by place, see :func:`things`
    """
    thing = state.get(place)
    return _plain(thing if attribute == ITEM else getattr(thing, attribute, None))


def _members(collection: Collection, at: Place, old: Any, new: Any) -> Iterator[Edit]:
    """Edits of a list's members. ``at`` is the list's place, or the holder's for an inner list."""
    before, after = collection.members(old), collection.members(new)
    moved = _moved(list(before), list(after), _regrouped(before, after))
    was, becomes = _predecessors(before), _predecessors(after)
    for key in {**after, **before}:
        place = Place(at.path, at.id, key) if at.id else Place(at.path, key)
        stays = key in before and key in after
        if not stays:
            yield Edit(place, ITEM, _plain(before.get(key)), _plain(after.get(key)))
        if key in moved or not stays:
            yield Edit(place, POSITION, was.get(key), becomes.get(key))
        if stays:
            # Comes last because the members of its inner list have their own places.
            yield from _thing(collection, place, before[key], after[key])


def _thing(collection: Collection, place: Place, old: Any, new: Any) -> Iterator[Edit]:
    if old == new:
        return
    yield from _attributes(place, collection.attributes, old, new)
    inner = collection.inner
    if not inner:
        return
    if inner.whole and bool(inner.members(old)) != bool(inner.members(new)):
        yield from _attributes(place, [inner.path], old, new)
    else:
        yield from _members(inner, place, old, new)


def _predecessors(members: Mapping[str, Any]) -> dict[str, str]:
    keys = list(members)
    return dict(zip(keys, ["", *keys]))


def _regrouped(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The members that move to another section."""
    both = before.keys() & after.keys()
    return {k for k in both if getattr(before[k], "section", "") != getattr(after[k], "section", "")}


def _moved(old: list[str], new: list[str], anyway: set[str]) -> set[str]:
    """The fewest members whose moves explain the new order of those in both lists.

    :param anyway: members that always count as moved. When two neighbors swap across the border
        of two sections, the one that changes its section has moved.
    """
    place = {key: number for number, key in enumerate(old)}
    both = [key for key in new if key in place]
    if both == sorted(both, key=place.__getitem__):
        return set()
    staying = [key for key in both if key not in anyway]
    # The longest increasing sequence of old places doesn't move (patience sorting).
    tops: list[int] = []
    piles: list[int] = []
    under: list[int | None] = []
    for number, key in enumerate(staying):
        pile = bisect_left(tops, place[key])
        under.append(piles[pile - 1] if pile else None)
        tops[pile : pile + 1] = [place[key]]
        piles[pile : pile + 1] = [number]
    unmoved, last = set(), piles[-1] if piles else None
    while last is not None:
        unmoved.add(staying[last])
        last = under[last]
    return set(both) - unmoved


def apply_edits(document: Document, wanted: Iterable[Edit]) -> Document:
    """A copy of a document with edits made. The caller checks its rules.

    :param document: the document
    :param wanted: the edits
    :raises ChangeError: if a thing to change isn't there, or one to add is
    """
    data = dump(by_ids(document))
    by_place = dict(things(data))
    arranged: dict[tuple[str, str], list[Edit]] = {}
    for edit in wanted:
        if edit.attribute in (ITEM, POSITION):
            listing = (edit.place.path, edit.place.holder.id)
            arranged.setdefault(listing, []).append(edit)
        elif edit.place in by_place:
            _set(by_place[edit.place], edit)
        else:
            raise ChangeError(f"{edit.place}: there is no such thing here to change")
    for (path, holder_id), placed in arranged.items():
        holder = by_place.get(Place(path, holder_id)) if holder_id else data
        if holder is None:
            raise ChangeError(f"{path} ({holder_id}): there is no such thing here to change")
        _arrange(placed[0].place.collection, holder, placed)
    return by_names(Document.model_validate(data))


def _set(thing: dict[str, Any], edit: Edit) -> None:
    """Set a plain attribute. Default values are omitted, as in every plain document."""
    fields = Document.model_fields if not edit.place.path else edit.place.collection.model.model_fields
    if edit.after == fields[edit.attribute].get_default():
        thing.pop(edit.attribute, None)
    else:
        thing[edit.attribute] = edit.after


def _arrange(collection: Collection, holder: dict[str, Any], placed: list[Edit]) -> None:
    """Add, remove and move members of one list."""
    members = collection.members(holder)
    for edit in placed:
        if edit.attribute != ITEM:
            continue
        if (edit.before is None) == (edit.place.key in members):
            there = "already" if edit.before is None else "not"
            raise ChangeError(f"{edit.place}: it is {there} there")
        if edit.after is None:
            del members[edit.place.key]
        else:
            members[edit.place.key] = edit.after
    *steps, name = collection.path.split(".")
    for step in steps:
        holder = holder[step]
    holder[name] = [members[key] for key in _in_order(members, placed)]


def _in_order(members: Mapping[str, Any], placed: list[Edit]) -> list[str]:
    """The ids in their new order: moved members follow their predecessor.

    A moved member whose predecessor isn't there comes last.
    """
    followers: dict[str, list[str]] = {}
    places = {e.place.key: e.after for e in placed if e.attribute == POSITION and e.place.key in members}
    for key, predecessor in places.items():
        followers.setdefault(predecessor, []).append(key)
    order: dict[str, None] = {}
    heads = ["", *(key for key in members if key not in places), *places]
    for head in heads:
        waiting = [head]
        while waiting:
            key = waiting.pop()
            if key not in order:
                order[key] = None
                waiting += reversed(followers.get(key, []))
    return [key for key in order if key]

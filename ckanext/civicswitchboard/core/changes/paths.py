"""Where things stand in a document: the lists whose members have lasting ids.

A profile of a partner type names organization fields by their field names. Here they go by
the fields' ids, so that a rename is no change of every profile.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel

from ckanext.civicswitchboard.core.schema.document import (
    Document,
    Field,
    PartnerType,
    ProfileField,
    Section,
    Term,
    Vocabulary,
)

Entity = Literal["dataset", "resource", "organization", "vocabulary", "section", "partner_type"]
Thing = Literal["schema", "section", "field", "vocabulary", "term", "partner_type", "profile_field"]


@dataclass(frozen=True)
class Collection:
    """A list in a document.

    :ivar path: where it stands; inside a member, the name of the list
    :ivar entity: whose things they are, in the words of the API
    :ivar thing: what its members are
    :ivar model: their type
    :ivar key: the attribute that holds their lasting id
    :ivar inner: the list that each member has in turn
    :ivar whole: whether becoming empty or filled is a change of the whole list at once, as
        a repeating field's parts are what makes it one
    """

    path: str
    entity: Entity
    thing: Thing
    model: type[BaseModel]
    key: str = "id"
    inner: Collection | None = None
    whole: bool = False

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """What can change in a member: all but its id and its inner list."""
        apart = {self.key, self.inner.path if self.inner else ""}
        return tuple(name for name in self.model.model_fields if name not in apart)

    def members(self, holder: Any) -> dict[str, Any]:
        """The members by their lasting id.

        :param holder: the document, or for an inner list the member that has it
        """
        for step in self.path.split("."):
            holder = holder.get(step, []) if isinstance(holder, dict) else getattr(holder, step)
        if holder and isinstance(holder[0], dict):
            return {member[self.key]: member for member in holder}
        return {getattr(member, self.key): member for member in holder}


def _fields(path: str, entity: Entity) -> Collection:
    subfields = Collection("repeating_subfields", entity, "field", Field, whole=True)
    return Collection(path, entity, "field", Field, inner=subfields)


SCHEMA = Collection("", "dataset", "schema", Document)
SCHEMA_ATTRIBUTES = ("title", "about", "note")
COLLECTIONS: dict[str, Collection] = {
    collection.path: collection
    for collection in [
        Collection("dataset.sections", "section", "section", Section),
        _fields("dataset.fields", "dataset"),
        _fields("dataset.resource_fields", "resource"),
        Collection("organization.sections", "section", "section", Section),
        _fields("organization.fields", "organization"),
        Collection(
            "vocabularies",
            "vocabulary",
            "vocabulary",
            Vocabulary,
            inner=Collection("terms", "vocabulary", "term", Term),
        ),
        Collection(
            "partner_types",
            "partner_type",
            "partner_type",
            PartnerType,
            key="name",
            inner=Collection("fields", "partner_type", "profile_field", ProfileField, key="field"),
        ),
    ]
}


@dataclass(frozen=True)
class Place:
    """A thing in a document, by lasting ids; without a path, the document itself.

    :ivar path: the list in which it stands
    :ivar id: its id, or that of the member that has it
    :ivar part: its id within that member
    """

    path: str = ""
    id: str = ""
    part: str = ""

    @property
    def collection(self) -> Collection:
        """The list whose member it is."""
        outer = COLLECTIONS.get(self.path, SCHEMA)
        return outer.inner if self.part and outer.inner else outer

    @property
    def holder(self) -> Place:
        """The thing that it is a part of."""
        return Place(self.path, self.id) if self.part else Place()

    @property
    def key(self) -> str:
        """Its own id."""
        return self.part or self.id

    def __str__(self) -> str:
        outer = f"{self.path} ({self.id})" if self.id else "the schema"
        return f"{outer}.{self.collection.path} ({self.part})" if self.part else outer


def things(holder: Any) -> Iterator[tuple[Place, Any]]:
    """Everything that has a place.

    :param holder: a document, or its plain data
    """
    yield Place(), holder
    for path, collection in COLLECTIONS.items():
        for outer_id, outer in collection.members(holder).items():
            yield Place(path, outer_id), outer
            if collection.inner:
                for inner_id, inner in collection.inner.members(outer).items():
                    yield Place(path, outer_id, inner_id), inner


def placed(document: Document) -> dict[Place, Any]:
    """Everything in a document by its place; partner types name organization fields by id."""
    return dict(things(by_ids(document)))


def by_ids(document: Document) -> Document:
    """A document whose partner types name organization fields by id."""
    ids = {field.field_name: field.id for field in document.organization.fields}
    return _with_profiles(document, ids)


def by_names(document: Document) -> Document:
    """A document whose partner types name organization fields by field name again."""
    names = {field.id: field.field_name for field in document.organization.fields}
    return _with_profiles(document, names)


def _with_profiles(document: Document, words: dict[str, str]) -> Document:
    if all(old == new for old, new in words.items()):
        return document
    types = [
        kind.model_copy(
            update={
                "fields": [
                    profile.model_copy(update={"field": words.get(profile.field, profile.field)})
                    for profile in kind.fields
                ]
            }
        )
        for kind in document.partner_types
    ]
    return document.model_copy(update={"partner_types": types})

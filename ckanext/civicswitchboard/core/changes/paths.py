"""Places in a document: the lists whose members have permanent ids.

A partner type's profile refers to organization fields by field name. Here, it refers to them by
id, so that a rename doesn't change every profile.
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

    :ivar path: its path in the document; for an inner list, its attribute
    :ivar entity: the entity of its members, as in the API
    :ivar thing: what its members are
    :ivar model: their type
    :ivar key: the attribute with their permanent id
    :ivar inner: the list in every member, if there is one
    :ivar whole: whether filling or emptying the list is one change of the whole list; a field
        is a repeating field because it has subfields
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
        """The attributes that can change: all but the id and the inner list."""
        excluded = {self.key, self.inner.path if self.inner else ""}
        return tuple(name for name in self.model.model_fields if name not in excluded)

    def members(self, holder: Any) -> dict[str, Any]:
        """The members by id.

        :param holder: the document, or the member with the inner list
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
    """A thing's place in a document, by permanent ids; without a path, the document itself.

    :ivar path: the path of its list, or of its holder's list
    :ivar id: its id, or its holder's
    :ivar part: its id within its holder
    """

    path: str = ""
    id: str = ""
    part: str = ""

    @property
    def collection(self) -> Collection:
        """The list that it's a member of."""
        outer = COLLECTIONS.get(self.path, SCHEMA)
        return outer.inner if self.part and outer.inner else outer

    @property
    def holder(self) -> Place:
        """The place of the thing that contains it."""
        return Place(self.path, self.id) if self.part else Place()

    @property
    def key(self) -> str:
        """Its own id."""
        return self.part or self.id

    def __str__(self) -> str:
        outer = f"{self.path} ({self.id})" if self.id else "the schema"
        return f"{outer}.{self.collection.path} ({self.part})" if self.part else outer


def things(holder: Any) -> Iterator[tuple[Place, Any]]:
    """Everything in a document, with its place.

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
    """Everything in a document by place. Partner types refer to organization fields by id."""
    return dict(things(by_ids(document)))


def by_ids(document: Document) -> Document:
    """A copy of a document in which partner types refer to organization fields by id."""
    ids = {field.field_name: field.id for field in document.organization.fields}
    return _with_profiles(document, ids)


def by_names(document: Document) -> Document:
    """A copy of a document in which partner types refer to organization fields by field name."""
    names = {field.id: field.field_name for field in document.organization.fields}
    return _with_profiles(document, names)


def _with_profiles(document: Document, references: dict[str, str]) -> Document:
    if all(old == new for old, new in references.items()):
        return document

    def renamed(profile: ProfileField) -> ProfileField:
        return profile.model_copy(update={"field": references.get(profile.field, profile.field)})

    partner_types = [
        partner_type.model_copy(update={"fields": [renamed(profile) for profile in partner_type.fields]})
        for partner_type in document.partner_types
    ]
    return document.model_copy(update={"partner_types": partner_types})

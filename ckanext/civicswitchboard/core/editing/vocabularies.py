"""Edits of a draft's vocabularies, crosswalk, partner types and translations."""
from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from ckanext.civicswitchboard.core.editing.fields import (
    PATHS,
    Edit,
    EditRefused,
    Raw,
    list_at,
    making,
    member,
    moved,
    set_values,
)
from ckanext.civicswitchboard.core.editing.terms import TermEditError
from ckanext.civicswitchboard.core.editing.translations import translated
from ckanext.civicswitchboard.core.formats.crosswalks import with_target
from ckanext.civicswitchboard.core.schema.document import Document, DocumentError, Entity, Vocabulary
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.slugs import name_of, unused

Change = Callable[[Vocabulary], Vocabulary]

ICONS = {
    "fa-book-open": N_("open book"),
    "fa-book": N_("book"),
    "fa-circle-nodes": N_("network"),
    "fa-landmark": N_("landmark"),
    "fa-city": N_("city"),
    "fa-people-group": N_("group of people"),
    "fa-school": N_("school"),
    "fa-graduation-cap": N_("graduation cap"),
    "fa-box-archive": N_("archive box"),
    "fa-newspaper": N_("newspaper"),
    "fa-briefcase": N_("briefcase"),
    "fa-code": N_("code"),
    "fa-seedling": N_("seedling"),
    "fa-hand-holding-heart": N_("hand with a heart"),
}


def in_vocabulary(vocabulary_id: str, change: Change) -> Edit:
    """An edit of one vocabulary.

    :param change: makes the changed vocabulary of one
    """

    def edit(document: Document) -> Document:
        vocabulary = document.vocabulary(vocabulary_id)
        if vocabulary is None:
            raise EditRefused(
                N_("“{name}” no longer exists. Someone removed it in the meantime"), name=vocabulary_id
            )
        try:
            changed = change(vocabulary)
        except TermEditError as error:
            raise EditRefused(error.message.text, **error.message.values) from error
        except DocumentError as error:
            raise EditRefused(N_("This can't be saved: {reason}"), reason=str(error)) from error
        return document.model_copy(
            update={"vocabularies": [changed if v is vocabulary else v for v in document.vocabularies]}
        )

    return edit


def add_vocabulary(vocabulary: Vocabulary) -> Edit:
    """A new vocabulary at the end; another id where somebody took its own meanwhile."""

    def edit(document: Document) -> Document:
        taken = {vocabulary.id for vocabulary in document.vocabularies}
        added = vocabulary.model_copy(update={"id": unused(vocabulary.id, taken)})
        return document.model_copy(update={"vocabularies": [*document.vocabularies, added]})

    return edit


def remove_vocabulary(vocabulary_id: str, published: Collection[str]) -> Edit:
    """A vocabulary taken out that no field uses and no version had.

    :param published: the ids of the vocabularies of the current version
    """

    def change(raw: Raw) -> None:
        if vocabulary_id in published:
            raise EditRefused(N_("A published vocabulary can't be removed. You can retire its terms"))
        fields = [field for path in PATHS.values() for field in list_at(raw, path)]
        parts = [part for field in fields for part in field.get("repeating_subfields", [])]
        if any(part.get("vocabulary") == vocabulary_id for part in [*fields, *parts]):
            raise EditRefused(N_("Fields use this vocabulary. Give them another one first"))
        listing = list_at(raw, "vocabularies")
        listing.remove(member(listing, vocabulary_id))

    return making(change)


def set_targets(changes: Mapping[tuple[Entity, str, str], str]) -> Edit:
    """Other places in other standards.

    :param changes: by entity, field (``field.part`` for a part) and standard, the place
    """

    def change(raw: Raw) -> None:
        for (entity, path, standard), target in changes.items():
            field_id, _dot, part = path.partition(".")
            field = member(list_at(raw, PATHS[entity]), field_id)
            if part:
                field = member(field.get("repeating_subfields", []), part)
            mapping = with_target(field.get("mapping", {}), standard, target)
            set_values(field, PATHS[entity], {"mapping": mapping}, inner=bool(part))

    return making(change)


def add_partner_type(label: str, sector: str) -> Edit:
    """A new partner type at the end."""

    def change(raw: Raw) -> None:
        if not label.strip():
            raise EditRefused(N_("Enter a label"))
        listing = list_at(raw, "partner_types")
        name = unused(name_of(label), {entry["name"] for entry in listing})
        listing.append({"name": name, "label": label.strip(), "sector": sector})

    return making(change)


def set_partner_type(name: str, values: Mapping[str, Any], expectations: Mapping[str, str]) -> Edit:
    """Other attributes of a partner type.

    :param values: its attributes
    :param expectations: by organization field, how strictly it is asked for; "" for not at all
    """

    def change(raw: Raw) -> None:
        kind = member(list_at(raw, "partner_types"), name, "name")
        if "label" in values and not values["label"]:
            raise EditRefused(N_("Enter a label"))
        set_values(kind, "partner_types", values)
        entries = list_at(kind, "fields")
        for field, expectation in expectations.items():
            there = next((entry for entry in entries if entry["field"] == field), None)
            if not expectation:
                entries[:] = [entry for entry in entries if entry is not there]
            elif there is None:
                entries.append({"field": field, "expectation": expectation})
            else:
                there["expectation"] = expectation

    return making(change)


def move_partner_type(name: str, after: str) -> Edit:
    """A partner type behind another one, or first."""
    return making(lambda raw: moved(list_at(raw, "partner_types"), name, after, "name"))


def remove_partner_type(name: str, used: Collection[str]) -> Edit:
    """A partner type taken out that no organization is of.

    :param used: the names of the types that organizations are of
    """

    def change(raw: Raw) -> None:
        if name in used:
            raise EditRefused(N_("Some organizations have this type. Give them another type first"))
        listing = list_at(raw, "partner_types")
        listing.remove(member(listing, name, "name"))

    return making(change)


def set_translations(language: str, texts_by_path: Mapping[str, str], default: str) -> Edit:
    """Texts in one language.

    :param texts_by_path: what each is to say, by the key of :class:`core.translations.Said`
    :param default: the portal's own language
    """
    return partial(_translate, language, texts_by_path, default)


def _translate(language: str, record: Mapping[str, str], default: str, document: Document) -> Document:
    return translated(document, language, record, default)

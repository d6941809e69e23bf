"""Texts of a document language by language: what is there, what is missing, and filling it in."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.civicswitchboard.core.changes.paths import Place, things
from ckanext.civicswitchboard.core.schema.document import Document, Text

# In the order in which a page asks for them.
ATTRIBUTES = (
    "title", "about", "label", "description", "help_text", "guidance", "example", "bad_example",
    "definition", "scope_note", "form_placeholder",
)


@dataclass(frozen=True)
class Said:
    """A text of a document.

    :ivar place: the thing that says it
    :ivar attribute: its attribute
    :ivar text: the text
    :ivar label: what the thing is called
    :ivar whole: what the thing is called that it is a part of, "" for none
    """

    place: Place
    attribute: str
    text: Text
    label: Text
    whole: Text

    @property
    def key(self) -> str:
        """Names it in a form."""
        return "|".join((self.place.path, self.place.id, self.place.part, self.attribute))

    def in_language(self, language: str, default: str) -> str:
        """What it says in a language, "" where that is missing.

        :param default: the language of a text that is given once
        """
        if isinstance(self.text, dict):
            return self.text.get(language, "")
        return self.text if language == default else ""


def texts(document: Document) -> Iterator[Said]:
    """Every text that says something, in the order of the document."""
    elements = dict(things(document))
    for place, thing in elements.items():
        label = getattr(thing, "label", "") or getattr(thing, "title", "")
        whole = getattr(elements.get(place.holder), "label", "") if place.part else ""
        for name in ATTRIBUTES:
            text = getattr(thing, name, "")
            if text:
                yield Said(place, name, text, label, whole)


def used_languages(document: Document) -> set[str]:
    """The languages in which a document says something."""
    return {code for said in texts(document) if isinstance(said.text, dict) for code in said.text}


def missing(document: Document, language: str, default: str) -> list[Said]:
    """The texts that are not there in a language."""
    return [said for said in texts(document) if not said.in_language(language, default)]


def with_text(before: Text, language: str, text: str, default: str) -> Text:
    """A text that says something else in one language.

    :param before: the text
    :param language: the language
    :param text: what it is to say; "" takes the language out
    :param default: the language of a text that is given once
    """
    if not isinstance(before, dict):
        if language == default or not before:
            return text if language == default or not text else {language: text}
        return {default: before, language: text} if text else before
    texts = {**before, language: text}
    if not text:
        texts.pop(language)
    return texts if texts else ""


def shown_language(text: Text, wanted: str, default: str) -> str:
    """The language in which a reader sees a text: the one wanted, the portal's, or the first there is."""
    if not isinstance(text, dict) or not text:
        return default
    return next((code for code in (wanted, default) if code in text), next(iter(text)))


def translated(document: Document, language: str, texts_by_path: Mapping[str, str], default: str) -> Document:
    """A document with texts filled in.

    :param texts_by_path: by :attr:`Said.key`, what each is to say; others stay
    """
    wanted: dict[Place, dict[str, Text]] = {}
    for said in texts(document):
        wished = texts_by_path.get(said.key, "").strip()
        if said.key in texts_by_path and wished != said.in_language(language, default).strip():
            text = with_text(said.text, language, wished, default)
            if text:
                wanted.setdefault(said.place, {})[said.attribute] = text
    return _replaced(document, wanted)


def _replaced(document: Document, wanted: Mapping[Place, Mapping[str, Any]]) -> Document:
    raw = document.model_dump()
    for place, thing in things(raw):
        if place in wanted:
            thing.update(wanted[place])
    return Document.model_validate(raw)

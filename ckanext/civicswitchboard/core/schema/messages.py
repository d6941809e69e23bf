"""Sentences that can be said in any language: a text to translate and what stands in it."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ckanext.civicswitchboard.core.schema.document import Text

Translate = Callable[[str], str]
Say = Callable[[Text], str]


class LicenseId(str):
    """A license in a sentence: CKAN, not the schema, knows what people call it."""


@dataclass(frozen=True)
class Message:
    """A sentence.

    :ivar text: the message to translate, with places in braces
    :ivar values: what goes into the places: a text of a document, which may be in several
        languages, or a message of its own
    """

    text: str
    values: Mapping[str, Text | Message] = field(default_factory=dict)

    def say(self, translate: Translate, say: Say) -> str:
        """The sentence in the reader's language.

        :param translate: gives a message in the reader's language
        :param say: gives a document's text in the reader's language
        """
        values = {
            place: value.say(translate, say) if isinstance(value, Message) else say(value)
            for place, value in self.values.items()
        }
        return translate(self.text).format(**values)

    def __str__(self) -> str:
        return self.say(lambda text: text, first_language)


def first_language(text: Text) -> str:
    """A text in the language that a document gives first."""
    return next(iter(text.values()), "") if isinstance(text, dict) else text


def shortened(text: str) -> str:
    """A value as messages show it: the beginning of a long one."""
    return text if len(text) <= 80 else text[:77] + "…"

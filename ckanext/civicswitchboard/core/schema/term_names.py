"""Values and ids for terms that come without: distinct, and the same at every reading."""
from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from ckanext.civicswitchboard.core.schema.document import Text
from ckanext.civicswitchboard.core.schema.slugs import word

Raw = dict[str, Any]


def name_terms(terms: Sequence[Raw], spares: Sequence[str] | None = None) -> None:
    """Give terms their values and ids, in place.

    A value is made of the label in small letters and _: of the English one, or the first in
    Latin letters, else of the end of the term's address, else it is the label itself. Where
    another term has that value, the address's end is taken, or a number is put behind it.

    :param terms: raw terms with a label, and with a value or an id where they have one
    :param spares: for each term the end of its address, "" for none
    """
    spares = spares or [""] * len(terms)
    _fill(terms, "value", [_values(term, spare) for term, spare in zip(terms, spares)])
    _fill(terms, "id", [[word(term["value"]) or (term["value"] and "term")] for term in terms])


def _fill(terms: Sequence[Raw], attribute: str, wanted: Sequence[list[str]]) -> None:
    taken = {term[attribute] for term in terms if term.get(attribute)}
    numbers: dict[str, int] = {}
    for term, names in zip(terms, wanted):
        if not term.get(attribute):
            free = next((name for name in names if name not in taken), None)
            term[attribute] = free if free is not None else _numbered(names[0], taken, numbers)
            if term[attribute]:
                taken.add(term[attribute])


def _numbered(name: str, taken: set[str], numbers: dict[str, int]) -> str:
    """The name with the next number behind it; thousands of one name are no work."""
    number = numbers.get(name, 1) + 1
    while f"{name}_{number}" in taken:
        number += 1
    numbers[name] = number
    return f"{name}_{number}"


def _values(term: Raw, spare: str) -> list[str]:
    """What a term may store, the best first."""
    label = term["label"]
    texts = [label] if isinstance(label, str) else sorted_texts(label)
    made = [*[word(text) for text in texts if is_latin(text)][:1], word(spare)]
    usable = [value for value in made if value]
    return usable or [first_text(label).strip()]


def sorted_texts(texts: dict[str, str]) -> list[str]:
    """Texts in languages, English first."""
    return [texts[tag] for tag in sorted(texts, key=lambda tag: (not tag.startswith("en"), tag))]


def first_text(text: Text) -> str:
    """A text, in English where it is in English too."""
    return next(iter(sorted_texts(text)), "") if isinstance(text, dict) else text


def is_latin(text: str) -> bool:
    """Whether a word can be made of a text: most of its letters, if it has any, are Latin."""
    letters = [letter for letter in text if letter.isalpha()]
    latin = sum(letter.isascii() or "LATIN" in unicodedata.name(letter, "") for letter in letters)
    return bool(word(text)) and latin * 2 >= len(letters)

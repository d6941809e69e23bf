"""Names for what is stored, made of what people type."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable


def word(text: str) -> str:
    """A text in small letters, digits and _, as what vocabularies store is written."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")


def name_of(label: str) -> str:
    """A name for records, made of a label: ``Reading level`` gives ``reading_level``."""
    name = word(label)
    if not name:
        return "unnamed"
    return name if name[0].isalpha() else f"n_{name}"


def unused(wanted: str, taken: Iterable[str]) -> str:
    """A name that is not taken: the one wanted, or with the next number behind it."""
    names = set(taken)
    number, candidate = 1, wanted
    while candidate in names:
        number += 1
        candidate = f"{wanted}_{number}"
    return candidate

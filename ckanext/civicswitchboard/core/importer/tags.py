"""Tags that CKAN takes, made of tags that it does not, with the least change."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

SHORTEST, LONGEST = 2, 100

# CKAN's own rule: letters and digits of any script, space, hyphen, underscore, dot.
_LEGAL = re.compile(r"[\w \-.]*$")
_ILLEGAL = re.compile(r"\s*[^\w \-.]+\s*")


@dataclass
class Mended:
    """Tags ready for CKAN.

    :ivar tags: each once, in their order
    :ivar changed: tag as given, tag as it became
    :ivar refused: tags of which too little is left
    :ivar lost: tags as given of which a part is not in ``tags``
    """

    tags: list[str] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def mend_tags(names: Iterable[str]) -> Mended:
    """Change tags only as far as CKAN demands, and merge the ones that became the same.

    :param names: the tags as given
    """
    result = Mended()
    for name in dict.fromkeys(names):
        tag = mend_tag(name)
        if tag is None:
            result.refused.append(name)
            result.lost.append(name)
            continue
        if tag != name:
            result.changed.append((name, tag))
        if len(tag) == LONGEST < len(name):
            result.lost.append(name)
        if tag not in result.tags:
            result.tags.append(tag)
    return result


def mend_tag(name: str) -> str | None:
    """One tag as CKAN takes it, or None when too little of it is left.

    :param name: the tag as given
    """
    tag = name
    if not _LEGAL.match(tag):
        tag = unicodedata.normalize("NFC", tag)
    if not _LEGAL.match(tag):
        tag = _ILLEGAL.sub(" ", tag).strip()
    tag = tag if len(tag) <= LONGEST else tag[:LONGEST].rstrip()
    return tag if len(tag) >= SHORTEST else None

"""Words that no page of a publisher or a curator says."""
from __future__ import annotations

import re

FORBIDDEN = (
    r"JSON|presets?|validators?|keys?|regex(?:es|p)?|snapshots?|orphan(?:s|ed)?|enforc(?:e|es|ed|ing|ement)"
    r"|grace|migrat(?:ions?|ed?|ing)|breaking|schema documents?|null|booleans?"
)
_FORBIDDEN = re.compile(rf"(?<![\w-])(?:{FORBIDDEN})(?![\w-])", re.IGNORECASE)


def forbidden_in(text: str) -> list[str]:
    """The forbidden words that a text says."""
    return _FORBIDDEN.findall(text)

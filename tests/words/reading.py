"""What a person reads of a page."""
from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup


def text(response: Any) -> str:
    """The words of a page, with single spaces."""
    return " ".join(BeautifulSoup(response.body, "html.parser").get_text(" ").split())

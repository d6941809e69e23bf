"""No page of a publisher or a curator says a word of the machine room."""
from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from words.forbidden import forbidden_in

PACKAGE = Path(__file__).parents[2] / "ckanext" / "civicswitchboard"
# Said on a console or in the API's own documentation.
CONSOLE = ("cli/", "doctor.py", "importer/", "migration/")
METHODS = [("templates/**.html", "ckan"), ("**.py", "python")]
KEYWORDS = {"_": None, "N_": None, "ungettext": (1, 2)}


def texts() -> Iterator[tuple[str, str]]:
    """Every text of ours that is translated, with its place."""
    found = extract_from_dir(str(PACKAGE), METHODS, keywords=KEYWORDS)
    for path, line, message, _comments, _context in found:
        if not path.startswith(CONSOLE):
            for text in message if isinstance(message, tuple) else (message,):
                yield f"{path}:{line}", text


def test_no_text_says_a_forbidden_word() -> None:
    said = {place: words for place, text in texts() if (words := forbidden_in(text))}
    downloads = {place for place in said if place.startswith("templates/metadata_schema/public/downloads.html")}
    assert {place: words for place, words in said.items() if place not in downloads} == {}
    assert len(list(texts())) > 300, "the texts are found at all"


@pytest.mark.parametrize("text", ["Your JSON", "a regex.", "Foreign keys", "is enforced", "(null)"])
def test_the_words_are_known_in_their_forms(text: str) -> None:
    assert forbidden_in(text)


@pytest.mark.parametrize("text", ["GeoJSON by the picker", "Keywords", "graceful", "Turkey", "a breakwater"])
def test_other_words_are_no_harm(text: str) -> None:
    assert not forbidden_in(text)


def test_what_is_translated_in_templates_is_all_that_they_say() -> None:
    """A text outside `_()` would stay English for everybody."""
    loose = re.compile(r">\s*([A-Z][a-z]+ [a-z][^<{]*)<")
    found = {
        str(path.relative_to(PACKAGE)): loose.findall(re.sub(r"\{%-? trans.*?endtrans -?%\}|\{#.*?#\}", "", path.read_text(), flags=re.S))
        for path in (PACKAGE / "templates").rglob("*.html")
    }
    assert {path: words for path, words in found.items() if words} == {}

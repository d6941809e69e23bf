"""The extension's own words: all of them are listed for translators, and a portal speaks with what they give."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
NAME = "ckanext-civicswitchboard"
LISTED = ROOT / f"ckanext/civicswitchboard/i18n/{NAME}.pot"
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None}


def test_every_text_is_listed_for_translators() -> None:
    methods, options = parse_mapping_cfg(io.StringIO((ROOT / "babel.cfg").read_text()))
    found = extract_from_dir(ROOT / "ckanext/civicswitchboard", [
        (pattern.removeprefix("ckanext/civicswitchboard/"), method) for pattern, method in methods
    ], options, keywords=KEYWORDS)
    used = {message if isinstance(message, str) else message[0] for _file, _line, message, _comments, _context in found}
    with LISTED.open("rb") as file:
        listed = {each.id if isinstance(each.id, str) else each.id[0] for each in read_po(file) if each.id}
    assert len(used) > 1000
    assert (used - listed, listed - used) == (set(), set()), "make it anew with bin/strings"


# An option of its own gives the test an application of its own.
@pytest.mark.ckan_config("ckan.site_title", "Tamber Valley")
def test_a_portal_speaks_with_the_words_that_translators_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clean_portal: None, make_app: Any
) -> None:
    words = Catalog(locale="es")
    words.add("Partners", "Socios")
    words.add(("{number} partner", "{number} partners"), ("{number} socio", "{number} socios"))
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / f"{NAME}.mo").open("wb") as file:
        write_mo(file, words)
    monkeypatch.setattr("ckan.lib.plugins.DefaultTranslation.i18n_directory", lambda plugin: str(tmp_path))
    portal = make_app()
    assert "<h1>Socios</h1>" in portal.get("/es/partners").body
    assert "<h1>Partners</h1>" in portal.get("/partners").body

"""Each workaround for CKAN says what it fixes and when it can go, and can be turned off."""
from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest

from ckanext.civicswitchboard import core_fixes
from ckanext.civicswitchboard.core_fixes import CoreFix, faster_helpers, relationships, resource_views

DOCS = Path(__file__).parents[2] / "docs" / "core-fixes.md"
NAMES = sorted(file.stem for file in Path(str(core_fixes.__file__)).parent.glob("[a-z]*.py"))


def row_of(fix: CoreFix) -> str:
    return f"| `{fix.name}` | {fix.fixes}. | {fix.reported or 'not yet'} | {fix.until} |"


@pytest.fixture
def turned_off(monkeypatch: Any) -> Any:
    """Turn workarounds off for a test."""
    return lambda *names: monkeypatch.setitem(tk.config, "civicswitchboard.core_fixes.disabled", list(names))


@pytest.mark.parametrize("name", NAMES)
def test_a_workaround_is_documented_and_can_be_turned_off(name: str, with_plugins: Any, turned_off: Any) -> None:
    fix = import_module(f"{core_fixes.__name__}.{name}").FIX
    assert fix.name == name and row_of(fix) in DOCS.read_text()
    assert fix.enabled
    turned_off(name)
    assert not fix.enabled


def test_what_is_turned_off_changes_nothing(with_plugins: Any, turned_off: Any) -> None:
    sent = {"relationships_as_subject": []}
    turned_off(*NAMES)
    assert faster_helpers.get_helpers() == {} == resource_views.get_helpers()
    relationships.keep(sent)
    assert sent == {"relationships_as_subject": []}
    turned_off()
    relationships.keep(sent)
    assert sent == {} and "add_url_param" in faster_helpers.get_helpers()

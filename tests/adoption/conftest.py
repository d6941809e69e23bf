"""A portal that has schemas of its own, in ckanext-scheming's files."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ckan.cli.cli import ckan

HERE = Path(__file__).parent


@pytest.fixture
def run(cli: Any, clean_portal: None, monkeypatch: Any) -> Callable[..., Any]:
    """`ckan civicswitchboard …`, with options that stand in the portal's ckan.ini."""
    from ckanext.civicswitchboard import config

    def run(*arguments: str, **files: list[str]) -> Any:
        # The command reads the configuration anew, so that what it says is told otherwise.
        monkeypatch.setattr(config, "scheming_files", lambda what: files.get(what, []))
        return cli.invoke(ckan, ["civicswitchboard", *arguments])

    return run


@pytest.fixture
def own_files() -> dict[str, list[str]]:
    """The options of a portal with schemas of its own."""
    return {
        "dataset_schemas": [str(HERE / "dataset.yaml")],
        "organization_schemas": [f"file://{HERE / 'organization.yaml'}"],
        "presets": [str(HERE / "presets.yaml"), "ckanext.scheming:presets.json"],
    }

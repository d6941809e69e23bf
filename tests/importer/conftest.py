from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ckan.cli.cli import ckan
from ckan.tests import helpers
from importer.records import Record, write_file


@pytest.fixture
def portal(clean_portal: Any) -> None:
    """An empty portal."""


@pytest.fixture
def run_import(cli: Any, tmp_path: Path):
    """Import records, or a file, by the command; gives click's result."""

    def run(source: list[Record] | Path) -> Any:
        path = source if isinstance(source, Path) else write_file(tmp_path / "f.jsonl", source)
        return cli.invoke(ckan, ["civicswitchboard", "import", str(path)])

    return run


@pytest.fixture
def imported(run_import):
    """Import records of which none is refused; gives the output."""

    def run(records: list[Record]) -> str:
        result = run_import(records)
        assert result.exit_code == 0, result.output
        return str(result.output)

    return run


@pytest.fixture
def show():
    """A dataset as stored, not as indexed."""

    def show(name: str) -> Record:
        shown = helpers.call_action("package_show", {"use_cache": False}, id=name)
        shown["other"] = {extra["key"]: extra["value"] for extra in shown["extras"]}
        return shown

    return show


@pytest.fixture
def found():
    """The datasets of any state that search finds, by name."""

    def found() -> dict[str, Record]:
        given = {"include_private": True, "include_drafts": True, "rows": 1000}
        result = helpers.call_action("package_search", {"ignore_auth": True}, **given)
        return {each["name"]: each for each in result["results"]}

    return found
